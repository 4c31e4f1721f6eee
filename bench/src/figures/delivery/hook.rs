//! A receiver of webhooks.

use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Listens on this machine: its URL, and what it is sent, with the time.
pub async fn listen() -> Result<(String, UnboundedReceiver<(Value, Instant)>)> {
    let (take, taken) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let app = Router::new().route("/hook", post(receive)).with_state(take);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((url, taken))
}

async fn receive(State(take): State<UnboundedSender<(Value, Instant)>>, body: String) -> StatusCode {
    let now = Instant::now();
    let message = serde_json::from_str(&body).unwrap_or_default();
    let _ = take.send((message, now));
    StatusCode::NO_CONTENT
}
