/* The command field: Ctrl K or / goes there, arrows walk the answers, Enter opens the first one.
 *
 * No key acts on the answer to an older question: it waits for the answer to what stands in the field. */
const field = document.querySelector("#command");
const panel = document.querySelector("#found");
const answers = panel ?? document.querySelector("#found-here");
let onArrival = null; // what to do once the question in the field is answered

const question = () => field.value.trim();
const rows = () => [...answers.querySelectorAll("a[data-opens]")];
const isAnswered = () => answers.querySelector("[data-query]")?.dataset.query === question();

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function showPanel(isShown) {
  if (panel) panel.hidden = !isShown || panel.childElementCount === 0;
}

function onceAnswered(act) {
  if (isAnswered()) act();
  else onArrival = act;
}

const openFirst = () => rows()[0]?.click();
const walkIn = () => rows()[0]?.focus();

function step(from, by) {
  const links = rows();
  const place = links.indexOf(from) + by;
  if (place < 0) field.focus();
  else links[Math.min(place, links.length - 1)]?.focus();
}

function goToField(event) {
  const isShortcut = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping(event.target));
  if (!isShortcut) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function onFieldKey(event) {
  if (event.key === "ArrowDown") {
    event.preventDefault();
    showPanel(true);
    onceAnswered(walkIn);
  } else if (event.key === "Escape") {
    event.preventDefault(); // or the browser empties the field
    showPanel(false);
  }
}

function onAnswerKey(event) {
  const link = event.target.closest("a[data-opens]");
  if (!link) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(link, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape") {
    field.focus();
    showPanel(false);
  }
}

function onSubmit(event) {
  event.preventDefault();
  onceAnswered(openFirst);
}

/** The address says what is asked, so that Back and a link show the same answers. */
function nameQuestion() {
  const address = new URL(field.form.action);
  if (question()) address.searchParams.set("q", question());
  window.history.replaceState(null, "", address);
}

function onAnswer() {
  showPanel(document.activeElement === field || answers.contains(document.activeElement));
  if (!isAnswered()) return;
  if (!panel) nameQuestion();
  onArrival?.();
  onArrival = null;
}

if (field) {
  document.addEventListener("keydown", goToField);
  field.addEventListener("keydown", onFieldKey);
  field.addEventListener("input", () => (onArrival = null));
  field.addEventListener("focus", () => showPanel(true));
  field.form.addEventListener("submit", onSubmit);
  answers.addEventListener("keydown", onAnswerKey);
  answers.addEventListener("htmx:afterSwap", onAnswer);
  document.addEventListener("focusin", (event) => {
    if (!event.target.closest(".command")) showPanel(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".command")) showPanel(false);
  });
}
