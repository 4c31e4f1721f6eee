//! Examples of requests and answers: not made up, but recorded by a test that asks a server (`api/tests/it/examples.rs`).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// By operation.
static RECORDED: LazyLock<HashMap<String, Example>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// What was once asked and answered.
#[derive(Deserialize)]
struct Example {
    request: Option<Value>,
    status: String,
    answer: Option<Value>,
}

/// Adds the example of an operation, if it has one.
pub fn add(operation: &mut Operation) {
    let Some(example) = operation.operation_id.as_ref().and_then(|id| RECORDED.get(id)) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| show(content, example.request.as_ref()));
    }
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut(&example.status)
        && let Some(content) = answer.content.get_mut("application/json")
    {
        show(content, example.answer.as_ref());
    }
}

fn show(content: &mut RefOr<Content>, example: Option<&Value>) {
    if let RefOr::T(content) = content {
        content.example = example.cloned();
    }
}
