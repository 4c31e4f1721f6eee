// One event as one line.

import { make } from "../dom.js";
import { spoken } from "../kinds.js";
import { actor, named } from "../names.js";
import { clock, day } from "../time.js";
import { shown } from "../value.js";

/** How high rows are, in pixels; the style sheet has the same. */
export const HEIGHTS = { wide: 40, phone: 64 };
/** What needs no repeating. */
const KNOWN = ["type", "title", "name", "at", "completed_at", "project_id", "category", "author", "task_id"];

/** The line; the day is shown where it differs from the line above. */
export function row(event, above) {
  const changed = !above || day(above.recorded_at) !== day(event.recorded_at);
  return make("div", { class: "event" },
    make("time", { datetime: event.recorded_at },
      make("span", { class: changed ? "day" : "day same" }, day(event.recorded_at)), " ", clock(event.recorded_at)),
    make("span", { class: "what" },
      make("span", { class: `dot ${event.kind}`, "aria-hidden": "true" }),
      make("span", { class: "verb" }, spoken(event.type)), subject(event), make("span", { class: "news" }, news(event))),
    make("span", { class: "who" }, actor(event.actor)),
    make("span", { class: "dialect" }, event.dialect));
}

function subject(event) {
  const title = event.data?.title ?? event.data?.name;
  if (title) return make("strong", {}, title);
  return make("strong", {}, named(event.kind, event.resource_id));
}

/** The values it brought, if they are few. */
function news(event) {
  // Where the digest of what was personal stands instead of it, it was erased.
  if (event.data?.personal) return "erased since";
  if (event.version === 1) return undefined;
  const fields = Object.entries(event.data ?? {}).filter(([field]) => !KNOWN.includes(field)).slice(0, 2);
  return fields.map(([field, value]) => ["→ ", shown(field, value), " "]);
}
