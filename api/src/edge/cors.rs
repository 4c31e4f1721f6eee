//! Which pages of other origins may use this API from a browser (CORS). Keys travel in a header, never in a cookie, so
//! credentials are not part of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The origins that may; `*` is all.
#[derive(Clone, Debug)]
pub struct Origins(Arc<[String]>);

/// Says of a request that a page of an origin sends it that may not.
#[derive(Clone, Copy, Debug)]
pub struct Foreign;

const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,POST,PUT,PATCH,DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "accept,authorization,content-type,docket-min-position,idempotency-key,if-match,if-none-match,mcp-protocol-version,\
     x-auth-token,x-org-id,x-request-id",
);
const SHOWN: HeaderValue = HeaderValue::from_static(
    "docket-position,etag,idempotency-replayed,location,ratelimit,ratelimit-policy,retry-after,warning,x-ratelimit-limit,\
     x-ratelimit-remaining,x-ratelimit-reset,x-request-id",
);
/// For how long a browser remembers, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("7200");

impl Origins {
    /// These, as `https://app.example.com`.
    pub fn new(origins: &[String]) -> Self {
        Self(origins.into())
    }

    /// The origin of a request, as it is to be told that it may.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let listed = self.0.iter().any(|known| known == "*" || known.as_bytes() == origin.as_bytes());
        listed.then(|| origin.clone())
    }
}

/// The layer around everything.
pub async fn layer(State(origins): State<Origins>, mut request: Request, next: Next) -> Response {
    let allowed = origins.allowed(request.headers());
    if allowed.is_none() && request.headers().contains_key(header::ORIGIN) {
        request.extensions_mut().insert(Foreign);
    }
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &allowed {
        Some(_) if asks_first => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
            response
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if !origins.0.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
    }
    response
}
