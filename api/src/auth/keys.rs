//! Keys by their tokens. A record is kept for a second: what may not wait that long (whether the key is alive, and its
//! member still what they were) is asked of the database with every read and checked in every append. One that is in use
//! is looked up again before that second is over, by one task: else all who come when it is over would have to.
//!
//! What is remembered and looked up goes by the hash of the whole token: to refuse a wrong secret takes the same steps as to
//! refuse a key that nobody has.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use docket_domain::Actor;
use docket_domain::ids::{KeyId, MemberId, WorkspaceId};
use docket_domain::member::{Role, Status};
use docket_domain::workspace::Plan;
use docket_failpoints::failpoint;
use docket_projections::{Error, KeyRecord, Reads, Standing};

use super::Caller;
use super::token::Token;
use crate::limits::Limits;
use crate::problem::Problem;

/// How long a record is taken as it is.
const FRESH: Duration = Duration::from_secs(1);
/// After how long it is looked up again if it is in use.
const DUE: Duration = Duration::from_millis(500);
/// How long it is remembered that a token was good.
const FAMILIAR: Duration = Duration::from_mins(5);

/// The keys used lately, above the read model. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    reads: Reads,
    /// By the hashes of their tokens.
    seen: moka::sync::Cache<String, Arc<Known>>,
}

/// A key that exists, with what every request asks of it.
pub struct Known {
    record: KeyRecord,
    scopes: Arc<[String]>,
    since: Instant,
    /// Whether somebody has gone to look it up again.
    is_renewed: AtomicBool,
}

impl Keys {
    /// Keys from the read model.
    pub fn new(reads: Reads) -> Self {
        let seen = moka::sync::Cache::builder().max_capacity(10_000).time_to_live(FAMILIAR).build();
        Self { reads, seen }
    }

    /// The key that was sent. A peer that keeps sending keys that don't work is not worth looking them up for a while;
    /// keys that were good not long ago are none the worse for it.
    pub async fn admit(&self, token: &Token, peer: Option<IpAddr>, limits: &Limits) -> Result<Arc<Known>, Problem> {
        let found = match self.known(token) {
            Some(known) => Ok(known),
            None => {
                let barred = peer.filter(|_| !self.is_familiar(token)).and_then(|peer| limits.barred_secs(peer));
                if let Some(seconds) = barred {
                    return Err(Problem::too_many_requests(seconds));
                }
                self.look_up(token).await?.ok_or_else(Problem::unauthorized)
            }
        };
        if let (Err(_), Some(peer)) = (&found, peer) {
            limits.count_failure(peer);
        }
        found
    }

    /// The caller's key as the log has it by now.
    pub async fn again(&self, caller: &Caller) -> Result<Arc<Known>, Problem> {
        let record = self.reads.key_now(caller.workspace, caller.key).await?.ok_or_else(Problem::unauthorized)?;
        let known = Arc::new(Known::new(record));
        self.seen.insert(known.record.key.state.sha256.clone(), known.clone());
        if known.is_good() { Ok(known) } else { Err(Problem::unauthorized()) }
    }

    /// The key behind a token, if it was looked up in the last second and lets the token in.
    fn known(&self, token: &Token) -> Option<Arc<Known>> {
        if failpoint!("mixes-up-tenants") {
            return self.seen.iter().next().map(|(_, known)| known);
        }
        let known =
            self.seen.get(&hash(token)).filter(|known| known.since.elapsed() < FRESH && known.lets_in(token))?;
        if known.is_due() {
            let (keys, token) = (self.clone(), token.clone());
            // If it can't be looked up, whoever comes when the second is over is told.
            tokio::spawn(async move { keys.look_up(&token).await.is_ok() });
        }
        Some(known)
    }

    /// Whether this very token was good not long ago.
    fn is_familiar(&self, token: &Token) -> bool {
        self.seen.get(&hash(token)).is_some_and(|known| known.lets_in(token))
    }

    /// The key behind a token, if there is one and it lets the token in.
    async fn look_up(&self, token: &Token) -> Result<Option<Arc<Known>>, Problem> {
        let hash = hash(token);
        let Some(record) = self.reads.find_key(&hash).await? else { return Ok(None) };
        let known = Arc::new(Known::new(record));
        self.seen.insert(hash, known.clone());
        Ok(Some(known).filter(|known| known.lets_in(token)).inspect(|known| known.is_seen(&self.reads)))
    }
}

/// What is kept of a token, as the read model has it.
fn hash(token: &Token) -> String {
    hex::encode(token.sha256())
}

impl Known {
    fn new(record: KeyRecord) -> Self {
        let scopes = record.key.state.scopes.clone().into();
        Self { record, scopes, since: Instant::now(), is_renewed: AtomicBool::new(false) }
    }

    /// Whether it is time to look it up again, for the first who asks.
    fn is_due(&self) -> bool {
        self.since.elapsed() >= DUE && !self.is_renewed.swap(true, Ordering::Relaxed)
    }

    /// The key with this id as the log has it by now, if it still lets anybody in.
    pub async fn find(reads: &Reads, workspace: WorkspaceId, key: KeyId) -> Result<Option<Self>, Error> {
        Ok(reads.key_now(workspace, key).await?.map(Self::new).filter(Self::is_good))
    }

    fn lets_in(&self, token: &Token) -> bool {
        let secret = hex::decode(&self.record.key.state.sha256).unwrap_or_default();
        token.matches(&secret) && self.is_good()
    }

    fn is_good(&self) -> bool {
        let key = &self.record.key.state;
        let present = self.record.member.as_ref().is_none_or(|member| member.state.status != Status::Inactive);
        key.revoked_at.is_none()
            && !self.record.expired
            && present
            && (key.member_id.is_none() || self.record.member.is_some())
    }

    /// Notes that the key and its member were seen just now: as often as it is looked up is enough.
    fn is_seen(&self, reads: &Reads) {
        let ids = [Some(self.record.key.id), self.record.member.as_ref().map(|member| member.id)];
        reads.saw(self.workspace(), ids.into_iter().flatten());
    }

    /// What its workspace pays for.
    pub fn plan(&self) -> Plan {
        self.record.plan
    }

    /// The tenant.
    pub fn workspace(&self) -> WorkspaceId {
        self.record.workspace
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        KeyId(self.record.key.id)
    }

    /// From when on it is refused.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.record.key.state.expires_at
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.record.key.state.actor(self.id())
    }

    /// The member's role, or that of a key which acts for none.
    pub fn role(&self) -> Role {
        self.record.member.as_ref().map_or(self.record.key.state.role, |member| member.state.role)
    }

    /// The member it acts for, as what they are let in.
    pub fn standing(&self) -> Option<Standing> {
        let member = self.record.member.as_ref()?;
        Some(Standing { member: MemberId(member.id), role: member.state.role, version: member.version })
    }

    /// What the key may do.
    pub fn scopes(&self) -> Arc<[String]> {
        self.scopes.clone()
    }
}
