//! Addresses: paths, ids and methods.

use reqwest::{Method, StatusCode};

use super::callers::signed;
use super::operation::Operation;
use super::shapes::is_failure_of;
use super::things::{kind_of, settled};
use super::{Case, Expected, UNKNOWN, World};
use crate::probes::places::{Place, Spot};
use crate::probes::seen::Seen;

/// Other spellings of an id, and what is none; steps to elsewhere, characters that are none, somebody's SQL.
const NO_IDS: [&str; 18] = [
    "x",
    "0",
    "-1",
    "01",
    "1.0",
    "99999999999999999999",
    "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
    "7d4448409dc041d1b2455ffdce74fad2",
    "%7b7d444840-9dc0-41d1-b245-5ffdce74fad2%7d",
    "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2",
    "%00",
    "%ff",
    "%2e%2e%2f",
    "..;",
    "a%2Fb",
    "%252e",
    "'%20or%201=1",
    "task_000000000000000000000000",
];

/// The places of ids in the paths of all operations, but for those that go on for ever.
pub(super) fn ids_in_paths(world: &World) -> Vec<Place<'_>> {
    let mut all = Vec::new();
    for place in world.requests().into_iter().filter(|place| !place.operation.is_endless()) {
        for step in place.operation.steps() {
            let name = step["name"].as_str().expect("a name").to_owned();
            if place.operation.path.contains(&format!("{{{name}}}")) {
                all.push(Place { api: place.api, operation: place.operation.clone(), spot: Spot::Path, name });
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_have_one_spelling() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in ids_in_paths(&world) {
        for id in NO_IDS {
            let target = place.asked(&world.own, id).target;
            let case = world.case(&place, format!("{} = {id}", place.name), Expected::Status(&[400, 404]));
            cases.push(Case { target, ..case });
        }
    }
    world.hold(cases).await;
}

/// An id of one's own that is of something else is answered, to the byte, like one of nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_something_else_is_an_id_of_nothing() {
    let world = World::new().await;
    settled(&world.server).await;
    let before = world.written().await;
    let mut compared = 0;
    for place in ids_in_paths(&world).into_iter().filter(|place| place.kind().is_some()) {
        let seen = async |id: &str| {
            let mut case = world.case(&place, id, Expected::Status(&[]));
            case.target = place.asked(&world.own, id).target;
            case.headers.extend([super::header("x-request-id", "5a5a5a5a-5a5a-4a5a-8a5a-5a5a5a5a5a5a")]);
            Seen::new(&world.send(&case).await, place.operation.writes(), id)
        };
        let others = ["task", "label", "webhook"].into_iter().filter(|other| kind_of(other, "") != place.kind());
        // Numbers are small, and of each kind for itself: another kind's is likely one of this kind, too.
        for other in others.filter(|_| place.api.mount != "/ikreo") {
            let Some(id) = place.own(&world.own, other) else { continue };
            let unknown = match id.split_once('_') {
                Some((prefix, _)) => format!("{prefix}_{}", "7".repeat(22)),
                None => UNKNOWN.to_owned(),
            };
            let (found, nobodys) = (seen(&id).await, seen(&unknown).await);
            let Operation { method, path, .. } = &place.operation;
            assert_eq!(found, nobodys, "{method} {}{path}: {other} as {}", place.api.mount, place.name);
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
    assert_eq!(world.written().await, before, "something was written");
}

/// Paths with steps too many, of nothing or to elsewhere: never another route, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_path_leads_there() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.requests() {
        let usual = place.asked(&world.own, "").target;
        let (path, query) =
            usual.split_once('?').map_or((usual.as_str(), String::new()), |(path, query)| (path, format!("?{query}")));
        let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
        for odd in [
            format!("{path}/"),
            format!("{path}%2f"),
            format!("{path};x=1"),
            format!("{path}%00"),
            format!("//{first}/{rest}"),
            format!("/{first}//{rest}"),
            format!("/{first}/..;/{first}/{rest}"),
            format!("/{first}%2f{rest}"),
            format!("/{}/{rest}", first.to_uppercase()),
        ] {
            let expected = Expected::Status(&[400, 404, 405]);
            let mut case = world.case(&place, &odd, expected);
            // What no mount is asked for is answered as we do.
            case.mount = if odd.starts_with(&format!("/{first}/")) { case.mount } else { "" };
            case.target = format!("{odd}{query}");
            cases.push(case);
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_405_and_say_which_there_are() {
    let world = World::new().await;
    for (api, path) in world.apis.iter().flat_map(|api| api.paths().into_iter().map(move |path| (api, path))) {
        // Where one file is asked for everything, what is asked for has its methods with an id and without.
        let asked = |path: &str| path.split('&').next().map(str::to_owned);
        let there = api.operations.iter().filter(|operation| asked(&operation.path) == asked(path));
        let known: Vec<&Method> = there.map(|operation| &operation.method).collect();
        let steps = path.split('/').map(|step| if step.starts_with('{') { UNKNOWN } else { step });
        let target = format!("{}{}", api.mount, steps.collect::<Vec<_>>().join("/")).replace("{id}", "1");
        let mut allowed: Vec<&str> = known.iter().map(|method| method.as_str()).collect();
        if known.contains(&&Method::GET) {
            allowed.push("HEAD");
        }
        allowed.sort_unstable();
        allowed.dedup();
        let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE];
        let others = all.into_iter().filter(|method| !known.contains(&method));
        for method in others.chain([Method::from_bytes(b"PROPFIND").expect("a method"), Method::OPTIONS]) {
            let request = world.client.request(method.clone(), format!("{}{target}", world.server.url));
            let answer = crate::server::send(request.bearer_auth(world.server.key())).await;
            let is_asked = method == Method::OPTIONS;
            let expected = if is_asked { StatusCode::NO_CONTENT } else { StatusCode::METHOD_NOT_ALLOWED };
            assert_eq!(answer.status, expected, "{method} {target}: {}", answer.text);
            assert!(is_asked || is_failure_of(api.mount, &answer), "{method} {target}: {}", answer.text);
            let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            allow.retain(|method| *method != "OPTIONS");
            allow.sort_unstable();
            assert_eq!(allow, allowed, "{method} {target}");
        }
    }
}

/// All that is read, here of things that there are.
fn reads(world: &World) -> Vec<Place<'_>> {
    let ends = |place: &Place<'_>| place.operation.method == Method::GET && !place.operation.is_endless();
    world.requests().into_iter().filter(ends).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let world = World::new().await;
    signed(&world).await;
    for place in reads(&world) {
        let get = world.case(&place, "GET", Expected::Status(&[200, 404]));
        let full = world.send(&get).await;
        let head = world.send(&Case { method: Method::HEAD, ..get }).await;
        let path = &place.operation.path;
        assert_eq!((head.status, head.text.as_str()), (full.status, ""), "{path}");
        assert_eq!(head.header("content-type"), full.header("content-type"), "{path}");
        assert_eq!(head.header("etag").is_empty(), full.header("etag").is_empty(), "{path}");
    }
}

/// What is known already is not sent again; a tag of something else, or what is none, does no harm.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_not_sent_again() {
    let world = World::new().await;
    let mut tagged = 0;
    for place in reads(&world) {
        let get = |tag: &str| {
            let mut case = world.case(&place, tag, Expected::Status(&[]));
            case.headers.extend((!tag.is_empty()).then(|| super::header("if-none-match", tag)));
            case
        };
        let first = world.send(&get("")).await;
        let (what, tag) = (format!("{}{}", place.api.mount, place.operation.path), first.header("etag").to_owned());
        if first.status != StatusCode::OK || tag.is_empty() {
            continue;
        }
        tagged += 1;
        for same in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = world.send(&get(&same)).await;
            // Whoever asks is seen: what shows that has changed meanwhile, and has another tag.
            let unchanged = again.header("etag") == tag || same == "*";
            let expected = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            assert_eq!(again.status, expected, "{what}: {same}");
            assert_eq!(again.text.is_empty(), unchanged, "{what}: {same}");
        }
        for other in ["\"x\"", "x", "\"x", "\"\"", "null"] {
            assert_eq!(world.send(&get(other)).await.status, StatusCode::OK, "{what}: {other}");
        }
    }
    assert!(tagged > 50, "{tagged}");
}
