//! Krokanti Tasks: bare resources in camelCase, arrays unless pages are asked for.

mod own;
mod shape;
mod wire;

use super::dialect::{By, Dialect, Operation, Paging, Token, create, delete, get, list, own, patch};
use super::ids::IdForm;
use crate::auth::access::Verb::{Delete, Post, Put};
use crate::limits::Mount;
use wire::{ASSIGNEES, LABELS, PROJECT, SPACE, TASK};

const ALL_OR_PAGES: Paging = Paging { usual: 50, most: 100, by: By::CursorIfAny };

const ASSIGNEE: &str = "/v1/tasks/{id}/assignees/{member_id}";
const LABELLED: &str = "/v1/tasks/{id}/labels/{label_id}";
const ASSIGN: &str = "Gives a task to members: `{\"userId\": …}` or `{\"userIds\": […]}`.";
const UNASSIGN: &str = "Takes a task from members: the same body, or `?userId=`.";
const LABEL: &str = "Puts labels on a task: `{\"labelId\": …}`, `{\"labelIds\": […]}` or `{\"name\": …}`.";
const UNLABEL: &str = "Takes labels off a task: the same body, or `?labelId=`.";

const ID: &str = r#"{"type": "string", "format": "uuid"}"#;

static OPERATIONS: [Operation; 13] = [
    list("/api/spaces", "listSpaces", &SPACE, ALL_OR_PAGES),
    create("/api/spaces", "createSpace", &SPACE),
    list("/api/projects", "listProjects", &PROJECT, ALL_OR_PAGES),
    create("/api/projects", "createProject", &PROJECT),
    list("/api/tasks", "listTasks", &TASK, ALL_OR_PAGES),
    create("/api/tasks", "createTask", &TASK),
    get("/api/tasks/{id}", "getTask", &TASK),
    patch("/api/tasks/{id}", "updateTask", &TASK),
    delete("/api/tasks/{id}", "deleteTask", &TASK),
    own(Post, "/api/tasks/{id}/assignees", "assignTask", ASSIGN, own::assign)
        .like(Put, ASSIGNEE)
        .takes(&ASSIGNEES)
        .gives(&TASK),
    own(Delete, "/api/tasks/{id}/assignees", "unassignTask", UNASSIGN, own::unassign)
        .like(Put, ASSIGNEE)
        .takes(&ASSIGNEES)
        .asks(&[("userId", false, ID)])
        .gives(&TASK),
    own(Post, "/api/tasks/{id}/labels", "addLabels", LABEL, own::label).like(Put, LABELLED).takes(&LABELS).gives(&TASK),
    own(Delete, "/api/tasks/{id}/labels", "removeLabels", UNLABEL, own::unlabel)
        .like(Put, LABELLED)
        .takes(&LABELS)
        .asks(&[("labelId", false, ID)])
        .gives(&TASK),
];

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "krokanti",
    title: "Krokanti Tasks API",
    about: "Resources are bare objects. A list is an array of all there are (up to 1,000); with `limit` or `cursor` it \
            is `{data, nextCursor, hasMore}`. 100 requests per minute and token.",
    limits: Mount::Krokanti,
    mount: "/krokanti",
    pages: &["/developers"],
    guide: None,
    agents: None,
    ids: IdForm::Uuid,
    operations: &OPERATIONS,
    token: Token::Bearer,
    parameters: &[],
    strict: false,
    forms: false,
    uuid_requests: false,
    admits: None,
    rewrite: None,
    headers: &[],
    document: None,
    gathered: None,
    one: None,
    list: shape::list,
    deleted: None,
    failure: shape::failure,
};
