// The event that is looked at: what it changed, who did it and because of what, and whether it is as it was signed.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { button, make, place } from "../dom.js";
import { pathOf, spoken } from "../kinds.js";
import { actor, BEGINNING, named } from "../names.js";
import { link } from "../route.js";
import { told } from "../time.js";
import { changeTable } from "../value.js";
import { cause } from "./cause.js";
import { witness } from "../proof/witness.js";

/** Shows the event at a position in a pane, or closes it. */
export function detail(pane, position, known, { signal, close, focus }) {
  pane.hidden = !position;
  if (!position) return place(pane);
  const body = make("div", {});
  const heading = make("h2", { tabindex: "-1" }, `Event ${position}`);
  place(pane, make("div", { class: "bar" }, heading, button("Close", close, { class: "plain" })), body);
  pane.onkeydown = (event) => event.key === "Escape" && close();
  pane.dataset.position = position;
  if (focus) heading.focus();
  const here = () => pane.dataset.position === String(position);
  return guarded(body, async () => {
    const event = known ?? (await find(position, signal));
    if (here()) fill(body, heading, event, signal);
  });
}

async function find(position, signal) {
  const { data } = await ask("audit", { position }, signal);
  if (data.length === 0) throw Object.assign(new Error(`This workspace has no event ${position}.`), { status: 404 });
  return data[0];
}

function fill(body, heading, event, signal) {
  heading.textContent = spoken(event.type);
  const changes = make("div", {});
  const causes = make("div", {});
  const proof = make("div", {});
  place(body,
    facts(event),
    make("h3", {}, "What changed"), changes,
    make("h3", {}, "Because of what"), causes,
    make("h3", {}, "Is it as it was signed?"), proof,
    make("details", {}, make("summary", {}, "As the event says it"), make("pre", {}, JSON.stringify(event.data, null, 2))));
  guarded(changes, () => showChanges(changes, event, signal));
  guarded(proof, async () => {
    const leaf = await witness(proof, event, signal);
    await guarded(causes, () => cause(causes, event, leaf, signal));
  });
}

function facts(event) {
  const filter = (name, value, ...shown) =>
    [shown, " ", make("a", { class: "only", href: link("timeline", { [name]: value }), title: "Only these events" }, "only these")];
  const path = pathOf(event.kind);
  const thing = [make("span", {}, `${spoken(event.kind)} `), named(event.kind, event.resource_id, { class: "ref" })];
  const entries = [
    ["Of", path ? make("a", { href: `#/resource/${path}/${event.resource_id}` }, thing) : thing],
    ["Version", event.version],
    ["Committed", `${told(event.recorded_at)} UTC`],
    ["Happened", `${told(event.occurred_at)} UTC, as its sender says`],
    ["By", event.actor.id ? filter("actor_id", event.actor.id, actor(event.actor)) : actor(event.actor)],
    ["Key", event.key_id ? filter("key_id", event.key_id, named("api_key", event.key_id)) : "none"],
    ["Through", filter("dialect", event.dialect, `the API ${event.dialect}`)],
    ["Position", event.position],
    ...board(event),
  ];
  return make("dl", { class: "facts" }, entries.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

/** The way to the board at that moment, where the event says whose. */
function board({ kind, resource_id, data, position }) {
  const project = kind === "project" ? resource_id : data?.project_id;
  if (!project) return [];
  return [["Board", make("a", { href: link("replay", { project, sprint: data?.sprint_id, at: position }) }, "as it was then")]];
}

async function showChanges(node, event, signal) {
  const path = pathOf(event.kind);
  if (!path) return place(node, make("p", { class: "quiet" }, "Of this kind only the event itself is shown, below."));
  const from = event.position > 1 ? event.position - 1 : BEGINNING;
  const { changes } = await ask(`${path}/${event.resource_id}/diff`, { from, to: event.position }, signal);
  return place(node, changeTable(changes));
}
