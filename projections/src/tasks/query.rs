//! Questions about tasks → answers.

use docket_domain::task::{Priority, Status};

use super::pages::{HIDDEN, Pages};
use super::search::Search;
use crate::list::{Expand, Field, List, Words};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("project_id", "The project it belongs to.").column("d.project_id"),
    Field::name("title", "d.title", "Its title, whatever the case."),
    Field::member("description"),
    Field::word("status", &Status::WORDS, "Where it stands.").column("d.status"),
    Field::word("priority", &Priority::WORDS, "How much it matters.").ranged().column("d.priority"),
    Field::member("assignee_ids"),
    Field::id("assignee_id", "Who does it.").beside("task_assignees", "member_id", "assignee_ids"),
    Field::member("label_ids"),
    Field::id("label_id", "Its labels.").beside("task_labels", "label_id", "label_ids"),
    Field::id("sprint_id", "The sprint it is to be done in.").nullable().column("d.sprint_id"),
    Field::id("phase_id", "The phase of its project it belongs to.").nullable().column("d.phase_id"),
    Field::id("team_id", "The team that does its project.").of_its("project_id", "projects", "team_id"),
    Field::id("customer_id", "For whom its project is done.").of_its("project_id", "projects", "customer_id"),
    Field::id("parent_id", "The task it is a part of.").nullable().column("d.parent_id"),
    Field::date("start_date", "The day work starts.").nullable().column("d.start_date"),
    Field::date("due_date", "The day it has to be done.").nullable().column("d.due_date"),
    Field::integer("estimate_minutes", "How much work it is thought to be, in minutes.")
        .nullable()
        .column("d.estimate_minutes"),
    Field::integer("estimate_points", "How much work it is thought to be, in points.")
        .nullable()
        .column("d.estimate_points"),
    Field::bool("billable", "Whether the customer pays for it.").nullable().column("d.billable"),
    Field::instant("completed_at", "When it was done.").nullable().column("d.completed_at"),
    Field::text("external_id", "What it is called where it came from.").nullable().column("d.external_id"),
    Field::created_by().column("d.created_by"),
    Field::instant("created_at", "When it came into being.").column("d.created_at"),
    Field::instant("updated_at", "When it last changed.").column("d.updated_at"),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::deleted(),
];

/// The tasks of a workspace: neither deleted nor of a deleted project. They know themselves; whether their project is
/// deleted is for the projects to say.
pub static TASKS: List = List {
    models: &[super::NAME, crate::projects::NAME],
    base: "not d.deleted and d.project_id <> all (h.hidden)",
    deleted: "d.deleted and d.project_id <> all (h.hidden)",
    facts: HIDDEN,
    expand: &[
        Expand::one("project", "project_id", || &crate::projects::PROJECTS),
        Expand::of_its("customer", "project_id", ("projects", "customer_id"), || &crate::catalog::CUSTOMERS),
        Expand::of_its("team", "project_id", ("projects", "team_id"), || &crate::catalog::TEAMS),
        Expand::one("sprint", "sprint_id", || &crate::sprints::SPRINTS),
        Expand::one("parent", "parent_id", || &TASKS),
        Expand::creator(),
        Expand::many("assignees", "assignee_ids", || &crate::members::MEMBERS),
        Expand::many("labels", "label_ids", || &crate::catalog::LABELS),
    ],
    searched: Some(&["title", "description"]),
    descending: true,
    rank: |_| "r.rank".to_owned(),
    shares_words: true,
    beside: Some(("comment", |words| format!("best_comment({words}, d.id)"))),
    gathers: |asked| matches!(asked.words, Words::Any) && Pages::new(asked).gathers(),
    plan: Some(|asked| match &asked.words {
        Words::These(words) => Search::new(asked, words).plan(),
        Words::Any | Words::Nothing => Pages::new(asked).plan(),
    }),
    ..List::new("tasks", "tasks d", FIELDS)
};
