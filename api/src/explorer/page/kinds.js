// What kinds of things there are, and which fields name which.

/** The paths of resources that have a history, by kind. */
const PATHS = {
  task: "tasks", comment: "comments", project: "projects", sprint: "sprints", timelog: "timelogs",
  notification: "notifications", member: "members", label: "labels", team: "teams", position: "positions",
  space: "spaces", customer: "customers", api_key: "keys", webhook: "webhooks", workspace: "workspaces",
};

const FIELDS = {
  project_id: "project", sprint_id: "sprint", task_id: "task", parent_id: "task", member_id: "member", lead_id: "member",
  team_id: "team", space_id: "space", customer_id: "customer", position_id: "position", label_id: "label",
  assignee_ids: "member", member_ids: "member", owner_ids: "member", label_ids: "label", successor_id: "api_key",
};

/** Every kind there is to filter by. */
export const KINDS = [...Object.keys(PATHS), "preferences", "key_ring"];

/** `task` → `tasks`; nothing for kinds without a history of their own. */
export function pathOf(kind) {
  return PATHS[kind];
}

/** `tasks` → `task`. */
export function kindOf(path) {
  return Object.keys(PATHS).find((kind) => PATHS[kind] === path);
}

/** The kind of thing that a field's ids name, if it holds ids. */
export function namedBy(field) {
  return FIELDS[field];
}

/** `api_key` → `Api key`, `status_changed` → `Status changed`. */
export function spoken(word) {
  const text = word.replace(/^api_key\b/, "key").replaceAll("_", " ").replaceAll(".", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
