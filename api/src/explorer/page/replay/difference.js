// What differs between two moments: of a project, with all that belongs to it, page by page; of a sprint, or of all projects
// together, among the newest tasks of each moment.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { button, make, place } from "../dom.js";
import { pathOf, spoken } from "../kinds.js";
import { link } from "../route.js";
import { told } from "../time.js";
import { shown } from "../value.js";

const PAGE = 200;
/** So many tasks are compared at most, of either moment. */
const MOST = 2_000;
const FIELDS = ["title", "status", "priority", "assignee_ids", "label_ids", "sprint_id", "due_date", "estimate_points"];

/** Shows it. */
export async function difference(node, { project, sprint, at, against }, signal) {
  const [from, to] = [Number(against), Number(at)].sort((one, other) => one - other);
  const [then, now] = await Promise.all([moment(from, signal), moment(to, signal)]);
  const pages = project && !sprint ? whole(project, from, to, signal) : newest({ project, sprint }, from, to, signal);
  const title = make("h2", {});
  const left_out = make("p", { class: "quiet" });
  const rows = make("tbody", {});
  const more = button("Show more", () => guarded(more.parentElement, next));
  await next();
  place(node, make("section", { class: "card", "aria-label": "Difference" }, title, left_out,
    from === to && make("p", { class: "quiet" }, "Move the slider to the other moment."),
    rows.childElementCount > 0 && table(rows), make("div", {}, more)));

  async function next() {
    const { value: page } = await pages.next();
    rows.append(...page.found.map(row));
    const count = rows.childElementCount;
    const differ = count === 1 ? "one thing differs" : `${count} things differ`;
    place(title, `From ${then} to ${now} UTC: ${page.more ? `the first ${count} things that differ` : differ}`);
    place(left_out, page.left_out);
    more.hidden = !page.more;
  }
}

/** When a position was. */
async function moment(position, signal) {
  const { data } = await ask("audit", { "position[lte]": position, limit: 1, fields: "recorded_at" }, signal);
  return told(data[0]?.recorded_at);
}

/** All that differs of a project: `{found: [{kind, id, name, change, changes}], more}`, page by page. */
async function* whole(project, from, to, signal) {
  let cursor;
  do {
    const page = await ask(`projects/${project}/diff`, { from, to, limit: PAGE, cursor }, signal);
    const itself = { kind: "project", id: project, change: page.from.version === 0 ? "added" : "changed", changes: page.changes };
    const found = !cursor && page.changes.length > 0 ? [itself, ...page.data] : page.data;
    cursor = page.next_cursor;
    yield { found, more: page.has_more };
  } while (cursor);
}

/** The same of the newest tasks, at once, with what was left out. */
async function* newest(which, from, to, signal) {
  const [before, after] = await Promise.all([tasks(which, from, signal), tasks(which, to, signal)]);
  const left = [before, after].map(({ found, total }) => total - found.size);
  const left_out = left.some((count) => count > 0)
    && `Only the newest ${MOST} tasks of each moment were compared. Left out: ${left[0]} of the earlier one and ${left[1]} of `
    + "the later one. Of one project, without a sprint, everything is compared.";
  yield { found: compare(before.found, after.found), left_out, more: false };
}

async function tasks({ project, sprint }, as_of, signal) {
  const found = new Map();
  let [cursor, total] = [];
  do {
    const query = { project_id: project, sprint_id: sprint, as_of, limit: PAGE, cursor, fields: ["id", "version", ...FIELDS].join() };
    const page = await ask("tasks", query, signal);
    for (const task of page.data) found.set(task.id, task);
    ({ next_cursor: cursor, total } = page);
  } while (cursor && found.size < MOST);
  return { found, total };
}

function compare(before, after) {
  const found = [];
  const add = ({ id, title }, change, changes = []) => found.push({ kind: "task", id, name: title, change, changes });
  for (const [id, now] of after) {
    const then = before.get(id);
    if (!then) add(now, "added");
    else if (then.version !== now.version) {
      const fields = FIELDS.filter((field) => JSON.stringify(then[field]) !== JSON.stringify(now[field]));
      if (fields.length > 0) add(now, "changed", fields.map((field) => ({ field, from: then[field], to: now[field] })));
    }
  }
  for (const [id, then] of before) if (!after.has(id)) add(then, "removed");
  return found;
}

const WORDS = { added: "came", removed: "went" };

function row({ kind, id, name, change, changes }) {
  const what = name ?? spoken(kind);
  const title = pathOf(kind) ? make("a", { href: link(`resource/${pathOf(kind)}/${id}`) }, what) : what;
  const field = ({ field, from, to }) => make("p", {}, `${field.replaceAll("_", " ")}: `, shown(field, from), " → ", shown(field, to));
  return make("tr", {}, make("th", { scope: "row" }, title), make("td", {}, spoken(kind)),
    make("td", {}, WORDS[change] ?? changes.map(field)));
}

function table(rows) {
  const head = make("tr", {}, ["What", "Kind", "What is otherwise"].map((title) => make("th", { scope: "col" }, title)));
  return make("div", { class: "differences", tabindex: "0", role: "region", "aria-label": "What differs" },
    make("table", { class: "changes values" }, make("thead", {}, head), rows));
}
