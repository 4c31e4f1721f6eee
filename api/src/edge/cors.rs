//! Which pages of other origins may use this API from a browser (CORS). Keys travel in a header, never in a cookie, so
//! credentials are not part of it.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
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

    /// The page that sends a request, if one does. Where it may not, the request says so from now on.
    pub fn page(&self, request: &mut Request) -> Page {
        let allowed = self.allowed(request.headers());
        if allowed.is_none() && request.headers().contains_key(header::ORIGIN) {
            request.extensions_mut().insert(Foreign);
        }
        Page { allowed, matters: !self.0.is_empty() }
    }

    /// The origin of a request, as it is to be told that it may.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let listed = self.0.iter().any(|known| known == "*" || known.as_bytes() == origin.as_bytes());
        listed.then(|| origin.clone())
    }
}

/// Who sends a request.
pub struct Page {
    /// The origin, if it may.
    allowed: Option<HeaderValue>,
    /// Whether it makes any difference.
    matters: bool,
}

impl Page {
    /// The answer to a page that only asks what it may send, and may.
    pub fn told_first(&self, request: &Request) -> Option<Response> {
        let asks_first = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !asks_first || self.allowed.is_none() {
            return None;
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        Some(response)
    }

    /// Lets it read the answer, if it may.
    pub fn show(self, response: &mut Response) {
        let headers = response.headers_mut();
        if self.matters {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = self.allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
        }
    }
}
