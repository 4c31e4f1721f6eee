//! How a request fails: one `Problem` (RFC 9457) for every error, and the layer that writes it out.
//!
//! A handler's problem travels in the response's extensions and is written by the mount it passes through: [`render`]
//! writes `application/problem+json`; a mount with an error shape of its own takes the problem first with [`take`].
//! Nothing here knows why a request failed; it only says so.

use std::{any::Any, borrow::Cow};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;

/// The header that names a request, in requests and in every answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The media type of a rendered problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

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
        Self { status, code: code.into(), detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
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

    /// The same problem with one more header on its answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same problem with another explanation.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Text>) -> Self {
        self.detail = detail.into();
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

/// The name of one request: the client's `X-Request-Id` if it is sane, else a fresh UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(request: &Request) -> Self {
        let mut sent = request.headers().get_all(X_REQUEST_ID).iter();
        if let (Some(id), None) = (sent.next(), sent.next())
            && (1..=64).contains(&id.len())
            && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
            && let Ok(id) = id.to_str()
        {
            return Self(id.to_owned());
        }
        Self(uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string())
    }
}

/// Says that a response's body is already in its mount's error shape.
#[derive(Clone, Copy, Debug)]
pub struct Rendered;

/// The problem behind a failed response that nobody has written yet, whoever made it: a handler, the router (404, 405
/// with its `Allow`), a body limit, a timeout or a caught panic. `None` if it is a success or already has its shape.
pub fn take(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || response.extensions().get::<Rendered>().is_some() {
        return None;
    }
    // Plain text is how axum and tower-http explain their own refusals; anything else is a handler's own answer.
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain")) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            // Inside a router's own layers there is no `Allow` yet: axum adds it on the way out, unless one is there.
            let allow = response.headers().get(header::ALLOW).cloned();
            let problem = Problem::method_not_allowed(HeaderValue::from_static(""));
            Problem { headers: allow.map(|allow| (header::ALLOW, allow)).into_iter().collect(), ..problem }
        }
        StatusCode::REQUEST_TIMEOUT => Problem::request_timeout(),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "payload-too-large", "The body is longer than this resource accepts.")
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => Problem::unavailable(1),
        status if status.is_server_error() => Problem { status, ..Problem::internal() },
        status => {
            let reason = status.canonical_reason().unwrap_or("refused");
            Problem::new(status, reason.to_ascii_lowercase().replace(' ', "-").replace('\'', ""), "")
        }
    })
}

/// Puts [`render`] around a whole router, and a panic in any handler of it into a problem.
pub fn around(router: Router) -> Router {
    Router::new().fallback_service(router.layer(catch_panic())).layer(from_fn(render))
}

/// The outermost layer: names the request (`RequestId` in its extensions, `X-Request-Id` in the answer), writes every
/// problem that no inner mount has written, and answers `OPTIONS` from the router's own `Allow`.
pub async fn render(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(&request);
    let options = request.method() == Method::OPTIONS;
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = take(&mut response) {
        if options && problem.status == StatusCode::METHOD_NOT_ALLOWED {
            *response.status_mut() = StatusCode::NO_CONTENT;
            if let Some(allow) = response.headers_mut().get_mut(header::ALLOW) {
                *allow = with_options(allow);
            }
        } else {
            let body = problem.body(&id.0);
            write(&mut response, &problem, PROBLEM_JSON, body);
        }
    }
    if let Ok(id) = HeaderValue::try_from(id.0) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// Puts a rendered problem onto the response it was taken from: status and body; the headers that are there stay.
pub fn write(response: &mut Response, problem: &Problem, kind: HeaderValue, body: impl Into<Body>) {
    *response.status_mut() = problem.status;
    *response.body_mut() = body.into();
    response.extensions_mut().insert(Rendered);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, kind);
    for (name, value) in &problem.headers {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}

/// The native API's answer to a request that no router has seen.
pub fn answer(request: &Request, problem: &Problem) -> Response {
    let id = RequestId::of(request);
    let mut response = Response::default();
    write(&mut response, problem, PROBLEM_JSON, problem.body(&id.0));
    response.headers_mut().extend(HeaderValue::try_from(id.0).ok().map(|id| (X_REQUEST_ID, id)));
    response
}

fn with_options(allow: &HeaderValue) -> HeaderValue {
    let listed = allow.to_str().unwrap_or_default();
    let all = if listed.is_empty() { "OPTIONS".to_owned() } else { format!("{listed},OPTIONS") };
    HeaderValue::try_from(all).unwrap_or_else(|_| allow.clone())
}

/// Turns a panic below it into [`Problem::internal`]; goes inside the renderers.
pub fn catch_panic() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(on_panic as fn(Box<dyn Any + Send>) -> Response)
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
fn on_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("not a text");
    tracing::error!(panic = text, "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Extension, routing::get};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    fn router() -> Router {
        let router = Router::new()
            .route("/ok", get(async |Extension(id): Extension<RequestId>| id.0))
            .route("/foreign/{id}", get(async || Problem::not_found()))
            .route("/busy", get(async || Problem::too_many_requests(7)))
            .route("/field", get(async || Problem::field("/title", "too-long", "at most 200 characters")))
            .route("/stamped", get(async || ([("ratelimit", "r=0")], Problem::too_many_requests(7))))
            .route("/panic", get(async || -> &'static str { panic!("secret") }))
            .route("/own", get(async || (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({"ready": false})))))
            .route("/plain", get(async || (StatusCode::IM_A_TEAPOT, "text")));
        around(router)
    }

    async fn ask(request: Request) -> (Response<()>, Vec<u8>) {
        let (head, body) = router().oneshot(request).await.expect("infallible").into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        (Response::from_parts(head, ()), body.to_vec())
    }

    fn request(method: &str, path: &str, id: &str) -> Request {
        let request = Request::builder().method(method).uri(path);
        request.header(X_REQUEST_ID, id).body(Body::empty()).expect("a request")
    }

    #[tokio::test]
    async fn every_kind_of_failure_is_written_as_a_problem() {
        for (method, path, status, code, header) in [
            ("GET", "/busy", 429, "rate-limited", Some((header::RETRY_AFTER, "7"))),
            ("GET", "/stamped", 429, "rate-limited", Some((HeaderName::from_static("ratelimit"), "r=0"))),
            ("GET", "/field", 422, "too-long", None),
            ("GET", "/panic", 500, "internal-error", None),
            ("GET", "/nowhere", 404, "not-found", None),
            ("GET", "/foreign/1", 404, "not-found", None),
            ("PUT", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
            ("TRACE", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
            ("get", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
            ("GET", "/plain", 418, "im-a-teapot", None),
        ] {
            let (head, body) = ask(request(method, path, "r-1")).await;
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(head.status(), status, "{path}");
            assert_eq!(head.headers()[header::CONTENT_TYPE], PROBLEM_JSON, "{path}");
            assert_eq!(head.headers()[X_REQUEST_ID], "r-1", "{path}");
            assert_eq!(body["status"], status, "{path}");
            assert_eq!(body["code"], code, "{path}");
            assert_eq!(body["request_id"], "r-1", "{path}");
            assert_eq!(body["type"], format!("/docs/problems#{code}"), "{path}");
            assert!(!body.to_string().contains("secret"));
            if let Some((name, value)) = header {
                assert_eq!(head.headers()[name], value, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn a_field_error_has_its_pointer() {
        let (_, body) = ask(request("GET", "/field", "r")).await;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let expected = json!({
            "type": "/docs/problems#too-long", "title": "Too long", "status": 422, "code": "too-long",
            "detail": "/title: at most 200 characters", "request_id": "r",
            "errors": [{"pointer": "/title", "code": "too-long", "detail": "at most 200 characters"}],
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn a_handlers_own_failure_is_left_alone() {
        let (head, body) = ask(request("GET", "/own", "r")).await;
        assert_eq!((head.status().as_u16(), body.as_slice()), (503, br#"{"ready":false}"#.as_slice()));
    }

    #[tokio::test]
    async fn foreign_and_unknown_are_the_same_bytes() {
        let (_, foreign) = ask(request("GET", "/foreign/1", "r")).await;
        let (_, unknown) = ask(request("GET", "/nowhere", "r")).await;
        assert_eq!(foreign, unknown);
    }

    #[tokio::test]
    async fn options_lists_what_is_allowed() {
        let (head, body) = ask(request("OPTIONS", "/ok", "r")).await;
        assert_eq!((head.status().as_u16(), body.len()), (204, 0));
        assert_eq!(head.headers()[header::ALLOW], "GET,HEAD,OPTIONS");
        assert_eq!(ask(request("OPTIONS", "/nowhere", "r")).await.0.status(), 404);
    }

    #[tokio::test]
    async fn only_a_sane_request_id_is_kept() {
        for sane in ["a", "A-Z_0.9", &"x".repeat(64)] {
            let (head, body) = ask(request("GET", "/ok", sane)).await;
            assert_eq!(head.headers()[X_REQUEST_ID], *sane);
            assert_eq!(body, sane.as_bytes());
        }
        for odd in ["", " ", "a b", "a\"", "é", "{}", &"x".repeat(65)] {
            let (head, body) = ask(request("GET", "/ok", odd)).await;
            let given = head.headers()[X_REQUEST_ID].to_str().expect("ASCII");
            assert_eq!(uuid::Uuid::parse_str(given).map(|id| id.get_version_num()), Ok(4), "{odd}");
            assert_eq!(body, given.as_bytes());
        }
        let mut two = request("GET", "/ok", "a");
        two.headers_mut().append(X_REQUEST_ID, HeaderValue::from_static("b"));
        assert_eq!(ask(two).await.0.headers()[X_REQUEST_ID].len(), 36);
    }

    #[test]
    fn titles_are_readable() {
        for (code, title) in [("invalid-json", "Invalid JSON"), ("nul-not-allowed", "NUL not allowed"), ("x", "X")] {
            assert_eq!(Problem::bad_request(code, "").title(), title);
        }
    }

    #[test]
    fn a_problem_is_small_enough_to_return() {
        assert!(size_of::<Problem>() < 128, "{}", size_of::<Problem>());
    }
}
