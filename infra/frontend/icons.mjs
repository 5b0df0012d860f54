/* The icons we use: our name for what it means, and Tabler's name for what it looks like. */
export const tablerIcons = {
  search: "search",
  patients: "users",
  person: "user",
  "sign-out": "logout",
  light: "sun",
  dark: "moon",
  system: "device-desktop",
  dense: "baseline-density-small",
  comfortable: "baseline-density-medium",
  alert: "alert-triangle",
  check: "check",
  lock: "lock",
  back: "arrow-left",
  next: "chevron-right",
  print: "printer",
  clock: "clock",
};
