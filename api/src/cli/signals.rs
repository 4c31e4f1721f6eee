//! Ctrl-C, SIGTERM and SIGHUP.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What ends a process as it should end; SIGHUP comes when its terminal is closed.
const ENDS: [fn() -> SignalKind; 3] = [SignalKind::interrupt, SignalKind::terminate, SignalKind::hangup];

/// A token that the first of these signals cancels. Later ones change nothing: the stop is bounded in time anyway.
pub fn shutdown() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    for kind in ENDS {
        let (mut heard, stop) = (signal(kind())?, token.clone());
        tokio::spawn(async move {
            while heard.recv().await.is_some() {
                if !stop.is_cancelled() {
                    tracing::info!("stopping");
                    stop.cancel();
                }
            }
        });
    }
    Ok(token)
}
