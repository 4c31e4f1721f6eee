//! L4: a static answer over HTTP, as a process of its own.

use std::path::Path;

use anyhow::Result;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;

use crate::load::{Outcome, Span, Target, closed};
use crate::peer::{self, Peer};
use crate::scripts::Gets;

/// A server that answers the same so many bytes each time.
pub struct Still {
    target: Target,
    _peer: Peer,
}

impl Still {
    /// Starts it.
    pub async fn start(program: &Path, bytes: usize) -> Result<Self> {
        let peer = Peer::start(program, &["serve-static", "--bytes", &bytes.to_string()]).await?;
        Ok(Self { target: Target { address: peer.address.clone(), key: None }, _peer: peer })
    }

    /// Gets it over so many connections.
    pub async fn run(&self, connections: usize, span: Span) -> Result<Outcome> {
        let mut scripts: Vec<_> = (0..connections).map(|_| Gets::same("/")).collect();
        closed(&self.target, &mut scripts, span).await
    }
}

/// Serves it.
pub async fn serve(bytes: usize) -> Result<()> {
    let body = Bytes::from(vec![b' '; bytes]);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    peer::serve(Router::new().route("/", get(answer))).await
}
