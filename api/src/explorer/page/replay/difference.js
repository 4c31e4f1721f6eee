// What differs between two moments of a project: tasks that came, went, moved or changed.

import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { told } from "../time.js";
import { shown } from "../value.js";

const PAGE = 200;
/** So many tasks are compared at most, of either moment. */
const MOST = 2_000;
const FIELDS = ["title", "status", "priority", "assignee_ids", "label_ids", "sprint_id", "due_date", "estimate_points"];

/** Shows it. */
export async function difference(node, { project, sprint, at, against }, signal) {
  const [from, to] = [Number(against), Number(at)].sort((one, other) => one - other);
  const [before, after] = await Promise.all([tasks(project, sprint, from, signal), tasks(project, sprint, to, signal)]);
  const found = compare(before.tasks, after.tasks);
  const bounded = before.more || after.more;
  const [then, now] = await Promise.all([moment(from, signal), moment(to, signal)]);
  const title = `From ${then} to ${now} UTC: ${found.length === 1 ? "one task differs" : `${found.length} tasks differ`}`;
  place(node, make("section", { class: "card", "aria-label": "Difference" },
    make("h2", {}, title),
    bounded && make("p", { class: "quiet" }, `Only the newest ${MOST} tasks of each moment were compared.`),
    from === to && make("p", { class: "quiet" }, "Move the slider to the other moment."),
    found.length > 0 && table(found)));
}

/** When a position was. */
async function moment(position, signal) {
  const { data } = await ask("audit", { "position[lte]": position, limit: 1, fields: "recorded_at" }, signal);
  return told(data[0]?.recorded_at);
}

async function tasks(project, sprint, as_of, signal) {
  const found = new Map();
  let cursor;
  do {
    const query = { project_id: project, sprint_id: sprint, as_of, limit: PAGE, cursor, fields: ["id", "version", ...FIELDS].join() };
    const page = await ask("tasks", query, signal);
    for (const task of page.data) found.set(task.id, task);
    cursor = page.next_cursor;
  } while (cursor && found.size < MOST);
  return { tasks: found, more: Boolean(cursor) };
}

/** `[task, [[field, from, to]]]` of each that differs; a task that came or went has no fields. */
function compare(before, after) {
  const found = [];
  for (const [id, now] of after) {
    const then = before.get(id);
    if (!then) found.push([now, "came"]);
    else if (then.version !== now.version) {
      const fields = FIELDS.filter((field) => JSON.stringify(then[field]) !== JSON.stringify(now[field]));
      if (fields.length > 0) found.push([now, fields.map((field) => [field, then[field], now[field]])]);
    }
  }
  for (const [id, then] of before) if (!after.has(id)) found.push([then, "went"]);
  return found;
}

function table(found) {
  const what = (change) => typeof change === "string" ? change
    : change.map(([field, from, to]) => make("p", {}, `${field.replaceAll("_", " ")}: `, shown(field, from), " → ", shown(field, to)));
  const row = ([task, change]) => make("tr", {},
    make("th", { scope: "row" }, make("a", { href: `#/resource/tasks/${task.id}` }, task.title)), make("td", {}, what(change)));
  const head = make("tr", {}, ["Task", "What is otherwise"].map((title) => make("th", { scope: "col" }, title)));
  return make("div", { class: "differences", tabindex: "0", role: "region", "aria-label": "Tasks that differ" },
    make("table", { class: "changes values" }, make("thead", {}, head), make("tbody", {}, found.map(row))));
}
