// Why an event happened: the request, the command, and what else that command did.

import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { spoken } from "../kinds.js";
import { named } from "../names.js";
import { link } from "../route.js";

const SHOWN = 8;

/** Shows it; the causation is what the signed leaf says. */
export async function cause(node, event, leaf, signal) {
  const { data, has_more } = await ask("audit", { command_id: event.command_id, sort: "position", limit: SHOWN }, signal);
  const by = leaf?.metadata ?? {};
  const elsewhere = by.causation_id && by.causation_id !== event.command_id;
  place(node,
    make("dl", { class: "facts" },
      step("Request", "request_id", event.request_id),
      by.correlation_id && by.correlation_id !== event.request_id && [make("dt", {}, "Conversation"), make("dd", {}, by.correlation_id)],
      step("Command", "command_id", event.command_id),
      elsewhere && step("Caused by", "command_id", by.causation_id)),
    data.length > 1 && together(data, event, has_more));
}

function step(text, name, value) {
  return [make("dt", {}, text), make("dd", {}, make("a", { class: "id", href: link("timeline", { [name]: value }) }, value))];
}

function together(events, event, more) {
  const entry = (other) => {
    const text = [spoken(other.type), " ", other.data?.title ?? other.data?.name ?? named(other.kind, other.resource_id)];
    if (other.position === event.position) return make("li", { "aria-current": "true" }, text);
    return make("li", {}, make("a", { href: link("timeline", { event: other.position }) }, text));
  };
  const rest = more && make("li", {}, make("a", { href: link("timeline", { command_id: event.command_id }) }, "all of them"));
  return [make("p", { class: "quiet" }, "The same command did, in one commit:"), make("ol", { class: "together" }, events.map(entry), rest)];
}
