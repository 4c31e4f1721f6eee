//! Traces, as OpenTelemetry has them: what becomes of one command from its request to the read models.
//!
//! The request's span is opened in front of the routers, and its W3C `traceparent` goes with the command into the
//! metadata of its events. Whatever carries these on opens a [`tracing`] span of the target [`SPANS`] with it; the layer
//! here makes a span of the request's trace of each. So only this module knows where traces go, and without an
//! endpoint nothing is recorded at all.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use clap::Args;
use docket_domain::envelope::SPANS;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

/// How long the last spans may take when the process ends.
const LAST: Duration = Duration::from_secs(2);

/// Where traces go.
#[derive(Args, Clone, Debug, Default)]
pub struct Traces {
    /// A collector of OpenTelemetry traces (OTLP over HTTP), as `http://127.0.0.1:4318`; without it, nothing is traced.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

impl Traces {
    /// Opens the way there. How many requests are traced is for `OTEL_TRACES_SAMPLER` to say: all, if it is silent.
    pub(super) fn open(&self) -> anyhow::Result<Option<Tracing>> {
        let Some(endpoint) = &self.otlp_endpoint else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { inner: reqwest::Client::new(), runtime: tokio::runtime::Handle::current() })
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let service = Resource::builder().with_service_name("docket").build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(service).build();
        let _ = TRACER.set(provider.tracer("docket"));
        Ok(Some(Tracing(provider)))
    }
}

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// What makes spans, if any are to be made.
pub(super) fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

/// The trace that something says it is part of.
pub(super) fn context(said: &dyn Extractor) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), said)
}

/// What the children of a span are to say, if it is recorded.
pub(super) fn parent(span: &SpanContext) -> Option<String> {
    let mut said = HashMap::new();
    TraceContextPropagator::new().inject_context(&Context::new().with_remote_span_context(span.clone()), &mut said);
    said.remove("traceparent").filter(|_| span.is_sampled())
}

/// Traces on their way out, until it is dropped.
pub struct Tracing(SdkTracerProvider);

impl Tracing {
    /// Takes the spans of those who carry events on.
    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        Carried(self.0.tracer("docket"))
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        let _ = self.0.shutdown_with_timeout(LAST);
    }
}

/// Makes spans of traces from spans of [`SPANS`].
struct Carried(SdkTracer);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Carried {
    fn on_new_span(&self, new: &Attributes<'_>, id: &Id, registry: tracing_subscriber::layer::Context<'_, S>) {
        if new.metadata().target() != SPANS {
            return;
        }
        let mut said = Said::default();
        new.record(&mut said);
        let kind = match new.metadata().name() {
            "publish" => SpanKind::Producer,
            "project" => SpanKind::Consumer,
            _ => SpanKind::Internal,
        };
        let builder = self.0.span_builder(new.metadata().name()).with_kind(kind).with_attributes(said.others);
        let span = builder.start_with_context(&self.0, &context(&said.parent));
        if let Some(known) = registry.span(id) {
            known.extensions_mut().insert(span);
        }
    }

    fn on_close(&self, id: Id, registry: tracing_subscriber::layer::Context<'_, S>) {
        // Dropped, it is over.
        drop(registry.span(&id).and_then(|known| known.extensions_mut().remove::<SdkSpan>()));
    }
}

/// The fields of a span.
#[derive(Default)]
struct Said {
    parent: HashMap<String, String>,
    others: Vec<KeyValue>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => drop(self.parent.insert(field.name().to_owned(), value.to_owned())),
            name => self.others.push(KeyValue::new(name, value.to_owned())),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.others.push(KeyValue::new(field.name(), value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Sends spans by the client that everything else uses. The exporter has a thread of its own, which waits for it.
#[derive(Debug)]
struct Client {
    inner: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let sent = self.inner.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send();
        let answer = async move {
            let answer = sent.await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        };
        let (status, body) = self.runtime.spawn(answer).await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
