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
const TEXT_OR_NULL: &str = r#"{"type": ["string", "null"]}"#;

pub static ISSUE: Resource = Resource {
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
    ..Resource::of("Issue", &native::TASKS)
};

pub static PROJECT: Resource = Resource {
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
    ..Resource::of("Project", &native::PROJECTS)
};

pub static SPRINT: Resource = Resource {
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
    ..Resource::of("Sprint", &native::SPRINTS)
};

pub static TIME_ENTRY: Resource = Resource {
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
    ..Resource::of("TimeEntry", &native::TIMELOGS)
};

/// What somebody begins to work on.
pub static TIMER: Resource = Resource {
    fields: &[
        Field::id("project_id", "project_id", &ids::PROJECT),
        Field::id("issue_id", "task_id", &ids::TASK),
        Field::same("note", "note"),
    ],
    ..Resource::of("Timer", &native::TIMELOGS)
};

pub static PERSON: Resource = Resource {
    fields: &[
        Field::id("id", "id", &ids::MEMBER).read_only(),
        Field::same("email", "email").read_only(),
        Field::same("name", "name").read_only(),
        Field::made("username", |person| before_at(person, "email"), TEXT_OR_NULL),
        Field::same("role", "role").read_only(),
        Field::same("status", "status").read_only(),
    ],
    filters: &[Field::same("role", "role"), Field::same("status", "status"), Field::same("q", "q")],
    ..Resource::of("Person", &native::MEMBERS)
};

/// Organizations, with what only one's own shows.
macro_rules! org {
    ($noun:literal $(, $more:expr)*) => {
        Resource {
            fields: &[
                Field::id("id", "id", &ids::WORKSPACE).read_only(),
                Field::id("org_id", "id", &ids::WORKSPACE).read_only(),
                Field::same("name", "name").read_only(),
                Field::made("slug", slug, TEXT),
                Field::made("locale", |org| language(org, "locale"), TEXT),
                Field::same("time_zone", "time_zone").read_only(),
                Field::seconds("created_at", "created_at"),
                Field::seconds("updated_at", "updated_at"),
                $($more,)*
            ],
            ..Resource::of($noun, &native::WORKSPACE)
        }
    };
}

pub static ORG: Resource = org!("Org");

/// The organization of the key, with the caller's role and the projects, which stand in the document as they are shown.
pub static MY_ORG: Resource = org!(
    "MyOrg",
    Field::made("role", |org| org.raw("role").unwrap_or("null").to_owned(), TEXT),
    Field::made(
        "projects",
        |org| org.raw("projects").unwrap_or("[]").to_owned(),
        r##"{"type": "array", "items": {"$ref": "#/components/schemas/Project"}}"##,
    )
);

/// Who calls: made of a member, or a key that acts for none, and the organization.
pub static ME: Resource = Resource {
    fields: &[
        Field::made("id", |me| either(me, "member/id", "key/id"), r#"{"type": "string", "format": "uuid"}"#),
        Field::made("email", |me| either(me, "member/email", ""), TEXT_OR_NULL),
        Field::made("name", |me| either(me, "member/name", "key/label"), TEXT_OR_NULL),
        Field::made("username", |me| before_at(me, "member/email"), TEXT_OR_NULL),
        Field::made("locale", |me| language(me, "org/locale"), TEXT),
    ],
    ..Resource::of("Me", &native::WORKSPACE)
};

fn either(doc: &Doc<'_>, one: &str, other: &str) -> String {
    doc.raw(one).or(doc.raw(other)).unwrap_or("null").to_owned()
}

pub static KEY: Resource = Resource {
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
    ..Resource::of("ApiKey", &native::KEYS)
};

/// What is found of each native kind.
pub static FOUND: [(&str, &Resource); 3] =
    [("project", &FOUND_PROJECT), ("task", &FOUND_ISSUE), ("member", &FOUND_PERSON)];

/// What the palette shows of a project.
pub static FOUND_PROJECT: Resource = found("FoundProject", &native::PROJECTS, &PROJECT_HIT);
/// Of an issue.
pub static FOUND_ISSUE: Resource = found("FoundIssue", &native::TASKS, &ISSUE_HIT);
/// Of a person.
pub static FOUND_PERSON: Resource = found("FoundPerson", &native::MEMBERS, &PERSON_HIT);

static PROJECT_HIT: [Field; 4] = [
    Field::made("type", |_| "\"project\"".to_owned(), r#"{"type": "string", "const": "project"}"#),
    Field::id("id", "id", &ids::PROJECT),
    Field::same("title", "name"),
    Field::same("subtitle", "project_number"),
];

static ISSUE_HIT: [Field; 5] = [
    Field::made("type", |_| "\"issue\"".to_owned(), r#"{"type": "string", "const": "issue"}"#),
    Field::id("id", "id", &ids::TASK),
    Field::same("title", "title"),
    Field::word("subtitle", "status", &STATUS),
    Field::id("project_id", "project_id", &ids::PROJECT),
];

static PERSON_HIT: [Field; 4] = [
    Field::made("type", |_| "\"person\"".to_owned(), r#"{"type": "string", "const": "person"}"#),
    Field::id("id", "id", &ids::MEMBER),
    Field::same("title", "name"),
    Field::same("subtitle", "email"),
];

const fn found(noun: &'static str, native: &'static native::Native, fields: &'static [Field]) -> Resource {
    Resource { fields, ..Resource::of(noun, native) }
}

/// What stands before the `@` of an address: nobody chooses another name.
fn before_at(doc: &Doc<'_>, email: &str) -> String {
    let email = doc.text(email);
    email.map_or_else(|| "null".to_owned(), |email| quoted(email.split('@').next().unwrap_or_default()))
}

/// A language without its country: `es-MX` is `es`.
fn language(doc: &Doc<'_>, locale: &str) -> String {
    let locale = doc.text(locale).unwrap_or_default();
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
