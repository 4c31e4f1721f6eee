//! A cluster of private servers on one machine, as `docket dev --cluster` and the fault tests use it: PostgreSQL with a
//! synchronous standby that takes over when it dies, three nats-servers with JetStream, one that consumers come to, and any programs that are to be
//! kept running beside them. Whatever dies is started again.
//!
//! ```text
//! postgres-1/ postgres-2/ nats-1/ nats-2/ nats-3/ consumers/      a server each, in a data folder like that of `docket dev`
//! primary                                              which PostgreSQL is written to
//! cluster.json                                         what runs where, written anew at each change
//! <node>.log                                           what a node says
//! ```
//!
//! Clients reach PostgreSQL through a gate, which always leads to the primary. A commit is acknowledged when both have
//! it: without a standby, commits wait until there is one again. Servers reach each other directly, or through [`Links`].

mod board;
mod gate;
mod keeper;
mod links;
mod nats;
mod node;
mod ports;
mod postgres;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot, watch};

pub use board::{Member, State};
pub use links::{Link, Links};
pub use node::Node;
pub use ports::free_ports;

use super::folder::default_folder;

/// A running cluster. Dropping it stops it in the background; [`Cluster::stop`] waits for it.
#[derive(Debug)]
pub struct Cluster {
    state: watch::Receiver<State>,
    nodes: mpsc::UnboundedSender<Node>,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

/// Where `docket dev --cluster` keeps its data when not told: beside the folder of `docket dev`.
pub fn default_cluster_folder() -> Result<PathBuf> {
    let alone = default_folder()?;
    let name = alone.file_name().unwrap_or_default().to_string_lossy();
    Ok(alone.with_file_name(format!("{name}-cluster")))
}

impl Cluster {
    /// Starts all servers on the folder `data`, making it if need be, and tells `say` what takes long. With `links`, somebody
    /// has to carry what comes to these ports to where [`State::links`] says.
    pub async fn start(data: &Path, links: Option<Links>, say: &(dyn Fn(&str) + Sync)) -> Result<Self> {
        let (says, mut heard) = mpsc::unbounded_channel::<String>();
        let (ready, started) = oneshot::channel();
        let (stop, stopping) = oneshot::channel();
        let (done, stopped) = oneshot::channel();
        let (nodes, wanted) = mpsc::unbounded_channel();
        let order = keeper::Order { data: std::path::absolute(data)?, links, says, ready, stopping, nodes: wanted };
        // One thread for all, as only it may start them: see the module above.
        std::thread::Builder::new().name("docket-cluster".into()).spawn(move || {
            keeper::keep(order);
            let _ = done.send(());
        })?;
        while let Some(line) = heard.recv().await {
            say(&line);
        }
        let state = started.await.context("the cluster's own thread ended early")??;
        Ok(Self { state, nodes, stop, stopped })
    }

    /// What runs where, at the moment.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Starts a program and keeps it running; answers when it can be reached.
    pub async fn run(&self, node: Node) -> Result<()> {
        let name = node.name.clone();
        let _ = self.nodes.send(node);
        let mut state = self.state.clone();
        let up = |state: &State| state.members.iter().any(|member| member.name == name && member.process.is_some());
        state.wait_for(up).await.context("the cluster is gone")?;
        Ok(())
    }

    /// Stops all in order, the nodes first, and waits for it.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.stopped.await;
    }
}
