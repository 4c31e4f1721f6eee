//! Projects and tasks in the generic API's words.

use crate::dialects::dialect::Resource;
use crate::dialects::field::Field;
use crate::dialects::ids;
use crate::dialects::native;
use crate::dialects::words::{PRIORITIES, Words};

static STATUS: Words = Words(&[
    ("backlog", "backlog"),
    ("todo", "todo"),
    ("in_progress", "in_progress"),
    ("in_review", "in_review"),
    ("done", "completed"),
    ("cancelled", "cancelled"),
    ("duplicate", "duplicate"),
]);

pub static PROJECT: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::PROJECT).read_only(),
        Field::same("name", "name").required(),
        Field::same("description", "description"),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    ..Resource::of("Project", &native::PROJECTS)
};

pub static TASK: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::TASK).read_only(),
        Field::same("title", "title").required(),
        Field::same("description", "description"),
        Field::word("status", "status", &STATUS),
        Field::word("priority", "priority", &PRIORITIES),
        Field::id("project_id", "project_id", &ids::PROJECT).required(),
        Field::ids("assignee_ids", "assignee_ids", &ids::MEMBER),
        Field::ids("label_ids", "label_ids", &ids::LABEL),
        Field::same("due_date", "due_date"),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::word("status", "status", &STATUS),
        Field::word("priority", "priority", &PRIORITIES),
    ],
    ..Resource::of("Task", &native::TASKS)
};
