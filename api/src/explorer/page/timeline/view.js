// The timeline: all that happened, newest first, with filters and the event that is looked at.

import { guarded } from "../advice.js";
import { button, make, place, say } from "../dom.js";
import { go, link, settle } from "../route.js";
import { activity } from "./activity.js";
import { detail } from "./detail.js";
import { exporter } from "./export.js";
import { chips, form } from "./filters.js";
import { HEIGHTS, row } from "./row.js";
import { Rows } from "./rows.js";
import { Trail } from "./trail.js";

/** How often newer events are looked for, in milliseconds, and how many are kept until they are asked for. */
const OFTEN = 5_000;
const MOST = 1_000;

/** Opens it. */
export function open(main, route, { signal, me }) {
  let params = route.params;
  let watching;
  const trail = new Trail(params, signal);
  const empty = make("div", { class: "empty" });
  const newer = button("", showNewer, { class: "newer", hidden: true });
  let coming = [];
  const rows = new Rows({ label: "Events, newest first", heights: HEIGHTS, row, choose, signal, older: () => guarded(empty, older) });
  const pane = make("aside", { class: "detail", "aria-label": "The event", hidden: true });
  const more = exporter(() => trail.filters(), signal);
  place(main,
    make("h1", { class: "unseen" }, "Timeline"),
    make("section", { class: "tools", "aria-label": "Filters" }, form(params, me), chips(params), more),
    activity(params, () => trail.filters(), signal),
    make("div", { class: "split" }, make("section", { class: "list", "aria-label": "Events" }, newer, empty, rows.node), pane));

  async function older() {
    const found = await trail.older();
    rows.append(found);
    watch();
    if (found.length > 0) rows.pick(params.event);
    const nothing = rows.items.length === 0;
    rows.node.hidden = nothing;
    place(empty, nothing && make("p", {}, "Nothing happened that these filters find."));
  }

  /** Looks for newer events from now on. */
  function watch() {
    if (watching) return;
    watching = setInterval(look_up, OFTEN);
    signal.addEventListener("abort", () => clearInterval(watching));
    look_up();
  }

  async function look_up() {
    if (document.hidden || coming.length >= MOST) return;
    // What can't be had now is asked for again soon.
    const found = await trail.newer().catch(() => []);
    coming = [...found, ...coming];
    newer.hidden = coming.length === 0;
    newer.textContent = coming.length === 1 ? "Show 1 newer event" : `Show ${coming.length} newer events`;
  }

  function showNewer() {
    say(`${coming.length} newer events.`);
    place(empty);
    rows.prepend(coming);
    coming = [];
    newer.hidden = true;
    rows.node.focus();
    look_up();
  }

  function choose(event, opened) {
    const next = { ...params, event: event.position };
    if (opened) go("timeline", next);
    else if (!pane.hidden) look(next, settle);
  }

  function look(next, how) {
    if (how === settle) settle("timeline", next);
    params = next;
    const at = rows.items.find((event) => String(event.position) === String(params.event));
    const close = () => go("timeline", { ...params, event: undefined });
    detail(pane, params.event, at, { signal, close, focus: how === go });
  }

  rows.ask();
  if (params.event) look(params);

  return (next) => {
    const same = link("", { ...next.params, event: "" }) === link("", { ...params, event: "" });
    if (!same || next.rest.length > 0) return false;
    if (next.params.event === String(params.event) && !pane.hidden) return true;
    look(next.params, go);
    if (params.event) rows.pick(params.event);
    else rows.node.focus();
    return true;
  };
}
