//! The private PostgreSQL and nats-servers of `docket dev` and of the tests: found or installed, started, watched, stopped.
//!
//! One data folder holds everything of some servers, so those of two folders never meet:
//!
//! ```text
//! lock              held while the servers run; names the process that holds it
//! passwords.json    the two roles' passwords, readable by its owner only
//! postgres/         PostgreSQL's data        postgres.log
//! nats/             nats-server's data       nats.log
//! consumers/        that of the nats-server that consumers come to, not in tests       consumers.log
//! consumers.json    what Docket and that one know of each other
//! run/              PostgreSQL's socket (under /tmp when this path is too long for one)
//! ```
//!
//! The children are forked by one thread that lives as long as they do: Linux can tell a child that its parent died,
//! but means the forking *thread* by that, so a runtime's worker would be the wrong parent. That signal is what stops
//! the servers after a `kill -9` of this process; the `stale` module stops them where no such signal exists.
//!
//! Nothing here knows Docket's schema: migrating is the caller's business.

mod account;
pub mod cluster;
mod folder;
mod install;
mod keeper;
mod nats;
mod postgres;
mod scratch;
mod server;
mod stale;
mod tools;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot, watch};

pub use folder::default_folder;
pub use scratch::scratch_folder;

use crate::consumers::Secrets;
use account::Account;
use keeper::{Durability, Urls};

/// Installs Python packages, pinned by hash, beside the servers' programs: the folder of this name that holds them.
pub async fn provide_packages(name: &str, pins: &str, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf> {
    install::provide_all(name, pins, &Account::current()?, say).await
}

/// The program of a nats-server that is good enough.
pub async fn nats_server() -> Result<PathBuf> {
    tools::nats_server(&account::Account::current()?, &|_| {}).await
}

/// A running PostgreSQL and nats-servers. Dropping it stops them in the background; [`Servers::stop`] waits for it.
#[derive(Debug)]
pub struct Servers {
    urls: Urls,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
    failure: watch::Receiver<Option<String>>,
}

impl Servers {
    /// Starts the servers on the folder `data`, making it if need be, and tells `say` what takes long.
    ///
    /// Fails with a message for a person: what is missing or in the way, and what to do about it.
    pub async fn start(data: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<Self> {
        Self::launch(data, Durability::Kept, say).await
    }

    /// The same without fsync, and without a server for consumers: faster, and fit only for data nobody will miss.
    pub async fn start_for_tests(data: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<Self> {
        Self::launch(data, Durability::None, say).await
    }

    async fn launch(data: &Path, durability: Durability, say: &(dyn Fn(&str) + Sync)) -> Result<Self> {
        let (says, mut heard) = mpsc::unbounded_channel::<String>();
        let (ready, started) = oneshot::channel();
        let (stop, stopping) = oneshot::channel();
        let (done, stopped) = oneshot::channel();
        let (failed, failure) = watch::channel(None);
        let order = keeper::Order { data: data.to_owned(), durability, says, ready, stopping, failed };
        std::thread::Builder::new().name("docket-servers".into()).spawn(move || {
            keeper::keep(order);
            let _ = done.send(());
        })?;
        while let Some(line) = heard.recv().await {
            say(&line);
        }
        let urls = started.await.context("the servers' own thread ended early")??;
        Ok(Self { urls, stop, stopped, failure })
    }

    /// The database `docket`, as the role `docket` that owns it and may create roles and databases:
    /// `postgres://docket:PASSWORD@%2Fsocket%2Ffolder:5432/docket`.
    pub fn database_url(&self) -> &str {
        &self.urls.database
    }

    /// The database `postgres` of the same server, as its superuser.
    pub fn admin_url(&self) -> &str {
        &self.urls.admin
    }

    /// `nats://127.0.0.1:PORT`, JetStream on.
    pub fn nats_url(&self) -> &str {
        &self.urls.nats
    }

    /// How Docket gets into the nats-server that consumers come to.
    pub fn consumers(&self) -> Option<&Secrets> {
        self.urls.consumers.as_ref()
    }

    /// Resolves when a server dies by itself, with a message that ends in its log's last lines; else never.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.clone();
        match failure.wait_for(Option::is_some).await {
            Ok(message) => message.clone().unwrap_or_default(),
            Err(_) => "the thread that keeps PostgreSQL and nats-server ended".into(),
        }
    }

    /// Stops all in order and waits for it: well under 5 s, by force towards the end.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.stopped.await;
    }
}
