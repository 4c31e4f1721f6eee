//! How much is too much: requests by key, by workspace or by address, on each mount as its policies say, and keys that do
//! not work by address. What is counted on one node counts on all. How much one node takes on at a time is in [`room`].
//!
//! A mount asks [`Limits::check`] once for every request and stamps every answer with the [`Decision`].

mod clock;
mod count;
mod decision;
mod ledger;
mod policy;
mod queue;
pub mod room;
mod settings;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use docket_commands::Usage;
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::workspace::Plan;
use tokio_util::sync::CancellationToken;

pub use clock::Clock;
pub use decision::Decision;
use ledger::Ledger;
pub use policy::{Mount, Policy, Who, Window};
pub use room::{Doors, Room, Turn};
pub use settings::Settings;

/// How often the nodes tell each other.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// After how many of those what counts no longer is forgotten.
const SWEEP_EVERY: u32 = 60;
/// How many keys that do not work a peer may send in ten seconds.
const FAILURES: u32 = 20;

/// The limits of one process.
pub struct Limits {
    policies: Vec<Policy>,
    failures: Option<Policy>,
    ledger: Arc<Ledger>,
}

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A key of a workspace that has this plan.
    Key {
        /// The key.
        key: KeyId,
        /// Its workspace.
        workspace: WorkspaceId,
        /// What that pays for.
        plan: Plan,
    },
    /// Somebody without a key that works.
    Peer(IpAddr),
}

impl Limits {
    /// No limits at all.
    pub fn none() -> Self {
        Self { policies: Vec::new(), failures: None, ledger: Arc::new(Ledger::new(Clock::default(), None, None)) }
    }

    /// These limits; without a record that is shared, they are this node's own.
    pub fn new(settings: &Settings, shared: Option<Usage>) -> anyhow::Result<Self> {
        let failures = Policy::failures(FAILURES);
        let ledger = Arc::new(Ledger::new(settings.clock.clone(), settings.patience, shared));
        Ok(Self { policies: settings.policies()?, failures: Some(failures), ledger })
    }

    /// Counts a request to a path below a mount, unless it is one too many by any of the mount's policies.
    pub async fn check(&self, mount: Mount, asker: &Asker, method: &Method, path: &str) -> Decision {
        let now = self.ledger.now();
        let mut decision = Decision::new(mount, now);
        let mut counted = Vec::new();
        for (at, policy) in self.policies.iter().enumerate().filter(|(_, policy)| policy.mount == mount) {
            let Some((whom, cap)) = policy.whom(asker).zip(policy.cap(asker.plan())) else { continue };
            if !policy.counts(method, path) {
                continue;
            }
            let (subject, cap) = (self.ledger.subject(at, policy, whom), i64::from(cap));
            let allowed = decision.allowed() && self.ledger.count(&subject, policy, cap, now).await;
            let refuses = decision.allowed() && !allowed;
            decision.add(policy, cap, subject.standing(now, cap), refuses);
            if allowed {
                counted.push((subject, policy));
            }
        }
        if !decision.allowed() {
            for (subject, policy) in counted {
                self.ledger.give_back(&subject, policy, now);
            }
        }
        decision
    }

    /// Counts a key that does not work.
    pub fn count_failure(&self, peer: IpAddr) {
        self.with_failures(peer, |policy, subject, now| self.ledger.count_here(subject, policy, FAILURES.into(), now));
    }

    /// For how many seconds unknown keys of a peer need not be looked up, because it has sent too many that do not work.
    pub fn barred_secs(&self, peer: IpAddr) -> Option<u64> {
        let standing = self.with_failures(peer, |_, subject, now| subject.standing(now, FAILURES.into()))?;
        (standing.remaining == 0).then(|| standing.next.unsigned_abs().div_ceil(1_000).max(1))
    }

    fn with_failures<T>(&self, peer: IpAddr, act: impl Fn(&Policy, &Arc<ledger::Subject>, i64) -> T) -> Option<T> {
        let policy = self.failures.as_ref()?;
        let whom = policy.whom(&Asker::Peer(peer))?;
        Some(act(policy, &self.ledger.subject(usize::MAX, policy, whom), self.ledger.now()))
    }

    /// Tells the other nodes what was counted here, and learns what they have.
    pub async fn step(&self) {
        self.ledger.note(self.ledger.step().await);
    }

    /// Keeps telling them until the end.
    pub async fn keep_telling(&self, shutdown: CancellationToken) {
        let mut told = 0_u32;
        while shutdown.run_until_cancelled(tokio::time::sleep(TELL_EVERY)).await.is_some() {
            self.step().await;
            told = told.wrapping_add(1);
            if told.is_multiple_of(SWEEP_EVERY) {
                self.ledger.note(self.ledger.sweep().await);
            }
        }
        self.step().await;
    }
}

impl Asker {
    fn plan(&self) -> Plan {
        match self {
            Self::Key { plan, .. } => *plan,
            Self::Peer(_) => Plan::default(),
        }
    }
}

/// Who counts as one peer: an IPv4 address, or an IPv6 /64, within which anybody has addresses without end.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}
