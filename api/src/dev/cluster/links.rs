//! What servers say to each other, through ports of the caller's, who can break it there.

use std::str::FromStr;

use serde::Serialize;

use super::nats::PEERS;

/// The ports of 127.0.0.1 through which servers reach each other.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    /// Through which the standby follows the primary.
    pub primary: u16,
    /// Through which each nats-server is reached by the others.
    pub peers: [u16; PEERS],
}

/// Where one of these ports has to lead.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The port.
    pub port: u16,
    /// `host:port`, the same for as long as the cluster runs.
    pub leads_to: String,
}

impl FromStr for Links {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "four ports, joined by commas: of the primary, and of each nats-server";
        let ports: Result<Vec<u16>, _> = text.split(',').map(str::parse).collect();
        let ports = ports.map_err(|_| wrong)?;
        let (primary, peers) = ports.split_first().ok_or(wrong)?;
        Ok(Self { primary: *primary, peers: peers.try_into().map_err(|_| wrong)? })
    }
}
