//! Messages on subjects that are not theirs: nobody hears of another workspace by them.

use std::time::{Duration, Instant};

use async_nats::jetstream::{self, message::StreamMessage, stream::Stream};
use docket_domain::envelope;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::consumers::world::{PATIENCE, World, next};
use crate::harness;
use crate::server::{ask, send};

/// The message about something, once it is in the stream.
async fn about(stream: &mut Stream, id: &str) -> StreamMessage {
    let begun = Instant::now();
    loop {
        let last = stream.info().await.expect("the stream").state.last_sequence;
        for sequence in 1..=last {
            let message = stream.get_raw_message(sequence).await.expect("a message");
            if String::from_utf8_lossy(&message.payload).contains(id) {
                return message;
            }
        }
        assert!(begun.elapsed() < PATIENCE, "{id} is published");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Whoever may publish on every subject, and has every message that was ever sealed, still can't show one workspace
/// what another has: what is told comes from the log, and what is shown has the workspace that is sealed.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_on_anothers_subject_is_nothing_to_them() {
    let world = World::start().await;
    let (ours, other) = (&world.server, world.server.another_workspace().await);
    let theirs = other.keys[0].token.clone();
    let (key, token) = world.key(json!({"service_role": "admin", "scopes": ["events:read"]})).await;
    let (listener, _) = world.connect(&key, &token).await;
    let heard = world.subject(&format!("events.{}.project.>", world.workspace()));
    let mut heard = listener.subscribe(heard).await.expect("a subscription");
    listener.flush().await.expect("sent");

    let secret = send(ask(&ours.url, &theirs, Method::POST, "/v1/projects").json(&json!({"name": "secret"}))).await;
    let secret = secret.json()["id"].as_str().expect("an id").to_owned();
    let jetstream = jetstream::new(async_nats::connect(harness::nats_url()).await.expect("NATS"));
    let mut stream = jetstream.get_stream(envelope::stream_name(&ours.prefix)).await.expect("the stream");
    let message = about(&mut stream, &secret).await;

    // As it was sealed, and as if it were ours, on our subject and on theirs.
    let (them, us) = (other.workspace_id.to_string(), world.workspace());
    let seal = message.headers.get(envelope::SEAL).expect("a seal").to_string();
    let body = String::from_utf8(message.payload.to_vec()).expect("text");
    for (body, of) in [(body.clone(), &us), (body.replace(&them, &us), &us), (body.replace(&them, &us), &them)] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(envelope::SEAL, seal.as_str());
        let subject = message.subject.replace(&them, of);
        let sent = jetstream.publish_with_headers(subject, headers, body.into()).await;
        sent.expect("sent").await.expect("in the stream");
    }

    let after = ours.project("after").await;
    let (_, event) = next(&mut heard).await;
    assert_eq!(event["data"]["resource"]["id"], Value::from(after.as_str()), "{event}");
    let list = ours.get("/v1/projects").await.json();
    assert_eq!((&list["total"], &list["data"][0]["id"]), (&json!(1), &Value::from(after)));
    assert_eq!(ours.get(&format!("/v1/projects/{secret}")).await.status, 404);
    let list = send(ask(&ours.url, &theirs, Method::GET, "/v1/projects")).await.json();
    assert_eq!((&list["total"], &list["data"][0]["id"]), (&json!(1), &Value::from(secret)));
}
