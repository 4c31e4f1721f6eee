//! Ports that can be kept: a server that is started again finds its port as it left it.

use std::net::TcpListener;

use anyhow::{Context, Result};

/// Below those that systems give to outgoing connections, which would take a port while its server is away.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// So many ports of the loopback address that nobody listens on.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let length = RANGE.end - RANGE.start;
    let start = rand::random::<u16>() % length;
    let all = (0..length).map(|nth| RANGE.start + (start + nth) % length);
    // Held until all are found, so that none is found twice.
    let held: Vec<_> = all.filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok()).take(count).collect();
    let ports: Vec<_> = held.iter().filter_map(|held| Some(held.local_addr().ok()?.port())).collect();
    (ports.len() == count).then_some(ports).context("no ports are free on 127.0.0.1")
}
