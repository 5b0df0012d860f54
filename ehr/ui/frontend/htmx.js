import htmx from "htmx.org";

// Nothing is kept in the browser: a snapshot of a page, or the question that led there, would outlive the session.
Object.assign(htmx.config, {
  historyEnabled: false,
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  timeout: 15000,
});
// Written when the module loads, before it can be told not to: the address, with what was searched for.
window.sessionStorage.removeItem("htmx-current-path-for-history");

export default htmx;
