//! A link between two processes that can be made as bad as links get.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// How a link behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    Open,
    /// Every piece comes so much later.
    Slow(Duration),
    /// Half open: connections stay, and nothing arrives any more.
    Swallow,
    /// No connections.
    Shut,
    /// Each connection ends after so many more bytes to one side: somewhere in the middle of what was being said.
    Cut(Side, usize),
}

/// Whom bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The server: requests are cut.
    Server,
    /// The client: what was asked has happened, and the answer is lost.
    Client,
}

/// Where a link leads, as `host:port`: asked for each connection.
pub type Target = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// A link.
pub struct Link {
    /// Where the client connects.
    pub port: u16,
    mode: watch::Sender<Mode>,
}

impl Link {
    /// Opens a link to `target`, which is `host:port`.
    pub async fn open(target: String) -> Result<Self> {
        Self::open_to(Arc::new(move || Some(target.clone()))).await
    }

    /// Opens a link to wherever it is to lead.
    pub async fn open_to(target: Target) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("cannot listen for a link")?;
        let port = listener.local_addr()?.port();
        let (mode, follows) = watch::channel(Mode::Open);
        tokio::spawn(async move {
            loop {
                if let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(carry(client, target.clone(), follows.clone()));
                }
            }
        });
        Ok(Self { port, mode })
    }

    /// From now on the link behaves so.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn carry(client: TcpStream, target: Target, mode: watch::Receiver<Mode>) {
    if *mode.borrow() == Mode::Shut {
        return;
    }
    let Some(target) = target() else { return };
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let carried = Arc::new(AtomicUsize::new(0));
    tokio::select! {
        () = pump(from_client, to_server, Side::Server, mode.clone(), carried.clone()) => {}
        () = pump(from_server, to_client, Side::Client, mode, carried) => {}
    }
}

/// Carries bytes to one side until the link, or either end, has enough of it.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    side: Side,
    mut mode: watch::Receiver<Mode>,
    carried: Arc<AtomicUsize>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let now = *mode.borrow_and_update();
        let read = tokio::select! {
            read = from.read(&mut buffer), if now != Mode::Swallow => read,
            _ = mode.changed() => {
                // What was swallowed is missing: nobody could go on from here.
                if now == Mode::Swallow || *mode.borrow() == Mode::Shut {
                    return;
                }
                carried.store(0, Ordering::Relaxed);
                continue;
            }
        };
        let mut length = read.unwrap_or(0);
        let mut last = length == 0;
        match now {
            Mode::Slow(pause) => sleep(pause).await,
            Mode::Cut(cut, after) if cut == side => {
                let before = carried.fetch_add(length, Ordering::Relaxed);
                if before + length > after {
                    length = after.saturating_sub(before);
                    last = true;
                }
            }
            _ => {}
        }
        if to.write_all(&buffer[..length]).await.is_err() || last {
            return;
        }
    }
}
