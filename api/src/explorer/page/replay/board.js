// The board: a project's tasks by status, as they were. Of each column the newest are shown, and how many there are.

import { guarded, patiently } from "../advice.js";
import { ask } from "../api.js";
import { button, make, place } from "../dom.js";
import { named } from "../names.js";

/** So many tasks of a column are shown at first, and each time that more are asked for; the API gives no more than the last. */
const SHOWN = 25;
const MORE = 75;
const MOST = 200;
const FIELDS = "id,number,title,status,priority,assignee_ids,estimate_points,version";

/** A column's title and the statuses in it. */
export const COLUMNS = [
  ["Backlog", "backlog"], ["To do", "todo"], ["In progress", "in_progress"], ["In review", "in_review"],
  ["Done", "done"], ["Given up", "cancelled,duplicate"],
];

/** The title of the column that a status is in. */
export function columnOf(status) {
  return COLUMNS.find(([, statuses]) => statuses.split(",").includes(status))?.[0] ?? status;
}

/** The board. */
export class Board {
  constructor({ project, sprint }, signal) {
    Object.assign(this, { project, sprint, signal, before: undefined, shown: COLUMNS.map(() => SHOWN) });
    this.node = make("section", { class: "board", "aria-label": "Board" });
  }

  /** Shows the board at a position, and marks what is otherwise than it was when shown last. */
  async show(position) {
    this.position = position;
    const pages = await patiently(this.node, () =>
      Promise.all(COLUMNS.map(([, statuses], at) => this.page(statuses, position, this.shown[at]))));
    const now = new Map(pages.flatMap((page) => page.data.map((task) => [task.id, task])));
    const none = pages.every(({ total }) => total === 0);
    place(this.node, none && make("p", { class: "quiet none-yet" }, "There was no task yet at this moment."),
      COLUMNS.map(([title], at) => this.column(title, pages[at], at)));
    this.before = now;
  }

  page(status, position, limit) {
    const query = { project_id: this.project, sprint_id: this.sprint, status, as_of: position, limit, fields: FIELDS };
    return ask("tasks", query, this.signal);
  }

  column(title, { data, total }, at) {
    const rest = total - data.length;
    return make("section", { class: "column", "aria-label": `${title}: ${total}` },
      make("h3", {}, title, " ", make("span", { class: "count" }, total)),
      make("ul", {}, data.map((task) => this.card(task))),
      rest > 0 && this.older(title, rest, at));
  }

  /** What is not shown of a column, and the way to it. */
  older(title, rest, at) {
    if (this.shown[at] >= MOST) return make("p", { class: "quiet small" }, `and ${rest} older`);
    const more = () => {
      this.shown[at] = Math.min(MOST, this.shown[at] + MORE);
      guarded(this.node, () => this.show(this.position));
    };
    return button(`and ${rest} older`, more, { class: "plain small", "aria-label": `${title}: show more of ${rest} older tasks` });
  }

  card(task) {
    const news = this.news(task);
    return make("li", { class: news ? "ticket changed" : "ticket" },
      make("a", { href: `#/resource/tasks/${task.id}` }, task.title),
      make("p", { class: "small quiet" }, `#${task.number}`,
        task.priority !== "none" && ` · ${task.priority}`, task.estimate_points && ` · ${points(task.estimate_points)}`,
        task.assignee_ids.length > 0 && [" · ", task.assignee_ids.map((id, at) => [at > 0 && ", ", named("member", id)])]),
      news && make("p", { class: "news" }, news));
  }

  /** How a task differs from when it was shown last. */
  news(task) {
    if (!this.before) return undefined;
    const then = this.before.get(task.id);
    if (!then) return "came";
    if (columnOf(then.status) !== columnOf(task.status)) return `was in ${columnOf(then.status)}`;
    return then.version === task.version ? undefined : "changed";
  }
}

function points(count) {
  return count === 1 ? "1 point" : `${count} points`;
}
