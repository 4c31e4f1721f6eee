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

/** Opens it. */
export function open(main, route, { signal, me }) {
  let params = route.params;
  const trail = new Trail(params, signal);
  const empty = make("div", { class: "empty" });
  const newer = button("Show newer events", () => guarded(empty, showNewer), { class: "newer" });
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
    if (found.length > 0) rows.pick(params.event);
    const nothing = rows.items.length === 0;
    rows.node.hidden = nothing;
    place(empty, nothing && make("p", {}, "Nothing happened that these filters find."));
  }

  async function showNewer() {
    const found = await trail.newer();
    rows.node.hidden = rows.items.length + found.length === 0;
    rows.prepend(found);
    say(found.length === 0 ? "Nothing newer." : `${found.length} newer events.`);
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
