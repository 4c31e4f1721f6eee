//! Logs, metrics and traces.

mod metrics;
mod requests;
mod traces;

use docket_domain::envelope::SPANS;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

pub use metrics::{CATALOGUE, Kind, Metric, serve_metrics};
pub use requests::{Observed, Trace};
pub use traces::{Traces, Tracing};

/// Sends logs to standard error: JSON lines for a machine, plain lines for a person at a terminal; and traces to where
/// `traces` says. `RUST_LOG` says how much is logged; `info` unless said otherwise. Whoever holds the answer while the
/// process ends lets the last spans out.
pub fn start(traces: &Traces) -> anyhow::Result<Option<Tracing>> {
    use std::io::IsTerminal as _;
    let mut filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,async_nats=warn"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::io::stderr().is_terminal() { lines.compact().boxed() } else { lines.json().boxed() };
    let tracing = traces.open()?;
    let spans = tracing.as_ref().map(Tracing::layer);
    if tracing.is_some() {
        // However little is logged.
        filter = filter.add_directive(format!("{SPANS}=info").parse()?);
    }
    let set = tracing_subscriber::registry().with(filter).with(lines).with(spans).try_init();
    // A second call in one process (a test) changes nothing.
    let _ = set;
    Ok(tracing)
}
