//! The thread that starts, watches and stops all of a cluster.

use std::iter;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinSet, LocalSet};
use tokio_util::sync::CancellationToken;

use super::board::{Board, State};
use super::gate;
use super::links::{Link, Links};
use super::nats::{Outside, peers};
use super::node::{self, Node};
use super::ports::free_ports;
use super::postgres::{self, Pair};
use crate::dev::account::Account;
use crate::dev::folder::Folder;
use crate::dev::stale;
use crate::dev::tools::Tools;

/// What to start, and the ends of the channels to whoever asked for it.
pub struct Order {
    pub data: PathBuf,
    pub links: Option<Links>,
    pub says: mpsc::UnboundedSender<String>,
    pub ready: oneshot::Sender<Result<watch::Receiver<State>>>,
    pub stopping: oneshot::Receiver<()>,
    pub nodes: mpsc::UnboundedReceiver<Node>,
}

/// What runs, and how to stop it.
struct Running {
    account: Account,
    board: Board,
    servers: JoinSet<()>,
    stop: CancellationToken,
}

/// Runs on its own thread from start to stop.
pub fn keep(order: Order) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(order.ready.send(Err(error.into()))),
    };
    LocalSet::new().block_on(&runtime, serve(order));
}

async fn serve(order: Order) {
    let Order { data, links, says, ready, mut stopping, nodes } = order;
    let say = |line: &str| drop(says.send(line.to_owned()));
    let started = tokio::select! {
        started = start(data, links, &say) => started,
        _ = &mut stopping => return,
    };
    drop(says);
    let Running { account, board, mut servers, stop } = match started {
        Ok(running) => running,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let _ = ready.send(Ok(board.watch()));
    keep_nodes(account, &board, nodes, stopping).await;
    stop.cancel();
    while servers.join_next().await.is_some() {}
}

/// Keeps nodes running until told to stop. They go first: with their servers there they stop faster.
async fn keep_nodes(
    account: Account,
    board: &Board,
    mut wanted: mpsc::UnboundedReceiver<Node>,
    mut stopping: oneshot::Receiver<()>,
) {
    let (mut kept, stop) = (JoinSet::new(), CancellationToken::new());
    loop {
        tokio::select! {
            Some(node) = wanted.recv() => {
                let (board, stop) = (board.clone(), stop.clone());
                kept.spawn_local(async move {
                    let member = (node.name.clone(), "node", format!("http://{}", node.listens));
                    node::keep(member, &board, stop, None, async || node.start(&account).await).await;
                });
            }
            _ = &mut stopping => break,
        }
    }
    stop.cancel();
    while kept.join_next().await.is_some() {}
}

async fn start(data: PathBuf, links: Option<Links>, say: &(dyn Fn(&str) + Sync)) -> Result<Running> {
    let account = Account::current()?;
    let mut homes = Vec::new();
    for name in ["postgres-1", "postgres-2"] {
        homes.push(open(&data, name, &account, say).await?);
    }
    let major = homes[0].postgres_major()?.or(homes[1].postgres_major()?);
    let tools = Rc::new(Tools::find(&account, major, say).await?);
    let passwords = homes[0].passwords()?;
    let peers = peers(links)?;
    let gate = TcpListener::bind(("127.0.0.1", free_ports(1)?[0])).await.context("cannot listen for the primary")?;
    let (target, follows) = watch::channel(None);
    say("starting the nats-server for consumers");
    let home = open(&data, "consumers", &account, say).await?;
    let (outside, Outside { url, secrets }) = Outside::start(&account, &home, &tools).await?;
    let gates = gate.local_addr()?;
    let leads_to = iter::once(gates.to_string()).chain(peers.iter().map(|peer| peer.route.clone()));
    let ports = links.into_iter().flat_map(|links| iter::once(links.primary).chain(links.peers));
    let state = State {
        database_url: postgres::url(&passwords, gates),
        nats_url: peers.iter().map(|peer| peer.url.clone()).collect::<Vec<_>>().join(","),
        consumers_url: url.clone(),
        consumers: secrets,
        links: ports.zip(leads_to).map(|(port, leads_to)| Link { port, leads_to }).collect(),
        members: Vec::new(),
    };
    tokio::spawn(gate::serve(gate, follows));
    let board = Board::new(state, data.join("cluster.json"));
    let (mut servers, stop) = (JoinSet::new(), CancellationToken::new());
    say("starting three nats-servers");
    let starting = peers.iter().map(async |peer| {
        let folder = open(&data, &peer.name, &account, say).await?;
        Ok::<_, anyhow::Error>((peer.start(&account, &folder, &tools).await?, folder))
    });
    let started = futures::future::try_join_all(starting).await?;
    for (peer, (server, folder)) in peers.into_iter().zip(started) {
        let (board, stop, tools) = (board.clone(), stop.clone(), tools.clone());
        servers.spawn_local(async move {
            let member = (peer.name.clone(), "nats", peer.url.clone());
            let start = async || peer.start(&account, &folder, &tools).await;
            node::keep(member, &board, stop, Some(server), start).await;
        });
    }
    let (seen, ended, its_tools) = (board.clone(), stop.clone(), tools.clone());
    servers.spawn_local(async move {
        let member = ("consumers".to_owned(), "consumers", url);
        let start = async || Ok(Outside::start(&account, &home, &its_tools).await?.0);
        node::keep(member, &seen, ended, Some(outside), start).await;
    });
    let through = links.map(|links| links.primary);
    let pair = Pair { account, tools, homes, passwords, data, target, through, board: board.clone() };
    let kept = pair.start(say).await?;
    servers.spawn_local(kept.keep(stop.clone()));
    Ok(Running { account, board, servers, stop })
}

/// A server's own folder, cleared of what a predecessor left running in it.
async fn open(data: &Path, name: &str, account: &Account, say: &(dyn Fn(&str) + Sync)) -> Result<Folder> {
    let folder = Folder::open(&data.join(name), account)?;
    stale::clear(&folder, say).await?;
    Ok(folder)
}
