//! The document of a dialect, made of the tables its answers are made of, and the page that shows it.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::dialect::{Act, By, Dialect, Operation, Own, Paging, Resource, Rows, Token};
use super::field::{Codec, Field};
use super::ids::IdForm;
use crate::auth::access::Verb;
use crate::edge::listing::AS_OF;
use crate::openapi::{TEXT, llms, text, yaml};

/// `/openapi.json`, `/openapi.yaml` and the page of a mount.
pub fn pages<S: Clone + Send + Sync + 'static>(dialect: &'static Dialect) -> Router<S> {
    let page = crate::openapi::page(dialect.title, &format!("{}/openapi.json", dialect.mount));
    let routes = Router::new()
        .route("/llms.txt", text(TEXT, move || llms::full(&[(dialect.mount, &document(dialect))])))
        .route("/openapi.json", text("application/json", move || document(dialect).to_string()))
        .route("/openapi.yaml", text("application/yaml", move || yaml::of(&document(dialect))));
    let html = |page: &str| {
        let page = page.to_owned();
        get(move || async move { Html(page) })
    };
    let routes = ["/docs"].iter().chain(dialect.pages).fold(routes, |routes, path| routes.route(path, html(&page)));
    let Some((paths, guide)) = dialect.guide else { return routes };
    let guide = crate::openapi::guide(dialect.title, guide);
    paths.iter().fold(routes, |routes, path| routes.route(path, html(&guide)))
}

/// The OpenAPI 3.1 document of a dialect.
pub fn document(dialect: &'static Dialect) -> Value {
    let native = crate::openapi::native();
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for operation in dialect.operations {
        if let Some(resource) = operation.resource() {
            schemas.entry(resource.noun).or_insert_with(|| shown(dialect, resource, native));
        }
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method.lower()] = described(dialect, operation, native);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": dialect.title, "version": env!("CARGO_PKG_VERSION"), "description": dialect.about,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": dialect.mount}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": keys(dialect),
        },
    });
    match dialect.document {
        Some(make) => make(document),
        None => document,
    }
}

/// Where a key may be.
fn keys(dialect: &Dialect) -> Value {
    let mut keys = json!({"key": {"type": "http", "scheme": "bearer"}});
    match dialect.token {
        Token::Bearer => {}
        Token::Header(name) => keys["elsewhere"] = json!({"type": "apiKey", "in": "header", "name": name}),
        Token::Parameter(name) => keys["elsewhere"] = json!({"type": "apiKey", "in": "query", "name": name}),
    }
    keys
}

/// What an operation is about: the first step of its path that is no version or the like.
fn tag(path: &str) -> &str {
    let about = |step: &&str| !step.is_empty() && !["api", "api.php", "v1"].contains(step);
    path.split('/').find(about).unwrap_or("other")
}

/// A noun in lower case: `TimeEntry` is "time entry".
fn words(noun: &str) -> String {
    let mut words = String::new();
    for letter in noun.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn one(noun: &str) -> String {
    let words = words(noun);
    format!("{} {words}", if words.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" })
}

fn plural(noun: &str) -> String {
    match words(noun) {
        person if person == "person" => "people".to_owned(),
        words => words.strip_suffix('y').map_or_else(|| format!("{words}s"), |stem| format!("{stem}ies")),
    }
}

fn described(dialect: &Dialect, operation: &Operation, native: &Value) -> Value {
    let (rule, scopes) = (operation.rule(), operation.scopes());
    let takes = match rule {
        Some(rule) => {
            let scopes = match scopes.as_slice() {
                [] => "any valid key".to_owned(),
                [one] => format!("the scope `{one}`"),
                all => format!("the scopes `{}`", all.join("`, `")),
            };
            format!("Takes {scopes} and the role {:?} or above.", rule.role)
        }
        None => "Takes no key.".to_owned(),
    };
    let about = match &operation.act {
        Act::List(resource, _) => format!("Lists {}.", plural(resource.noun)),
        Act::Get(resource) => format!("Shows {}.", one(resource.noun)),
        Act::Create(resource) => format!("Creates {}.", one(resource.noun)),
        Act::Update(resource) => format!("Changes what is sent of {}.", one(resource.noun)),
        Act::Delete(resource) => format!("Takes {} away.", one(resource.noun)),
        Act::Do(own) => own.about.to_owned(),
        Act::Refuse(why) => format!("For people who are signed in; a key is refused. {why}"),
    };
    let security = match (rule, &dialect.token) {
        (None, _) => json!([]),
        (Some(_), Token::Bearer) => json!([{"key": scopes}]),
        (Some(_), _) => json!([{"key": scopes}, {"elsewhere": scopes}]),
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [tag(operation.path)],
        "summary": about,
        "description": takes,
        "security": security,
        "parameters": parameters(dialect, operation, native),
        "responses": answers(dialect, operation),
    });
    if let Some(body) = body(dialect, operation, native) {
        described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": body}}});
    }
    described
}

fn parameters(dialect: &Dialect, operation: &Operation, native: &Value) -> Vec<Value> {
    let in_path = operation.path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str, place: &str, schema: Value| json!({"name": name, "in": place, "required": place == "path", "schema": schema});
    let mut all: Vec<_> = in_path.map(|name| parameter(name, "path", id_schema(dialect))).collect();
    if let Act::List(resource, paging) = &operation.act {
        for field in resource.filters {
            // An id of nothing, whatever it looks like, finds nothing.
            let schema = match field.codec {
                Codec::Id(_) | Codec::Ids(_) => json!({"type": ["string", "integer"]}),
                _ => schema(dialect, resource, field, native),
            };
            all.push(parameter(field.theirs, "query", schema));
        }
        all.extend(paging_parameters(*paging).into_iter().map(|(name, schema)| parameter(name, "query", schema)));
    }
    if let Act::Do(own) = &operation.act {
        all.extend(own.asks.iter().map(|(name, required, schema)| {
            json!({"name": name, "in": "query", "required": required,
                   "schema": serde_json::from_str::<Value>(schema).unwrap_or_default()})
        }));
    }
    match operation.act {
        _ if operation.method != Verb::Get => {
            all.push(parameter("Idempotency-Key", "header", json!({"type": "string"})));
        }
        // Whoever may ask without a key is not shown any past.
        Act::Refuse(_) => {}
        _ if operation.rule().is_none() => {}
        _ => {
            let about = "As it was then: a time (RFC 3339) or a position of the history.";
            let mut as_of = parameter(AS_OF, "query", json!({"type": "string"}));
            as_of["description"] = about.into();
            all.push(as_of);
        }
    }
    all
}

fn paging_parameters(paging: Paging) -> Vec<(&'static str, Value)> {
    let number = |least: i64| json!({"type": "integer", "minimum": least});
    let limit = json!({"type": "integer", "minimum": 1, "default": paging.usual});
    match paging.by {
        By::Nothing => vec![],
        By::Offset => vec![("limit", limit), ("offset", number(0))],
        By::Cursor | By::CursorIfAny => vec![("limit", limit), ("cursor", json!({"type": "string"}))],
        By::Anything => {
            vec![("limit", limit), ("offset", number(0)), ("page", number(1)), ("cursor", json!({"type": "string"}))]
        }
    }
}

/// The body that an operation takes.
fn body(dialect: &Dialect, operation: &Operation, native: &Value) -> Option<Value> {
    let (resource, creating) = match &operation.act {
        Act::Create(resource) => (*resource, true),
        Act::Update(resource) => (*resource, false),
        Act::Do(own) => (own.takes?, true),
        _ => return None,
    };
    let written = resource.fields.iter().filter(|field| field.written.is_now(creating));
    let properties: Map<_, _> =
        written.map(|field| (field.theirs.to_owned(), schema(dialect, resource, field, native))).collect();
    let required: Vec<_> =
        resource.fields.iter().filter(|field| creating && field.required).map(|field| field.theirs).collect();
    let mut body = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        body["required"] = json!(required);
    }
    Some(body)
}

fn answers(dialect: &Dialect, operation: &Operation) -> Value {
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    let reference = |resource: &Resource| json!({"$ref": format!("#/components/schemas/{}", resource.noun)});
    let mut answers = Map::new();
    let (status, answer) = match &operation.act {
        Act::List(resource, paging) => {
            let rows = |paged| Rows {
                items: "\"item\"".to_owned(),
                total: 1,
                limit: 1,
                offset: 0,
                has_more: false,
                next_cursor: None,
                by_cursor: false,
                paged,
            };
            let paged: &[bool] = match paging.by {
                By::Nothing => &[false],
                By::Offset | By::Cursor => &[true],
                By::Anything | By::CursorIfAny => &[true, false],
            };
            let shapes = paged.iter().map(|paged| {
                let sample = serde_json::from_str(&(dialect.list)(&rows(*paged))).unwrap_or_default();
                shape_of(&sample, &reference(resource))
            });
            let mut shapes: Vec<_> = shapes.collect();
            shapes.dedup();
            let schema = if shapes.len() == 1 { shapes.remove(0) } else { json!({"oneOf": shapes}) };
            ("200", json!({"description": "The list.", "content": content(schema)}))
        }
        Act::Get(resource) | Act::Update(resource) | Act::Create(resource) => {
            let sample = serde_json::from_str(&dialect.one("\"item\"".to_owned())).unwrap_or_default();
            let created = matches!(operation.act, Act::Create(_));
            let description = if created { "The new one." } else { "It." };
            let schema = shape_of(&sample, &reference(resource));
            (if created { "201" } else { "200" }, json!({"description": description, "content": content(schema)}))
        }
        Act::Delete(_) => match dialect.deleted {
            Some(_) => ("200", json!({"description": "It is gone.", "content": content(json!({"type": "object"}))})),
            None => ("204", json!({"description": "It is gone."})),
        },
        Act::Do(Own { gives: Some(resource), .. }) => {
            let sample = serde_json::from_str(&dialect.one("\"item\"".to_owned())).unwrap_or_default();
            let schema = shape_of(&sample, &reference(resource));
            ("2XX", json!({"description": "It is done.", "content": content(schema)}))
        }
        Act::Do(_) => ("2XX", json!({"description": "It is done.", "content": content(json!({}))})),
        Act::Refuse(_) => ("403", json!({"description": "Always.", "content": content(json!({"type": "object"}))})),
    };
    answers.insert(status.to_owned(), answer);
    let failed = json!({"description": "It failed; the body says why.", "content": content(json!({"type": "object"}))});
    answers.insert("4XX".to_owned(), failed.clone());
    answers.insert("5XX".to_owned(), failed);
    Value::Object(answers)
}

/// The schema of an envelope: of a sample in which `"item"` stands for a resource.
fn shape_of(sample: &Value, item: &Value) -> Value {
    match sample {
        Value::String(text) if text == "item" => item.clone(),
        Value::Null => json!({"type": ["string", "null"]}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(items) => {
            json!({"type": "array", "items": items.first().map_or(json!({}), |first| shape_of(first, item))})
        }
        Value::Object(members) => {
            let properties: Map<_, _> =
                members.iter().map(|(name, value)| (name.clone(), shape_of(value, item))).collect();
            json!({"type": "object", "properties": properties})
        }
    }
}

/// A resource as it is shown.
fn shown(dialect: &Dialect, resource: &Resource, native: &Value) -> Value {
    let fields = || resource.fields.iter().filter(|field| field.shown);
    let properties: Map<_, _> =
        fields().map(|field| (field.theirs.to_owned(), schema(dialect, resource, field, native))).collect();
    let required: Vec<_> = fields().map(|field| field.theirs).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn id_schema(dialect: &Dialect) -> Value {
    match dialect.ids {
        IdForm::Uuid => json!({"type": "string", "format": "uuid"}),
        IdForm::Prefixed => json!({"type": "string"}),
        IdForm::Number => json!({"type": "integer", "minimum": 1}),
    }
}

fn schema(dialect: &Dialect, resource: &Resource, field: &Field, native: &Value) -> Value {
    let or_null = |schema: Value| match field.absent {
        "null" if field.ours != "id" => json!({"anyOf": [schema, {"type": "null"}]}),
        _ => schema,
    };
    match &field.codec {
        Codec::Same => or_null(own_schema(resource, field, native)),
        Codec::Words(words) if words.nothing().is_some() => or_null(json!({"type": "string", "enum": words.listed()})),
        Codec::Words(words) => json!({"type": "string", "enum": words.listed()}),
        Codec::Id(_) => or_null(id_schema(dialect)),
        Codec::Ids(_) => json!({"type": "array", "items": id_schema(dialect)}),
        Codec::Seconds | Codec::Millis => or_null(json!({"type": "string", "format": "date-time"})),
        Codec::Html => or_null(json!({"type": "string"})),
        Codec::Flag(yes, no) => or_null(json!({"type": "string", "enum": [yes, no]})),
        Codec::Made(_, schema) => serde_json::from_str(schema).unwrap_or_default(),
    }
}

/// The schema that the native document has for a member of the resource behind this one, as far as it is a plain type.
fn own_schema(resource: &Resource, field: &Field, native: &Value) -> Value {
    let list =
        &native["paths"][resource.native.all]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    let found = member(&list["properties"]["data"]["items"], field.ours, native).unwrap_or_default();
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

/// A member's schema, wherever in `allOf` it is.
fn member(schema: &Value, name: &str, native: &Value) -> Option<Value> {
    if let Some(path) = schema["$ref"].as_str() {
        return member(native.pointer(path.trim_start_matches('#'))?, name, native);
    }
    if let Some(found) = schema["properties"].get(name) {
        return Some(found.clone());
    }
    schema["allOf"].as_array()?.iter().find_map(|part| member(part, name, native))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_are_spoken_of_as_people_do() {
        assert_eq!(
            (plural("Task"), plural("TimeEntry"), plural("Person")),
            ("tasks".into(), "time entries".into(), "people".into())
        );
        assert_eq!(
            (one("Issue"), one("ApiKey"), one("Task")),
            ("an issue".into(), "an api key".into(), "a task".into())
        );
        assert_eq!((tag("/api/issues/{id}"), tag("/api.php/tasks"), tag("/projects")), ("issues", "tasks", "projects"));
    }
}
