//! Saying no as cheaply as one can: what a flood leaves of the machine, whoever has to answer it.

use std::path::Path;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::load::Target;
use crate::peer::Peer;

const NO: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";

/// A server that does nothing else, as a process of its own.
pub struct Bare {
    /// Where it is.
    pub target: Target,
    _peer: Peer,
}

impl Bare {
    /// Starts it.
    pub async fn start(program: &Path) -> Result<Self> {
        let peer = Peer::start(program, &["refuse"]).await?;
        Ok(Self { target: Target { address: peer.address.clone(), key: None }, _peer: peer })
    }
}

/// Serves it.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            // The generator sends each request in one piece, and the next one when it has the answer.
            let mut request = [0; 4_096];
            while stream.read(&mut request).await.is_ok_and(|count| count > 0) && stream.write_all(NO).await.is_ok() {}
        });
    }
}
