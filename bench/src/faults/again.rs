//! What a run has left, looked at once more: what the log, its trees and the read models say of each other. What clients
//! were told is gone with them.

use anyhow::Result;

use crate::cluster::{Cluster, free_ports};
use crate::facts::Facts;
use crate::history::History;
use crate::node::Node;
use crate::options::Options;
use crate::run::{QUIET, reckon};

/// Starts the servers of a kept folder, lets a node finish what was under way, and checks; an error says what is wrong.
pub async fn run(options: &Options) -> Result<()> {
    let cluster = Cluster::start(options).await?;
    let outcome = tokio::select! {
        outcome = all(&cluster) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    cluster.stop(true).await;
    outcome
}

async fn all(cluster: &Cluster) -> Result<()> {
    let ports = free_ports(2)?;
    let mut node = Node::new(cluster, "again", "api,relay,projector", (ports[0], ports[1])).await?;
    node.start()?;
    node.reachable().await?;
    let database = cluster.database().await?;
    Facts::settle(&database, QUIET).await?;
    node.stop("TERM").await;
    let facts = Facts::load(cluster, &database).await?;
    println!("{} events", facts.events.len());
    reckon(cluster, &database, &facts, &History::default()).await
}
