//! Floods against a process of its own, where it can be seen what they cost: that no connection makes it hold much, however
//! little the frames cost who sends them. What becomes of the connections is tried where the accept loop is.

use std::net::SocketAddr;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::frames::{
    CONTINUATION, DATA, HEADERS, LARGEST, LAST, PATIENCE, PING, SETTINGS, WHOLE, frame, head, hear, hello, stream,
};
use crate::node::Node;
use crate::server::{Server, ask, send};

/// How many flood it at a time.
const TOGETHER: usize = 100;
/// How much more the process may ever hold for all of them, in KiB: far more than they need, far less than they ask for.
const MORE: u64 = 64 << 10;
/// Streams at a time that a connection is allowed.
const STREAMS: u32 = 100;

/// A node, and how much it had held at most when nobody had flooded it yet.
struct Target {
    server: Server,
    node: Node,
    before: u64,
}

impl Target {
    async fn new() -> Self {
        let server = Server::start().await;
        let node = Node::start(&server, "api", &[]).await;
        // What is made once, for all who ask, is no cost of a flood.
        for path in ["/v1/projects", "/openapi.json"] {
            let answer = send(ask(&node.url, server.key(), Method::GET, path)).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
        let before = most_held(&node);
        Self { server, node, before }
    }

    fn address(&self) -> SocketAddr {
        self.node.url.trim_start_matches("http://").parse().expect("an address")
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.expect("a connection")
    }

    /// A connection of somebody who has no room for what they are told.
    async fn connect_deaf(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        socket.connect(self.address()).await.expect("a connection")
    }

    /// Sends all this, or as much as is taken, and waits until it is dealt with: the PING after it is answered, or the
    /// connection is over.
    async fn pour(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect().await;
        let last = frame(PING, 0, 0, &[7; 8]);
        for part in [bytes, &last] {
            if timeout(PATIENCE, stream.write_all(part)).await.expect("it is taken, or refused").is_err() {
                break;
            }
        }
        hear(&mut stream, |heard| heard.contains(&(PING, LAST))).await;
        stream
    }

    /// Asks for so many answers and opens no window for any: tells how many came as far as their heads.
    async fn stall(&self, bytes: &[u8]) -> (TcpStream, usize) {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("sent");
        let heads = |heard: &[(u8, u8)]| heard.iter().filter(|(kind, _)| *kind == HEADERS).count();
        let heard = hear(&mut stream, |heard| heads(heard) == STREAMS as usize).await;
        (stream, heads(&heard))
    }

    /// Others are answered, and the process has never held much more than before.
    async fn is_well(&self, what: &str) {
        let answer = send(ask(&self.node.url, self.server.key(), Method::GET, "/v1/projects")).await;
        assert_eq!(answer.status, StatusCode::OK, "{what}: {}", answer.text);
        let more = most_held(&self.node) - self.before;
        assert!(more < MORE, "{what}: {} MiB more", more >> 10);
    }
}

/// How much memory the process has held at most so far, in KiB.
fn most_held(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.id())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok()).expect("a number")
}

/// A value of a megabyte, of which each frame brings as much as one may.
fn long_value() -> Vec<u8> {
    let mut begun = vec![0x00, 1, b'a', 0x7f, 0x81, 0x80, 0x40];
    begun.resize(LARGEST, b'x');
    let more = frame(CONTINUATION, 0, stream(0), &b"x".repeat(LARGEST));
    [hello(&[]), frame(HEADERS, 0, stream(0), &begun), more.repeat(64)].concat()
}

/// Heads that each name a value of 4,000 bytes ten thousand times, by one byte.
fn small_for_large() -> Vec<u8> {
    let mut head = vec![0x82, 0x86, 0x04, 1, b'/', 0x01, 1, b'a', 0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
    head.extend([b'x'; 4_000]);
    head.extend([0xbe; 10_000]);
    let heads = (0..20).flat_map(|nth| frame(HEADERS, WHOLE | LAST, stream(nth), &head));
    hello(&[]).into_iter().chain(heads).collect()
}

/// A body in very many pieces that never ends.
fn pieces(key: &str, piece: &[u8]) -> Vec<u8> {
    let bearer = format!("Bearer {key}");
    let asked = head(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/v1/tasks"),
        (":authority", "a"),
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ]);
    let pieces = frame(DATA, 0, stream(0), piece).repeat(4_000);
    [hello(&[]), frame(HEADERS, WHOLE, stream(0), &asked), pieces].concat()
}

/// As many requests as are allowed at a time, for what is long, by somebody who takes nothing of it.
fn untaken(coding: &str) -> Vec<u8> {
    let asked = head(&[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/openapi.json"),
        (":authority", "a"),
        ("accept-encoding", coding),
    ]);
    let requests = (0..STREAMS).flat_map(|nth| frame(HEADERS, WHOLE | LAST, stream(nth), &asked));
    // SETTINGS_INITIAL_WINDOW_SIZE = 0.
    hello(&[0, 4, 0, 0, 0, 0]).into_iter().chain(requests).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_heads_and_bodies_cost_little_memory() {
    let target = Target::new().await;
    let key = target.server.key();
    for (what, bytes) in [
        ("CONTINUATION without end", long_value()),
        ("small heads that mean large ones", small_for_large()),
        ("empty DATA", pieces(key, b"")),
        ("DATA of one byte", pieces(key, b" ")),
    ] {
        let held = join_all((0..TOGETHER).map(|_| target.pour(&bytes))).await;
        target.is_well(what).await;
        drop(held);
    }
}

/// Nobody has to have a key for these answers, nor to take any of them.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_cost_little_memory() {
    let target = Target::new().await;
    for coding in ["identity", "zstd", "gzip"] {
        let bytes = untaken(coding);
        let held = join_all((0..TOGETHER / 10).map(|_| target.stall(&bytes))).await;
        let begun: usize = held.iter().map(|(_, heads)| heads).sum();
        // On a busy machine some connections are over before all is answered.
        assert!(begun > STREAMS as usize, "{coding}: {begun} answers");
        target.is_well(coding).await;
        drop(held);
    }
}

/// What has to be answered, sent on and on by somebody who reads no answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_never_listens_is_cut_off_and_costs_little_memory() {
    let target = Target::new().await;
    let floods = [("PING", frame(PING, 0, 0, &[0; 8])), ("SETTINGS", frame(SETTINGS, 0, 0, &[]))];
    let cut_off = floods.iter().cycle().take(4).map(async |(what, one)| {
        let mut stream = target.connect_deaf().await;
        stream.write_all(&hello(&[])).await.expect("sent");
        let many = one.repeat(1_000);
        let flood = async { while stream.write_all(&many).await.is_ok() {} };
        timeout(PATIENCE, flood).await.unwrap_or_else(|_| panic!("{what} is taken for ever"));
    });
    join_all(cut_off).await;
    target.is_well("what has to be answered").await;
}
