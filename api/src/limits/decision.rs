//! What the limits say to one request, and how each mount tells its clients.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use super::clock::Millis;
use super::count::Standing;
use super::policy::{Mount, Policy};
use crate::problem::Problem;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

impl Mount {
    /// The headers by which it tells every answer how much is left.
    pub fn headers(self) -> &'static [HeaderName] {
        static ALL: [HeaderName; 2] = [RATE_LIMIT, RATE_LIMIT_POLICY];
        static NEAREST: [HeaderName; 3] = [X_LIMIT, X_REMAINING, X_RESET];
        match self {
            Self::Native => &ALL,
            Self::Ikreo | Self::Krokanti | Self::Pike => &[],
            Self::Projekt | Self::Generic => &NEAREST,
        }
    }
}

/// What the limits say to one request.
#[derive(Clone, Debug)]
pub struct Decision {
    mount: Mount,
    now: Millis,
    allowed: bool,
    told: Vec<Told>,
}

/// How it stands with one policy.
#[derive(Clone, Debug)]
struct Told {
    who: &'static str,
    cap: i64,
    seconds: i64,
    standing: Standing,
    refuses: bool,
}

impl Decision {
    pub(super) fn new(mount: Mount, now: Millis) -> Self {
        Self { mount, now, allowed: true, told: Vec::new() }
    }

    pub(super) fn add(&mut self, policy: &Policy, cap: i64, standing: Standing, refuses: bool) {
        let (who, seconds) = (policy.who.name(), policy.window.seconds());
        self.allowed &= !refuses;
        self.told.push(Told { who, cap, seconds, standing, refuses });
    }

    /// Whether the request may go on.
    pub fn allowed(&self) -> bool {
        self.allowed
    }

    /// The problem of a request that may not go on.
    pub fn refusal(&self) -> Option<Problem> {
        (!self.allowed).then(|| Problem::too_many_requests(self.retry_after()))
    }

    /// After how many seconds another request may pass.
    fn retry_after(&self) -> u64 {
        let after = self.told.iter().filter(|told| told.refuses).map(Told::reset_secs).max();
        after.unwrap_or_default().max(1).unsigned_abs()
    }

    /// Tells of it on an answer, whatever answer it is, in the way of the mount: all policies by `RateLimit` and
    /// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), the one that is nearest to its end by
    /// `X-RateLimit-*`, or none of them.
    #[must_use]
    pub fn stamp(&self, mut response: Response) -> Response {
        match self.mount {
            Mount::Native => self.tell_all(&mut response),
            Mount::Ikreo | Mount::Krokanti | Mount::Pike => {}
            Mount::Projekt => self.tell_nearest(&mut response, Told::reset_secs),
            Mount::Generic => self.tell_nearest(&mut response, |told| secs(self.now + told.reset())),
        }
        if !self.allowed {
            response.headers_mut().insert(header::RETRY_AFTER, self.retry_after().into());
        }
        response
    }

    fn tell_all(&self, response: &mut Response) {
        if self.told.is_empty() {
            return;
        }
        let all = |one: fn(&Told) -> String| {
            let all: Vec<String> = self.told.iter().map(one).collect();
            HeaderValue::try_from(all.join(", ")).unwrap_or(HeaderValue::from_static(""))
        };
        let policies = all(|told| format!("\"{}\";q={};w={}", told.who, told.cap, told.seconds));
        let now = all(|told| format!("\"{}\";r={};t={}", told.who, told.standing.remaining, told.reset_secs()));
        response.headers_mut().insert(RATE_LIMIT_POLICY, policies);
        response.headers_mut().insert(RATE_LIMIT, now);
    }

    fn tell_nearest(&self, response: &mut Response, reset: impl Fn(&Told) -> i64) {
        let Some(told) = self.told.iter().min_by_key(|told| (!told.refuses, told.standing.remaining)) else { return };
        let remaining = if told.refuses { 0 } else { told.standing.remaining };
        for (name, number) in [(X_LIMIT, told.cap), (X_REMAINING, remaining), (X_RESET, reset(told))] {
            response.headers_mut().insert(name, number.into());
        }
    }
}

impl Told {
    /// How long until the next request may follow, if this one may not; else until the whole limit is there again.
    fn reset(&self) -> Millis {
        if self.refuses { self.standing.next } else { self.standing.whole }
    }

    fn reset_secs(&self) -> i64 {
        secs(self.reset()).min(self.seconds).max(1)
    }
}

/// Rounded up: who comes after so many seconds does not come too early.
fn secs(time: Millis) -> i64 {
    time.div_euclid(1_000) + i64::from(time.rem_euclid(1_000) > 0)
}
