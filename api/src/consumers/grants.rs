//! What a key may do there: hear what concerns it, ask for the next message of its own consumer and acknowledge it.

use docket_failpoints::failpoint;
use serde_json::{Value, json};

use super::Names;
use super::pass::Pass;
use crate::auth::{Known, access};

/// How long somebody is let in for, in seconds. Whoever is still there then is cut off with an error that ends some
/// clients for good; so they are [sent away](super::inside) sooner, which makes them come again.
pub const LASTS: i64 = 3_600;
/// What only those hear who look after the workspace.
const GUARDED: [&str; 2] = ["api_key", "webhook"];

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// Whose they are.
    pub pass: Pass,
    /// What it may hear.
    pub hears: Vec<String>,
    /// What it may not hear of that.
    pub but: Vec<String>,
    ends_at: Option<i64>,
}

impl Grants {
    /// What this key may do; none, if it may hear nothing.
    pub fn of(key: &Known, names: &Names) -> Option<Self> {
        let (pass, workspace, scopes) = (Pass::of(key), key.workspace(), key.scopes());
        let mut hears = Vec::new();
        if let (Some(member), true) = (pass.member, access::covers(&scopes, "notifications:read")) {
            let whose = if failpoint!("lets-others-hear") { "*".to_owned() } else { member.to_string() };
            hears.push(names.notify(&format!("{workspace}.{whose}.>")));
        }
        let mut but = Vec::new();
        if access::covers(&scopes, "events:read") {
            hears.push(names.events(&format!("{workspace}.>")));
            if !pass.is_admin {
                but = GUARDED.iter().map(|kind| names.events(&format!("{workspace}.{kind}.>"))).collect();
            }
        }
        let ends_at = key.expires_at().map(|at| at.timestamp());
        (!hears.is_empty()).then_some(Self { pass, hears, but, ends_at })
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
        let (stream, consumer) = (names.stream(), self.pass.consumer());
        let publishes =
            [format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"), format!("$JS.ACK.{stream}.{consumer}.>")];
        let mut hears = self.hears.clone();
        hears.push(format!("_INBOX_{}.>", self.pass.key));
        let ends_at = self.ends_at.map_or(now + LASTS, |at| at.min(now + LASTS));
        json!({
            "iss": issuer, "sub": user, "aud": "CONSUMERS", "name": self.pass.to_text(), "iat": now, "exp": ends_at,
            "jti": format!("{user}-{now}"),
            "nats": {
                // How much is too much is in the server's configuration: what is said of it here is not heeded.
                "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1,
                "pub": {"allow": publishes}, "sub": {"allow": hears, "deny": self.but},
            },
        })
    }
}
