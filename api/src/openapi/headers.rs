//! The headers of answers: what each means, and which answers have it.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Response, Type};

use super::examples;

/// Each with what it says, and an example.
const ALL: [(&str, &str, &str); 9] = [
    ("X-Request-Id", "What the request is called in logs and in history: yours, if you sent one.", "nightly-42"),
    (
        "ETag",
        "The resource's version: send it as `If-Match` to change only what you saw, as `If-None-Match` to be told of a \
         newer one only.",
        "\"3\"",
    ),
    ("Location", "The address of what was made.", "/v1/tasks/0a1b2c3d-0000-4000-8000-000000000065"),
    (
        "Docket-Position",
        "Where the write stands in history: send it as `Docket-Min-Position` to see it through another key.",
        "7-1042",
    ),
    (
        "Idempotency-Replayed",
        "`true`, if this is the stored answer to an earlier request with this `Idempotency-Key`; absent otherwise.",
        "true",
    ),
    (
        "RateLimit-Policy",
        "Each limit that applies: its name, `q` requests in `w` seconds.",
        "\"key\";q=600;w=60, \"workspace\";q=6000;w=60",
    ),
    (
        "RateLimit",
        "How it stands with each limit: `r` requests are left; in `t` seconds all of them are there again.",
        "\"key\";r=599;t=1, \"workspace\";r=5999;t=1",
    ),
    ("Retry-After", "After how many seconds to come back.", "1"),
    ("WWW-Authenticate", "How to say who you are.", "Bearer"),
];

/// They, for the components of the document.
pub fn all() -> impl Iterator<Item = (String, RefOr<Header>)> {
    ALL.into_iter().map(|(name, about, example)| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let header = HeaderBuilder::new().description(Some(about)).schema(Some(text));
        (name.to_owned(), header.example(Some(example.into())).build().into())
    })
}

/// Says which of them the answers of an operation have.
pub fn add(operation: &mut Operation) {
    let asks_for_a_key = operation.security.is_some();
    let recorded = examples::headers(operation);
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        has(answer, "X-Request-Id");
        if asks_for_a_key && status != "401" {
            has(answer, "RateLimit");
            has(answer, "RateLimit-Policy");
        }
        match (status.as_str(), recorded) {
            ("401", _) => has(answer, "WWW-Authenticate"),
            ("429" | "503", _) => has(answer, "Retry-After"),
            ("304", _) => has(answer, "ETag"),
            (status, Some((of, names))) if status == of => names.iter().for_each(|name| written(answer, name)),
            _ => {}
        }
    }
}

/// What has a place in history has an answer that is kept.
fn written(answer: &mut Response, name: &str) {
    has(answer, name);
    if name == "Docket-Position" {
        has(answer, "Idempotency-Replayed");
    }
}

fn has(answer: &mut Response, name: &str) {
    let place = Ref::new(format!("#/components/headers/{name}"));
    answer.headers.insert(name.to_owned(), RefOr::Ref(place));
}
