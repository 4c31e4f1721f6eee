//! Three nats-servers with JetStream that know each other, and one that consumers come to.

use std::path::PathBuf;

use anyhow::Result;

use super::ports::free_ports;
use crate::consumers::Secrets;
use crate::dev::account::Account;
use crate::dev::folder::Folder;
use crate::dev::nats;
use crate::dev::server::Server;
use crate::dev::tools::Tools;

/// One of the three.
pub struct Peer {
    pub name: String,
    pub url: String,
    configuration: String,
}

/// The peers, each with its own ports, which stay the same when it is started again.
pub fn peers(count: usize) -> Result<Vec<Peer>> {
    let (clients, routes) = (free_ports(count * 2)?, count);
    let (clients, routes) = clients.split_at(routes);
    let all: Vec<_> = routes.iter().map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
    let peer = |(nth, (client, route)): (usize, (&u16, &u16))| {
        let name = format!("nats-{}", nth + 1);
        // Clients are given all addresses to begin with; those they are told in passing would lead round a proxy.
        let cluster = format!(
            "cluster {{ name: docket, listen: \"127.0.0.1:{route}\", no_advertise: true, routes: [{}] }}\n",
            all.join(", ")
        );
        let configuration = nats::configuration(&name, &client.to_string(), &cluster);
        Peer { name, url: format!("nats://127.0.0.1:{client}"), configuration }
    };
    Ok(clients.iter().zip(routes).enumerate().map(peer).collect())
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
