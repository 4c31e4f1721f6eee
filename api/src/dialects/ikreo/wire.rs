//! What ikreo speaks of, in its words.

use serde_json::json;

use crate::dialects::dialect::Resource;
use crate::dialects::field::Field;
use crate::dialects::ids;
use crate::dialects::native;
use crate::dialects::outbound::Doc;
use crate::dialects::words::{ADMIN_OR_MEMBER, Words};

/// Four words for seven: what is read and written back changes nothing.
static STATUS: Words = Words(&[
    ("todo", "pending"),
    ("backlog", "pending"),
    ("in_progress", "progress"),
    ("in_review", "qa"),
    ("done", "done"),
    ("cancelled", "done"),
    ("duplicate", "done"),
]);

static PRIORITY: Words =
    Words(&[("low", "baja"), ("medium", "media"), ("high", "alta"), ("urgent", "urgente"), ("none", "")]);

static SPRINT_STATUS: Words = Words(&[("planned", "planned"), ("active", "active"), ("closed", "closed")]);

/// Projects, with what only one of them shows.
macro_rules! project {
    ($($more:expr)?) => {
        Resource {
            fields: &[
                Field::id("id", "id", &ids::PROJECT).read_only(),
                Field::same("name", "name").required(),
                Field::same("open_tasks", "open_tasks").read_only().or("0"),
                Field::seconds("created_at", "created_at"),
                $($more,)?
            ],
            ..Resource::of("Project", &native::PROJECTS)
        }
    };
}

pub static PROJECT: Resource = project!();

/// One project with its sprints, which stand in the document as they are shown.
pub static PROJECT_WITH_SPRINTS: Resource = project!(Field::made(
    "sprints",
    |project| project.raw("sprints").unwrap_or("[]").to_owned(),
    r##"{"type": "array", "items": {"$ref": "#/components/schemas/Sprint"}}"##,
));

pub static TASK: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::TASK).read_only(),
        Field::same("title", "title").required(),
        Field::id("project_id", "project_id", &ids::PROJECT).required(),
        Field::word("status", "status", &STATUS),
        Field::word("priority", "priority", &PRIORITY).usually("medium"),
        Field::same("due_date", "due_date"),
        Field::ids("assignees", "assignee_ids", &ids::MEMBER).once(),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[Field::id("project_id", "project_id", &ids::PROJECT), Field::word("status", "status", &STATUS)],
    ..Resource::of("Task", &native::TASKS)
};

/// A member who has not left.
pub static MEMBER: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::MEMBER),
        Field::same("full_name", "name"),
        Field::word("role", "role", &ADMIN_OR_MEMBER),
        // Members have no picture yet.
        Field::made("avatar", |_| "null".to_owned(), r#"{"type": ["string", "null"]}"#),
        Field::same("is_online", "online").or("false"),
    ],
    asked: "status=active,invited",
    ..Resource::of("Member", &native::MEMBERS)
};

pub static PONG: Resource = Resource {
    fields: &[
        Field::made("status", |_| "\"ok\"".to_owned(), r#"{"type": "string", "const": "ok"}"#),
        Field::made("version", |_| "\"1.0\"".to_owned(), r#"{"type": "string", "const": "1.0"}"#),
    ],
    ..Resource::of("Pong", &native::WORKSPACE)
};

/// Who calls: made of a member, or a key that acts for none, and the workspace.
pub static ME: Resource = Resource {
    fields: &[
        Field::made(
            "user",
            user,
            r#"{"type": "object", "properties": {"id": {"type": ["integer", "null"]}, "full_name": {"type": "string"},
                "email": {"type": ["string", "null"]}, "role": {"type": "string", "enum": ["admin", "member"]}}}"#,
        ),
        Field::made(
            "company",
            company,
            r#"{"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"},
                "plan_v2": {"type": "string"}}}"#,
        ),
    ],
    ..Resource::of("Me", &native::WORKSPACE)
};

fn user(me: &Doc<'_>) -> String {
    let name = me.text("member/name").or(me.text("key/label"));
    let role = me.plain("member/role").or(me.plain("key/role")).and_then(|role| ADMIN_OR_MEMBER.theirs(role));
    json!({"id": me.integer("member/number"), "full_name": name, "email": me.text("member/email"), "role": role})
        .to_string()
}

fn company(me: &Doc<'_>) -> String {
    let (name, plan) = (me.text("workspace/name"), me.plain("workspace/plan"));
    json!({"id": me.integer("workspace/number"), "name": name, "plan_v2": plan}).to_string()
}

/// A key that acts for no member, in a member's place.
pub static KEY: Resource = Resource::of("Key", &native::KEYS);

pub static SPRINT: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::SPRINT),
        Field::same("name", "name"),
        Field::word("status", "status", &SPRINT_STATUS),
        Field::same("start_date", "start_date"),
        Field::same("end_date", "end_date"),
        Field::id("project_id", "project_id", &ids::PROJECT),
    ],
    filters: &[Field::id("project_id", "project_id", &ids::PROJECT)],
    asked: "status=planned,active",
    ..Resource::of("Sprint", &native::SPRINTS)
};

/// While it runs it has no end, and counts nothing yet.
pub static TIMELOG: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::TIMELOG),
        Field::id("task_id", "task_id", &ids::TASK),
        Field::id("user_id", "member_id", &ids::MEMBER),
        Field::same("full_name", "member/name"),
        Field::same("duration_seconds", "duration_seconds").or("0"),
        Field::seconds("started_at", "started_at"),
        Field::seconds("ended_at", "ended_at"),
    ],
    filters: &[Field::id("task_id", "task_id", &ids::TASK)],
    asked: "sort=-started_at",
    expand: "member",
    ..Resource::of("Timelog", &native::TIMELOGS)
};

pub static NOTIFICATION: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::NOTIFICATION),
        Field::same("title", "title"),
        Field::same("body", "body"),
        Field::made("is_read", |it| it.raw("read_at").is_some().to_string(), r#"{"type": "boolean"}"#),
        Field::seconds("created_at", "created_at"),
    ],
    ..Resource::of("Notification", &native::NOTIFICATIONS)
};

/// A notification on its way to somebody.
pub static MESSAGE: Resource = Resource {
    fields: &[
        Field::same("title", "title").required(),
        Field::same("body", "body"),
        Field::id("user_id", "member_id", &ids::MEMBER),
    ],
    ..Resource::of("Message", &native::NOTIFICATIONS)
};

/// One that is sent.
pub static SENT: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::NOTIFICATION),
        Field::made("sent", |_| "true".to_owned(), r#"{"type": "boolean", "const": true}"#),
    ],
    ..Resource::of("Sent", &native::NOTIFICATIONS)
};
