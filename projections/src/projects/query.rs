//! Questions about projects → answers.

use crate::list::{Asked, Condition, Field, List, Op, Words, sum_of};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id."),
    Field::integer("number", "Its number.").column("d.number"),
    Field::text("project_number", "Its number `YYYY-NNNN`."),
    Field::text("name", "Its name."),
    Field::member("description"),
    ARCHIVED,
    Field::member("created_by"),
    Field::instant("created_at", "When it came into being."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::member("open_tasks"),
];

const ARCHIVED: Field = Field::bool("archived", "Whether it takes new tasks no more.").column("d.archived");

/// The projects of a workspace that are not deleted. How much is left to do in one is what the tasks' counts say at
/// this moment.
pub static PROJECTS: List = List {
    models: &["projects", "tasks"],
    base: "not d.deleted",
    doc,
    searched: Some(&["name", "description"]),
    total,
    ..List::new("projects", "projects d", FIELDS)
};

/// Projects are counted by whether they are archived.
fn total(asked: &Asked) -> Option<String> {
    match asked.conditions.as_slice() {
        [Condition { field, op: Op::Is, value, several: false }]
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
    format!(
        "left(d.doc, -1) || ',\"open_tasks\":' || coalesce((select {} from task_counts c \
         where c.workspace = $1::uuid and c.facet = 0::int2 \
         and c.facet_id = '00000000-0000-0000-0000-000000000000'::uuid and c.project_id = d.id), 0)::text || '}}'",
        crate::tasks::open()
    )
}
