//! The generic REST API: `{success, data}`, prefixed ids, `limit` and `offset`.

mod shape;
mod wire;

use super::dialect::{By, Dialect, Operation, Paging, Token, create, delete, get, list, put};
use super::ids::IdForm;
use crate::limits::Mount;
use wire::{PROJECT, TASK};

const PAGES: Paging = Paging { usual: 20, most: 100, by: By::Offset };

static OPERATIONS: [Operation; 10] = [
    list("/v1/projects", "listProjects", &PROJECT, PAGES),
    create("/v1/projects", "createProject", &PROJECT),
    get("/v1/projects/{id}", "getProject", &PROJECT),
    put("/v1/projects/{id}", "updateProject", &PROJECT),
    delete("/v1/projects/{id}", "deleteProject", &PROJECT),
    list("/v1/tasks", "listTasks", &TASK, PAGES),
    create("/v1/tasks", "createTask", &TASK),
    get("/v1/tasks/{id}", "getTask", &TASK),
    put("/v1/tasks/{id}", "updateTask", &TASK),
    delete("/v1/tasks/{id}", "deleteTask", &TASK),
];

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "generic",
    title: "Generic API",
    about: "Every answer is `{\"success\": …}`; lists come in pages of `limit` (20, at most 100) from `offset`. \
            A key has the scopes `read`, `write`, `delete` or `admin`. Limits follow the workspace's plan; \
            `X-RateLimit-Reset` is a Unix time.",
    limits: Mount::Generic,
    mount: "/generic",
    pages: &[],
    guide: None,
    agents: None,
    ids: IdForm::Prefixed,
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
    one: Some(shape::one),
    list: shape::list,
    deleted: Some(shape::deleted),
    failure: shape::failure,
};
