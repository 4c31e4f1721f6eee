//! Whoever may no longer hear something hears it no longer, on any stream and whatever the reason.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use super::listen::{Listener, connect};
use super::{EVENTS, NOTIFICATIONS, data, types};
use crate::server::{Server, ask, send};

/// So long it may take until a stream ends.
const LATE: TimeDelta = TimeDelta::seconds(2);

/// Why somebody may no longer listen.
#[derive(Clone, Copy, Debug)]
enum Reason {
    Revoked,
    Rotated,
    Expired,
    Deactivated,
    Erased,
    Demoted,
}

/// Somebody with a key: who, and the key.
struct Somebody {
    member: String,
    id: String,
    token: String,
    ends_at: Option<DateTime<Utc>>,
}

impl Somebody {
    async fn come(server: &Server, name: &str, reason: Reason) -> Self {
        let (member, _) = server.member(name, "admin").await;
        // Time enough to begin to listen.
        let ends_at = matches!(reason, Reason::Expired).then(|| Utc::now() + TimeDelta::seconds(20));
        let mut key = json!({"label": "k", "member_id": member, "scopes": ["admin"]});
        if let Some(ends_at) = ends_at {
            key["expires_at"] = json!(ends_at);
        }
        let minted = server.post("/v1/keys", key).await.json();
        let text = |name: &str| minted[name].as_str().unwrap_or_else(|| panic!("{minted}")).to_owned();
        Self { member, id: text("id"), token: text("token"), ends_at }
    }

    /// Lets it come to pass; answers when it was so.
    async fn meet(&self, server: &Server, reason: Reason) -> DateTime<Utc> {
        let (key, member) = (format!("/v1/keys/{}", self.id), format!("/v1/members/{}", self.member));
        let done = match reason {
            Reason::Expired => return self.ends_at.expect("an end"),
            Reason::Revoked => server.delete(&key).await,
            Reason::Rotated => server.post(&format!("{key}/rotate"), json!({})).await,
            Reason::Deactivated => server.post(&format!("{member}/deactivate"), json!({})).await,
            Reason::Erased => server.delete(&format!("{member}/personal-data")).await,
            Reason::Demoted => server.patch(&member, json!({"role": "viewer"})).await,
        };
        assert!(done.status.is_success(), "{reason:?}: {}", done.text);
        Utc::now()
    }
}

/// How late the streams of somebody end for this reason.
async fn lateness(server: &Server, name: &str, reason: Reason) -> TimeDelta {
    let somebody = Somebody::come(server, name, reason).await;
    let mut streams = Vec::new();
    for path in [EVENTS, NOTIFICATIONS] {
        streams.push(Listener::open(&server.url, &somebody.token, path, None).await);
    }
    let since = somebody.meet(server, reason).await;
    for mut stream in streams {
        while stream.next().await.is_some() {}
    }
    let late = Utc::now() - since;
    let status = connect(&server.url, &somebody.token, EVENTS, None).await.status();
    let is_welcome = matches!(reason, Reason::Demoted);
    assert_eq!(status, if is_welcome { StatusCode::OK } else { StatusCode::UNAUTHORIZED }, "{reason:?}");
    late
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_no_longer_listen_hears_nothing_after_two_seconds() {
    use Reason::{Deactivated, Demoted, Erased, Expired, Revoked, Rotated};
    let server = Server::start().await;
    for reason in [Revoked, Rotated, Expired, Deactivated, Erased, Demoted] {
        let mut late = Vec::new();
        // A machine that has much else to do is late now and then, but not each time.
        while late.last().is_none_or(|late| *late >= LATE) {
            assert!(late.len() < 4, "{reason:?}: {late:?}");
            late.push(lateness(&server, &format!("{reason:?}{}", late.len()), reason).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_readable_only_later_is_not_missed() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "admin").await;
    let mut stream = Listener::open(&server.url, &adas, EVENTS, None).await;
    let mut holder = PgConnection::connect(&server.db.url).await.expect("a connection");
    holder.execute("begin; lock table read_members.members in share mode").await.expect("a lock");
    let demoted = server.patch(&format!("/v1/members/{ada}"), json!({"role": "viewer"})).await;
    assert_eq!(demoted.status, StatusCode::OK, "{}", demoted.text);
    // Each waits for as long as one does who listens and may be somebody else.
    for _ in 0..2 {
        let late = server.ask(Method::GET, "/v1/members").send().await.expect("an answer");
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    holder.execute("commit").await.expect("a commit");
    while stream.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_after_the_workspace_no_longer_hears_no_more_of_its_keys() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "admin").await;
    let key = json!({"label": "Secret", "service_role": "viewer", "scopes": ["tasks:read"]});
    let path = format!("{EVENTS}?kinds=api_key,project");
    let mut stream = Listener::open(&server.url, &adas, &path, None).await;
    server.made("/v1/keys", key.clone()).await;
    assert_eq!(types(&stream.take(1).await), ["api_key.minted"]);
    let heard = stream.last_id.clone();

    // Who waits is answered as who they are by then.
    let waits = format!("/v1/changes?after={heard}&wait=30&kinds=api_key,project");
    let waits = tokio::spawn(send(ask(&server.url, &adas, Method::GET, &waits)));
    let demoted = server.patch(&format!("/v1/members/{ada}"), json!({"role": "member"})).await;
    assert_eq!(demoted.status, StatusCode::OK, "{}", demoted.text);
    assert!(stream.next().await.is_none(), "it goes on as who they were");
    server.made("/v1/keys", key).await;
    server.project("Website").await;
    let answer = waits.await.expect("an answer");
    assert_eq!(types(data(&answer.json())), ["project.created"], "{}", answer.text);
    let mut again = Listener::open(&server.url, &adas, &path, Some(&heard)).await;
    assert_eq!(types(&again.take(1).await), ["project.created"]);
}
