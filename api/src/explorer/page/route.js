// Where in the explorer we are: the part of the address behind `#`. Never holds the key.

/** The view and its parameters: `#/timeline?kind=task`. */
export function current() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/").map(decodeURIComponent);
  return { view, rest, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a view. */
export function link(view, params = {}) {
  const said = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const query = new URLSearchParams(said).toString();
  return `#/${view}${query && "?"}${query}`;
}

/** Goes there. */
export function go(view, params) {
  location.hash = link(view, params);
}

/** Goes there without leaving a trace to go back by. */
export function settle(view, params) {
  history.replaceState(null, "", link(view, params));
}
