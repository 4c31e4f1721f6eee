//! An agent, with the SDK that agents speak with: it finds the operations of Projekt as tools, sees those that its key
//! may use, and does with them what any client does.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use docket_api::auth::token::Format;
use docket_api::limits::{Clock, Settings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::interpreters::{is_content, python};
use crate::packages::packages;
use crate::server::{Answer, Server, ask, send};

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_works_with_what_its_key_may_do() {
    let server = Server::start().await;
    let home = server.workspace_with(&[Format::Projekt, Format::Native]).await;
    let body = json!({"label": "reader", "scopes": ["tasks:read"]});
    let minted = send(ask(&server.url, &home.keys[1].token, Method::POST, "/v1/keys").json(&body)).await.json();
    let (Some(mut python), Some(sdk)) = (python(), packages("agents").await) else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients/projekt/agent.py");
    let command = python.command.arg(&script).env("PYTHONPATH", sdk);
    command.env("BASE_URL", format!("{}/projekt", server.url)).env("API_KEY", &home.keys[0].token);
    command.env("READING_KEY", minted["token"].as_str().expect("a token"));
    is_content(python, &script).await;
}

/// What a tool answers, with its headers: whether it failed, and the text.
async fn call(server: &Server, headers: &[(&'static str, &str)], address: &str, tool: &str, told: Value) -> Called {
    let message =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": told}});
    let mut request = ask(&server.url, server.key(), Method::POST, address).json(&message);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let result = &answer.json()["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    Called { failed: result["isError"].as_bool().expect("a result"), text, answer }
}

struct Called {
    failed: bool,
    text: String,
    answer: Answer,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_a_request_like_any_other() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let issue = json!({"project_id": project, "title": "Once"});
    let again = [("idempotency-key", "one-and-the-same")];
    let first = call(&server, &again, "/projekt/mcp", "createIssue", issue.clone()).await;
    let second = call(&server, &again, "/projekt/mcp", "createIssue", issue.clone()).await;
    assert!(!first.failed && first.text == second.text, "{} {}", first.text, second.text);
    assert_eq!(second.answer.header("idempotency-replayed"), "true");
    let tried = call(&server, &[], "/projekt/mcp?dry_run=true", "createIssue", issue).await;
    assert!(!tried.failed, "{}", tried.text);
    let list = call(&server, &[], "/projekt/mcp", "listIssues", json!({"project_id": project})).await;
    let list: Vec<Value> = serde_json::from_str(&list.text).expect("an array");
    assert_eq!(list.len(), 1, "what is rehearsed is not there, and what is repeated is there once");
    let id = list[0]["id"].as_str().expect("an id");
    let stale = [("if-match", "\"999-00000000\"")];
    let late = call(&server, &stale, "/projekt/mcp", "patchIssue", json!({"id": id, "title": "Twice"})).await;
    assert!(late.failed, "{}", late.text);
    let trail = server.get(&format!("/v1/tasks/{id}/activity")).await.json();
    assert_eq!(trail["data"][0]["dialect"], "projekt", "{trail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_as_what_they_do() {
    let limits = vec!["projekt key 100/1h".to_owned(), "projekt key GET /api/people/search 2/1h".to_owned()];
    let clock = Clock::showing(Arc::new(AtomicI64::new(1_800_000_000_000)));
    let server = Server::start_with(|config| config.limits = Settings { limits, clock, ..Settings::default() }).await;
    for _ in 0..2 {
        let found = call(&server, &[], "/projekt/mcp", "searchPeople", json!({"q": "owner"})).await;
        assert!(!found.failed, "{}", found.text);
    }
    let refused = call(&server, &[], "/projekt/mcp", "searchPeople", json!({"q": "owner"})).await;
    assert!(refused.failed && refused.text.contains("error"), "{}", refused.text);
    assert!(refused.answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let other = call(&server, &[], "/projekt/mcp", "getMe", json!({})).await;
    assert!(!other.failed, "{}", other.text);
}
