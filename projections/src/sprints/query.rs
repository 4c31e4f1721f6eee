//! Questions about sprints → answers.

use docket_domain::sprint::Status;

use crate::list::{Expand, Field, List};
use crate::tasks::{self, NIL};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("project_id", "The project it belongs to.").column("d.project_id"),
    Field::text("name", "Its name."),
    Field::member("goal"),
    Field::word("status", &Status::WORDS, "Where it stands.").column("d.status"),
    Field::date("start_date", "Its first day.").nullable(),
    Field::date("end_date", "Its last day.").nullable(),
    Field::instant("started_at", "When work on it began.").nullable(),
    Field::instant("closed_at", "When work on it ended.").nullable(),
    Field::member("created_by"),
    Field::instant("created_at", "When it came into being."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::member("tasks"),
    Field::member("open_tasks"),
    Field::member("done_tasks"),
    Field::member("points"),
    Field::member("open_points"),
    Field::member("done_points"),
];

/// The sprints of a workspace: neither deleted nor of a deleted project. They know themselves; whether their project is
/// deleted is for the projects to say, and what their tasks come to is what the tasks' counts say at this moment.
pub static SPRINTS: List = List {
    models: &[super::NAME, crate::projects::NAME, tasks::NAME],
    base: "not d.deleted and not exists (select from projects p where p.workspace = $1::uuid and p.id = d.project_id \
           and p.deleted)",
    doc,
    searched: Some(&["name", "goal"]),
    expand: &[Expand::one("project", "project_id", || &crate::projects::PROJECTS)],
    ..List::new("sprints", "sprints d", FIELDS)
};

/// A sprint's document with what its tasks come to. Points are those of facet 4.
pub(super) fn doc() -> String {
    let (all, open) = (tasks::every(), tasks::open());
    let sum = |name: &str, facet: i16, of: &str| {
        format!("',\"{name}\":' || coalesce(sum({of}) filter (where c.facet = {facet}::int2), 0)::int8")
    };
    let progress = [
        sum("tasks", 3, &all),
        sum("open_tasks", 3, &open),
        sum("done_tasks", 3, "c.done"),
        sum("points", 4, &all),
        sum("open_points", 4, &open),
        sum("done_points", 4, "c.done"),
    ];
    format!(
        "left(d.doc, -1) || (select {} from task_counts c where c.workspace = $1::uuid \
         and c.facet in (3::int2, 4::int2) and c.facet_id = d.id and c.project_id = {NIL}) || '}}'",
        progress.join(" || ")
    )
}
