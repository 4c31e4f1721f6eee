//! What an operation answers: its successes, and the failures as the dialect writes them.

use std::collections::BTreeMap;

use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Map, Value, json};

use super::schemas::{any_of, id, of_sample, reference};
use crate::auth::access::Verb;
use crate::dialects::dialect::{Act, By, Dialect, Failure, Operation, Paging, Resource, Rows};
use crate::problem::Problem;

const JSON: &str = "application/json";

/// All answers of an operation.
pub fn of(dialect: &Dialect, operation: &Operation) -> Value {
    let mut answers = Map::new();
    if let Some((status, description, schema)) = success(dialect, operation) {
        let mut headers = limit_headers(dialect);
        if operation.method == Verb::Get {
            headers.insert("ETag".to_owned(), json!({"schema": {"type": "string"}}));
            let unchanged = json!({"description": "It is still what `If-None-Match` names.", "headers": headers});
            answers.insert("304".to_owned(), unchanged);
        }
        let mut answer = json!({"description": description});
        if !headers.is_empty() {
            answer["headers"] = Value::Object(headers);
        }
        if let Some(schema) = schema {
            answer["content"] = json!({JSON: {"schema": schema}});
        }
        answers.insert(status.to_owned(), answer);
    }
    for status in written(dialect, operation).keys() {
        let failure = json!({"$ref": format!("#/components/responses/{}", name(*status))});
        answers.insert(status.as_u16().to_string(), failure);
    }
    Value::Object(answers)
}

/// Adds the failures of an operation to those that are described.
pub fn failures(dialect: &Dialect, operation: &Operation, described: &mut Map<String, Value>) {
    for (status, problems) in written(dialect, operation) {
        described.entry(name(status)).or_insert_with(|| failure(dialect, status, &problems));
    }
}

type Success = (&'static str, &'static str, Option<Value>);

fn success(dialect: &Dialect, operation: &Operation) -> Option<Success> {
    let one =
        |resource: &Resource| of_sample(&sample(&dialect.one("\"item\"".to_owned())), &reference(dialect, resource));
    Some(match &operation.act {
        Act::List(resource, paging) => {
            let item = reference(dialect, resource);
            let lists =
                pages(*paging).into_iter().map(|rows| of_sample(&sample(&(dialect.list)(rows)), &item)).collect();
            ("200", "The list.", Some(any_of(lists)))
        }
        Act::Get(resource) | Act::Update(resource) => ("200", "It.", Some(one(resource))),
        Act::Create(resource) => ("201", "The new one.", Some(one(resource))),
        Act::Delete(_) => match dialect.deleted {
            Some(deleted) => ("200", "It is gone.", Some(of_sample(&sample(&deleted("\"item\"")), &id(dialect)))),
            None => ("204", "It is gone.", None),
        },
        Act::Do(own) => {
            let found = own.finds.iter().map(|resource| reference(dialect, resource)).collect();
            let schema = match own.gives {
                Some(resource) => one(resource),
                None => json!({"type": "array", "items": any_of(found)}),
            };
            let status = if own.creates { "201" } else { "200" };
            (status, "It is done.", Some(schema))
        }
        Act::Refuse(..) => return None,
    })
}

fn sample(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// A page of each kind that a list comes in.
fn pages(paging: Paging) -> Vec<Rows> {
    let rows = |paged, by_cursor| Rows {
        items: "\"item\"".to_owned(),
        total: 1,
        limit: 1,
        offset: 0,
        has_more: false,
        next_cursor: None,
        by_cursor,
        paged,
    };
    match paging.by {
        By::Nothing => vec![rows(false, false)],
        By::Offset => vec![rows(true, false)],
        By::Cursor => vec![rows(true, true)],
        By::CursorIfAny => vec![rows(true, true), rows(false, false)],
        By::Anything => vec![rows(true, false), rows(true, true), rows(false, false)],
    }
}

/// What can go wrong with an operation, natively.
fn problems(operation: &Operation) -> Vec<Problem> {
    let mut all = vec![
        Problem::bad_request("malformed", "It can't be read."),
        Problem::parameter("*", "invalid-parameter", "must be something else"),
        Problem::method_not_allowed(header::HeaderValue::from_static("GET")),
        Problem::too_many_requests(1),
        Problem::internal(),
        Problem::unavailable(1),
    ];
    if operation.rule().is_some() {
        all.extend([Problem::unauthorized(), Problem::forbidden("missing-scope", "The key lacks a scope.")]);
    }
    if !matches!(operation.act, Act::List(..) | Act::Refuse(..)) {
        all.push(Problem::not_found());
    }
    if operation.method != Verb::Get && !matches!(operation.act, Act::Refuse(..)) {
        all.extend([
            Problem::field("/*", "invalid", "must be something else"),
            Problem::conflict("taken", "Another one has it."),
            Problem::precondition_failed(),
            Problem::request_timeout(),
            Problem::payload_too_large(1),
            Problem::unsupported_media_type("Send JSON."),
        ]);
    }
    all
}

/// The same in the dialect's way: by status, the bodies and the headers.
fn written(dialect: &Dialect, operation: &Operation) -> BTreeMap<StatusCode, Vec<(Value, Vec<HeaderName>)>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for problem in problems(operation) {
        let (request_id, base) = ("6ba7b810-9dad-41d1-80b4-00c04fd430c8", "https://docket.example.com");
        let (status, body) = (dialect.failure)(&Failure { problem: &problem, request_id, base, noun: None });
        let headers = problem.headers.into_iter().map(|(name, _)| name).collect();
        all.entry(status).or_default().push((sample(&body), headers));
    }
    all
}

fn failure(dialect: &Dialect, status: StatusCode, bodies: &[(Value, Vec<HeaderName>)]) -> Value {
    let schemas = bodies.iter().map(|(body, _)| of_sample(body, &json!({}))).collect();
    let mut headers = limit_headers(dialect);
    for name in bodies.iter().flat_map(|(_, headers)| headers).filter(|name| **name != header::CONNECTION) {
        let kind = if *name == header::RETRY_AFTER { "integer" } else { "string" };
        headers.insert(name.to_string(), json!({"schema": {"type": kind}}));
    }
    json!({"description": why(status), "headers": headers, "content": {JSON: {"schema": any_of(schemas)}}})
}

fn limit_headers(dialect: &Dialect) -> Map<String, Value> {
    let names = dialect.limits.headers().iter();
    names.map(|name| (name.to_string(), json!({"schema": {"type": "integer"}}))).collect()
}

/// What an answer with this status is called: `NotFound`.
fn name(status: StatusCode) -> String {
    let words = status.canonical_reason().unwrap_or("Failure").split(|c: char| !c.is_alphanumeric());
    words.collect::<Vec<_>>().concat()
}

fn why(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "It can't be read, or a value is not acceptable.",
        401 => "The key is missing, unknown, expired or revoked.",
        403 => "The key lacks the scope, or its holder the role.",
        404 => "There is no such thing here.",
        405 => "Not with this method; `Allow` says with which.",
        408 => "The request did not arrive in time.",
        409 => "The present state does not allow it.",
        412 => "It is no longer what `If-Match` names.",
        413 => "The body is too large.",
        422 => "A value is not acceptable.",
        429 => "Too many requests; `Retry-After` says when to come back.",
        503 => "Not just now; `Retry-After` says when to come back.",
        _ => "Something went wrong on the server.",
    }
}
