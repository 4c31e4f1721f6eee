//! Bodies that are no JSON, the wrong JSON, or too much of it.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::operation::types;
use super::{Case, Expected, World, header};

/// What no operation takes for a body, and the answer to it.
fn malformed() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let text = |text: &str| text.as_bytes().to_vec();
    let keys = (0..300).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    vec![
        ("200 arrays deep", text(&"[".repeat(200)), &[400]),
        ("40,000 arrays deep", text(&"[".repeat(40_000)), &[400]),
        ("objects deep", text(&"{\"a\":".repeat(500)), &[400]),
        ("300 keys", text(&format!("{{{keys}}}")), &[400, 422]),
        ("not UTF-8", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}'], &[400]),
        ("overlong UTF-8", vec![b'{', b'"', 0xc0, 0x80, b'"', b':', b'1', b'}'], &[400]),
        ("a byte order mark", text("\u{feff}{}"), &[400]),
        ("empty", text(" "), &[400]),
        ("null", text("null"), &[400, 422]),
        ("a text", text("\"x\""), &[400, 422]),
        ("a number", text("42"), &[400, 422]),
        ("an array", text("[\"a\"]"), &[400, 422]),
        ("garbage behind", text("{} x"), &[400]),
        ("a trailing comma", text("{\"a\":1,}"), &[400]),
        ("a comment", text("{/* */}"), &[400]),
        ("single quotes", text("{'a':1}"), &[400]),
        ("a duplicate key", text("{\"a\":1,\"a\":2}"), &[400]),
        ("NaN", text("{\"a\":NaN}"), &[400]),
        ("a leading zero", text("{\"a\":01}"), &[400]),
        ("a huge exponent", text("{\"a\":1e400}"), &[400, 422]),
        ("a huge integer", text(&format!("{{\"a\":{}}}", "9".repeat(5_000))), &[400, 422]),
        ("a lone surrogate", text("{\"a\":\"\\ud800\"}"), &[400]),
        ("a raw control character", text("{\"a\":\"\u{1}\"}"), &[400]),
        ("U+0000", text("{\"a\":\"\\u0000\"}"), &[422]),
        ("U+0000 in a key", text("{\"\\u0000\":1}"), &[422]),
        ("an unknown field", text("{\"no_such_field\":1}"), &[422]),
        ("__proto__", text("{\"__proto__\":{}}"), &[422]),
    ]
}

/// Fields that nobody but the server sets.
const NOT_YOURS: [&str; 10] = [
    "id",
    "workspace_id",
    "created_at",
    "created_by",
    "updated_at",
    "version",
    "seq",
    "is_admin",
    "deleted_at",
    "number",
];

/// Values that do not fit a schema.
fn misfits(schema: &Value) -> Vec<Value> {
    let format = schema["format"].as_str().unwrap_or_default();
    let bad_texts: &[&str] = match format {
        "uuid" => &[
            "",
            "x",
            "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
            "{7d444840-9dc0-41d1-b245-5ffdce74fad2}",
            "7d4448409dc041d1b2455ffdce74fad2",
        ],
        "date" => &[
            "",
            "0000-00-00",
            "2023-02-29",
            "1900-02-29",
            "2024-2-9",
            " 2024-02-29",
            "2024-W09-4",
            "20240229",
            "2024-060",
            "1969-12-31",
            "10000-01-01",
            "-0001-01-01",
            "infinity",
            "now",
            "today",
        ],
        "date-time" => &[
            "",
            "2026-01-01",
            "2026-01-01T23:59:60Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00-00:00",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+0100",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00z",
            "now",
        ],
        _ => &[],
    };
    let texts = bad_texts.iter().map(|text| json!(text));
    match types(schema).into_iter().find(|kind| *kind != "null") {
        Some("string") if schema["enum"].is_array() => {
            let first = schema["enum"][0].as_str().unwrap_or_default();
            vec![json!(first.to_uppercase()), json!("no such word"), json!(1), json!({first: null}), json!([first])]
        }
        Some("string") => texts.chain([json!(1), json!(true), json!({}), json!(["a"])]).collect(),
        Some("integer") => {
            let huge: Value = serde_json::from_str("9223372036854775808").expect("a number");
            vec![json!("1"), json!(1.5), json!(1.0), huge, json!(true), json!([1])]
        }
        Some("boolean") => vec![json!("true"), json!(0), json!(1), json!("yes")],
        Some("array") => vec![json!("a"), json!({}), json!([{}]), json!(1)],
        Some("object") => vec![json!([]), json!("a"), json!(1)],
        _ => Vec::new(),
    }
}

fn with_body(world: &World) -> impl Iterator<Item = &super::Operation> {
    world.api.operations.iter().filter(|operation| operation.takes_body())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_refused() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in with_body(&world) {
        for (what, body, statuses) in malformed() {
            cases.push(Case { body, ..world.case(operation, what, Expected::Status(statuses)) });
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_is_sent() {
    let world = World::new().await;
    let address = world.server.url.trim_start_matches("http://");
    for operation in with_body(&world) {
        let most: u64 = if operation.is_batch() { 4 << 20 } else { 64 << 10 };
        for size in [most + 1, 10 << 30] {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            let head = format!(
                "{} {} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
                 Content-Length: {size}\r\n\r\n",
                operation.method,
                operation.target(super::UNKNOWN),
                world.server.key()
            );
            stream.write_all(head.as_bytes()).await.expect("written");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 413", "{} {}", operation.method, operation.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_in_utf_8_is_taken() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in with_body(&world) {
        let refused = |what: &str| world.case(operation, what, Expected::Code(415, "unsupported-media-type"));
        for kind in ["text/plain", "application/json;charset=utf-7", "application/problem+json", "multipart/form-data"]
        {
            let mut case = refused(kind);
            case.headers.extend([header("content-type", kind)]);
            cases.push(case);
        }
        let mut twice = refused("two content types");
        twice.headers.append("content-type", "application/json".parse().expect("a type"));
        let mut none = refused("no content type");
        none.headers.remove("content-type");
        let mut coded = refused("gzip");
        coded.headers.extend([header("content-encoding", "gzip")]);
        cases.extend([twice, none, coded]);
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_what_the_server_sets() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in with_body(&world) {
        let own = world.api.members(operation);
        for name in NOT_YOURS.iter().filter(|name| own.iter().all(|(own, _)| own != *name)) {
            let body = json!({*name: UNKNOWN_VALUE}).to_string().into_bytes();
            let expected = Expected::At(422, format!("/{name}"));
            cases.push(Case { body, ..world.case(operation, *name, expected) });
        }
    }
    world.hold(cases).await;
}

const UNKNOWN_VALUE: &str = super::UNKNOWN;

#[tokio::test(flavor = "multi_thread")]
async fn every_field_takes_its_own_type_and_form_only() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in with_body(&world).filter(|operation| !operation.is_batch()) {
        for (name, schema) in world.api.members(operation) {
            let mut bad = misfits(&schema);
            let nullable = types(&schema).contains(&"null");
            let required = world.api.body(operation).is_some_and(|body| {
                body["required"].as_array().is_some_and(|required| required.iter().any(|one| *one == *name))
            });
            if required && !nullable {
                bad.push(Value::Null);
            }
            for value in bad {
                let body = json!({&name: value}).to_string();
                // The first fault that is met is told: another field may be missing before this one is looked at.
                let case = world.case(operation, &body, Expected::Status(&[400, 422]));
                cases.push(Case { body: body.into_bytes(), ..case });
            }
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_resource_is_not_changed() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in world.api.operations.iter().filter(|operation| operation.takes_id()) {
        let expected: &[u16] = if world.api.needs_members(operation) { &[422] } else { &[404] };
        let target = format!("{}?{}", operation.target(super::UNKNOWN), operation.needed(&world.api, ""));
        cases.push(Case { target, ..world.case(operation, "unknown id", Expected::Status(expected)) });
    }
    world.hold(cases).await;
}
