//! Other products' APIs over the same history: a dialect is a codec, and nothing else.
//!
//! A dialect says in tables what its operations are and how its resources are spoken of (`dialect.rs`, `field.rs`).
//! What those tables mean is here, once for all of them: the way in (`query.rs`, `inbound.rs`), the native operation
//! (`native.rs`, `act.rs`), the way out (`outbound.rs`, `memo.rs`), and the layer that gives every answer of a mount,
//! failures included, the product's own shape (`mount.rs`); the same operations are tools of agents (`agents.rs`). What
//! bodies come to, with nothing looked up, can be tried by itself (`translation.rs`). There is no rule, no state and no
//! SQL: who may do what is said of the native operation behind each one.

mod act;
mod agents;
mod call;
mod dialect;
mod failure;
mod field;
mod generic;
mod ids;
mod ikreo;
mod inbound;
mod krokanti;
mod memo;
mod mount;
mod native;
mod openapi;
mod outbound;
mod pike;
mod projekt;
mod query;
mod translation;
mod words;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::response::Response;

use crate::app::App;
use crate::openapi::{TEXT, llms, text};
use crate::problem::Problem;
use dialect::Dialect;

pub use translation::{Term, Translation, translations};

/// Every dialect.
pub static DIALECTS: [&Dialect; 5] =
    [&ikreo::DIALECT, &krokanti::DIALECT, &pike::DIALECT, &projekt::DIALECT, &generic::DIALECT];

/// The operations of each dialect as OpenAPI has them, at the addresses that its clients write, with its mount.
pub fn documents() -> Vec<(&'static str, serde_json::Value)> {
    DIALECTS.iter().map(|dialect| (dialect.mount, openapi::document(dialect))).collect()
}

/// The mount that a path is of; none if it is one of ours.
pub fn mount_of(path: &str) -> Option<&'static str> {
    of(path).map(|dialect| &dialect.mount[1..])
}

/// The answer to a request that comes no further, as its mount would give it; none if it is one of ours.
pub fn refuse(request: &mut Request, problem: &Problem) -> Option<Response> {
    of(request.uri().path()).map(|dialect| mount::refuse(dialect, request, problem))
}

fn of(path: &str) -> Option<&'static Dialect> {
    let first = path.get(1..)?.split('/').next()?;
    DIALECTS.into_iter().find(|dialect| &dialect.mount[1..] == first)
}

/// The document of each dialect, with its mount.
pub fn served() -> Vec<(&'static str, serde_json::Value)> {
    DIALECTS.iter().map(|dialect| (dialect.mount, openapi::served(dialect))).collect()
}

/// The mounts of all dialects, and their documents.
pub fn routes(app: &App) -> Router {
    let memory = call::Memory::default();
    let mounts = DIALECTS.iter().fold(Router::new(), |router, dialect| {
        let operations = mount::router(dialect, app, &memory).merge(openapi::pages(dialect));
        let mount = agents::around(dialect, operations, |operations| mount::around(operations, dialect, app));
        router.nest_service(dialect.mount, mount)
    });
    texts().merge(mounts.layer(map_request(mount::note_gap)))
}

/// `/llms.txt` and `/llms-full.txt`: the documents of all APIs, as text.
fn texts() -> Router {
    Router::new()
        .route("/llms.txt", text(TEXT, || of_all(llms::index) + &of_agents()))
        .route("/llms-full.txt", text(TEXT, || of_all(llms::full)))
}

/// Where agents find tools.
fn of_agents() -> String {
    let of = |dialect: &&Dialect| {
        let path = dialect.agents?;
        Some(format!(
            "- [{}]({}{path}): the same operations as tools (MCP, streamable HTTP)\n",
            dialect.title, dialect.mount
        ))
    };
    ["\n## Tools for agents\n\n".to_owned()].into_iter().chain(DIALECTS.iter().filter_map(of)).collect()
}

fn of_all(made: fn(&[(&str, &serde_json::Value)]) -> String) -> String {
    let dialects = documents();
    let dialects = dialects.iter().map(|(mount, document)| (*mount, document));
    made(&std::iter::once(("", crate::openapi::native())).chain(dialects).collect::<Vec<_>>())
}
