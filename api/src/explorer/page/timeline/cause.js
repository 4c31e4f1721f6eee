// Why an event happened: the request, the command, what that was sent because of, and what else it did.

import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { spoken } from "../kinds.js";
import { named } from "../names.js";
import { link } from "../route.js";
import { told } from "../time.js";

const SHOWN = 8;
/** A command's events lie side by side, so that far away nothing is to be found. */
const AROUND = 5_000;

/** Shows it. */
export async function cause(node, event, leaf, signal) {
  const near = { "position[gte]": Math.max(1, event.position - AROUND), "position[lte]": event.position + AROUND };
  const [{ data, has_more }, because] = await Promise.all([
    ask("audit", { command_id: event.command_id, ...near, sort: "position", limit: SHOWN }, signal),
    event.causation_position && ask("audit", { position: event.causation_position }, signal),
  ]);
  const by = leaf?.metadata ?? {};
  place(node,
    make("dl", { class: "facts" },
      step("Request", "request_id", event.request_id),
      by.correlation_id && by.correlation_id !== event.request_id && [make("dt", {}, "Conversation"), make("dd", {}, by.correlation_id)],
      step("Command", "command_id", event.command_id),
      because?.data[0] && earlier(event, because.data[0]),
      make("dt", {}, "Led to"), make("dd", {}, make("a", { href: link("timeline", { causation_id: event.command_id }) }, "what was done because of this"))),
    data.length > 1 && together(data, event, has_more));
}

function step(text, name, value) {
  return [make("dt", {}, text), make("dd", {}, make("a", { class: "id", href: link("timeline", { [name]: value }) }, value))];
}

/** What a command was sent because of: Docket tells people of things, everybody else undoes them. */
function earlier(event, before) {
  const text = [spoken(before.type), " ", before.data?.title ?? before.data?.name ?? named(before.kind, before.resource_id)];
  return [make("dt", {}, event.actor.type === "system" ? "Tells of" : "Undoes"),
    make("dd", {}, make("a", { href: link("timeline", { event: before.position }) }, text), ` on ${told(before.recorded_at)} UTC`)];
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
