//! ikreo: one file, `/api.php?endpoint=…`, that answers `{ok, data}`; ids are numbers, priorities are Spanish.

mod document;
mod file;
mod own;
mod shape;
mod wire;

use super::dialect::{By, Dialect, Operation, Paging, Token, create, delete, get, list, own, put};
use super::ids::IdForm;
use crate::auth::access::Verb::{Get, Post};
use crate::limits::Mount;
use wire::{ME, MEMBER, MESSAGE, NOTIFICATION, PONG, PROJECT, PROJECT_WITH_SPRINTS, SENT, SPRINT, TASK, TIMELOG};

const PAGES: Paging = Paging { usual: 50, most: 100, by: By::Offset };
/// For lists without pages, all there are; nobody has so many.
const ALL: Paging = first(10_000);

const fn first(most: i64) -> Paging {
    Paging { usual: most, most, by: By::Nothing }
}

static OPERATIONS: [Operation; 15] = [
    own(Get, "/api.php/ping", "ping", "Whether it answers.", own::ping).gives(&PONG),
    own(Get, "/api.php/me", "me", "Who calls, and for which company.", own::me).like(Get, "/v1/me").gives(&ME),
    list("/api.php/projects", "listProjects", &PROJECT, ALL),
    own(Get, "/api.php/projects/{id}", "getProject", "One project with its `sprints`.", own::project)
        .like(Get, "/v1/projects/{id}")
        .gives(&PROJECT_WITH_SPRINTS)
        .shows(&[&SPRINT]),
    create("/api.php/projects", "createProject", &PROJECT),
    list("/api.php/tasks", "listTasks", &TASK, PAGES),
    get("/api.php/tasks/{id}", "getTask", &TASK),
    create("/api.php/tasks", "createTask", &TASK),
    put("/api.php/tasks/{id}", "updateTask", &TASK),
    delete("/api.php/tasks/{id}", "deleteTask", &TASK),
    list("/api.php/team", "listTeam", &MEMBER, ALL),
    list("/api.php/sprints", "listSprints", &SPRINT, ALL),
    list("/api.php/timelogs", "listTimelogs", &TIMELOG, first(100)),
    list("/api.php/notifications", "listNotifications", &NOTIFICATION, first(30)),
    own(
        Post,
        "/api.php/notifications",
        "sendNotification",
        "Tells a member something, oneself by default.",
        own::notify,
    )
    .like(Post, "/v1/notifications")
    .takes(&MESSAGE)
    .gives(&SENT),
];

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "ikreo",
    title: "ikreo REST API",
    about: "Every request goes to `/api.php`; the parameter `endpoint` says what it is about, `id` which one. A \
            success is `{\"ok\": true, \"data\": …}`, a list with `total` beside it; tasks come in pages of `limit` (50, at \
            most 100) from `offset`. A failure is `{\"error\": true, \"code\": <the status>, \"message\": …, \"docs\": …}`. \
            Ids are numbers, dates are `YYYY-MM-DD`, times UTC. A PUT changes what is sent and nothing else. A key is sent \
            as `Authorization: Bearer …` or, for quick tests, as `api_key`. More than 100 requests a minute are too many; \
            `Retry-After` says when to come back.",
    limits: Mount::Ikreo,
    mount: "/ikreo",
    pages: &[],
    guide: None,
    agents: None,
    ids: IdForm::Number,
    operations: &OPERATIONS,
    token: Token::Parameter("api_key"),
    parameters: &["endpoint", "api_key"],
    strict: false,
    forms: true,
    uuid_requests: false,
    admits: None,
    rewrite: Some(file::behind),
    headers: &[],
    document: Some(document::written),
    gathered: Some(document::gathered),
    one: Some(shape::one),
    list: shape::list,
    deleted: Some(shape::deleted),
    failure: shape::failure,
};
