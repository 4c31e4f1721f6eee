//! From a response that failed to the bytes of its answer: the layers around every router.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::Problem;

/// The header that names a request, in requests and in every answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The media type of a rendered problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The name of one request: the client's `X-Request-Id` if it is sane, else a fresh UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// Names a request; whoever handles it finds the name among its extensions.
    pub fn give(request: &mut Request) -> Self {
        let id = Self::of(request);
        request.extensions_mut().insert(id.clone());
        id
    }

    fn of(request: &Request) -> Self {
        let mut sent = request.headers().get_all(X_REQUEST_ID).iter();
        if let (Some(id), None) = (sent.next(), sent.next())
            && (1..=64).contains(&id.len())
            && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
            && let Ok(id) = id.to_str()
        {
            return Self(id.to_owned());
        }
        Self::draw()
    }

    /// A fresh UUID.
    pub fn draw() -> Self {
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
    let id = RequestId::give(&mut request);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    if let Some(problem) = take(&mut response) {
        if method == Method::OPTIONS && problem.status == StatusCode::METHOD_NOT_ALLOWED {
            *response.status_mut() = StatusCode::NO_CONTENT;
            if let Some(allow) = response.headers_mut().get_mut(header::ALLOW) {
                *allow = with_options(allow);
            }
        } else {
            write(&mut response, &problem, PROBLEM_JSON, problem.body(&id.0));
        }
    }
    let id = name(&mut response, id);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        // Not what was asked of the path: a key may be among it.
        tracing::error!(request_id = id.0, %method, path = uri.path(), "a request failed by our own fault");
    }
    response
}

/// Says in an answer what its request is called: so, unless its mount has called it otherwise.
pub fn name(response: &mut Response, id: RequestId) -> RequestId {
    let id = response.extensions_mut().remove::<RequestId>().unwrap_or(id);
    if let Ok(id) = HeaderValue::try_from(&id.0) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    id
}

impl Problem {
    /// The answer to a request of this name, where no mount has a shape of its own.
    pub fn answer(&self, id: &RequestId) -> Response {
        let mut response = Response::default();
        write(&mut response, self, PROBLEM_JSON, self.body(&id.0));
        response
    }
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

/// Answers what was refused before any router saw it, and came here only for the shape of the answer.
pub async fn refused(mut request: Request, next: Next) -> Response {
    match request.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
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
