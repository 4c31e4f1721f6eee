//! Krokanti Tasks: bare resources in camelCase, arrays unless pages are asked for.

mod own;
mod shape;
mod wire;

use super::dialect::{By, Dialect, Operation, Paging, Token, create, delete, get, list, own, patch};
use super::ids::IdForm;
use crate::auth::access::Verb;
use crate::limits::Mount;
use wire::{PROJECT, SPACE, TASK};

const ALL_OR_PAGES: Paging = Paging { usual: 50, most: 100, by: By::CursorIfAny };

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
    own(Verb::Post, "/api/tasks/{id}/assignees", "assignTask", own::ASSIGN),
    own(Verb::Delete, "/api/tasks/{id}/assignees", "unassignTask", own::UNASSIGN),
    own(Verb::Post, "/api/tasks/{id}/labels", "addLabels", own::LABEL),
    own(Verb::Delete, "/api/tasks/{id}/labels", "removeLabels", own::UNLABEL),
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
    ids: IdForm::Uuid,
    operations: &OPERATIONS,
    token: Token::Bearer,
    parameters: &[],
    strict: false,
    forms: false,
    admits: None,
    rewrite: None,
    one: None,
    list: shape::list,
    deleted: None,
    failure: shape::failure,
};
