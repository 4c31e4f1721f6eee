//! Questions about projects → answers.

use docket_domain::workspace::Category;

use crate::list::{Asked, Condition, Expand, Field, List, Op, Words, sum_of};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::text("project_number", "Its number `YYYY-NNNN`."),
    Field::name("name", "d.name", "Its name, whatever the case."),
    Field::member("description"),
    Field::key("status", "The key of the state it is in.").column("d.status"),
    Field::word("status_category", &Category::WORDS, "What that state means."),
    Field::key("code", "Its code.").nullable(),
    Field::text("color", "Its colour, `#rrggbb`.").nullable(),
    Field::date("start_date", "Its first day.").nullable(),
    Field::date("due_date", "The day on which it has to be done.").nullable(),
    Field::id("lead_id", "Who leads it.").nullable(),
    Field::member("member_ids"),
    Field::id("member_id", "Who works on it.").within("member_ids"),
    Field::id("team_id", "Which team does it.").nullable().column("d.team_id"),
    Field::id("space_id", "In which space it is found.").nullable(),
    Field::id("customer_id", "For whom it is done.").nullable().column("d.customer_id"),
    Field::bool("billable", "Whether the customer pays for it.").nullable(),
    Field::member("phases"),
    Field::member("removed_phases"),
    ARCHIVED,
    Field::created_by(),
    Field::instant("created_at", "When it came into being."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::integer("open_tasks", "How many of its tasks are still to do.").column(OPEN_TASKS),
    Field::deleted(),
];

/// What the tasks' counts say at this moment.
const OPEN_TASKS: &str = "coalesce((select c.backlog + c.todo + c.in_progress + c.in_review from task_counts c \
                          where c.workspace = $1::uuid and c.facet = 0::int2 \
                          and c.facet_id = '00000000-0000-0000-0000-000000000000'::uuid and c.project_id = d.id), 0)";

const ARCHIVED: Field = Field::bool("archived", "Whether it takes new tasks no more.").column("d.archived");

/// The projects of a workspace that are not deleted.
pub static PROJECTS: List = List {
    models: &[super::NAME, crate::tasks::NAME],
    base: "not d.deleted",
    deleted: "d.deleted",
    doc,
    searched: Some(&["name", "code", "description"]),
    expand: &[
        Expand::one("lead", "lead_id", || &crate::members::MEMBERS),
        Expand::many("members", "member_ids", || &crate::members::MEMBERS),
        Expand::one("team", "team_id", || &crate::catalog::TEAMS),
        Expand::one("space", "space_id", || &crate::catalog::SPACES),
        Expand::one("customer", "customer_id", || &crate::catalog::CUSTOMERS),
        Expand::creator(),
    ],
    total,
    ..List::new("projects", "projects d", FIELDS)
};

/// Projects are counted by whether they are archived.
fn total(asked: &Asked) -> Option<String> {
    match asked.conditions.as_slice() {
        [Condition { field, op: Op::Is, value, several: false, .. }]
            if field.name == ARCHIVED.name && matches!(asked.words, Words::Any) =>
        {
            Some(format!(
                "(select coalesce(sum(c.n), 0)::int8 from project_counts c \
                 where c.workspace = $1::uuid and c.facet = {value}::int4)"
            ))
        }
        _ => sum_of("project_counts", asked, ""),
    }
}

/// A project's document with the number of its open tasks.
fn doc() -> String {
    format!("left(d.doc, -1) || ',\"open_tasks\":' || {OPEN_TASKS}::text || '}}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_tasks_are_those_that_the_counts_call_open() {
        assert!(OPEN_TASKS.contains(&format!("(select {} from task_counts c", crate::tasks::open())));
    }
}
