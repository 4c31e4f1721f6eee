//! What is too much: a policy says who is counted, for what, in which time, and how many requests are let through. It is
//! written on one line, the same in the defaults, in a file and on the command line:
//!
//! ```text
//! projekt  key  POST,PUT /projects,/projects/*  30/1m  enterprise=60
//! ```

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::Method;
use docket_domain::workspace::Plan;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::clock::Millis;
use super::{Asker, network};

/// The API a request came to: each has its own limits, and its own way to tell of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// Docket's own.
    Native,
    /// ikreo's.
    Ikreo,
    /// Krokanti's.
    Krokanti,
    /// Pike's.
    Pike,
    /// Projekt's.
    Projekt,
    /// The generic one.
    Generic,
}

/// Who is counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Each key.
    Key,
    /// All keys of a workspace together.
    Workspace,
    /// Who sends no key that works, by address.
    Peer,
}

/// The time in which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How long it is.
    pub length: Millis,
    /// How finely it slides; as long as itself, it starts anew with each calendar day (UTC).
    pub slot: Millis,
}

/// One limit.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where it holds.
    pub mount: Mount,
    /// Who is counted.
    pub who: Who,
    /// In which time.
    pub window: Window,
    /// For what; anything, unless said.
    route: Option<Route>,
    /// How many requests are let through, by plan; none: as many as come.
    caps: [Option<u32>; PLANS.len()],
    /// All of the line but the numbers: changing those does not make it another policy.
    name: String,
}

/// Which requests are counted.
#[derive(Clone, Debug)]
struct Route {
    methods: Vec<Method>,
    paths: Vec<String>,
}

const PLANS: [(Plan, &str); 4] =
    [(Plan::Free, "free"), (Plan::Pro, "pro"), (Plan::Team, "team"), (Plan::Enterprise, "enterprise")];
/// Into how many slots a window that slides is divided.
const SLOTS: Millis = 12;
const DAY: Millis = 24 * 60 * 60 * 1_000;

impl Mount {
    /// Every mount.
    pub const ALL: [Self; 6] = [Self::Native, Self::Ikreo, Self::Krokanti, Self::Pike, Self::Projekt, Self::Generic];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ikreo => "ikreo",
            Self::Krokanti => "krokanti",
            Self::Pike => "pike",
            Self::Projekt => "projekt",
            Self::Generic => "generic",
        }
    }
}

impl Who {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Workspace => "workspace",
            Self::Peer => "peer",
        }
    }
}

impl Window {
    /// In which slot a moment is, and when what happens in it counts no longer.
    pub fn place(self, now: Millis) -> (i64, Millis) {
        let slot = now.div_euclid(self.slot);
        let slides = self.slot < self.length;
        (slot, if slides { now + self.length } else { (slot + 1) * self.slot })
    }

    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        self.length / 1_000
    }
}

impl Policy {
    /// Keys that do not work: so many from one address in ten seconds, on any mount.
    pub(super) fn failures(cap: u32) -> Self {
        let (mount, who, caps) = (Mount::Native, Who::Peer, [Some(cap); PLANS.len()]);
        let window = Window { length: 10_000, slot: 10_000 / SLOTS };
        Self { mount, who, window, route: None, caps, name: "keys that do not work".to_owned() }
    }

    /// Whether it counts a request to this path below its mount.
    pub fn counts(&self, method: &Method, path: &str) -> bool {
        self.route.as_ref().is_none_or(|route| route.matches(method, path))
    }

    /// How many requests of a workspace with this plan are let through; none: as many as come.
    pub fn cap(&self, plan: Plan) -> Option<u32> {
        PLANS.iter().zip(self.caps).find(|((of, _), _)| *of == plan).and_then(|(_, cap)| cap)
    }

    /// Who is counted when this one asks, if anybody is.
    pub fn whom(&self, asker: &Asker) -> Option<u128> {
        match (self.who, asker) {
            (Who::Key, Asker::Key { key, .. }) => Some(key.0.as_u128()),
            (Who::Workspace, Asker::Key { workspace, .. }) => Some(workspace.0.as_u128()),
            (Who::Peer, Asker::Peer(peer)) => Some(match network(*peer) {
                IpAddr::V4(address) => u128::from(address.to_bits()),
                IpAddr::V6(address) => address.to_bits(),
            }),
            _ => None,
        }
    }

    /// The name under which all nodes count somebody by this policy.
    pub fn subject(&self, whom: u128) -> Uuid {
        let hash = Sha256::new().chain_update(&self.name).chain_update(whom.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl Route {
    fn matches(&self, method: &Method, path: &str) -> bool {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.methods.contains(method) && self.paths.iter().any(|pattern| fits(pattern, path))
    }
}

/// Whether a path is like a pattern, in which `*` stands for one segment.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted == "*" && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        read(line).map_err(|why| format!("the limit `{}`: {why}", line.trim()))
    }
}

fn read(line: &str) -> Result<Policy, String> {
    let mut words = line.split_whitespace().peekable();
    let mut next = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let mount = one_of(next("the mount")?, Mount::ALL, Mount::name)?;
    let who = one_of(next("who is counted")?, [Who::Key, Who::Workspace, Who::Peer], Who::name)?;
    let mut rate = next("the rate, like 100/1m,")?;
    let mut route = None;
    if !rate.contains(|letter: char| letter.is_ascii_digit()) {
        route = Some((rate, next("the path")?));
        rate = next("the rate, like 100/1m,")?;
    }
    let (cap, window) = rate.split_once('/').ok_or_else(|| format!("a rate is like 100/1m, not `{rate}`"))?;
    let mut policy = Policy {
        mount,
        who,
        window: read_window(window)?,
        route: route.map(|(methods, paths)| read_route(methods, paths)).transpose()?,
        caps: [read_cap(cap)?; PLANS.len()],
        name: format!("{} {} {route:?} {window}", mount.name(), who.name()),
    };
    for word in words {
        let (plan, cap) = word.split_once('=').ok_or_else(|| format!("a plan's cap is like pro=300, not `{word}`"))?;
        let at = one_of(plan, 0..PLANS.len(), |at| PLANS[at].1)?;
        policy.caps[at] = read_cap(cap)?;
    }
    Ok(policy)
}

fn one_of<T: Copy>(word: &str, all: impl IntoIterator<Item = T>, name: fn(T) -> &'static str) -> Result<T, String> {
    let all: Vec<T> = all.into_iter().collect();
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    all.iter().copied().find(|one| name(*one) == word).ok_or_else(|| format!("`{word}` is none of {}", names()))
}

fn read_route(methods: &str, paths: &str) -> Result<Route, String> {
    let method = |word: &str| match word {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => Method::from_str(word).map_err(|error| error.to_string()),
        _ => Err(format!("`{word}` is no method")),
    };
    if let Some(path) = paths.split(',').find(|path| !path.starts_with('/')) {
        return Err(format!("`{path}` does not start with /"));
    }
    let methods = methods.split(',').map(method).collect::<Result<_, _>>()?;
    Ok(Route { methods, paths: paths.split(',').map(str::to_owned).collect() })
}

fn read_cap(text: &str) -> Result<Option<u32>, String> {
    if text == "none" {
        return Ok(None);
    }
    let cap = text.parse().ok().filter(|cap| (1..=1_000_000_000).contains(cap));
    cap.map(Some).ok_or_else(|| format!("`{text}` is no number from 1 to 1000000000, nor `none`"))
}

fn read_window(text: &str) -> Result<Window, String> {
    let wrong = || format!("`{text}` is no time like 30s, 1m or 1h, nor 1d");
    if text == "1d" {
        return Ok(Window { length: DAY, slot: DAY });
    }
    let unit = match text.chars().last() {
        Some('s') => 1_000,
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        _ => return Err(wrong()),
    };
    let count: Millis = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let length = count.checked_mul(unit).filter(|length| (1_000..DAY).contains(length)).ok_or_else(wrong)?;
    Ok(Window { length, slot: length / SLOTS })
}
