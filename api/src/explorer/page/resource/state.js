// A resource at one of its versions, or what differs between two of them; and why a field is as it is now.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { button, make, place } from "../dom.js";
import { spoken } from "../kinds.js";
import { actor, BEGINNING } from "../names.js";
import { link } from "../route.js";
import { told } from "../time.js";
import { changeTable } from "../value.js";

/** The place that shows it. */
export function state(history, signal) {
  const heading = make("h2", { "aria-live": "polite" });
  const body = make("div", {});
  const why = make("div", { class: "why", "aria-live": "polite" });
  const node = make("section", { class: "card", "aria-label": "As it was" }, heading, body, why);
  const explain = (field) => button("why?", () => guarded(why, () => reason(why, history, field, signal)), {
    class: "plain small", "aria-label": `Why is ${field.replaceAll("_", " ")} as it is now?`,
  });
  let asked = 0;

  /** Shows a version; with an earlier one, what has changed from that. */
  async function show(to, from) {
    asked += 1;
    const mine = asked;
    const [first, last] = from && from.version > to.version ? [to, from] : [from, to];
    heading.textContent = first
      ? `From version ${first.version} to ${last.version}`
      : `As it was on ${told(last.recorded_at)} UTC`;
    place(why);
    await guarded(body, async () => {
      const { changes } = await ask(`${history.path}/diff`, { from: first?.position ?? BEGINNING, to: last.position }, signal);
      if (mine === asked) place(body, changeTable(changes, last.version === history.total ? explain : undefined));
    });
  }

  return { node, show };
}

async function reason(node, history, field, signal) {
  const { event, chain, has_more } = await ask(`${history.path}/explain`, { field }, signal);
  const [own, ...causes] = chain;
  const alone = own.events.length === 1;
  place(node, make("p", {}, make("strong", {}, field.replaceAll("_", " ")), " is so because of ",
    make("a", { href: link("timeline", { event: event.position }) }, spoken(event.type)),
    ` on ${told(event.recorded_at)} UTC by `, actor(event.actor), ", through the API ", event.dialect, ". ",
    !alone && make("a", { href: link("timeline", { command_id: event.command_id }) },
      `The same command did ${own.has_more ? "more than " : ""}${own.events.length} things.`)),
    causes.length > 0 && make("p", { class: "quiet" }, "What led to that:"),
    causes.length > 0 && make("ol", { class: "together" }, causes.map(({ events: [first] }) => make("li", {},
      make("a", { href: link("timeline", { event: first.position }) }, spoken(first.type)), ` on ${told(first.recorded_at)} UTC by `,
      actor(first.actor), `, request ${first.request_id}`)), has_more && make("li", {}, "and what led to that")));
}
