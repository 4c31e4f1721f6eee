// What is looked for: a form, and what is set of it as chips that can be taken away.

import { button, choice, field, make } from "../dom.js";
import { KINDS, spoken } from "../kinds.js";
import { named } from "../names.js";
import { go } from "../route.js";
import { local } from "../time.js";
import { offers, types, UUID } from "./choices.js";

const DIALECTS = ["native", "ikreo", "krokanti", "pike", "projekt", "generic", "docket", "bootstrap"];
const IDS = {
  actor_id: ["Actor", "member or service"], key_id: ["Key", "id"], resource_id: ["Resource", "id"],
  command_id: ["Command", "id"],
  causation_id: ["Because of", "a command's id"], request_id: ["Request", "id"],
};
const SAID = {
  kind: "Kind", type: "Event", dialect: "API", from: "From", until: "Until", at: "At",
  ...Object.fromEntries(Object.entries(IDS).map(([name, [text]]) => [name, text])),
};

/** The form. Setting filters closes what is looked at. */
export function form(params) {
  const submit = (event) => {
    event.preventDefault();
    const given = [...new FormData(event.target)].map(([name, value]) => [name, value.trim()]);
    go("timeline", Object.fromEntries(given.filter(([, value]) => value !== "")));
  };
  const words = (list) => [["", "any"], ...list.map((word) => [word, spoken(word)])];
  const moment = (name) =>
    make("input", { type: "datetime-local", step: "1", name, value: local(params[name]), max: "9999-12-31T23:59:59" });
  const plain = { spellcheck: "false", autocomplete: "off" };
  const id = ([name, [text, hint]]) => {
    const { list, attributes } = offers(name);
    const like = name === "request_id" ? {} : { pattern: UUID, title: "An id: 8-4-4-4-12 hexadecimal digits" };
    return [field(text, make("input", { name, value: params[name] ?? "", ...plain, ...like, ...attributes }), hint), list];
  };
  const type = make("input", { name: "type", value: params.type ?? "", placeholder: "task.status_changed", list: "types", ...plain });
  const fields = make("form", { class: "filters", submit },
    field("Kind", choice({ name: "kind" }, words(KINDS), params.kind ?? "")),
    field("Event", type), types(),
    field("API", choice({ name: "dialect" }, words(DIALECTS), params.dialect ?? "")),
    field("From", moment("from"), "UTC"),
    field("Until", moment("until"), "UTC"),
    field("Jump to", moment("at"), "UTC"),
    Object.entries(IDS).map(id),
    make("div", { class: "actions" },
      make("button", { type: "submit", class: "primary" }, "Show"),
      button("Clear", () => go("timeline"))));
  return make("details", { class: "sieve" }, make("summary", {}, "Filter and jump"), fields);
}

/** What is set, each with a way to take it away. */
export function chips(params) {
  const set = Object.entries(params).filter(([name]) => name in SAID);
  if (set.length === 0) return undefined;
  const chip = ([name, value]) =>
    make("li", { class: "chip" }, make("span", {}, `${SAID[name]}: `, called(name, value, params)),
      button("×", () => go("timeline", { ...params, [name]: undefined }), { "aria-label": `Without ${SAID[name]}` }));
  return make("ul", { class: "chips", "aria-label": "Filters that are set" }, set.map(chip));
}

/** A value of a filter by its name, where it has one. */
function called(name, value, params) {
  const kind = { actor_id: "member", key_id: "api_key", resource_id: params.kind }[name];
  return kind ? named(kind, value) : value;
}
