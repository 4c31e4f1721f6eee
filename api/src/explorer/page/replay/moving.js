// The events that move a board: those of tasks, sprints and projects; of one project only its own.

import { ask } from "../api.js";

const KINDS = "task,sprint,project";
/** So many events are looked at, at a time and altogether, before a search gives up. */
const PAGE = 100;
const PAGES = 50;

/** What moves the board of a project, or of all of them. */
export class Moving {
  constructor(project, sprints, signal) {
    Object.assign(this, { project, sprints: new Set(sprints), signal });
  }

  /** The positions between which it moves; nothing if it never has. */
  async bounds() {
    const [first, last] = this.project ? await this.ownBounds() : await Promise.all([
      this.page({ sort: "position" }, 1), this.page({}, 1),
    ]);
    return first[0] && [first[0].position, last[0].position];
  }

  /** From a project's first event to the last of it, or of the task that was changed last. */
  async ownBounds() {
    const path = `projects/${this.project}/history`;
    const newest = { sort: "-updated_at", project_id: this.project, limit: 1, fields: "id" };
    const [first, own, tasks] = await Promise.all([
      ask(path, { limit: 1 }, this.signal), ask(path, { sort: "-version", limit: 1 }, this.signal), ask("tasks", newest, this.signal),
    ]);
    const task = tasks.data[0] && (await ask(`tasks/${tasks.data[0].id}/history`, { sort: "-version", limit: 1 }, this.signal));
    const last = [...own.data, ...(task?.data ?? [])].sort((a, b) => b.position - a.position);
    return [first.data, last];
  }

  /** The position of the next event after another (1), or of the one before (-1); nothing if there is none. */
  async next(at, by) {
    for (let page = 0; page < PAGES; page += 1) {
      const where = by > 0 ? { "position[gt]": at, sort: "position" } : { "position[lt]": at };
      const events = await this.page(where, this.project ? PAGE : 1);
      const found = await this.first(events);
      if (found || events.length === 0) return found?.position;
      at = events.at(-1).position;
    }
    return at;
  }

  async page(where, limit) {
    return (await ask("audit", { kind: KINDS, ...where, limit }, this.signal)).data;
  }

  async first(events) {
    if (!this.project || events.length === 0) return events[0];
    const tasks = await this.tasksAmong(events);
    const moves = { task: (event) => tasks.has(event.resource_id), project: (event) => event.resource_id === this.project,
      sprint: (event) => this.sprints.has(event.resource_id) };
    return events.find((event) => moves[event.kind](event));
  }

  /** The tasks of these events that are the project's, as it was before them; what was created since says it itself. */
  async tasksAmong(events) {
    const of_tasks = events.filter((event) => event.kind === "task");
    const mine = new Set(of_tasks.filter((event) => event.data?.project_id === this.project).map((event) => event.resource_id));
    const others = [...new Set(of_tasks.map((event) => event.resource_id))].filter((id) => !mine.has(id));
    if (others.length === 0) return mine;
    const before = Math.max(1, Math.min(...events.map((event) => event.position)) - 1);
    const query = { id: others.join(","), project_id: this.project, as_of: before, limit: PAGE, fields: "id" };
    for (const task of (await ask("tasks", query, this.signal)).data) mine.add(task.id);
    return mine;
  }
}
