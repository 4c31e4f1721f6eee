//! Questions about sprints → answers.

use docket_domain::sprint::Status;

use crate::list::{Expand, Field, List};
use crate::tasks::{self, NIL};

macro_rules! open {
    () => {
        "c.backlog + c.todo + c.in_progress + c.in_review"
    };
}

macro_rules! every {
    () => {
        concat!(open!(), " + c.done + c.cancelled + c.duplicate")
    };
}

/// What its tasks come to, see [`doc`].
macro_rules! sum {
    ($facet:literal, $of:expr) => {
        concat!(
            "coalesce((select sum(",
            $of,
            ") from task_counts c where c.workspace = $1::uuid and c.facet = ",
            $facet,
            "::int2 and c.facet_id = d.id and c.project_id = '00000000-0000-0000-0000-000000000000'::uuid), 0)::int8"
        )
    };
}

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("project_id", "The project it belongs to.").column("d.project_id"),
    Field::name("name", "d.name", "Its name, whatever the case."),
    Field::member("goal"),
    Field::word("status", &Status::WORDS, "Where it stands.").column("d.status"),
    Field::date("start_date", "Its first day.").nullable(),
    Field::date("end_date", "Its last day.").nullable(),
    Field::instant("started_at", "When work on it began.").nullable(),
    Field::instant("closed_at", "When work on it ended.").nullable(),
    Field::created_by(),
    Field::instant("created_at", "When it came into being."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::integer("tasks", "How many tasks it has.").column(sum!("3", every!())),
    Field::integer("open_tasks", "How many of them are still to do.").column(sum!("3", open!())),
    Field::integer("done_tasks", "How many of them are done.").column(sum!("3", "c.done")),
    Field::integer("points", "How many points they come to.").column(sum!("4", every!())),
    Field::integer("open_points", "How many of those are still to do.").column(sum!("4", open!())),
    Field::integer("done_points", "How many of those are done.").column(sum!("4", "c.done")),
    Field::deleted(),
];

macro_rules! of_a_project {
    ($deleted:literal) => {
        concat!(
            $deleted,
            " and not exists (select from projects p where p.workspace = $1::uuid and p.id = d.project_id and p.deleted)"
        )
    };
}

/// The sprints of a workspace: neither deleted nor of a deleted project. They know themselves; whether their project is
/// deleted is for the projects to say, and what their tasks come to is what the tasks' counts say at this moment.
pub static SPRINTS: List = List {
    models: &[super::NAME, crate::projects::NAME, tasks::NAME],
    base: of_a_project!("not d.deleted"),
    deleted: of_a_project!("d.deleted"),
    doc,
    searched: Some(&["name", "goal"]),
    expand: &[Expand::one("project", "project_id", || &crate::projects::PROJECTS), Expand::creator()],
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

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_open_is_what_the_counts_call_open() {
        assert_eq!((open!(), every!()), (&*crate::tasks::open(), &*crate::tasks::every()));
    }
}
