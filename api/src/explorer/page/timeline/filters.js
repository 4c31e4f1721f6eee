// What is looked for: a form, and what is set of it as chips that can be taken away.

import { button, choice, field, make } from "../dom.js";
import { KINDS, spoken } from "../kinds.js";
import { named } from "../names.js";
import { go } from "../route.js";
import { local } from "../time.js";

const DIALECTS = ["native", "ikreo", "krokanti", "pike", "projekt", "generic", "docket", "bootstrap"];
const IDS = {
  actor_id: ["Actor", "member or service"], key_id: ["Key", "id"], resource_id: ["Resource", "id"],
  request_id: ["Request", "id"], command_id: ["Command", "id"],
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
  const id = ([name, [text, hint]]) =>
    field(text, make("input", { name, value: params[name] ?? "", spellcheck: "false", autocomplete: "off" }), hint);
  const type = make("input", {
    name: "type", value: params.type ?? "", placeholder: "task.status_changed", spellcheck: "false", autocomplete: "off",
  });
  const fields = make("form", { class: "filters", submit },
    field("Kind", choice({ name: "kind" }, words(KINDS), params.kind ?? "")),
    field("Event", type),
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
    make("li", { class: "chip" }, make("span", {}, `${SAID[name]}: `, name === "actor_id" ? named("member", value) : value),
      button("×", () => go("timeline", { ...params, [name]: undefined }), { "aria-label": `Without ${SAID[name]}` }));
  return make("ul", { class: "chips", "aria-label": "Filters that are set" }, set.map(chip));
}
