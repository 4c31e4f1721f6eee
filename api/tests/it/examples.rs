//! The examples in the OpenAPI document: real requests and their answers, recorded while a team works for a while.
//!
//! The record is `api/src/openapi/examples.json`. Where answers have changed, this test fails: `DOCKET_EXAMPLES=write`
//! records them anew. An operation that is not part of the story yet is told in `examples/story.rs`.

mod promises;
mod record;
mod story;

use std::collections::BTreeMap;
use std::path::Path;

use record::{Example, Recorder, Watch};
use serde_json::Value;

/// Answers with signatures, secrets or moments, which are never the same, of others, or no JSON.
const UNTOLD: [&str; 17] = [
    "explain_field",
    "get_audit_activity",
    "get_audit_checkpoint",
    "get_audit_consistency",
    "get_audit_proof",
    "get_diff",
    "get_history",
    "get_project_diff",
    "get_webhook_secrets",
    "list_audit_events",
    "list_changes",
    "list_webhook_deliveries",
    "rotate_webhook",
    "stream_events",
    "test_webhook",
    "undo_event",
    "undo_key",
];

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_what_a_server_answers() {
    let recorded = story::tell(Recorder::start(Watch::Nothing).await).await.finish();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi/examples.json");
    if std::env::var_os("DOCKET_EXAMPLES").is_some_and(|value| value == "write") {
        let text = serde_json::to_string_pretty(&recorded).expect("JSON");
        std::fs::write(&file, text + "\n").expect("a file");
        return;
    }
    let known = std::fs::read_to_string(&file).expect("a file");
    let known: BTreeMap<String, Example> = serde_json::from_str(&known).expect("examples");
    for (operation, example) in &recorded {
        let before = known.get(operation);
        assert!(before == Some(example), "{operation} is not as in {}: record it anew", file.display());
    }
    assert_eq!(known.len(), recorded.len(), "an operation is gone: record the examples anew");
}

#[test]
fn every_operation_has_an_example() {
    let document = docket_api::router::document().to_json().expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let operations = document["paths"].as_object().expect("paths").iter();
    let mut lacking = Vec::new();
    for (path, item) in operations.filter(|(path, _)| path.starts_with("/v1/")) {
        for (_, operation) in item.as_object().expect("operations").iter().filter(|(_, it)| it.is_object()) {
            let id = operation["operationId"].as_str().expect("an id");
            let answers = operation["responses"].as_object().expect("answers").iter();
            let shows = |content: &Value| content.is_null() || !content["example"].is_null();
            let shown = answers
                .filter(|(status, _)| status.starts_with('2'))
                .all(|(_, answer)| shows(&answer["content"]["application/json"]));
            if !shown && !UNTOLD.contains(&id) {
                lacking.push(format!("{id} ({path})"));
            }
        }
    }
    assert!(lacking.is_empty(), "tell of them in api/tests/it/examples/story.rs: {lacking:#?}");
}
