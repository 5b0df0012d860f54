import htmx from "htmx.org";

// No page is kept by the browser: a snapshot of a chart would outlive the session.
Object.assign(htmx.config, {
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  timeout: 15000,
});

export default htmx;
