//! Pike's Open API: camelCase, cursors, scopes, and nothing that writes.

mod shape;
mod wire;

use super::dialect::{By, Dialect, Operation, Paging, Token, get, list};
use super::ids::IdForm;
use crate::limits::Mount;
use wire::{CUSTOMER, MEMBER, PROJECT, PROJECT_WITH_PHASES, TASK};

const PAGES: Paging = Paging { usual: 50, most: 200, by: By::Cursor };

static OPERATIONS: [Operation; 8] = [
    list("/projects", "listProjects", &PROJECT, PAGES),
    get("/projects/{projectId}", "getProject", &PROJECT_WITH_PHASES),
    list("/tasks", "listTasks", &TASK, PAGES),
    get("/tasks/{taskId}", "getTask", &TASK),
    list("/customers", "listCustomers", &CUSTOMER, PAGES),
    get("/customers/{customerId}", "getCustomer", &CUSTOMER),
    list("/members", "listMembers", &MEMBER, PAGES),
    get("/members/{memberId}", "getMember", &MEMBER),
];

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "pike",
    title: "Pike Open API",
    about: "Every list is `{items, nextCursor, hasMore}`, in pages of `limit` (50, at most 200) from `cursor`. Every \
            failure is `{error: {code, message, requestId}}`. A secret has scopes such as `projects:read`.",
    limits: Mount::Pike,
    mount: "/pike",
    pages: &[],
    guide: None,
    agents: None,
    ids: IdForm::Uuid,
    operations: &OPERATIONS,
    token: Token::Bearer,
    parameters: &[],
    strict: true,
    forms: false,
    uuid_requests: true,
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
