//! Metrics: the catalogue of all that is measured, and where Prometheus finds it.

use std::net::SocketAddr;
use std::sync::OnceLock;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// What kind of metric something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something took how long, or was how many.
    Histogram,
}

/// A metric of this program.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, help }
}

/// All metrics.
pub const CATALOGUE: &[Metric] = &[
    gauge("docket_role", &["role"], "1: what this process does"),
    gauge("docket_http_connections", &[], "open connections"),
    histogram(
        "docket_http_request_seconds",
        &["mount", "status"],
        "requests by API (native, or the dialect) and class of status: how long each took until its answer began",
    ),
    counter("docket_http_refused_total", &[], "requests refused with 503 because there was no room for them"),
    histogram("docket_append_seconds", &[], "one call of log.append, waiting for a lost database included"),
    histogram("docket_append_commands", &[], "commands that shared a commit"),
    counter("docket_append_resent_total", &[], "calls that got no answer and were sent again"),
    counter("docket_command_retries_total", &[], "decisions made again because what they stood on had changed"),
    counter("docket_log_holes_total", &[], "the log has a hole: it is damaged. Page somebody"),
    gauge("docket_log_position", &["partition"], "the log's head, as the projecting nodes see it"),
    gauge(
        "docket_relay_position",
        &["partition"],
        "how far the partition is published; the relay's lag is the difference",
    ),
    counter("docket_relay_published_total", &[], "events published"),
    counter("docket_relay_errors_total", &[], "the relay failed and will try again: the database or NATS is away"),
    gauge("docket_teller_position", &["partition"], "how far everybody is told what concerns them"),
    counter("docket_teller_sent_total", &[], "notifications sent for what has happened"),
    counter(
        "docket_teller_errors_total",
        &[],
        "nobody could be told, and it will be tried again: the database is away, or an event can't be read",
    ),
    counter("docket_teller_lost_total", &[], "notifications that could not be sent and are not tried again: a defect"),
    counter("docket_webhook_attempts_total", &["outcome"], "attempts to send to a webhook: taken or failed"),
    counter("docket_webhook_errors_total", &[], "it can't be seen what webhooks are to be sent: the database is away"),
    counter(
        "docket_outlet_errors_total",
        &[],
        "nothing can be carried to consumers on NATS, and it will be tried again",
    ),
    counter("docket_projection_events_total", &[], "events taken in"),
    histogram("docket_projection_batch_events", &[], "events of a batch"),
    histogram("docket_projection_batch_seconds", &[], "duration of a batch"),
    gauge("docket_projection_lag_events", &["partition"], "how far the slowest read model is behind the log"),
    gauge("docket_projection_lag_seconds", &["partition"], "while behind: age of the last event taken in"),
    gauge("docket_projection_parked", &["partition"], "parked events"),
    gauge("docket_projection_partitions_led", &[], "partitions this process leads"),
    counter("docket_projection_moved_total", &[], "batches given up because somebody else had moved the checkpoint"),
    counter("docket_projection_holes_total", &[], "messages that did not come and were read from the log"),
    counter("docket_projection_followed_total", &[], "batches read from the log because nothing was heard"),
    counter("docket_projection_hints_total", &[], "messages without the log's seal, taken as hints only"),
    counter("docket_projection_errors_total", &[], "failed batches, to be tried again"),
    gauge(
        "docket_audit_lag_seconds",
        &["partition"],
        "age of the oldest event that is in no tree yet, signed where there is a key; more than 5 for long means that nobody witnesses",
    ),
    gauge("docket_audit_position", &["partition"], "how far histories are witnessed"),
    counter(
        "docket_audit_errors_total",
        &[],
        "a history can't be witnessed; the log says why. If it says that the log is shorter than it was or has a hole, page somebody",
    ),
    counter(
        "docket_limits_errors_total",
        &[],
        "the nodes could not tell each other what their callers have used: each counts alone for a second",
    ),
    counter("docket_reads_waited_total", &[], "reads that had to wait to show what their key had written"),
];

/// The one recorder of this process. Counters are there from the start: what has never happened is 0, so that an alert
/// sees the first time.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let seconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
    let counts = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0];
    let install = || {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)
            .and_then(|builder| builder.set_buckets(&counts))
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| error.to_string())?;
        CATALOGUE.iter().for_each(describe);
        for outcome in ["taken", "failed"] {
            metrics::counter!("docket_webhook_attempts_total", "outcome" => outcome).absolute(0);
        }
        Ok(recorder)
    };
    RECORDER.get_or_init(install).clone().map_err(anyhow::Error::msg)
}

fn describe(metric: &Metric) {
    match metric.kind {
        Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
        Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
        Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
    }
    if metric.kind == Kind::Counter && metric.labels.is_empty() {
        metrics::counter!(metric.name).absolute(0);
    }
}

/// Serves `GET /metrics` on a listener of its own, away from the public one; answers where.
pub async fn serve_metrics(listen: SocketAddr, shutdown: CancellationToken) -> anyhow::Result<SocketAddr> {
    let recorder = recorder()?;
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("can't listen on {listen} for metrics: set DOCKET_METRICS_LISTEN to a free address")
    })?;
    let at = listener.local_addr()?;
    let router = Router::new().route("/metrics", get(move || async move { recorder.render() }));
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "metrics are no longer served");
        }
    });
    Ok(at)
}
