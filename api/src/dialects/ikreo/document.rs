//! How a document tells of one file that is asked in many ways.

use serde_json::{Map, Value, json};

use super::file::{FILE, place};
use crate::dialects::openapi::any_of;

/// What stands for the endpoint in an address.
const ENDPOINT: &str = "?endpoint=";

/// The document with the addresses as clients write them: they differ in what they ask the one file.
pub fn written(mut document: Value) -> Value {
    let mut paths = Map::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        if let Some((endpoint, of_one)) = place(path) {
            let id = if of_one { "&id={id}" } else { "" };
            paths.insert(format!("{FILE}{ENDPOINT}{endpoint}{id}"), operations.clone());
        }
    }
    document["paths"] = Value::Object(paths);
    document
}

/// The same with one path, as OpenAPI knows no queries in paths: one operation for each method, of which `endpoint` says
/// what it is about.
pub fn gathered(mut document: Value) -> Value {
    let mut all = Map::new();
    for method in ["get", "post", "put", "delete"] {
        let paths = document["paths"].as_object().into_iter().flatten();
        let asked = paths.filter_map(|(path, item)| Some((path.split_once(ENDPOINT)?.1, item.get(method)?)));
        let asked: Vec<_> = asked.map(|(asked, operation)| Asked::of(asked, operation)).collect();
        all.insert(method.to_owned(), together(method, &asked));
    }
    document["paths"] = json!({FILE: all});
    document
}

/// An operation, and how one asks for it.
struct Asked<'d> {
    endpoint: &'d str,
    of_one: bool,
    operation: &'d Value,
}

impl<'d> Asked<'d> {
    fn of(asked: &'d str, operation: &'d Value) -> Self {
        let (endpoint, id) = asked.split_once('&').unwrap_or((asked, ""));
        Self { endpoint, of_one: !id.is_empty(), operation }
    }

    fn parameters(&self) -> impl Iterator<Item = &'d Value> {
        self.operation["parameters"].as_array().into_iter().flatten()
    }

    /// What it does, and what that takes.
    fn told(&self) -> String {
        let id = if self.of_one { "` with `id" } else { "" };
        let text = |name: &str| self.operation[name].as_str().unwrap_or_default();
        format!("- `endpoint={}{id}`: {} {}", self.endpoint, text("summary"), text("description"))
    }
}

fn together(method: &str, asked: &[Asked<'_>]) -> Value {
    let summary = match method {
        "get" => "Shows what `endpoint` names: all of it, or the one with the `id`.",
        "post" => "Creates what `endpoint` names.",
        "put" => "Changes what is sent of what `endpoint` and `id` name.",
        _ => "Takes away what `endpoint` and `id` name.",
    };
    let mut operation = json!({
        "operationId": method,
        "tags": endpoints(asked),
        "summary": summary,
        "description": asked.iter().map(Asked::told).collect::<Vec<_>>().join("\n"),
        "security": security(asked),
        "parameters": parameters(asked),
        "responses": responses(asked),
    });
    let bodies: Vec<_> =
        asked.iter().map(|one| &one.operation["requestBody"]).filter(|body| body.is_object()).collect();
    if let Some(first) = bodies.first() {
        operation["requestBody"] = (*first).clone();
        let schemas = bodies.iter().map(|body| body["content"]["application/json"]["schema"].clone());
        operation["requestBody"]["content"]["application/json"]["schema"] = any_of(schemas.collect());
    }
    operation
}

/// Where keys may be; nowhere, where one of them takes none. Scopes are told of each endpoint.
fn security(asked: &[Asked<'_>]) -> Value {
    let takes_none = |one: &Asked<'_>| one.operation["security"].as_array().is_some_and(Vec::is_empty);
    let mut ways = vec![json!({"key": []}), json!({"elsewhere": []})];
    if asked.iter().any(takes_none) {
        ways.push(json!({}));
    }
    ways.into()
}

/// Each once.
fn endpoints<'d>(asked: &[Asked<'d>]) -> Vec<&'d str> {
    let mut endpoints: Vec<_> = asked.iter().map(|one| one.endpoint).collect();
    endpoints.sort_unstable();
    endpoints.dedup();
    endpoints
}

fn parameters(asked: &[Asked<'_>]) -> Vec<Value> {
    let query = |name: &str, required: bool, schema: &Value| json!({"name": name, "in": "query", "required": required, "schema": schema});
    let mut all = vec![query("endpoint", true, &json!({"type": "string", "enum": endpoints(asked)}))];
    for parameter in asked.iter().flat_map(Asked::parameters) {
        if all.iter().any(|other| other["name"] == parameter["name"]) {
            continue;
        }
        all.push(if parameter["in"] == "path" {
            query("id", asked.iter().all(|one| one.of_one), &parameter["schema"])
        } else {
            parameter.clone()
        });
    }
    all
}

fn responses(asked: &[Asked<'_>]) -> Value {
    let mut all = Map::new();
    for one in asked {
        for (status, answer) in one.operation["responses"].as_object().into_iter().flatten() {
            all.entry(status.clone()).or_insert_with(|| answer.clone());
        }
    }
    for (status, answer) in &mut all {
        let schema = |one: &Asked<'_>| {
            let answer = one.operation["responses"].get(status)?;
            answer.pointer("/content/application~1json/schema").cloned()
        };
        let schemas: Vec<_> = asked.iter().filter_map(schema).collect();
        if !schemas.is_empty() {
            answer["content"]["application/json"]["schema"] = any_of(schemas);
        }
    }
    Value::Object(all)
}
