//! What every request that writes carries: a body, perhaps an `Idempotency-Key`, perhaps an `If-Match`.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use docket_commands::Idempotency;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::conditional::IfMatch;
use super::{idempotency, json};
use crate::problem::Problem;

/// A write with a body of the usual size.
pub struct Write<T> {
    /// The parsed body.
    pub body: T,
    /// The idempotency key and what makes the request what it is.
    pub idempotency: Option<Idempotency>,
    /// The versions the caller would change.
    pub if_match: IfMatch,
}

/// A write with a large body: a batch.
pub struct WriteLarge<T> {
    /// The parsed body.
    pub body: T,
    /// The idempotency key and what makes the request what it is.
    pub idempotency: Option<Idempotency>,
}

/// A write that takes no body; `{}` is accepted.
pub struct Action {
    /// The idempotency key and what makes the request what it is.
    pub idempotency: Option<Idempotency>,
    /// The versions the caller would change.
    pub if_match: IfMatch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, json::LIMIT).await
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for WriteLarge<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let Write { body, idempotency, .. } = read(request, json::LARGE_LIMIT).await?;
        Ok(Self { body, idempotency })
    }
}

impl<S: Send + Sync> FromRequest<S> for Action {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let asked = Asked::of(&parts)?;
        let absent = body.is_end_stream();
        let bytes = if absent {
            Bytes::new()
        } else {
            let bytes = json::body(Request::from_parts(parts, body), &[json::JSON], json::LIMIT).await?;
            json::parse::<NoBody>(&bytes)?;
            bytes
        };
        let (idempotency, if_match) = asked.with(&bytes);
        Ok(Self { idempotency, if_match })
    }
}

/// Reads a write. Where nothing has to be said, saying nothing is enough.
async fn read<T: DeserializeOwned>(request: Request, limit: usize) -> Result<Write<T>, Problem> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&parts)?;
    let unsaid =
        parts.method == Method::POST && body.is_end_stream() && !parts.headers.contains_key(header::CONTENT_TYPE);
    if unsaid && let Ok(body) = json::parse(b"{}") {
        let (idempotency, if_match) = asked.with(&[]);
        return Ok(Write { body, idempotency, if_match });
    }
    let types: &[&str] = match parts.method {
        Method::PATCH => &[json::MERGE_PATCH, json::JSON],
        _ => &[json::JSON],
    };
    let bytes = json::body(Request::from_parts(parts, body), types, limit).await?;
    let body = json::parse(&bytes)?;
    let (idempotency, if_match) = asked.with(&bytes);
    Ok(Write { body, idempotency, if_match })
}

/// What the headers ask, before the body is read.
pub struct Asked {
    /// The idempotency key, and the hash of all but the body.
    key: Option<([u8; 32], Sha256)>,
    if_match: IfMatch,
}

impl Asked {
    /// Reads the headers.
    pub fn of(parts: &Parts) -> Result<Self, Problem> {
        let key = idempotency::key(&parts.headers)?.map(|key| (key, opening(parts)));
        Ok(Self { key, if_match: IfMatch::parse(&parts.headers)? })
    }

    /// What is asked, now that the body is known.
    pub fn with(self, body: &[u8]) -> (Option<Idempotency>, IfMatch) {
        let sent =
            self.key.map(|(key, hash)| Idempotency { key, fingerprint: hash.chain_update(body).finalize().into() });
        (sent, self.if_match)
    }
}

/// What is equal for equal requests, besides the body: method, target and precondition. First of all the key itself, which
/// is stored nowhere: what was in a body can't be tried out on what is kept of it.
fn opening(parts: &Parts) -> Sha256 {
    let mut hash = Sha256::new();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let bytes = axum::http::HeaderValue::as_bytes;
    let keys = parts.headers.get_all(idempotency::IDEMPOTENCY_KEY).iter().map(bytes);
    let asked = [parts.method.as_str().as_bytes(), target.as_bytes()];
    let conditions = parts.headers.get_all(header::IF_MATCH).iter().map(bytes);
    for part in keys.chain(asked).chain(conditions) {
        hash.update(part);
        hash.update([0]);
    }
    hash
}
