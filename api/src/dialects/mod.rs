//! Other products' APIs over the same history: a dialect is a codec, and nothing else.
//!
//! A dialect says in tables what its operations are and how its resources are spoken of (`dialect.rs`, `field.rs`).
//! What those tables mean is here, once for all of them: the way in (`query.rs`, `inbound.rs`), the native operation
//! (`native.rs`, `act.rs`), the way out (`outbound.rs`), and the layer that gives every answer of a mount, failures
//! included, the product's own shape (`mount.rs`). There is no rule, no state and no SQL: who may do what is said of
//! the native operation behind each one.

mod act;
mod call;
mod dialect;
mod failure;
mod field;
mod generic;
mod ids;
mod inbound;
mod krokanti;
mod mount;
mod native;
mod openapi;
mod outbound;
mod pike;
mod query;
mod words;

use axum::Router;

use crate::app::App;
use dialect::Dialect;

/// Every dialect.
pub static DIALECTS: [&Dialect; 3] = [&krokanti::DIALECT, &pike::DIALECT, &generic::DIALECT];

/// The document of each dialect, with its mount.
pub fn documents() -> Vec<(&'static str, serde_json::Value)> {
    DIALECTS.iter().map(|dialect| (dialect.mount, openapi::document(dialect))).collect()
}

/// The mounts of all dialects, and their documents.
pub fn routes(app: &App) -> Router {
    let numbers = ids::Numbers::default();
    DIALECTS.iter().fold(Router::new(), |router, dialect| {
        let mount = mount::router(dialect, app, &numbers).merge(openapi::pages(dialect));
        router.nest_service(dialect.mount, mount::around(mount, dialect, app))
    })
}
