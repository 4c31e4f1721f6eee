// A field's value, as people read it.

import { make } from "./dom.js";
import { namedBy, pathOf } from "./kinds.js";
import { named } from "./names.js";
import { told } from "./time.js";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const LONG = 400;

/** The value of a field as an element. */
export function shown(field, value) {
  if (value === null || value === undefined) return make("span", { class: "none" }, "none");
  if (Array.isArray(value)) return list(field, value);
  if (typeof value === "object") return whole(value);
  const kind = namedBy(field);
  if (kind) return named(kind, value, { class: "ref" });
  return make("span", {}, text(value));
}

/** What names a thing by kind and id is shown by its name, all else as it is. */
function whole(value) {
  if (value.id && value.type && pathOf(value.type)) return named(value.type, value.id, { class: "ref" });
  return make("code", {}, JSON.stringify(value));
}

function list(field, values) {
  if (values.length === 0) return make("span", { class: "none" }, "none");
  return make("span", {}, values.map((value, at) => [at > 0 && ", ", shown(field, value)]));
}

/** The same as a short text. */
export function text(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const whole = INSTANT.test(value) ? told(value) : String(value);
  return whole.length > LONG ? `${whole.slice(0, LONG)}…` : whole;
}

/** What changed, field by field, from what to what. */
export function changeTable(changes, more) {
  if (changes.length === 0) return make("p", { class: "quiet" }, "No field has another value.");
  const isNew = changes.every((change) => change.from === null);
  const titles = isNew ? ["Field", "Value"] : ["Field", "From", "To"];
  const head = make("tr", {}, titles.map((title) => make("th", { scope: "col" }, title)));
  const row = ({ field, from, to }) =>
    make("tr", {},
      make("th", { scope: "row" }, field.replaceAll("_", " "), more?.(field)),
      !isNew && make("td", { class: "from" }, shown(field, from)),
      make("td", { class: "to" }, shown(field, to)));
  return make("table", { class: isNew ? "changes values" : "changes" }, make("thead", {}, head), make("tbody", {}, changes.map(row)));
}
