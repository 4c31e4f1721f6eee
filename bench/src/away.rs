//! A node whose PostgreSQL is far away: what it can do is limited by waiting then, and not by the processors that it shares
//! with its clients, its database and whoever measures.

use std::fs::File;
use std::net::TcpListener as Listener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::peer::Peer;

/// Who waits long for each answer asks for more at a time.
const READ_CONNECTIONS: &str = "64";

/// How long it may take to come up: nothing is to be installed any more.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many pieces are on their way to one side of a connection at most.
const ON_THE_WAY: usize = 1_024;

/// The node, and its way to PostgreSQL; both end with this.
pub struct Away {
    /// Where its API is, as `host:port`.
    pub address: String,
    child: Child,
    log: PathBuf,
    _link: Peer,
}

impl Away {
    /// Starts one that answers requests, for servers that are there; everything takes so long to its database, and so
    /// long back.
    pub async fn start(program: &Path, database_url: &str, nats_url: &str, each_way: Duration) -> Result<Self> {
        let (before, rest) = database_url.split_once('@').context("a database's URL without a password")?;
        let (folder, path) = rest.split_once(":5432/").context("a database's URL without a port")?;
        let socket = format!("{}/.s.PGSQL.5432", folder.replace("%2F", "/"));
        let millis = each_way.as_millis().to_string();
        let link = Peer::start(&std::env::current_exe()?, &["carry", &socket, &millis]).await?;
        let address = Listener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let log = std::env::temp_dir().join(format!("docket-bench-away-{}.log", std::process::id()));
        let errors = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = Command::new(program)
            .args(["serve", "--roles", "api", "--no-limits", "--listen", &address, "--metrics-listen", "127.0.0.1:0"])
            .args(["--read-connections", READ_CONNECTIONS])
            .env("DATABASE_URL", format!("{before}@{}/{path}", link.address))
            .env("NATS_URL", nats_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut away = Self { address, child, log, _link: link };
        away.is_there().await?;
        Ok(away)
    }

    /// Its process.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    async fn is_there(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(&self.address).await.is_err() {
            let ended = self.child.try_wait()?.is_some() || Instant::now() > deadline;
            anyhow::ensure!(!ended, "a node does not come up:\n{}", std::fs::read_to_string(&self.log)?);
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.log);
    }
}

/// The way: carries what comes to a socket, and what is answered, each so much later. Says where it begins, and serves until
/// it is killed.
pub async fn carry(socket: PathBuf, each_way: Duration) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        let socket = socket.clone();
        tokio::spawn(async move {
            let Ok(server) = UnixStream::connect(socket).await else { return };
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::select! {
                () = one_way(from_client, to_server, each_way) => {}
                () = one_way(from_server, to_client, each_way) => {}
            }
        });
    }
}

/// What comes together goes on together, however much is on its way.
async fn one_way(from: impl AsyncRead + Unpin, to: impl AsyncWrite + Unpin, takes: Duration) {
    let (leaves, arrives) = mpsc::channel(ON_THE_WAY);
    tokio::join!(leave(from, leaves, takes), arrive(to, arrives));
}

async fn leave(mut from: impl AsyncRead + Unpin, leaves: mpsc::Sender<(Instant, Bytes)>, takes: Duration) {
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(16 * 1024);
        let is_over = from.read_buf(&mut buffer).await.unwrap_or(0) == 0;
        if is_over || leaves.send((Instant::now() + takes, buffer.split().freeze())).await.is_err() {
            return;
        }
    }
}

async fn arrive(mut to: impl AsyncWrite + Unpin, mut arrives: mpsc::Receiver<(Instant, Bytes)>) {
    while let Some((at, bytes)) = arrives.recv().await {
        sleep_until(at).await;
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
