//! What receivers check messages with, as others check it.

use chrono::{DateTime, TimeDelta, Utc};
use docket_api::webhooks::Sender;
use docket_domain::signatures::{Secret, sign};
use docket_domain::webhook::Fields;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::receiver::{Got, Receiver};
use super::verifiers::Verifiers;
use super::{server, webhook};

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_else(|| panic!("{name}: {of}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_signed_with_the_secrets_of_the_day() {
    let Some(verifiers) = Verifiers::find().await else { return };
    let (server, receiver) = (server().await, Receiver::start().await);
    let path = format!(
        "/v1/webhooks/{}",
        webhook(&server, "CI", &receiver.url(), json!({"event_types": ["project.*"]})).await
    );
    for name in ["Website", "Webshop"] {
        server.project(name).await;
    }
    let mut got = receiver.take(2).await;
    got.sort_by_key(Got::position);
    let secrets = server.get(&format!("{path}/secrets")).await.json();
    let (secret, public) = (text(&secrets, "secret"), text(&secrets, "public_key"));
    assert!(verifiers.shared(&secret, &got[0]) && verifiers.public(&public, &got[0]));
    let earlier = got[0].timestamp.parse::<i64>().expect("seconds") - 1;
    for changed in [
        Got { body: got[0].body.replace("Website", "Webpage"), ..got[0].clone() },
        Got { id: got[1].id.clone(), ..got[0].clone() },
        Got { timestamp: earlier.to_string(), ..got[0].clone() },
    ] {
        assert!(!verifiers.shared(&secret, &changed) && !verifiers.public(&public, &changed), "{changed:?}");
    }

    // While it is rotated, with both; afterwards with the new one only.
    let rotated = server.post(&format!("{path}/rotate"), json!({"old_works_until": "2099-01-01T00:00:00Z"})).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    assert_eq!(rotated.json()["previous_secret"], json!(secret));
    let new = text(&rotated.json(), "secret");
    server.project("Both").await;
    let both = receiver.take(1).await.remove(0);
    assert!(verifiers.shared(&secret, &both) && verifiers.public(&public, &both) && verifiers.shared(&new, &both));
    server.post(&format!("{path}/rotate"), json!({})).await;
    let last = text(&server.get(&format!("{path}/secrets")).await.json(), "secret");
    server.project("One").await;
    let one = receiver.take(1).await.remove(0);
    assert!(!verifiers.shared(&new, &one) && !verifiers.public(&public, &one) && verifiers.shared(&last, &one));
    let feed = server.get("/v1/changes?after=0&limit=1000").await.text;
    assert!(!feed.contains("whsec_") && feed.contains("webhook.created"));
}

#[tokio::test]
async fn the_old_secret_signs_until_its_time_is_over() {
    let Some(verifiers) = Verifiers::find().await else { return };
    let (sender, id) = (Sender::new(&[], &[], b"an installation's").expect("a sender"), Uuid::new_v4());
    let until = Utc::now();
    let fields = Fields { secret_generation: 2, previous_secret_until: Some(until), ..Fields::default() };
    let (old, new) = (Secret::derived(b"an installation's", id, 1), Secret::derived(b"an installation's", id, 2));
    let signed_at = |at: DateTime<Utc>| {
        let (body, timestamp) = ("{}".to_owned(), until.timestamp());
        let signature = sign("0-1", timestamp, &body, &sender.secrets(id, &fields, at));
        Got { id: "0-1".to_owned(), timestamp: timestamp.to_string(), signature, body, event: Value::Null }
    };
    for (at, by_the_old) in [(until - TimeDelta::microseconds(1), true), (until, false)] {
        let got = signed_at(at);
        assert_eq!((verifiers.shared(&old.shared(), &got), verifiers.shared(&new.shared(), &got)), (by_the_old, true));
        assert_eq!((verifiers.public(&old.public(), &got), verifiers.public(&new.public(), &got)), (by_the_old, true));
    }
    assert!(format!("{old:?}").len() < 12, "no secret is shown");
}
