//! Examples of requests, answers and refusals: not made up, but recorded by a test that asks a server
//! (`api/tests/it/examples.rs`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::example::{Example as Shown, ExampleBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, RefOr, Response};

static RECORD: LazyLock<Record> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// What was recorded.
#[derive(Deserialize, Default)]
struct Record {
    /// Each operation's.
    operations: BTreeMap<String, Example>,
    /// Names of problems by status: what any operation answers that has none of its own.
    everywhere: BTreeMap<String, Vec<String>>,
    /// The problems, each once, by name.
    problems: BTreeMap<String, Value>,
}

/// What was once asked of an operation, and what it answered.
#[derive(Deserialize)]
struct Example {
    request: Option<Value>,
    status: String,
    answer: Option<Value>,
    /// By content type: the same in other forms.
    #[serde(default)]
    texts: BTreeMap<String, String>,
    /// The answer's headers, of those that [`super::headers`] explains.
    #[serde(default)]
    headers: Vec<String>,
    /// What it answered to those who only tried.
    tried: Option<Value>,
    /// Names of problems by status.
    #[serde(default)]
    problems: BTreeMap<String, Vec<String>>,
}

/// The problems that operations show, for the components of the document.
pub fn problems() -> impl Iterator<Item = (String, RefOr<Shown>)> {
    RECORD.problems.iter().map(|(name, problem)| {
        let title = problem["title"].as_str().unwrap_or_default();
        (name.clone(), ExampleBuilder::new().summary(title).value(Some(problem.clone())).build().into())
    })
}

/// The headers of an operation's answer, and its status.
pub fn headers(operation: &Operation) -> Option<(&'static str, &'static [String])> {
    recorded(operation).map(|example| (example.status.as_str(), example.headers.as_slice()))
}

/// Adds the examples of an operation, if it has any.
pub fn add(operation: &mut Operation) {
    let Some(example) = recorded(operation) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| show(content, example.request.clone()));
    }
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        if *status == example.status {
            example.show(answer);
        } else if status == "200" {
            answer.content.values_mut().for_each(|content| show(content, example.tried.clone()));
        }
        refuse(answer, example.problems.get(status).or_else(|| RECORD.everywhere.get(status)));
    }
}

fn recorded(operation: &Operation) -> Option<&'static Example> {
    operation.operation_id.as_ref().and_then(|id| RECORD.operations.get(id))
}

impl Example {
    fn show(&self, answer: &mut Response) {
        for (kind, content) in &mut answer.content {
            let text = self.texts.get(kind).map(|text| Value::from(text.as_str()));
            show(content, text.or_else(|| self.answer.clone().filter(|_| kind == "application/json")));
        }
    }
}

/// Shows problems, if it is one.
fn refuse(answer: &mut Response, names: Option<&Vec<String>>) {
    let Some(RefOr::T(content)) = answer.content.get_mut("application/problem+json") else { return };
    for name in names.into_iter().flatten() {
        let place = Ref::new(format!("#/components/examples/{name}"));
        content.examples.insert(name.clone(), RefOr::Ref(place));
    }
}

fn show(content: &mut RefOr<Content>, example: Option<Value>) {
    if let RefOr::T(content) = content {
        content.example = example;
    }
}
