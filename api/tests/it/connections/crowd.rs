//! A crowd that connects and says nothing, four times as many as there is room for. Who asks is answered, and of the others
//! there are never more inside than there is room for: those who have been quiet are let go, so that the next can come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode};
use rustix::process::{Resource, getrlimit};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::node::{Node, serve};
use crate::server::Server;

/// How many come.
const MANY: usize = 10_000;
/// Who finds no place in the queue tries again after seconds, and this machine may do much else.
const PATIENCE: Duration = Duration::from_mins(3);

/// How many can come: each is an open file of this process, which needs others, too.
fn crowd() -> usize {
    getrlimit(Resource::Nofile).current.map_or(MANY, |files| MANY.min(files as usize / 2))
}

/// Comes and says nothing until it is let go.
async fn come(address: String, gone: Arc<AtomicUsize>) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let read = stream.read(&mut [0]).await;
    assert!(!matches!(read, Ok(1..)), "nothing is said to who says nothing");
    gone.fetch_add(1, Ordering::Relaxed);
}

/// Whether this is answered as ever. A connection may be gone that was quiet itself: whoever finds that asks again.
async fn is_answered(request: RequestBuilder) -> bool {
    for _ in 0..3 {
        if let Ok(answer) = request.try_clone().expect("no body").send().await {
            return answer.status() == StatusCode::OK && answer.bytes().await.is_ok();
        }
    }
    false
}

/// How many connections the node says it has.
async fn inside(client: &Client, node: &Node) -> usize {
    let scrape = client.get(&node.metrics).send().await.expect("metrics").text().await.expect("text");
    let line = scrape.lines().find_map(|line| line.strip_prefix("docket_http_connections "));
    line.and_then(|count| count.parse::<f64>().ok()).expect("a number") as usize
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_says_nothing_keeps_nobody_from_being_answered() {
    let server = Server::start().await;
    let crowd = crowd();
    let room = crowd / 4;
    let mut command = serve(&server);
    command.args(["--no-limits", "--roles", "api", "--connections", &room.to_string()]);
    let node = Node::run(command).await;
    let asked = |client: &Client| client.get(format!("{}/v1/projects", node.url)).bearer_auth(server.key());
    let client = Client::new();
    assert!(is_answered(asked(&client)).await, "before anybody comes");

    let (gone, mut visitors) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for _ in 0..crowd {
        visitors.spawn(come(node.url.trim_start_matches("http://").to_owned(), gone.clone()));
    }
    let newcomer = tokio::spawn(is_answered(asked(&Client::new())));
    let (begun, mut most) = (Instant::now(), 0);
    // Those who come last may stay, for nobody waits for their places.
    while gone.load(Ordering::Relaxed) < crowd / 2 {
        assert!(is_answered(asked(&client)).await, "with {most} inside");
        let inside = inside(&client, &node).await;
        assert!(inside <= room, "{inside} are inside, and there is room for {room}");
        most = most.max(inside);
        assert!(begun.elapsed() < PATIENCE, "{} of {crowd} were let go", gone.load(Ordering::Relaxed));
    }
    assert!(most > room / 2, "{most} came in, and there is room for {room}");
    assert!(newcomer.await.expect("a task"), "who comes with the crowd");
}
