//! What a request to an operation may say besides its body.

use serde_json::{Value, json};

use super::schemas;
use crate::auth::access::Verb;
use crate::dialects::dialect::{Act, By, Dialect, Operation, Paging};
use crate::dialects::field::Codec;
use crate::edge::listing::AS_OF;

/// The parameters of an operation.
pub fn of(dialect: &Dialect, operation: &Operation, native: &Value) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<_> = in_path.map(|name| parameter(name, "path", &schemas::id(dialect))).collect();
    all.extend(in_query(dialect, operation, native));
    all.extend(in_header(dialect, operation));
    all
}

fn parameter(name: &str, place: &str, schema: &Value) -> Value {
    json!({"name": name, "in": place, "required": place == "path", "schema": schema})
}

fn in_query(dialect: &Dialect, operation: &Operation, native: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    if let Act::List(resource, paging) = &operation.act {
        for field in resource.filters {
            // An id of nothing, whatever it looks like, finds nothing.
            let schema = match field.codec {
                Codec::Id(_) | Codec::Ids(_) => json!({"type": ["string", "integer"]}),
                _ => said(schemas::field(dialect, resource, field, native, false)),
            };
            all.push(parameter(field.theirs, "query", &schema));
        }
        all.extend(paging_of(*paging).into_iter().map(|(name, schema)| parameter(name, "query", &schema)));
    }
    let asks = match &operation.act {
        Act::Do(own) => own.asks,
        Act::Refuse(_, asks) => *asks,
        _ => &[],
    };
    all.extend(asks.iter().map(
        |(name, required, schema)| json!({"name": name, "in": "query", "required": required, "schema": read(schema)}),
    ));
    // Whoever may ask without a key is not shown any past.
    if operation.method == Verb::Get && operation.rule().is_some() && !matches!(operation.act, Act::Refuse(..)) {
        let mut as_of = parameter(AS_OF, "query", &json!({"type": "string"}));
        as_of["description"] =
            json!("As it was then: a time (RFC 3339), a day (its end, in UTC) or a position of the history.");
        all.push(as_of);
    }
    all
}

/// What is said in an address is a text, and is not null.
fn said(schema: Value) -> Value {
    match schema.pointer("/anyOf/0").cloned().unwrap_or(schema) {
        Value::Object(nothing) if nothing.is_empty() => json!({"type": "string"}),
        said => said,
    }
}

fn in_header(dialect: &Dialect, operation: &Operation) -> Vec<Value> {
    let mut all = Vec::new();
    let text = json!({"type": "string"});
    let mut header = |name: &str, schema: &Value, about: &str| {
        let mut header = parameter(name, "header", schema);
        header["description"] = json!(about);
        all.push(header);
    };
    if operation.rule().is_some() {
        for (name, about, schema) in dialect.headers {
            header(name, &read(schema), about);
        }
    }
    match (&operation.act, operation.method) {
        (Act::Refuse(..), _) => {}
        (_, Verb::Get) => header("If-None-Match", &text, "Answer 304 if it is still what this `ETag` stands for."),
        (act, _) => {
            header("Idempotency-Key", &text, "Makes it safe to send the request again: the stored answer comes back.");
            if matches!(act, Act::Update(_) | Act::Delete(_)) {
                header("If-Match", &text, "Only if the resource is still what this `ETag` stands for.");
            }
        }
    }
    all
}

fn read(schema: &str) -> Value {
    serde_json::from_str(schema).unwrap_or_default()
}

fn paging_of(paging: Paging) -> Vec<(&'static str, Value)> {
    let number = |least: i64| json!({"type": "integer", "minimum": least});
    let limit = || json!({"type": "integer", "minimum": 1, "default": paging.usual});
    let cursor = || json!({"type": "string"});
    match paging.by {
        By::Nothing => vec![],
        By::Offset => vec![("limit", limit()), ("offset", number(0))],
        By::Cursor | By::CursorIfAny => vec![("limit", limit()), ("cursor", cursor())],
        By::Anything => vec![
            ("limit", limit()),
            ("per_page", limit()),
            ("offset", number(0)),
            ("page", number(1)),
            ("cursor", cursor()),
        ],
    }
}
