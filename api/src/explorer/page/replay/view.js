// Replay: the board and the burndown of a project as they were at the slider's moment, and what differs between two.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { button, choice, field, make, place } from "../dom.js";
import { spoken } from "../kinds.js";
import { learn, named } from "../names.js";
import { go, link, settle } from "../route.js";
import { told } from "../time.js";
import { Board } from "./board.js";
import { Burndown } from "./burndown.js";
import { difference } from "./difference.js";
import { Moving } from "./moving.js";
import { Player } from "./player.js";

/** Stands in the address for all projects together. */
const ALL = "all";

/** Opens `#/replay?project=…&sprint=…&at=…&against=…`. */
export function open(main, route, { signal }) {
  const body = make("div", {});
  place(main, make("h1", {}, "As it was"), body);
  guarded(body, async () => {
    // What was there at the moment can be chosen, whatever has become of it.
    const then = { limit: 200, fields: "id,name", as_of: route.params.at };
    const { data: projects } = await ask("projects", { ...then, sort: "name" }, signal);
    const project = route.params.project ?? projects[0]?.id;
    if (!project) return place(body, make("p", { class: "quiet" }, "There is no project yet."));
    const only = project === ALL ? undefined : project;
    if (only && !projects.some(({ id }) => id === only)) projects.push({ id: only, name: (await learn("project", only)) ?? only });
    const { data: sprints } = await ask("sprints", { ...then, project_id: only }, signal);
    const moving = new Moving(only, sprints.map(({ id }) => id), signal);
    const bounds = await moving.bounds();
    return fill(body, { ...route.params, project }, { projects, sprints, moving, bounds }, signal);
  });
}

function fill(body, params, { projects, sprints, moving, bounds }, signal) {
  const options = (things) => things.map(({ id, name }) => [id, name]);
  const change = (name) => (event) => {
    const other = name === "project" ? { project: event.target.value } : { ...params, [name]: event.target.value };
    go("replay", other);
  };
  const board = new Board({ ...params, project: moving.project }, signal);
  const burndown = new Burndown(params.sprint, signal);
  const told_of = make("p", { class: "moment" });
  const against = make("div", { class: "against" });
  const player = new Player({ bounds, next: (at, by) => moving.next(at, by), at: params.at, signal, show: seek });
  place(body,
    make("div", { class: "picks" },
      field("Project", choice({ change: change("project") }, [[ALL, "All projects"], ...options(projects)], params.project)),
      field("Sprint", choice({ change: change("sprint") }, [["", "all tasks"], ...options(sprints)], params.sprint ?? "")),
      compare()),
    make("section", { class: "card", "aria-label": "Moment" }, player.node, told_of),
    against, burndown.node, board.node);

  function compare() {
    if (params.against) return button("End the comparison", () => go("replay", { ...params, at: player.at, against: "" }));
    return button("Compare from here", () => go("replay", { ...params, at: player.at, against: player.at }),
      { title: "What differs between this moment and the one the slider is moved to" });
  }

  async function seek(position) {
    params = { ...params, at: position };
    settle("replay", params);
    const { data } = await ask("audit", { "position[lte]": position, limit: 1 }, signal);
    place(told_of, moment(data[0]));
    player.name(data[0]);
    await Promise.all([board.show(position), burndown.show(position, data[0].recorded_at)]);
    if (params.against) await guarded(against, () => difference(against, { ...params, project: moving.project }, signal));
  }
}

/** When the moment is, and what happened last. */
function moment(event) {
  if (!event) return "Before the beginning.";
  return [make("strong", {}, `${told(event.recorded_at)} UTC`), " · ",
    make("a", { href: link("timeline", { event: event.position }) }, spoken(event.type)), " ",
    named(event.kind, event.resource_id)];
}
