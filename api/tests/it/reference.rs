//! The reference page, as a stranger finds it.

use serde_json::json;

use crate::browser;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_finds_an_operation_and_tries_it() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    server.task(&project, "Fix the login page").await;
    browser::walk("reference", &server, &json!({"key": server.key(), "title": "Fix the login page"})).await;
}
