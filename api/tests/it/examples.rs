//! The examples in the OpenAPI document: real requests, their answers and their refusals, recorded while a team works for a
//! while, and an auditor looks at it.
//!
//! The record is `api/src/openapi/examples.json`. Where answers have changed, this test fails: `DOCKET_EXAMPLES=write`
//! records them anew. An operation that is not part of the story yet is told in `examples/story.rs`.

mod auditor;
mod plain;
mod promises;
mod record;
mod refusals;
mod story;

use std::path::Path;

use record::{Record, Recorder, Watch};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_what_a_server_answers() {
    let mut recorder = story::tell(Recorder::start(Watch::Refusals).await).await;
    auditor::look_back(&mut recorder).await;
    let recorded = recorder.finish();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi/examples.json");
    if std::env::var_os("DOCKET_EXAMPLES").is_some_and(|value| value == "write") {
        let text = serde_json::to_string_pretty(&recorded).expect("JSON");
        std::fs::write(&file, text + "\n").expect("a file");
        return;
    }
    let known = std::fs::read_to_string(&file).expect("a file");
    let known: Record = serde_json::from_str(&known).expect("examples");
    for (operation, example) in &recorded.operations {
        let before = known.operations.get(operation);
        assert!(before == Some(example), "{operation} is not as in {}: record it anew", file.display());
    }
    assert_eq!(known.operations.len(), recorded.operations.len(), "an operation is gone: record the examples anew");
    assert!(known.problems == recorded.problems, "problems are not as in {}: record them anew", file.display());
}

/// Every form of every answer, good or bad, of everything that is guarded.
#[test]
fn every_answer_has_an_example() {
    let document = docket_api::router::document().to_json().expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let operations = document["paths"].as_object().expect("paths").iter();
    let mut lacking = Vec::new();
    for (path, item) in operations.filter(|(path, _)| path.starts_with("/v1/")) {
        for (_, operation) in item.as_object().expect("operations").iter().filter(|(_, it)| it.is_object()) {
            for (status, answer) in operation["responses"].as_object().expect("answers") {
                for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                    if content["example"].is_null() && content["examples"].is_null() {
                        lacking.push(format!("{} ({path}): {status} as {kind}", operation["operationId"]));
                    }
                }
            }
        }
    }
    assert!(lacking.is_empty(), "tell of them in api/tests/it/examples: {lacking:#?}");
}
