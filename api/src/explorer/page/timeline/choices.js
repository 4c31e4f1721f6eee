// Lists of what a field of the filters may hold: names instead of ids, wherever they are known by now.

import { make } from "../dom.js";
import { namesOf } from "../names.js";
import { TYPES } from "../types.js";

/** What an id looks like. */
export const UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
/** The kinds of things that a filter names by id. */
const NAMED = { actor_id: ["member", "api_key"], key_id: ["api_key"] };

/** A list of the types of events. */
export function types() {
  return make("datalist", { id: "types" }, TYPES.map((type) => make("option", { value: type })));
}

/** What lets a field of ids offer what is known by name, looked up whenever one comes to it. */
export function offers(name) {
  const kinds = NAMED[name];
  if (!kinds) return {};
  const list = make("datalist", { id: `known-${name}` });
  const fill = () => list.replaceChildren(...kinds.flatMap((kind) =>
    namesOf(kind).map(([id, text]) => make("option", { value: id, label: text }))));
  return { list, attributes: { list: list.id, focus: fill } };
}
