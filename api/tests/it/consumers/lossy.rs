//! A line on which a message is lost: it comes again, and nothing that happened to the same thing overtakes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};
use tokio::net::TcpListener;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::world::{World, fetch, hears_of_project, secrets};

/// Loses the first message on a subject that ends so; says how many it lost.
async fn lossy(upstream: String, ending: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("nats://{}", listener.local_addr().expect("an address"));
    let lost = Arc::<AtomicUsize>::default();
    let counted = lost.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = tokio::net::TcpStream::connect(&upstream).await else { continue };
            let ((from_client, mut to_client), (mut from_server, to_server)) =
                (client.into_split(), server.into_split());
            let lost = counted.clone();
            tokio::spawn(async move { carry(from_client, to_server, ending, &lost).await });
            tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
        }
    });
    (url, lost)
}

/// Message by message: a line, and as many bytes as it says in the end, if it is one that carries any.
async fn carry(from: OwnedReadHalf, mut to: OwnedWriteHalf, ending: &str, lost: &AtomicUsize) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    while from.read_until(b'\n', &mut message).await? > 0 {
        let line = String::from_utf8_lossy(&message).into_owned();
        let words: Vec<_> = line.split_whitespace().collect();
        if matches!(words.first(), Some(&("PUB" | "HPUB"))) {
            let length: u64 = words.last().and_then(|length| length.parse().ok()).expect("a length");
            (&mut from).take(length + 2).read_to_end(&mut message).await?;
            if words[1].ends_with(ending) && lost.fetch_add(1, Ordering::SeqCst) == 0 {
                message.clear();
            }
        }
        to.write_all(&message).await?;
        message.clear();
    }
    to.shutdown().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_on_its_way_is_not_overtaken_by_what_happened_to_the_same() {
    let secrets = secrets();
    let upstream = secrets.url.strip_prefix("nats://").expect("an address").to_owned();
    let (url, lost) = lossy(upstream, ".task.retitled").await;
    let mut served = secrets.clone();
    served.url = url;
    let world = World::start_with(secrets, |config| config.consumers = Some(served)).await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (client, _) = world.connect(&id, &token).await;
    let project = world.server.project("Website").await;
    hears_of_project(&world, &client, &id).await;
    let task = world.server.task(&project, "Login").await;
    world.server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Sign in", "status": "done"})).await;
    let mut versions = Vec::new();
    while versions.last() != Some(&Some(3)) {
        let event = fetch(&world, &client, &id, 1).await.remove(0);
        versions.push(event["data"]["resource"]["version"].as_i64());
    }
    assert_eq!(versions, [Some(1), Some(2), Some(3)]);
    assert!(lost.load(Ordering::SeqCst) > 1, "it was lost, and came again");
}
