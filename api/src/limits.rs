//! How much is too much: requests per key, and failed keys per peer. In this process only; each node counts its own.
//!
//! GCRA by `governor`: a quota that refills steadily, all of it available at once after a quiet time.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use docket_domain::ids::KeyId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Failed keys a peer may send per minute.
const FAILURES_PER_MINUTE: u32 = 60;
/// After how many checks those who have their whole quota again are forgotten.
const SWEEP_EVERY: u32 = 4_096;
/// How long a peer that sent too many failed keys is barred.
/// For how many seconds a peer is barred.
pub const BARRED_SECS: u64 = 10;
const BARRED_FOR: Duration = Duration::from_secs(BARRED_SECS);

/// The limits of one process.
pub struct Limits {
    keys: Option<Limiter<KeyId>>,
    failures: Option<Limiter<IpAddr>>,
    barred: moka::sync::Cache<IpAddr, ()>,
}

/// What a limit says to one request.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Whether it may go on.
    pub allowed: bool,
    /// How many more may follow at once.
    pub remaining: u32,
    /// Seconds until the next may follow if this may not, else until the whole quota is there again.
    pub reset_secs: u64,
    policy: Option<(&'static str, HeaderValue)>,
}

impl Limits {
    /// No limits at all.
    pub fn none() -> Self {
        Self { keys: None, failures: None, barred: barred() }
    }

    /// So many requests per key and minute, which may come all at once.
    pub fn per_minute(requests: u32) -> Self {
        Self::new(requests, requests)
    }

    /// So many requests per key and minute, of which so many may come at once.
    pub fn new(per_minute: u32, burst: u32) -> Self {
        Self {
            keys: Some(Limiter::new("key", per_minute, burst)),
            failures: Some(Limiter::new("failures", FAILURES_PER_MINUTE, FAILURES_PER_MINUTE)),
            barred: barred(),
        }
    }

    /// Counts a request of a key.
    pub fn check_key(&self, key: KeyId) -> Decision {
        self.keys.as_ref().map_or_else(Decision::unlimited, |limiter| limiter.check(&key))
    }

    /// Counts a failed key of a peer; one too many, and the peer is barred for some seconds.
    pub fn count_failure(&self, peer: IpAddr) -> Decision {
        let peer = network(peer);
        let decision = self.failures.as_ref().map_or_else(Decision::unlimited, |limiter| limiter.check(&peer));
        if !decision.allowed {
            self.barred.insert(peer, ());
        }
        decision
    }

    /// Whether a peer has sent too many failed keys: its unknown keys need not be looked up now.
    pub fn is_barred(&self, peer: IpAddr) -> bool {
        self.barred.contains_key(&network(peer))
    }
}

fn barred() -> moka::sync::Cache<IpAddr, ()> {
    moka::sync::Cache::builder().max_capacity(100_000).time_to_live(BARRED_FOR).build()
}

/// Who counts as one peer: an IPv4 address, or an IPv6 /64, within which anybody has addresses without end.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Decision {
    fn unlimited() -> Self {
        Self { allowed: true, remaining: u32::MAX, reset_secs: 0, policy: None }
    }

    /// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) to an answer.
    #[must_use]
    pub fn stamp(&self, mut response: Response) -> Response {
        if let Some((name, policy)) = &self.policy {
            let now = format!("\"{name}\";r={};t={}", self.remaining, self.reset_secs);
            response.headers_mut().insert(RATE_LIMIT_POLICY, policy.clone());
            response.headers_mut().extend(HeaderValue::try_from(now).ok().map(|now| (RATE_LIMIT, now)));
        }
        response
    }
}

type Governor<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

struct Limiter<K: std::hash::Hash + Eq + Clone> {
    name: &'static str,
    policy: HeaderValue,
    quota: Quota,
    clock: DefaultClock,
    governor: Governor<K>,
    checks: AtomicU32,
}

impl<K: std::hash::Hash + Eq + Clone> Limiter<K> {
    fn new(name: &'static str, per_minute: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(per_minute)).allow_burst(at_least_one(burst));
        let policy = HeaderValue::try_from(format!("\"{name}\";q={};w=60", per_minute.max(1)));
        Self {
            name,
            policy: policy.unwrap_or(HeaderValue::from_static("")),
            quota,
            clock: DefaultClock::default(),
            governor: RateLimiter::dashmap_with_clock(quota, DefaultClock::default()).with_middleware(),
            checks: AtomicU32::new(1),
        }
    }

    fn check(&self, key: &K) -> Decision {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.governor.retain_recent();
        }
        let policy = Some((self.name, self.policy.clone()));
        match self.governor.check_key(key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = self.quota.burst_size().get().saturating_sub(remaining);
                let reset = self.quota.replenish_interval().saturating_mul(used);
                Decision { allowed: true, remaining, reset_secs: whole_seconds(reset), policy }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Decision { allowed: false, remaining: 0, reset_secs: whole_seconds(wait).max(1), policy }
            }
        }
    }
}

/// Rounded up: who comes after so many seconds does not come too early.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key(number: u128) -> KeyId {
        KeyId(Uuid::from_u128(number))
    }

    #[test]
    fn a_key_has_its_quota_and_no_more() {
        let limits = Limits::per_minute(5);
        let remaining: Vec<u32> = (0..5).map(|_| limits.check_key(key(1)).remaining).collect();
        assert_eq!(remaining, [4, 3, 2, 1, 0]);
        let refused = limits.check_key(key(1));
        assert_eq!((refused.allowed, refused.remaining, refused.reset_secs), (false, 0, 12));
        assert!(limits.check_key(key(2)).allowed, "another key has its own");
    }

    #[test]
    fn a_burst_is_smaller_than_the_quota_if_wanted() {
        let limits = Limits::new(600, 2);
        assert_eq!([0; 3].map(|_| limits.check_key(key(1)).allowed), [true, true, false]);
        assert_eq!(limits.check_key(key(1)).reset_secs, 1);
    }

    #[test]
    fn the_answer_says_how_much_is_left() {
        let limits = Limits::per_minute(600);
        let stamped = |decision: &Decision| decision.stamp(Response::default());
        let answer = stamped(&limits.check_key(key(1)));
        assert_eq!(answer.headers()[RATE_LIMIT_POLICY], "\"key\";q=600;w=60");
        assert_eq!(answer.headers()[RATE_LIMIT], "\"key\";r=599;t=1");
        assert!(stamped(&Limits::none().check_key(key(1))).headers().is_empty());
    }

    #[test]
    fn without_limits_everything_passes() {
        let limits = Limits::none();
        assert!((0..10_000).all(|_| limits.check_key(key(1)).allowed));
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert!((0..1_000).all(|_| limits.count_failure(peer).allowed) && !limits.is_barred(peer));
    }

    #[test]
    fn a_peer_with_many_failures_is_barred_and_no_other() {
        let limits = Limits::per_minute(5);
        let peer = |text: &str| text.parse::<IpAddr>().expect("an address");
        for _ in 0..FAILURES_PER_MINUTE {
            assert!(limits.count_failure(peer("2001:db8::1")).allowed);
        }
        assert!(!limits.is_barred(peer("2001:db8::1")));
        assert!(!limits.count_failure(peer("2001:db8::2")).allowed, "the same /64");
        assert!(limits.is_barred(peer("2001:db8::3")));
        assert!(!limits.is_barred(peer("2001:db8:1::1")));
        assert_eq!(network(peer("::ffff:10.0.0.1")), peer("10.0.0.1"));
        assert_ne!(network(peer("10.0.0.1")), network(peer("10.0.0.2")));
    }

    #[test]
    fn those_with_their_whole_quota_are_forgotten() {
        let limiter = Limiter::new("key", 60_000_000, 1);
        for number in 0..20_000_u32 {
            limiter.check(&number);
        }
        assert!(limiter.governor.len() < 10_000, "{}", limiter.governor.len());
    }
}
