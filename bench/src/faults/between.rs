//! The links between servers, and those over which consumers come.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde_json::Value;

use crate::menu::{PEERS, Servers};
use crate::proxy::{Link, Mode, Target};

/// All of them. Where each leads stands in `cluster.json`, which is written when they are open already.
pub struct Between {
    standby: Link,
    peers: Vec<Link>,
    consumers: Link,
}

impl Between {
    /// Opens them.
    pub async fn open(state: PathBuf) -> Result<Self> {
        let standby = Link::open_to(asked(state.clone(), "/links/0/leads_to".to_owned())).await?;
        let mut peers = Vec::new();
        for nth in 1..=PEERS {
            peers.push(Link::open_to(asked(state.clone(), format!("/links/{nth}/leads_to"))).await?);
        }
        let consumers = Link::open_to(asked(state, "/consumers_url".to_owned())).await?;
        Ok(Self { standby, peers, consumers })
    }

    /// The ports through which servers are to reach each other, for `docket dev --cluster`.
    pub fn ports(&self) -> String {
        let ports: Vec<_> = [&self.standby].into_iter().chain(&self.peers).map(|link| link.port.to_string()).collect();
        ports.join(",")
    }

    /// Where consumers come to.
    pub fn consumers_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.consumers.port)
    }

    /// From now on these behave so.
    pub fn set(&self, servers: Servers, mode: Mode) {
        match servers {
            Servers::Standby => self.standby.set(mode),
            Servers::Peers => self.peers.iter().for_each(|link| link.set(mode)),
            Servers::Consumers => self.consumers.set(mode),
        }
    }

    /// All is well again.
    pub fn heal(&self) {
        for servers in [Servers::Standby, Servers::Peers, Servers::Consumers] {
            self.set(servers, Mode::Open);
        }
    }
}

/// What the file says at a place, whenever it is asked.
fn asked(state: PathBuf, place: String) -> Target {
    Arc::new(move || {
        let state: Value = serde_json::from_slice(&std::fs::read(&state).ok()?).ok()?;
        let address = state.pointer(&place)?.as_str()?;
        Some(address.trim_start_matches("nats://").to_owned())
    })
}
