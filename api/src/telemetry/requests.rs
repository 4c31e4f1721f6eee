//! The layer around every router: how long each request took, and the trace it belongs to.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};

use super::traces;
use crate::dialects;

/// What a request that is traced has among its extensions.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Its W3C `traceparent`.
    pub parent: String,
    route: Arc<OnceLock<String>>,
}

impl Trace {
    /// Notes what was found to be asked for: the path, with names where the values were.
    pub fn is_of(&self, path: String) {
        let _ = self.route.set(path);
    }
}

/// Counts and times every request, and opens its trace if traces are kept.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let mount = dialects::mount_of(request.uri().path()).unwrap_or("native");
    let method = request.method().clone();
    let route = Arc::default();
    let span = traces::tracer().map(|tracer| open(tracer, &mut request, &route));
    let response = next.run(request).await;
    let status = response.status();
    if let Some(span) = span {
        close(span, &method, route.get(), status);
    }
    metrics::histogram!("docket_http_request_seconds", "mount" => mount, "status" => class(status.as_u16()))
        .record(begun.elapsed().as_secs_f64());
    response
}

/// The span of a request, as part of the trace it says it is of. Whoever handles the request finds it among its
/// extensions.
fn open(tracer: &SdkTracer, request: &mut Request, route: &Arc<OnceLock<String>>) -> SdkSpan {
    let method = request.method().as_str().to_owned();
    let builder = tracer.span_builder(method.clone()).with_kind(SpanKind::Server).with_attributes([
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.path", request.uri().path().to_owned()),
    ]);
    let span = builder.start_with_context(tracer, &traces::context(&HeaderExtractor(request.headers())));
    if let Some(parent) = traces::parent(span.span_context()) {
        request.extensions_mut().insert(Trace { parent, route: route.clone() });
    }
    span
}

fn close(mut span: SdkSpan, method: &Method, route: Option<&String>, status: StatusCode) {
    if let Some(route) = route {
        span.update_name(format!("{method} {route}"));
        span.set_attribute(KeyValue::new("http.route", route.clone()));
    }
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
}

/// `2xx` and the like: few enough to be kept for each.
fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
