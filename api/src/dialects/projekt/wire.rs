//! Issues, projects, sprints, time, people and the organization in Projekt's words.

use crate::dialects::dialect::Resource;
use crate::dialects::field::Field;
use crate::dialects::ids;
use crate::dialects::native;
use crate::dialects::outbound::Doc;
use crate::dialects::words::Words;

static STATUS: Words = Words(&[
    ("backlog", "Backlog"),
    ("todo", "To Do"),
    ("in_progress", "In Progress"),
    ("in_review", "In Review"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
    ("duplicate", "Duplicate"),
]);

static PRIORITY: Words =
    Words(&[("none", ""), ("low", "low"), ("medium", "medium"), ("high", "high"), ("urgent", "urgent")]);

const TEXT: &str = r#"{"type": "string"}"#;

pub static ISSUE: Resource = Resource {
    noun: "Issue",
    native: &native::TASKS,
    fields: &[
        Field::id("id", "id", &ids::TASK).read_only(),
        Field::same("number", "number").read_only(),
        Field::id("project_id", "project_id", &ids::PROJECT).required(),
        Field::same("title", "title").required(),
        Field::same("description", "description"),
        Field::word("status", "status", &STATUS).usually("backlog"),
        Field::word("priority", "priority", &PRIORITY).usually("medium"),
        Field::ids("assignee_ids", "assignee_ids", &ids::MEMBER),
        Field::ids("label_ids", "label_ids", &ids::LABEL),
        Field::id("sprint_id", "sprint_id", &ids::SPRINT),
        Field::id("parent_id", "parent_id", &ids::TASK),
        Field::same("estimate_points", "estimate_points"),
        Field::same("start_date", "start_date"),
        Field::same("due_date", "due_date"),
        Field::seconds("completed_at", "completed_at"),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::word("status", "status", &STATUS),
        Field::word("priority", "priority", &PRIORITY),
        Field::id("assignee_id", "assignee_id", &ids::MEMBER),
        Field::id("label_id", "label_id", &ids::LABEL),
        Field::id("sprint_id", "sprint_id", &ids::SPRINT),
        Field::same("q", "q"),
        Field::same("sort", "sort"),
    ],
    asked: "",
    expand: "",
};

pub static PROJECT: Resource = Resource {
    noun: "Project",
    native: &native::PROJECTS,
    fields: &[
        Field::id("id", "id", &ids::PROJECT).read_only(),
        Field::same("number", "project_number").read_only(),
        Field::same("key", "code"),
        Field::same("name", "name").required(),
        Field::same("description", "description"),
        Field::same("status", "status"),
        Field::same("color", "color"),
        Field::id("lead_id", "lead_id", &ids::MEMBER),
        Field::same("start_date", "start_date"),
        Field::same("due_date", "due_date"),
        Field::same("archived", "archived").later(),
        Field::same("open_issues", "open_tasks").read_only(),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[
        Field::same("key", "code"),
        Field::same("status", "status"),
        Field::same("archived", "archived"),
        Field::same("q", "q"),
        Field::same("sort", "sort"),
    ],
    asked: "",
    expand: "",
};

pub static SPRINT: Resource = Resource {
    noun: "Sprint",
    native: &native::SPRINTS,
    fields: &[
        Field::id("id", "id", &ids::SPRINT).read_only(),
        Field::id("project_id", "project_id", &ids::PROJECT).required().once(),
        Field::same("name", "name").required(),
        Field::same("goal", "goal"),
        Field::same("status", "status").read_only(),
        Field::same("start_date", "start_date"),
        Field::same("end_date", "end_date"),
        Field::same("issues", "tasks").read_only(),
        Field::same("open_issues", "open_tasks").read_only(),
        Field::seconds("started_at", "started_at"),
        Field::seconds("closed_at", "closed_at"),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::same("status", "status"),
        Field::same("q", "q"),
        Field::same("sort", "sort"),
    ],
    asked: "",
    expand: "",
};

pub static TIME_ENTRY: Resource = Resource {
    noun: "TimeEntry",
    native: &native::TIMELOGS,
    fields: &[
        Field::id("id", "id", &ids::TIMELOG).read_only(),
        Field::id("user_id", "member_id", &ids::MEMBER).once(),
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::id("issue_id", "task_id", &ids::TASK),
        Field::seconds("started_at", "started_at").writable().required(),
        Field::seconds("ended_at", "ended_at").writable(),
        Field::same("duration_seconds", "duration_seconds").once(),
        Field::same("date", "date").read_only(),
        Field::same("note", "note"),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[
        Field::id("user_id", "member_id", &ids::MEMBER),
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::id("issue_id", "task_id", &ids::TASK),
        Field::same("from", "date[gte]"),
        Field::same("to", "date[lte]"),
        Field::same("running", "running"),
        Field::same("sort", "sort"),
    ],
    asked: "",
    expand: "",
};

/// What somebody begins to work on.
pub static TIMER: Resource = Resource {
    noun: "Timer",
    native: &native::TIMELOGS,
    fields: &[
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::id("issue_id", "task_id", &ids::TASK),
        Field::same("note", "note"),
    ],
    filters: &[],
    asked: "",
    expand: "",
};

pub static PERSON: Resource = Resource {
    noun: "Person",
    native: &native::MEMBERS,
    fields: &[
        Field::id("id", "id", &ids::MEMBER).read_only(),
        Field::same("email", "email").read_only(),
        Field::same("name", "name").read_only(),
        Field::made("username", username, TEXT),
        Field::same("role", "role").read_only(),
        Field::same("status", "status").read_only(),
    ],
    filters: &[Field::same("role", "role"), Field::same("status", "status"), Field::same("q", "q")],
    asked: "",
    expand: "",
};

pub static ORG: Resource = Resource {
    noun: "Org",
    native: &native::WORKSPACE,
    fields: &[
        Field::id("id", "id", &ids::WORKSPACE).read_only(),
        Field::id("org_id", "id", &ids::WORKSPACE).read_only(),
        Field::same("name", "name").read_only(),
        Field::made("slug", slug, TEXT),
        Field::made("locale", locale, TEXT),
        Field::same("time_zone", "time_zone").read_only(),
        Field::seconds("created_at", "created_at"),
        Field::seconds("updated_at", "updated_at"),
    ],
    filters: &[],
    asked: "",
    expand: "",
};

pub static KEY: Resource = Resource {
    noun: "ApiKey",
    native: &native::KEYS,
    fields: &[
        Field::id("id", "id", &ids::KEY).read_only(),
        Field::same("name", "label").read_only(),
        Field::same("prefix", "kid").read_only(),
        Field::id("user_id", "member_id", &ids::MEMBER).read_only(),
        Field::seconds("last_used_at", "last_used_at"),
        Field::seconds("expires_at", "expires_at"),
        Field::seconds("revoked_at", "revoked_at"),
        Field::seconds("created_at", "created_at"),
    ],
    filters: &[],
    asked: "",
    expand: "",
};

/// What the palette shows of a project, of an issue, of a person.
pub static FOUND: [(&str, &Resource); 3] = [
    ("project", &found("FoundProject", &native::PROJECTS, &FOUND_PROJECT)),
    ("task", &found("FoundIssue", &native::TASKS, &FOUND_ISSUE)),
    ("member", &found("FoundPerson", &native::MEMBERS, &FOUND_PERSON)),
];

static FOUND_PROJECT: [Field; 4] = [
    Field::made("type", |_| "\"project\"".to_owned(), TEXT),
    Field::id("id", "id", &ids::PROJECT),
    Field::same("title", "name"),
    Field::same("subtitle", "project_number"),
];

static FOUND_ISSUE: [Field; 5] = [
    Field::made("type", |_| "\"issue\"".to_owned(), TEXT),
    Field::id("id", "id", &ids::TASK),
    Field::same("title", "title"),
    Field::word("subtitle", "status", &STATUS),
    Field::id("project_id", "project_id", &ids::PROJECT),
];

static FOUND_PERSON: [Field; 4] = [
    Field::made("type", |_| "\"person\"".to_owned(), TEXT),
    Field::id("id", "id", &ids::MEMBER),
    Field::same("title", "name"),
    Field::same("subtitle", "email"),
];

const fn found(noun: &'static str, native: &'static native::Native, fields: &'static [Field]) -> Resource {
    Resource { noun, native, fields, filters: &[], asked: "", expand: "" }
}

/// What stands before the `@`: nobody chooses another name.
pub fn username(member: &Doc<'_>) -> String {
    let email = member.text("email").unwrap_or_default();
    quoted(email.split('@').next().unwrap_or_default())
}

/// The workspace's language without its country: `es-MX` is `es`.
pub fn locale(workspace: &Doc<'_>) -> String {
    let locale = workspace.text("locale").unwrap_or_default();
    quoted(locale.split('-').next().filter(|language| !language.is_empty()).unwrap_or("en"))
}

/// The name in lower case, with hyphens for what is neither letter nor digit.
fn slug(workspace: &Doc<'_>) -> String {
    let name = workspace.text("name").unwrap_or_default().to_lowercase();
    let words: Vec<_> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    quoted(&words.join("-"))
}

pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
