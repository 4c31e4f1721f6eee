//! Three nats-servers with JetStream that know each other, and one that consumers come to.

use std::path::PathBuf;

use anyhow::Result;

use super::links::Links;
use super::ports::free_ports;
use crate::consumers::Secrets;
use crate::dev::account::Account;
use crate::dev::folder::Folder;
use crate::dev::nats;
use crate::dev::server::Server;
use crate::dev::tools::Tools;

/// As many as it takes for one to be missed by nobody.
pub const PEERS: usize = 3;

/// One of the three.
pub struct Peer {
    pub name: String,
    pub url: String,
    /// Where it waits for the others.
    pub route: String,
    configuration: String,
}

/// The peers, each with its own ports, which stay the same when it is started again.
pub fn peers(links: Option<Links>) -> Result<Vec<Peer>> {
    let ports = free_ports(PEERS * 2)?;
    let (clients, routes) = ports.split_at(PEERS);
    let reached = links.map_or(routes.to_vec(), |links| links.peers.to_vec());
    let peer = |nth: usize| {
        let (name, route) = (format!("nats-{}", nth + 1), format!("127.0.0.1:{}", routes[nth]));
        let others = reached.iter().enumerate().filter(|(other, _)| *other != nth);
        let others: Vec<_> = others.map(|(_, port)| format!("\"nats://127.0.0.1:{port}\"")).collect();
        // All are given all addresses to begin with; those that they are told in passing would lead round a proxy.
        let cluster = format!(
            "cluster {{ name: docket, listen: \"{route}\", advertise: \"127.0.0.1:{}\", no_advertise: true, routes: [{}] }}\n",
            reached[nth],
            others.join(", ")
        );
        let configuration = nats::configuration(&name, &clients[nth].to_string(), &cluster);
        Peer { name, url: format!("nats://127.0.0.1:{}", clients[nth]), route, configuration }
    };
    Ok((0..PEERS).map(peer).collect())
}

impl Peer {
    /// Starts it, and waits until JetStream answers: a majority of the peers has to be there.
    pub async fn start(&self, account: &Account, folder: &Folder, tools: &Tools) -> Result<Server> {
        let (server, _) = nats::launch(account, folder, tools, &self.configuration, &|_| {}).await?;
        Ok(server)
    }
}

/// The server that consumers come to.
pub struct Outside {
    /// Where it is.
    pub url: String,
    /// What nodes know of it: Docket's side, as a file.
    pub secrets: PathBuf,
}

impl Outside {
    /// Starts it, on the port that it had before.
    pub async fn start(account: &Account, folder: &Folder, tools: &Tools) -> Result<(Server, Self)> {
        nats::settle(folder, free_ports(1)?[0])?;
        let (server, Secrets { url, .. }) = nats::start_for_consumers(account, folder, tools, &|_| {}).await?;
        Ok((server, Self { url, secrets: nats::secrets(folder) }))
    }
}
