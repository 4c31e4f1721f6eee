use std::sync::atomic::{AtomicI64, Ordering};

use axum::response::Response;
use uuid::Uuid;

use super::*;

const START: i64 = 1_700_000_000_000;

/// One node's limits, with a clock that stands still.
struct World {
    limits: Limits,
    time: Arc<AtomicI64>,
}

fn world(lines: &[&str]) -> World {
    let time = Arc::new(AtomicI64::new(START));
    let limits = lines.iter().map(|line| (*line).to_owned()).collect();
    let settings = Settings { limits, clock: Clock::showing(time.clone()), ..Settings::default() };
    World { limits: Limits::new(&settings, None).expect("limits"), time }
}

fn key(number: u128) -> Asker {
    key_of(number, 1, Plan::Free)
}

fn key_of(number: u128, workspace: u128, plan: Plan) -> Asker {
    let (key, workspace) = (KeyId(Uuid::from_u128(number)), WorkspaceId(Uuid::from_u128(workspace)));
    Asker::Key { key, workspace, plan }
}

impl World {
    async fn get(&self, mount: Mount, asker: &Asker) -> Decision {
        self.limits.check(mount, asker, &Method::GET, "/tasks").await
    }

    /// How many of so many requests are let through.
    async fn passed(&self, mount: Mount, asker: &Asker, method: &Method, path: &str, sent: usize) -> usize {
        let mut passed = 0;
        for _ in 0..sent {
            passed += usize::from(self.limits.check(mount, asker, method, path).await.allowed());
        }
        passed
    }

    fn pass(&self, millis: i64) {
        self.time.fetch_add(millis, Ordering::Relaxed);
    }
}

fn headers(decision: &Decision) -> Vec<(String, String)> {
    let answer = decision.stamp(Response::default());
    let text = |value: &axum::http::HeaderValue| value.to_str().expect("text").to_owned();
    answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

#[tokio::test]
async fn each_mount_limits_as_its_clients_expect() {
    let world = world(&[]);
    let get = Method::GET;
    for (mount, plan, cap) in [
        (Mount::Ikreo, Plan::Free, 100),
        (Mount::Krokanti, Plan::Pro, 100),
        (Mount::Pike, Plan::Free, 300),
        (Mount::Projekt, Plan::Free, 600),
        (Mount::Generic, Plan::Free, 60),
        (Mount::Generic, Plan::Pro, 300),
        (Mount::Generic, Plan::Team, 300),
        (Mount::Generic, Plan::Enterprise, 1_000),
        (Mount::Native, Plan::Free, 6_000),
    ] {
        let asker = key_of(mount as u128 * 10 + plan as u128, 1, plan);
        assert_eq!(world.passed(mount, &asker, &get, "/tasks", cap + 5).await, cap, "{mount:?} {plan:?}");
        let other = key_of(1_000, 1, plan);
        assert!(world.get(mount, &other).await.allowed(), "another key has its own: {mount:?}");
    }
}

#[tokio::test]
async fn who_pays_more_may_have_more_on_every_mount() {
    for mount in Mount::ALL {
        let world = world(&[&format!("{} key 2/1m pro=5", mount.name())]);
        for (plan, cap) in [(Plan::Free, 2), (Plan::Pro, 5)] {
            let asker = key_of(plan as u128, 1, plan);
            assert_eq!(world.passed(mount, &asker, &Method::GET, "/tasks", 9).await, cap, "{mount:?} {plan:?}");
        }
    }
}

#[tokio::test]
async fn keys_of_one_workspace_share_what_the_workspace_has() {
    let world = world(&[]);
    let mut passed = 0;
    for number in 0..5 {
        passed += world.passed(Mount::Pike, &key(number), &Method::GET, "/tasks", 300).await;
    }
    assert_eq!(passed, 1_200);
    assert!(world.get(Mount::Pike, &key_of(9, 2, Plan::Free)).await.allowed(), "another workspace has its own");
    // What the workspace refuses is not counted against the key.
    world.pass(61_000);
    assert_eq!(world.passed(Mount::Pike, &key(4), &Method::GET, "/tasks", 400).await, 300);
}

#[tokio::test]
async fn a_window_slides() {
    let world = world(&["projekt key 10/1m"]);
    let passed = async |sent| world.passed(Mount::Projekt, &key(1), &Method::GET, "/tasks", sent).await;
    assert_eq!(passed(4).await, 4);
    world.pass(30_000);
    assert_eq!(passed(10).await, 6);
    world.pass(29_999);
    assert_eq!(passed(1).await, 0, "the first four still count");
    world.pass(1);
    assert_eq!(passed(10).await, 4, "and no longer");
    world.pass(30_000);
    assert_eq!(passed(10).await, 6);
}

#[tokio::test]
async fn never_more_than_the_limit_in_any_minute() {
    let world = world(&["projekt key 100/1m"]);
    let mut passed_at = Vec::new();
    for step in 0..3_000_i64 {
        world.pass(37 + step % 13 * 11);
        if world.get(Mount::Projekt, &key(1)).await.allowed() {
            passed_at.push(world.time.load(Ordering::Relaxed));
        }
    }
    for (index, at) in passed_at.iter().enumerate() {
        let within = passed_at[index..].iter().filter(|later| **later < at + 60_000).count();
        assert!(within <= 100, "{within} within a minute");
    }
    let span = passed_at[passed_at.len() - 1] - passed_at[0];
    assert!(passed_at.len() as i64 > span / 65_000 * 100, "and not many fewer: {} in {span} ms", passed_at.len());
}

#[tokio::test]
async fn a_day_is_a_calendar_day() {
    let world = world(&["generic key 5/1d pro=7"]);
    let passed = async |plan| world.passed(Mount::Generic, &key_of(1, 1, plan), &Method::GET, "/tasks", 9).await;
    assert_eq!(passed(Plan::Free).await, 5);
    assert_eq!(passed(Plan::Pro).await, 2, "a change of plan counts at once");
    let told = headers(&world.get(Mount::Generic, &key(1)).await);
    let midnight = (START / 86_400_000 + 1) * 86_400;
    assert_eq!(header(&told, "x-ratelimit-reset"), midnight.to_string());
    world.pass(86_400_000 - START % 86_400_000);
    assert_eq!(passed(Plan::Free).await, 5);
}

#[tokio::test]
async fn routes_have_limits_of_their_own() {
    let world = world(&[]);
    let passed = async |method: Method, path: &str| world.passed(Mount::Projekt, &key(1), &method, path, 70).await;
    assert_eq!(passed(Method::POST, "/api/api-keys").await, 10);
    assert_eq!(passed(Method::GET, "/api/people/search").await, 30);
    assert_eq!(passed(Method::HEAD, "/api/palette/search").await, 30);
    assert_eq!(passed(Method::POST, "/api/projects").await + passed(Method::DELETE, "/api/projects/7").await, 30);
    assert_eq!(passed(Method::GET, "/api/projects/7").await, 70);
    assert_eq!(passed(Method::POST, "/api/projects/7/phases").await, 70);
    world.pass(60_000);
    assert_eq!(passed(Method::POST, "/api/projects").await, 30);
    assert_eq!(passed(Method::POST, "/api/api-keys").await, 0, "that one is by the hour");
}

#[tokio::test]
async fn who_has_no_key_is_counted_by_address() {
    let world = world(&[]);
    let peer = |text: &str| Asker::Peer(text.parse().expect("an address"));
    let passed = async |asker: Asker| world.passed(Mount::Projekt, &asker, &Method::GET, "/tasks", 700).await;
    assert_eq!(passed(peer("2001:db8::1")).await, 600);
    assert_eq!(passed(peer("2001:db8::2")).await, 0, "the same /64");
    assert_eq!(passed(peer("10.0.0.1")).await, 600);
    assert_eq!(passed(peer("::ffff:10.0.0.1")).await, 0);
    assert!(world.get(Mount::Ikreo, &peer("10.0.0.1")).await.allowed());
}

#[tokio::test]
async fn each_mount_tells_in_its_own_way() {
    let world =
        world(&["native key 2/1m", "native workspace 10/1m", "ikreo key 2/1m", "projekt key 2/1m", "generic key 2/1m"]);
    let ask = async |mount| {
        for _ in 0..2 {
            assert!(world.get(mount, &key(1)).await.allowed());
        }
        let last = world.get(mount, &key(1)).await;
        assert!(!last.allowed());
        headers(&last)
    };
    let first = headers(&world.get(Mount::Native, &key(2)).await);
    assert_eq!(header(&first, "ratelimit-policy"), "\"key\";q=2;w=60, \"workspace\";q=10;w=60");
    assert_eq!(header(&first, "ratelimit"), "\"key\";r=1;t=60, \"workspace\";r=9;t=60");
    world.pass(20_000);
    let native = ask(Mount::Native).await;
    assert_eq!(header(&native, "ratelimit"), "\"key\";r=0;t=60, \"workspace\";r=7;t=60");
    assert_eq!(header(&native, "retry-after"), "60");
    assert_eq!(ask(Mount::Ikreo).await, [("retry-after".to_owned(), "60".to_owned())]);
    world.pass(0);
    let told = |headers: &[(String, String)]| {
        ["limit", "remaining", "reset"].map(|name| header(headers, &format!("x-ratelimit-{name}")).to_owned())
    };
    let projekt = ask(Mount::Projekt).await;
    assert_eq!((told(&projekt), header(&projekt, "retry-after")), (["2", "0", "60"].map(str::to_owned), "60"));
    let generic = ask(Mount::Generic).await;
    let epoch = ((START + 80_000) / 1_000).to_string();
    assert_eq!(told(&generic), ["2".to_owned(), "0".to_owned(), epoch]);
    world.pass(15_000);
    let later = world.get(Mount::Projekt, &key(1)).await;
    assert_eq!(told(&headers(&later)), ["2", "0", "45"].map(str::to_owned));
}

#[tokio::test]
async fn without_limits_everything_passes() {
    let limits = Limits::none();
    let peer = IpAddr::from([127, 0, 0, 1]);
    for _ in 0..10_000 {
        let decision = limits.check(Mount::Ikreo, &key(1), &Method::GET, "/tasks").await;
        assert!(decision.allowed() && headers(&decision).is_empty());
        limits.count_failure(peer);
    }
    assert_eq!(limits.barred_secs(peer), None);
}

#[test]
fn a_peer_with_many_failures_is_barred_and_no_other() {
    let world = world(&[]);
    let peer = |text: &str| text.parse::<IpAddr>().expect("an address");
    for _ in 0..FAILURES {
        assert_eq!(world.limits.barred_secs(peer("2001:db8::1")), None);
        world.limits.count_failure(peer("2001:db8::1"));
    }
    assert_eq!(world.limits.barred_secs(peer("2001:db8::3")), Some(10), "the same /64");
    assert_eq!(world.limits.barred_secs(peer("2001:db8:1::1")), None);
    world.pass(10_000);
    assert_eq!(world.limits.barred_secs(peer("2001:db8::1")), None);
    assert_eq!(network(peer("::ffff:10.0.0.1")), peer("10.0.0.1"));
    assert_ne!(network(peer("10.0.0.1")), network(peer("10.0.0.2")));
}

#[test]
fn a_mount_that_is_named_has_these_limits_and_no_others() {
    let settings = |limits: &[&str]| Settings {
        limits: limits.iter().map(|line| (*line).to_owned()).collect(),
        ..Settings::default()
    };
    let of = |mount, limits: &[&str]| {
        let policies = settings(limits).policies().expect("policies");
        policies
            .into_iter()
            .filter(|policy| policy.mount == mount)
            .map(|policy| policy.cap(Plan::Pro))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Mount::Pike, &[]), [Some(300), Some(1_200)]);
    assert_eq!(of(Mount::Pike, &["pike key 7/1m"]), [Some(7)]);
    assert_eq!(of(Mount::Ikreo, &["pike key 7/1m"]), [Some(100)]);
    assert_eq!(of(Mount::Ikreo, &["ikreo key 100/1m pro=none"]), [None]);
    for (line, why) in [
        ("ikrea key 1/1m", "`ikrea` is none of native, ikreo, krokanti, pike, projekt, generic"),
        ("ikreo kay 1/1m", "`kay` is none of key, workspace, peer"),
        ("ikreo key", "the rate, like 100/1m, is missing"),
        ("ikreo key 0/1m", "`0` is no number from 1 to 1000000000, nor `none`"),
        ("ikreo key 5/2d", "`2d` is no time like 30s, 1m or 1h, nor 1d"),
        ("ikreo key 5/1m gold=7", "`gold` is none of free, pro, team, enterprise"),
        ("ikreo key GET tasks 5/1m", "`tasks` does not start with /"),
        ("ikreo key FETCH /tasks 5/1m", "`FETCH` is no method"),
    ] {
        let error = format!("{:#}", settings(&[line]).policies().expect_err(line));
        assert_eq!(error, format!("--limit (DOCKET_LIMITS): the limit `{line}`: {why}"));
    }
}
