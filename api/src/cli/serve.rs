//! `docket serve`

use crate::{Config, Docket, telemetry};

use super::signals;

pub async fn run(config: Config) -> anyhow::Result<()> {
    let _traces = telemetry::start(&config.traces)?;
    let shutdown = signals::shutdown()?;
    let docket = Docket::start(&config, shutdown.clone()).await?;
    if let Some(api) = docket.api {
        tracing::info!("the API is at http://{api}, its reference at http://{api}/docs");
    }
    tracing::info!("metrics are at http://{}/metrics", docket.metrics);
    docket.wait().await
}
