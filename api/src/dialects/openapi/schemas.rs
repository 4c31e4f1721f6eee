//! JSON Schemas of what a dialect shows and takes.

use serde_json::{Map, Value, json};

use crate::dialects::dialect::{Act, Dialect, Operation, Resource};
use crate::dialects::field::{Codec, Field};
use crate::dialects::ids::IdForm;

/// What the schema of a resource is called: as the resource is, unless another one is already called so.
pub fn name(dialect: &Dialect, resource: &Resource) -> String {
    let mut all = dialect.operations.iter().flat_map(super::shown);
    let first = all.find(|other| other.noun == resource.noun);
    let is_first = first.is_none_or(|first| std::ptr::eq(first, resource));
    format!("{}{}", resource.noun, if is_first { "" } else { "InFull" })
}

/// A resource by the name of its schema.
pub fn reference(dialect: &Dialect, resource: &Resource) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", name(dialect, resource))})
}

/// A resource as it is shown.
pub fn shown(dialect: &Dialect, resource: &Resource, native: &Value) -> Value {
    let fields = || resource.fields.iter().filter(|field| field.shown);
    let properties: Map<_, _> =
        fields().map(|one| (one.theirs.to_owned(), field(dialect, resource, one, native, true))).collect();
    let required: Vec<_> = fields().map(|field| field.theirs).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// The body that an operation takes.
pub fn body(dialect: &Dialect, operation: &Operation, native: &Value) -> Option<Value> {
    let (resource, creating) = match &operation.act {
        Act::Create(resource) => (*resource, true),
        Act::Update(resource) => (*resource, false),
        Act::Do(own) => (own.takes?, true),
        _ => return None,
    };
    let written = resource.fields.iter().filter(|field| field.written.is_now(creating));
    let properties: Map<_, _> =
        written.map(|one| (one.theirs.to_owned(), field(dialect, resource, one, native, false))).collect();
    let required: Vec<_> =
        resource.fields.iter().filter(|field| creating && field.required).map(|field| field.theirs).collect();
    let mut body = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        body["required"] = json!(required);
    }
    Some(body)
}

/// An id.
pub fn id(dialect: &Dialect) -> Value {
    match dialect.ids {
        IdForm::Uuid => json!({"type": "string", "format": "uuid"}),
        IdForm::Prefixed => json!({"type": "string"}),
        IdForm::Number => json!({"type": "integer", "minimum": 1}),
    }
}

/// A member of a resource, as it is shown or as it is taken.
pub fn field(dialect: &Dialect, resource: &Resource, field: &Field, native: &Value, shown: bool) -> Value {
    let found = found(resource, field, native);
    let is_id = matches!(field.codec, Codec::Id(_));
    // What can't be seen has no number; and what must be said can't be nothing.
    let has_no_number = shown && is_id && dialect.ids == IdForm::Number;
    let is_there = field.ours == "id" || (field.required && !has_no_number);
    let is_null = field.absent == "null" && !is_there && (has_no_number || may_be_null(found.as_ref()));
    let or_null = |schema: Value| {
        if is_null && schema != json!({}) { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema }
    };
    match &field.codec {
        Codec::Same => or_null(same(&found.unwrap_or_default(), native)),
        Codec::Words(words) if words.nothing().is_some() => {
            json!({"anyOf": [{"type": "string", "enum": words.listed()}, {"type": "null"}]})
        }
        Codec::Words(words) => json!({"type": "string", "enum": words.listed()}),
        Codec::Id(_) => or_null(id(dialect)),
        Codec::Ids(_) => json!({"type": "array", "items": id(dialect)}),
        Codec::Seconds | Codec::Millis => or_null(json!({"type": "string", "format": "date-time"})),
        Codec::Html => or_null(json!({"type": "string"})),
        Codec::Flag(yes, no) => or_null(json!({"type": "string", "enum": [yes, no]})),
        Codec::Made(_, schema) => serde_json::from_str(schema).unwrap_or_default(),
    }
}

/// What a sample looks like, in which `"item"` stands for a resource, and a member `*` for any number of members.
pub fn of_sample(sample: &Value, item: &Value) -> Value {
    match sample {
        Value::String(text) if text == "item" => item.clone(),
        Value::Null => json!({"type": ["string", "null"]}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(items) => {
            json!({"type": "array", "items": items.first().map_or(json!({}), |first| of_sample(first, item))})
        }
        Value::Object(members) => {
            if let Some(any) = members.get("*") {
                return json!({"type": "object", "additionalProperties": of_sample(any, item)});
            }
            let properties: Map<_, _> =
                members.iter().map(|(name, value)| (name.clone(), of_sample(value, item))).collect();
            let required: Vec<_> = members.keys().collect();
            json!({"type": "object", "properties": properties, "required": required})
        }
    }
}

/// One of these, each named once.
pub fn any_of(mut schemas: Vec<Value>) -> Value {
    let mut seen = Vec::new();
    schemas.retain(|schema| {
        let is_new = !seen.contains(schema);
        seen.push(schema.clone());
        is_new
    });
    if schemas.len() == 1 { schemas.remove(0) } else { json!({"anyOf": schemas}) }
}

/// The schema that the native document has for a member of the resource behind this one, or of what is shown within it.
fn found(resource: &Resource, field: &Field, native: &Value) -> Option<Value> {
    let (all, name) = match field.ours.split_once('/') {
        Some((within, name)) => {
            let shown = resource.native.list.expand.iter().find(|expand| expand.name == within)?;
            (format!("/v1/{}", (shown.list)().name), name)
        }
        None => (resource.native.all.to_owned(), field.ours),
    };
    let answer = &native["paths"][all]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    member(&answer["properties"]["data"]["items"], name, native).or_else(|| member(answer, name, native))
}

/// Whether it may be null, as far as that is known.
fn may_be_null(found: Option<&Value>) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let Some(found) = found else { return true };
    let of = |name: &str| found[name].as_array().is_some_and(|any| any.iter().any(|one| is_null(&one["type"])));
    is_null(&found["type"])
        || found["type"].as_array().is_some_and(|any| any.iter().any(is_null))
        || of("oneOf")
        || of("anyOf")
}

/// Of a native schema, its plain type.
fn same(found: &Value, native: &Value) -> Value {
    if let Some(path) = found["$ref"].as_str() {
        return native.pointer(path.trim_start_matches('#')).map_or(json!({}), |found| same(found, native));
    }
    let mut parts = ["oneOf", "anyOf"].iter().filter_map(|of| found[of].as_array()).flatten();
    if let Some(part) = parts.find(|part| part["type"] != "null") {
        return same(part, native);
    }
    let kind = match &found["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").cloned(),
        Value::String(_) => Some(found["type"].clone()),
        _ => None,
    };
    let Some(kind) = kind else { return json!({}) };
    let mut schema = json!({"type": kind});
    if found["format"] == "date" {
        schema["format"] = json!("date");
    }
    schema
}

/// A member's schema, wherever in it it is.
fn member(schema: &Value, name: &str, native: &Value) -> Option<Value> {
    if let Some(path) = schema["$ref"].as_str() {
        return member(native.pointer(path.trim_start_matches('#'))?, name, native);
    }
    if let Some(found) = schema["properties"].get(name) {
        return Some(found.clone());
    }
    let mut parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|of| schema[of].as_array()).flatten();
    parts.find_map(|part| member(part, name, native))
}
