/* Marks a scrolling region while its content is cut at the right, for styles to show it. */
const mark = (region) => region.classList.toggle("is-cut", region.scrollWidth - region.clientWidth - region.scrollLeft > 1);
const watcher = new ResizeObserver((changes) => changes.forEach(({ target }) => mark(target)));

for (const region of document.querySelectorAll("[data-cut]")) {
  watcher.observe(region);
  region.addEventListener("scroll", () => mark(region), { passive: true });
}
