//! Projekt: resources bare, `{error}`, UUIDs, keys that are bound to one organization.

mod own;
mod shape;
mod wire;

use axum::http::request::Parts;

use super::dialect::{
    By, Dialect, Header, Operation, Paging, Parameter, Token, create, delete, get, list, own, patch, put, refuse,
    refuse_asking,
};
use super::ids::IdForm;
use crate::auth::Caller;
use crate::auth::access::Verb::{Delete, Get, Patch, Post};
use crate::limits::Mount;
use crate::problem::Problem;
use wire::{
    FOUND_ISSUE, FOUND_PERSON, FOUND_PROJECT, ISSUE, KEY, ME, MY_ORG, ORG, PERSON, PROJECT, SPRINT, TIME_ENTRY, TIMER,
};

const PAGES: Paging = Paging { usual: 50, most: 200, by: By::Anything };
/// One organization is all that a key knows of.
const ACROSS: &str = "It goes beyond one organization, and a key is bound to one.";
/// What a search is asked: the last word may be unfinished.
const SEARCH: &[Parameter] = &[
    ("q", true, r#"{"type": "string", "minLength": 1, "maxLength": 500}"#),
    ("limit", false, r#"{"type": "integer", "minimum": 1, "maximum": 50, "default": 20}"#),
];
/// What a search across organizations would be asked.
const WORDS: &[Parameter] = &[("q", false, r#"{"type": "string"}"#)];
/// What any request may have.
const HEADERS: &[Header] =
    &[("X-Org-Id", "The organization of the key, and no other.", r#"{"type": "string", "format": "uuid"}"#)];
const MINTING: &str = "Keys are minted and revoked in the organization's settings.";

static OPERATIONS: [Operation; 43] = [
    own(Get, "/api/me", "getMe", "Who calls.", own::me).like(Get, "/v1/me").gives(&ME),
    own(Get, "/api/me/orgs", "listMyOrgs", "The one organization of the key, with its projects.", own::my_orgs)
        .like(Get, "/v1/projects")
        .finds(&[&MY_ORG]),
    list("/api/orgs", "listOrgs", &ORG, PAGES),
    refuse(Post, "/api/orgs", "createOrg", ACROSS),
    refuse(Post, "/api/orgs/join", "joinOrg", ACROSS),
    refuse_asking(Get, "/api/orgs/search", "searchOrgs", ACROSS, WORDS),
    refuse_asking(Get, "/api/crossorg/orgs/search", "searchOrgsAcross", ACROSS, WORDS),
    list("/api/issues", "listIssues", &ISSUE, PAGES),
    create("/api/issues", "createIssue", &ISSUE),
    get("/api/issues/{id}", "getIssue", &ISSUE),
    put("/api/issues/{id}", "putIssue", &ISSUE),
    patch("/api/issues/{id}", "patchIssue", &ISSUE),
    delete("/api/issues/{id}", "deleteIssue", &ISSUE),
    list("/api/projects", "listProjects", &PROJECT, PAGES),
    create("/api/projects", "createProject", &PROJECT),
    get("/api/projects/{id}", "getProject", &PROJECT),
    put("/api/projects/{id}", "putProject", &PROJECT),
    patch("/api/projects/{id}", "patchProject", &PROJECT),
    delete("/api/projects/{id}", "deleteProject", &PROJECT),
    list("/api/sprints", "listSprints", &SPRINT, PAGES),
    create("/api/sprints", "createSprint", &SPRINT),
    get("/api/sprints/{id}", "getSprint", &SPRINT),
    put("/api/sprints/{id}", "putSprint", &SPRINT),
    patch("/api/sprints/{id}", "patchSprint", &SPRINT),
    delete("/api/sprints/{id}", "deleteSprint", &SPRINT),
    own(Post, "/api/sprints/{id}/start", "startSprint", "Begins a sprint.", own::start_sprint)
        .like(Post, "/v1/sprints/{id}/start")
        .gives(&SPRINT),
    own(Post, "/api/sprints/{id}/close", "closeSprint", "Ends a sprint.", own::close_sprint)
        .like(Post, "/v1/sprints/{id}/close")
        .gives(&SPRINT),
    list("/api/time-entries", "listTimeEntries", &TIME_ENTRY, PAGES),
    create("/api/time-entries", "logTime", &TIME_ENTRY),
    own(Post, "/api/time-entries/start", "startTimer", "Starts a timer; one that runs is stopped.", own::start_timer)
        .like(Post, "/v1/timelogs/start")
        .takes(&TIMER)
        .gives(&TIME_ENTRY)
        .creates(),
    own(Post, "/api/time-entries/stop", "stopTimer", "Stops the timer that runs.", own::stop_timer)
        .like(Post, "/v1/timelogs/stop")
        .gives(&TIME_ENTRY),
    own(Get, "/api/time-entries/running", "getRunningTimer", "The timer that runs.", own::running_timer)
        .like(Get, "/v1/timelogs/running")
        .gives(&TIME_ENTRY),
    get("/api/time-entries/{id}", "getTimeEntry", &TIME_ENTRY),
    put("/api/time-entries/{id}", "putTimeEntry", &TIME_ENTRY),
    patch("/api/time-entries/{id}", "patchTimeEntry", &TIME_ENTRY),
    delete("/api/time-entries/{id}", "deleteTimeEntry", &TIME_ENTRY),
    list("/api/people", "listPeople", &PERSON, PAGES),
    own(
        Get,
        "/api/people/search",
        "searchPeople",
        "People whose name or address has all these words.",
        own::search_people,
    )
    .like(Get, "/v1/members")
    .asks(SEARCH)
    .finds(&[&PERSON]),
    own(
        Get,
        "/api/palette/search",
        "searchPalette",
        "What has all these words, what fits best first. Each kind takes the scope that its list takes: `projects:read`, \
         `tasks:read`, `members:read`; what the key may not read is not found.",
        own::search_palette,
    )
    .like(Get, "/v1/search")
    .asks(SEARCH)
    .finds(&[&FOUND_PROJECT, &FOUND_ISSUE, &FOUND_PERSON]),
    list("/api/api-keys", "listApiKeys", &KEY, PAGES),
    refuse(Post, "/api/api-keys", "createApiKey", MINTING),
    refuse(Patch, "/api/api-keys/{id}", "updateApiKey", MINTING),
    refuse(Delete, "/api/api-keys/{id}", "deleteApiKey", MINTING),
];

/// The dialect.
pub static DIALECT: Dialect = Dialect {
    name: "projekt",
    title: "Projekt REST API",
    about: "Successes are the resource, or an array of them; lists answer `{data, meta}` to those who send `limit`, \
            `offset`, `page` or `cursor`. Failures are `{\"error\": …}`, with `errors` by field for 422. A key is bound \
            to one organization: `X-Org-Id` may name it, and no other. GET answers carry an ETag. Agents find the same operations as tools at \
            `/projekt/mcp` (Model Context Protocol).",
    mount: "/projekt",
    limits: Mount::Projekt,
    pages: &["/developers/reference.html"],
    guide: Some((&["/developers", "/developers/"], include_str!("guide.md"))),
    agents: Some("/mcp"),
    ids: IdForm::Uuid,
    operations: &OPERATIONS,
    token: Token::Header("x-auth-token"),
    parameters: &[],
    strict: false,
    forms: false,
    uuid_requests: false,
    admits: Some(admits),
    rewrite: None,
    headers: HEADERS,
    document: None,
    gathered: None,
    one: None,
    list: shape::list,
    deleted: None,
    failure: shape::failure,
};

/// Who names an organization names that of the key.
fn admits(request: &Parts, caller: &Caller) -> Result<(), Problem> {
    let own = caller.workspace.0.to_string();
    let mut named = request.headers.get_all("x-org-id").iter().filter(|value| !value.is_empty());
    if named.all(|value| value.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Ok(());
    }
    Err(Problem::forbidden("wrong-org", "X-Org-Id does not match the organization of this key."))
}
