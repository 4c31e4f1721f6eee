//! Servers to compare with: this very program as another process, under a hidden subcommand.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A server that ends with this value.
pub struct Peer {
    /// `host:port`, as it said itself.
    pub address: String,
    _child: Child,
}

impl Peer {
    /// Starts `program` and waits for the line that says where it listens.
    pub async fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the peer has no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let address = line.with_context(|| format!("the peer {} ended early", arguments.join(" ")))?;
        Ok(Self { address, _child: child })
    }
}

/// Says where it listens, then serves until it is killed.
pub async fn serve(router: axum::Router) -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
