//! A program that is kept running: started, waited for, started again when it dies.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use crate::dev::account::Account;
use crate::dev::server::Server;

/// Before the next start: a program that dies at once is not to keep the machine busy.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A program to keep running, under the caller's own account.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, besides the caller's own.
    pub env: Vec<(String, String)>,
    /// Where it listens when it is ready.
    pub listens: SocketAddr,
    /// Where what it says is kept.
    pub log: PathBuf,
}

impl Node {
    /// Starts it and waits until it can be reached.
    pub async fn start(&self, account: &Account) -> Result<Server> {
        let mut command = account.own_command(&self.program);
        command.args(&self.args).envs(self.env.iter().cloned());
        let mut server = Server::start(&self.name, command, self.log.clone())?;
        let listens = self.listens;
        server.wait_for(&|_| {}, async || TcpStream::connect(listens).await.ok()).await?;
        Ok(server)
    }
}

/// Keeps a member running until told to stop. `start` answers when it is ready.
pub async fn keep(
    (name, role, url): (String, &'static str, String),
    board: &Board,
    stop: CancellationToken,
    mut running: Option<Server>,
    mut start: impl AsyncFnMut() -> Result<Server>,
) {
    let mut pause = PAUSE;
    loop {
        let started = match running.take() {
            Some(server) => Ok(server),
            None => tokio::select! {
                started = start() => started,
                () = stop.cancelled() => return,
            },
        };
        let why = match started {
            Ok(mut server) => {
                pause = PAUSE;
                board.up(&name, role, &url, server.process());
                tokio::select! {
                    why = server.died() => why,
                    () = stop.cancelled() => return server.stop().await,
                }
            }
            Err(error) => {
                pause = (pause * 2).min(LONGEST_PAUSE);
                format!("{error:#}")
            }
        };
        board.down(&name);
        tracing::warn!("{name} is started again: {}", why.lines().next().unwrap_or_default());
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
