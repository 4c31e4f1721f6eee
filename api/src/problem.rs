//! How a request fails: one `Problem` (RFC 9457) for every error, and the layer that writes it out.
//!
//! A handler's problem travels in the response's extensions and is written by the mount it passes through: [`render`]
//! writes `application/problem+json`; a mount with an error shape of its own takes the problem first with [`take`].
//! Nothing here knows why a request failed; it only says so.

mod render;

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

pub use render::{
    PROBLEM_JSON, Rendered, RequestId, X_REQUEST_ID, around, catch_panic, name, refused, render, take, write,
};

/// One failure, before it is written in any mount's own shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// What a program branches on: lower-case words joined by hyphens.
    pub code: Cow<'static, str>,
    /// What a person reads; empty when the title says it all.
    pub detail: Cow<'static, str>,
    /// Which fields or parameters are wrong, when some are.
    pub errors: Vec<FieldError>,
    /// Headers of the answer, such as `Retry-After`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What else there is to say of it, for programs (RFC 9457, 3.2).
    pub members: Option<Box<Map<String, Value>>>,
}

/// One wrong field or parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is.
    #[serde(flatten)]
    pub at: At,
    /// What a program branches on.
    pub code: Cow<'static, str>,
    /// What a person reads.
    pub detail: Cow<'static, str>,
}

/// The place of a wrong value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// A JSON pointer (RFC 6901) into the body.
    Pointer(Cow<'static, str>),
    /// A query parameter's name.
    Parameter(Cow<'static, str>),
}

type Text = Cow<'static, str>;

/// What a problem is called that only says that the caller is somebody else by now.
pub const ROLE_CHANGED: &str = "role-changed";

impl FieldError {
    /// A wrong value in the body, by JSON pointer.
    pub fn new(pointer: impl Into<Text>, code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self { at: At::Pointer(pointer.into()), code: code.into(), detail: detail.into() }
    }

    /// A wrong query parameter, by name.
    pub fn parameter(name: impl Into<Text>, code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self { at: At::Parameter(name.into()), code: code.into(), detail: detail.into() }
    }
}

impl Problem {
    /// Any status; the constructors below are the usual ones.
    pub fn new(status: StatusCode, code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            members: None,
        }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: no key, or not a key that works. The same for every reason.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "A valid API key is required: Authorization: Bearer <key>.")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: known, and not allowed.
    pub fn forbidden(code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: no such resource, or another workspace's. The same for both.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such resource.")
    }

    /// 405, with the methods that are allowed, such as `GET,HEAD`.
    pub fn method_not_allowed(allow: HeaderValue) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This resource does not answer this method; see the Allow header.",
        )
        .with_header(header::ALLOW, allow)
    }

    /// 408: the body did not arrive in time. The connection is closed.
    pub fn request_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "request-timeout", "The request did not arrive in time.")
            .with_header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// 409: it contradicts the present state.
    pub fn conflict(code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 412: the resource is no longer the version of `If-Match`.
    pub fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
            "The resource is not at a version that If-Match names: read it again.",
        )
    }

    /// 413: the body is longer than `limit` bytes.
    pub fn payload_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload-too-large",
            format!("The body may have at most {limit} bytes."),
        )
    }

    /// 415: not a content type or coding that is read here.
    pub fn unsupported_media_type(detail: impl Into<Text>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    }

    /// 422: understood, and not acceptable.
    pub fn unprocessable(code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 422 for one field of the body; the problem's code is the field's.
    pub fn field(pointer: impl Into<Text>, code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::fields(vec![FieldError::new(pointer, code, detail)])
    }

    /// 422 for some fields of the body: the code they share, or else `validation-failed`.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let shared = errors.first().filter(|first| errors.iter().all(|other| other.code == first.code));
        let code = shared.map_or(Cow::Borrowed("validation-failed"), |first| first.code.clone());
        let detail = match errors.as_slice() {
            [FieldError { at: At::Pointer(at) | At::Parameter(at), detail, .. }] if !at.is_empty() => {
                format!("{at}: {detail}").into()
            }
            [only] => only.detail.clone(),
            _ => Cow::Borrowed("Some fields are not acceptable; see errors."),
        };
        Self { errors, ..Self::unprocessable(code, detail) }
    }

    /// 400 for one query parameter; the problem's code is the parameter's.
    pub fn parameter(name: impl Into<Text>, code: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, ..Self::fields(vec![FieldError::parameter(name, code, detail)]) }
    }

    /// 429: try again after some seconds.
    pub fn too_many_requests(retry_after: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests; see Retry-After.")
            .with_header(header::RETRY_AFTER, retry_after.into())
    }

    /// 500: our fault. What it was is in the log, not in the answer.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            "Something went wrong here, and is logged under the request id.",
        )
    }

    /// 503: not now; try again after some seconds.
    pub fn unavailable(retry_after: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available just now; see Retry-After.")
            .with_header(header::RETRY_AFTER, retry_after.into())
    }

    /// 503 for who became somebody else on the way, and can't be answered as who they are now.
    pub fn role_changed() -> Self {
        let detail = "Your role has changed while this was on its way: send it again.";
        Self { code: ROLE_CHANGED.into(), ..Self::unavailable(1).with_detail(detail) }
    }

    /// The same problem with one more header on its answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same problem with one more member.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.get_or_insert_default().insert(name.to_owned(), value);
        self
    }

    /// The same problem with another explanation.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Text>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same problem with its pointers elsewhere.
    #[must_use]
    pub fn pointing(mut self, place: impl Fn(&str) -> String) -> Self {
        for error in &mut self.errors {
            let At::Pointer(pointer) = &mut error.at else { continue };
            let now = place(pointer);
            if let Some(what) = self.detail.strip_prefix(&format!("{pointer}: ")) {
                self.detail = format!("{now}: {what}").into();
            }
            *pointer = now.into();
        }
        self
    }

    /// The code as a title: `invalid-json` is "Invalid JSON".
    pub fn title(&self) -> String {
        let mut title = String::with_capacity(self.code.len());
        for word in self.code.split('-') {
            let mut letters = word.chars();
            match (word, title.is_empty()) {
                ("json" | "nul" | "id" | "uuid" | "etag" | "api", first) => {
                    title.push_str(if first { "" } else { " " });
                    title.push_str(&word.to_ascii_uppercase());
                }
                (_, true) => title.extend(letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters)),
                (_, false) => {
                    title.push(' ');
                    title.push_str(word);
                }
            }
        }
        title
    }

    /// The body of `application/problem+json`.
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let wire = Wire {
            kind: format!("/docs/problems#{}", self.code),
            title: self.title(),
            status: self.status.as_u16(),
            code: &self.code,
            detail: &self.detail,
            errors: &self.errors,
            members: self.members.as_deref(),
            request_id,
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    members: Option<&'a Map<String, Value>>,
    request_id: &'a str,
}

impl IntoResponse for Problem {
    /// A response without a body that carries the problem to the mount's renderer.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
