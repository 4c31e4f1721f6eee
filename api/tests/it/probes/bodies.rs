//! Bodies with a name in one place, and whatever else they need.

use serde_json::{Map, Value, json};

use super::places::Place;
use crate::hostile::operation::{Api, Operation, types};
use crate::hostile::things::Things;

/// A step to a place in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Member(String),
    /// Any element.
    Element,
}

impl Step {
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Member(name) => Some(name),
            Self::Element => None,
        }
    }
}

/// What the commands of batches do, and whether they name what they do it to.
const OPS: [(&str, bool); 4] = [("create", false), ("update", true), ("delete", true), ("restore", true)];

type Route = (Option<&'static str>, Vec<Step>);

/// The ways to all places of a body where a name can stand.
pub fn routes(api: &Api, operation: &Operation, body: &Value) -> Vec<Route> {
    if !operation.is_batch() {
        let mut routes = Vec::new();
        walk(api, body, &mut Vec::new(), &mut routes);
        return routes.into_iter().map(|route| (None, route)).collect();
    }
    let command = api.schema(&api.schema(&body["properties"]["commands"])["items"]);
    let mut routes = Vec::new();
    walk(api, &command, &mut Vec::new(), &mut routes);
    let mut all = Vec::new();
    for route in routes {
        match route[0].name() {
            Some("id") => {
                all.extend(OPS.iter().filter(|(_, names)| *names).map(|(op, _)| (Some(*op), route.clone())));
            }
            Some("set") => all.push((Some("update"), route)),
            _ => all.push((Some("create"), route)),
        }
    }
    all
}

fn walk(api: &Api, schema: &Value, route: &mut Vec<Step>, routes: &mut Vec<Vec<Step>>) {
    let schema = api.schema(schema);
    if route.len() > 6 {
        return;
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        route.push(Step::Member(name.clone()));
        walk(api, member, route, routes);
        route.pop();
    }
    if types(&schema).contains(&"array") {
        route.push(Step::Element);
        walk(api, &schema["items"], route, routes);
        route.pop();
    }
    if can_name(&schema, route) {
        routes.push(route.clone());
    }
}

/// Whether it is an id, by its form or by what it is called; a text that says something is none.
fn can_name(schema: &Value, route: &[Step]) -> bool {
    let Some(name) = route.iter().rev().find_map(Step::name) else { return false };
    let scalar = types(schema).iter().any(|kind| ["string", "integer"].contains(kind));
    let ends = ["_id", "_ids", "Id", "Ids", "move_to"].iter().any(|end| name.ends_with(end)) || name == "id";
    scalar && (schema["format"] == "uuid" || ends)
}

/// A body as it usually is: what was recorded as an example, about things of one's own, or else the least there can be.
pub fn usual(place: &Place<'_>, own: &Things) -> Value {
    let content = place.operation.value["requestBody"]["content"].as_object().expect("content");
    match content.values().find_map(|content| content.get("example")) {
        Some(example) => ours(place, own, example.clone(), ""),
        None => sample(place, own, &place.api.body(&place.operation).expect("a body"), ""),
    }
}

/// The same with a name in one place.
pub fn with(place: &Place<'_>, own: &Things, op: Option<&str>, route: &[Step], name: &str) -> Value {
    let schema = place.api.body(&place.operation).expect("a body");
    let Some(op) = op else {
        let mut body = usual(place, own);
        put(place, own, &mut body, &schema, route, name);
        return body;
    };
    let command = place.api.schema(&place.api.schema(&schema["properties"]["commands"])["items"]);
    let mut body = json!({"op": op});
    match op {
        "create" => {
            let members = command["properties"].as_object().expect("members");
            let resource = members.keys().find(|name| !["op", "id", "set", "if_version"].contains(&name.as_str()));
            let resource = resource.expect("a resource");
            body[resource] = sample(place, own, &command["properties"][resource], resource);
        }
        op => {
            body["id"] = json!(place.own(own, &batched(place)).unwrap_or_default());
            if op == "update" {
                body["set"] = json!({});
            }
        }
    }
    put(place, own, &mut body, &command, route, name);
    json!({"commands": [body]})
}

/// What the commands of a batch are about.
fn batched(place: &Place<'_>) -> String {
    let collection = place.operation.path.trim_end_matches("/batch").rsplit('/').next().unwrap_or_default();
    format!("{collection}_id")
}

/// Puts a name in its place; what is missing on the way there is made.
fn put(place: &Place<'_>, own: &Things, value: &mut Value, schema: &Value, route: &[Step], name: &str) {
    let schema = place.api.schema(schema);
    match route {
        [] => *value = place.json(name),
        [Step::Member(member), rest @ ..] => {
            let inner = &schema["properties"][member];
            if !value.is_object() {
                *value = sample(place, own, &schema, member);
            }
            put(place, own, &mut value[member], inner, rest, name);
        }
        [Step::Element, rest @ ..] => {
            let mut element = Value::Null;
            put(place, own, &mut element, &schema["items"], rest, name);
            *value = json!([element]);
        }
    }
}

/// The least that a schema lets in.
fn sample(place: &Place<'_>, own: &Things, schema: &Value, name: &str) -> Value {
    let schema = place.api.schema(schema);
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    if let Some(id) = place.own(own, name).filter(|_| name.to_lowercase().contains("id")) {
        return if schema["type"] == "array" { json!([place.json(&id)]) } else { place.json(&id) };
    }
    match (types(&schema).first().copied(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let members = required.iter().filter_map(Value::as_str);
            let all = members.map(|name| (name.to_owned(), sample(place, own, &schema["properties"][name], name)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        (Some("array"), _) => json!([sample(place, own, &schema["items"], name)]),
        (Some("integer" | "number"), _) => json!(60),
        (Some("boolean"), _) => json!(false),
        (_, Some("date")) => json!("2026-03-02"),
        (_, Some("date-time")) => json!("2026-03-02T08:00:00Z"),
        _ if name == "email" => json!("probe@example.com"),
        _ if name == "url" => json!("https://hooks.invalid/y"),
        _ => json!("probe"),
    }
}

/// An example whose ids are one's own.
fn ours(place: &Place<'_>, own: &Things, value: Value, name: &str) -> Value {
    match value {
        Value::Object(members) => {
            // What something is about is named by its kind and its id.
            let kind = members.get("type").and_then(Value::as_str).map(|kind| format!("{kind}_id"));
            let called = |name: &str| kind.clone().filter(|_| name == "id").unwrap_or_else(|| name.to_owned());
            members.into_iter().map(|(name, value)| (name.clone(), ours(place, own, value, &called(&name)))).collect()
        }
        Value::Array(all) => all.into_iter().map(|one| ours(place, own, one, name)).collect(),
        Value::String(text) if uuid::Uuid::try_parse(&text).is_ok() => json!(place.own(own, name).unwrap_or(text)),
        other => other,
    }
}
