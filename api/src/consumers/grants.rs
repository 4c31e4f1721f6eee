//! What a key may do there: hear what concerns it, ask for the next message of its own consumer and acknowledge it.

use docket_domain::Actor;
use docket_domain::member::Role;
use serde_json::{Value, json};

use super::Names;
use crate::auth::{Known, access};

/// How long a connection lasts before the server asks again, in seconds.
const LASTS: i64 = 300;
/// What only those hear who look after the workspace.
const GUARDED: [&str; 2] = ["api_key", "webhook"];
/// Subscriptions of a connection, and bytes of what it publishes: acknowledgements are short.
const LIMITS: (i64, i64) = (100, 4_096);

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// Its durable consumer.
    pub consumer: String,
    /// What it may hear.
    pub hears: Vec<String>,
    /// What it may not hear of that.
    pub but: Vec<String>,
    inbox: String,
}

impl Grants {
    /// What this key may do; none, if it may hear nothing.
    pub fn of(key: &Known, names: &Names) -> Option<Self> {
        let (workspace, scopes) = (key.workspace(), key.scopes());
        let mut hears = Vec::new();
        if let (Actor::Member(member), true) = (key.actor(), access::covers(&scopes, "notifications:read")) {
            hears.push(names.notify(&format!("{workspace}.{member}.>")));
        }
        let mut but = Vec::new();
        if access::covers(&scopes, "events:read") {
            hears.push(names.events(&format!("{workspace}.>")));
            if key.role() < Role::Admin {
                but = GUARDED.iter().map(|kind| names.events(&format!("{workspace}.{kind}.>"))).collect();
            }
        }
        let id = key.id();
        (!hears.is_empty()).then(|| Self { consumer: format!("key-{id}"), hears, but, inbox: format!("_INBOX_{id}.>") })
    }

    /// What its consumer brings: of what is hidden in part, the parts that are not.
    pub fn brings(&self, names: &Names) -> Vec<String> {
        if self.but.is_empty() {
            return self.hears.clone();
        }
        let all = names.events("");
        let (events, mut rest): (Vec<String>, Vec<String>) =
            self.hears.iter().cloned().partition(|subject| subject.starts_with(&all));
        for subject in events {
            let kinds = docket_domain::kinds::NAMES.iter().filter(|kind| !GUARDED.contains(*kind));
            rest.extend(kinds.map(|kind| subject.replace('>', &format!("{kind}.>"))));
        }
        rest
    }

    /// The claims of a user who may do this and nothing else.
    pub fn claims(&self, user: &str, issuer: &str, names: &Names, now: i64) -> Value {
        let (stream, consumer) = (names.stream(), &self.consumer);
        let publishes =
            [format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"), format!("$JS.ACK.{stream}.{consumer}.>")];
        let mut hears = self.hears.clone();
        hears.push(self.inbox.clone());
        json!({
            "iss": issuer, "sub": user, "aud": "CONSUMERS", "name": consumer, "iat": now, "exp": now + LASTS,
            "jti": format!("{user}-{now}"),
            "nats": {
                "type": "user", "version": 2, "subs": LIMITS.0, "data": -1, "payload": LIMITS.1,
                "pub": {"allow": publishes}, "sub": {"allow": hears, "deny": self.but},
            },
        })
    }
}
