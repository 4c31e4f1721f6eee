//! An upgrade: nodes of both versions side by side, replaced one after the other while clients write. The version after
//! this one is not there yet, so this one takes its part; `docket-faults --from OLD` does the same with two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};

use crate::node::Node;
use crate::server::{Server, ask};

/// Writes until told to stop, each time to whichever node answers, and reads it at once; answers the ids of what it was
/// told to be written. What a node that ends has not answered is sent again, as any client would.
async fn write(who: usize, urls: [String; 2], key: String, enough: Arc<AtomicBool>) -> Vec<String> {
    let mut written = Vec::new();
    for nth in 0.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        let body = json!({"name": format!("Project {nth} of {who}")});
        let mut answer = None;
        // Two nodes, and one of them may end while it is asked: the second try of each finds the other.
        for url in urls.iter().cycle().skip(nth % 2).take(4) {
            let request =
                ask(url, &key, Method::POST, "/v1/projects").header("Idempotency-Key", format!("{who}-{nth}"));
            if let Ok(sent) = request.json(&body).send().await {
                answer = Some((url, sent));
                break;
            }
        }
        let (url, answer) = answer.expect("one of the two nodes answers at any time");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, 201, "{text}");
        let made: serde_json::Value = serde_json::from_str(&text).expect("json");
        let id = made["id"].as_str().expect("an id").to_owned();
        if let Ok(read) = ask(url, &key, Method::GET, &format!("/v1/projects/{id}")).send().await {
            assert_eq!(read.status(), 200, "{id}");
        }
        written.push(id);
    }
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_replaced_one_by_one_and_nobody_notices() {
    let server = Server::start().await;
    let roles = "api,relay,projector";
    let mut nodes = [Node::start(&server, roles, &[]).await, Node::start(&server, roles, &[]).await];
    let urls = [nodes[0].url.clone(), nodes[1].url.clone()];
    let enough = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> =
        (0..3).map(|who| tokio::spawn(write(who, urls.clone(), server.key().to_owned(), enough.clone()))).collect();
    for node in &mut nodes {
        node.replace().await;
    }
    enough.store(true, Ordering::Relaxed);
    let mut written = std::collections::BTreeSet::new();
    for client in clients {
        written.extend(client.await.expect("a client that noticed nothing"));
    }
    assert!(!written.is_empty());
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    let stored: Vec<String> =
        sqlx::query_scalar("select stream::text from log.events where event_type = 'project.created' order by 1")
            .fetch_all(&mut database)
            .await
            .expect("events");
    assert_eq!(stored, written.into_iter().collect::<Vec<_>>());
}
