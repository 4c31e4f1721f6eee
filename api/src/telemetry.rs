//! Logs and metrics.

use std::net::SocketAddr;
use std::sync::OnceLock;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Sends logs to standard error: JSON lines for a machine, plain lines for a person at a terminal.
/// `RUST_LOG` says how much; `info` unless said otherwise.
pub fn log_to_stderr() {
    use std::io::IsTerminal as _;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,async_nats=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if std::io::stderr().is_terminal() { builder.compact().try_init() } else { builder.json().try_init() };
    // A second call in one process (a test) changes nothing.
    let _ = set;
}

/// The one recorder of this process.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let seconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
    let counts = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0];
    let install = || {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)
            .and_then(|builder| builder.set_buckets(&counts))
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| error.to_string())
    };
    RECORDER.get_or_init(install).clone().map_err(anyhow::Error::msg)
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
