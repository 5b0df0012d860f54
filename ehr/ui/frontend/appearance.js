/* Theme and density take effect at once; the server keeps them in a cookie. Without script the form does the same. */
for (const form of document.querySelectorAll("form[data-appearance]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, value } = event.submitter;
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form, event.submitter),
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok) {
      window.location.reload();
      return;
    }
    document.documentElement.dataset[name] = value;
    for (const button of form.querySelectorAll(`button[name="${name}"]`)) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
  });
}
