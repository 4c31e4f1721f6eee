//! What is heard while there is nothing to hear.

use serde_json::json;

use super::listen::Listener;
use super::{EVENTS, NOTIFICATIONS, changes};
use crate::server::Server;

fn position(id: &str) -> i64 {
    id.split_once('-').and_then(|(_, position)| position.parse().ok()).expect("a position")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_says_that_it_is_there_and_how_far_it_is() {
    let server = Server::start_with(|config| config.stream_silence = 1).await;
    let tasks = format!("{EVENTS}?kinds=task");
    let project = server.project("Website").await;
    for path in [tasks.as_str(), NOTIFICATIONS] {
        let mut stream = Listener::open(&server.url, server.key(), path, None).await;
        // Nothing that it shows.
        server.made("/v1/labels", json!({"name": path})).await;
        let now = changes(&server, server.key(), "after=0&limit=1000").await["position"].clone();
        let now = position(now.as_str().expect("a position"));
        while position(stream.sign_of_life().await) < now {}
        // Whoever comes again begins there.
        let last = stream.last_id.clone();
        drop(stream);
        server.task(&project, path).await;
        server.post("/v1/notifications", json!({"title": path})).await;
        let mut stream = Listener::open(&server.url, server.key(), path, Some(&last)).await;
        assert_eq!(stream.next().await.expect("an event")["data"]["state"]["title"], path);
    }
}
