//! The thread that forks the servers, watches them and stops them.

use std::path::PathBuf;

use anyhow::Result;
use futures::future::OptionFuture;
use tokio::sync::{mpsc, oneshot, watch};

use super::account::Account;
use super::folder::Folder;
use super::server::Server;
use super::tools::Tools;
use super::{nats, postgres, stale};
use crate::consumers::Secrets;

/// What to start, and the ends of the channels to whoever asked for it.
pub struct Order {
    pub data: PathBuf,
    pub durability: Durability,
    pub says: mpsc::UnboundedSender<String>,
    pub ready: oneshot::Sender<Result<Urls>>,
    pub stopping: oneshot::Receiver<()>,
    pub failed: watch::Sender<Option<String>>,
}

/// Whether what was committed must outlive a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// fsync on.
    Kept,
    /// fsync off: for tests, which start servers for consumers of their own.
    None,
}

/// Where the running servers are reached.
#[derive(Debug)]
pub struct Urls {
    pub database: String,
    pub admin: String,
    pub nats: String,
    pub consumers: Option<Secrets>,
}

struct Running {
    urls: Urls,
    postgres: Server,
    nats: Server,
    consumers: Option<Server>,
    /// Held, and so locked, until both are gone.
    _folder: Folder,
}

/// Runs on its own thread from start to stop.
pub fn keep(order: Order) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(order.ready.send(Err(error.into()))),
    };
    runtime.block_on(serve(order));
}

async fn serve(order: Order) {
    let Order { data, durability, says, ready, mut stopping, failed } = order;
    let say = |line: &str| drop(says.send(line.to_owned()));
    let started = tokio::select! {
        started = start(data, durability, &say) => started,
        // The caller gave up: what was started dies with its handle.
        _ = &mut stopping => return,
    };
    drop(says);
    let Running { urls, mut postgres, mut nats, mut consumers, _folder } = match started {
        Ok(running) => running,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(urls));
    tokio::select! {
        message = postgres.died() => drop(failed.send(Some(message))),
        message = nats.died() => drop(failed.send(Some(message))),
        message = died(&mut consumers) => drop(failed.send(Some(message))),
        _ = &mut stopping => {}
    }
    // After a death the others still serve until the caller has finished its own shutdown.
    if failed.borrow().is_some() {
        let _ = stopping.await;
    }
    tokio::join!(postgres.stop(), nats.stop(), OptionFuture::from(consumers.map(Server::stop)));
}

async fn died(server: &mut Option<Server>) -> String {
    match server {
        Some(server) => server.died().await,
        None => std::future::pending().await,
    }
}

async fn start(data: PathBuf, durability: Durability, say: &(dyn Fn(&str) + Sync)) -> Result<Running> {
    let account = Account::current()?;
    let folder = Folder::open(&data, &account)?;
    stale::clear(&folder, say).await?;
    let tools = Tools::find(&account, folder.postgres_major()?, say).await?;
    let passwords = folder.passwords()?;
    postgres::create(&account, &folder, &tools, &passwords, durability, say).await?;
    let consumers = async {
        if durability == Durability::None {
            return Ok(None);
        }
        nats::start_for_consumers(&account, &folder, &tools, say).await.map(Some)
    };
    let (postgres, (nats, nats_url), consumers) = tokio::try_join!(
        postgres::start(&account, &folder, &tools, durability, say),
        nats::start(&account, &folder, &tools, say),
        consumers,
    )?;
    let (consumers, secrets) = consumers.unzip();
    let database = postgres::url(&folder, "docket", &passwords.docket, "docket");
    let admin = postgres::url(&folder, "postgres", &passwords.postgres, "postgres");
    let urls = Urls { database, admin, nats: nats_url, consumers: secrets };
    Ok(Running { urls, postgres, nats, consumers, _folder: folder })
}
