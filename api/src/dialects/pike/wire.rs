//! Projects, tasks, customers and members in Pike's words.

use serde_json::{Value, json};

use crate::dialects::dialect::Resource;
use crate::dialects::field::Field;
use crate::dialects::ids;
use crate::dialects::native;
use crate::dialects::outbound::Doc;
use crate::dialects::words::{ADMIN_OR_MEMBER, PRIORITIES, Words};

static STATUS: Words = Words(&[
    ("todo", "toDo"),
    ("in_progress", "inProgress"),
    ("in_review", "inReview"),
    ("done", "done"),
    ("cancelled", "cancelled"),
    ("duplicate", "duplicate"),
    ("backlog", "backlog"),
]);

static CATEGORY: Words = Words(&[
    ("backlog", "backlog"),
    ("planned", "planned"),
    ("in_progress", "inProgress"),
    ("completed", "completed"),
    ("cancelled", "cancelled"),
]);

static PRESENCE: Words = Words(&[("active", "active"), ("invited", "invited"), ("inactive", "inactive")]);

/// The coarse roles.
/// Projects, with what only one of them shows.
macro_rules! project {
    ($($more:expr)?) => {
        Resource {
            fields: &[
                Field::id("id", "id", &ids::PROJECT),
                Field::same("projectNumber", "project_number"),
                Field::same("title", "name"),
                Field::same("status", "status"),
                Field::word("statusCategory", "status_category", &CATEGORY),
                Field::id("teamId", "team_id", &ids::TEAM),
                Field::id("customerId", "customer_id", &ids::CUSTOMER),
                Field::same("description", "description"),
                $($more,)?
                Field::millis("createdAt", "created_at"),
                Field::millis("updatedAt", "updated_at"),
            ],
            filters: &[Field::same("status", "status"), Field::id("teamId", "team_id", &ids::TEAM)],
            ..Resource::of("Project", &native::PROJECTS)
        }
    };
}

pub static PROJECT: Resource = project!();
pub static PROJECT_WITH_PHASES: Resource = project!(Field::made("phases", phases, PHASES));

const PHASES: &str = r#"{"type": "array", "items": {"type": "object", "properties": {
    "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"},
    "startDate": {"type": ["string", "null"], "format": "date"},
    "endDate": {"type": ["string", "null"], "format": "date"}}}}"#;

fn phases(project: &Doc<'_>) -> String {
    let phases: Vec<Value> = project.raw("phases").and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    let shown = phases.iter().map(|phase| {
        let (id, name) = (&phase["id"], &phase["name"]);
        json!({"id": id, "name": name, "startDate": phase["start_date"], "endDate": phase["end_date"]})
    });
    shown.collect::<Value>().to_string()
}

pub static TASK: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::TASK),
        Field::same("title", "title"),
        Field::html("description", "description"),
        Field::word("status", "status", &STATUS),
        Field::word("priority", "priority", &PRIORITIES),
        Field::id("projectId", "project_id", &ids::PROJECT),
        Field::id("teamId", "project/team_id", &ids::TEAM),
        Field::ids("assigneeIds", "assignee_ids", &ids::MEMBER),
        Field::same("startDate", "start_date"),
        Field::same("dueDate", "due_date"),
        Field::flag("billableStatus", "billable", "billable", "nonBillable"),
        Field::id("customerId", "project/customer_id", &ids::CUSTOMER),
        Field::same("phaseId", "phase_id"),
        Field::ids("labelIds", "label_ids", &ids::LABEL),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[
        Field::id("projectId", "project_id", &ids::PROJECT),
        Field::word("status", "status", &STATUS),
        Field::id("teamId", "team_id", &ids::TEAM),
    ],
    expand: "project",
    ..Resource::of("Task", &native::TASKS)
};

pub static CUSTOMER: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::CUSTOMER),
        Field::same("customerName", "name"),
        Field::same("customerNumber", "reference"),
        Field::same("taxVatId", "tax_id"),
        Field::same("mainCurrency", "currency"),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[Field::same("q", "q")],
    ..Resource::of("Customer", &native::CUSTOMERS)
};

pub static MEMBER: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::MEMBER),
        Field::same("email", "email"),
        Field::same("displayName", "name"),
        Field::word("status", "status", &PRESENCE),
        Field::word("workspaceRole", "role", &ADMIN_OR_MEMBER),
        Field::ids("teamIds", "team_ids", &ids::TEAM),
        Field::id("positionId", "position_id", &ids::POSITION),
        Field::millis("invitedAt", "invited_at"),
        Field::millis("joinedAt", "joined_at"),
        Field::millis("createdAt", "created_at"),
        Field::millis("updatedAt", "updated_at"),
    ],
    filters: &[Field::word("status", "status", &PRESENCE)],
    ..Resource::of("Member", &native::MEMBERS)
};
