//! What is noted of every request: how long it took, and the trace it belongs to.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
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

/// A request while it is answered.
pub struct Observed {
    begun: Instant,
    mount: &'static str,
    traced: Option<Traced>,
}

/// Its span, and what that will be called.
struct Traced {
    span: SdkSpan,
    method: Method,
    route: Arc<OnceLock<String>>,
}

impl Observed {
    /// Begins to time a request, and opens its trace if traces are kept.
    pub fn begin(request: &mut Request) -> Self {
        let begun = Instant::now();
        let mount = dialects::mount_of(request.uri().path()).unwrap_or("native");
        Self { begun, mount, traced: traces::tracer().map(|tracer| Traced::open(tracer, request)) }
    }

    /// It has been answered.
    pub fn end(self, status: StatusCode) {
        if let Some(traced) = self.traced {
            traced.close(status);
        }
        metrics::histogram!("docket_http_request_seconds", "mount" => self.mount, "status" => class(status.as_u16()))
            .record(self.begun.elapsed().as_secs_f64());
    }
}

impl Traced {
    /// The span of a request, as part of the trace it says it is of. Whoever handles the request finds it among its
    /// extensions.
    fn open(tracer: &SdkTracer, request: &mut Request) -> Self {
        let (method, route) = (request.method().clone(), Arc::default());
        let builder = tracer.span_builder(method.to_string()).with_kind(SpanKind::Server).with_attributes([
            KeyValue::new("http.request.method", method.to_string()),
            KeyValue::new("url.path", request.uri().path().to_owned()),
        ]);
        let span = builder.start_with_context(tracer, &traces::context(&HeaderExtractor(request.headers())));
        if let Some(parent) = traces::parent(span.span_context()) {
            request.extensions_mut().insert(Trace { parent, route: Arc::clone(&route) });
        }
        Self { span, method, route }
    }

    fn close(mut self, status: StatusCode) {
        if let Some(route) = self.route.get() {
            self.span.update_name(format!("{} {route}", self.method));
            self.span.set_attribute(KeyValue::new("http.route", route.clone()));
        }
        self.span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            self.span.set_status(Status::error(""));
        }
        self.span.end();
    }
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
