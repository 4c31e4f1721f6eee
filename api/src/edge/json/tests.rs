//! Bad bodies and their answers, as a table.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::edge::{
    patch::{Change, Patch},
    scalars::{Date, Id, Line, Text},
};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low,
    High,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Phase {
    name: Line<1, 20>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Task {
    title: Line<1, 200>,
    #[serde(default)]
    priority: Option<Priority>,
    #[serde(default)]
    estimate: Option<i64>,
    #[serde(default)]
    billable: Option<bool>,
    #[serde(default)]
    due: Option<Date>,
    #[serde(default)]
    labels: Vec<Id>,
    #[serde(default)]
    phases: Vec<Phase>,
    #[serde(default)]
    phase: Option<Phase>,
    #[serde(default)]
    custom: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Edit {
    #[serde(default)]
    title: Change<Line<1, 200>>,
    #[serde(default)]
    description: Patch<Text<0, 1000>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    Create(Phase),
    Move { to: Id },
    Nothing,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Batch {
    steps: Vec<Step>,
}

fn refusal<T: DeserializeOwned + std::fmt::Debug>(body: &[u8]) -> (u16, String, String) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
    let problem = parse::<T>(body).map(|read| panic!("{shown} was read as {read:?}")).unwrap_err();
    let at = problem.errors.first().map_or(String::new(), |error| match &error.at {
        crate::problem::At::Pointer(at) | crate::problem::At::Parameter(at) => at.clone().into_owned(),
    });
    (problem.status.as_u16(), problem.code.into_owned(), at)
}

fn assert_refused<T: DeserializeOwned + std::fmt::Debug>(body: impl AsRef<[u8]>, status: u16, code: &str, at: &str) {
    let shown = String::from_utf8_lossy(body.as_ref()).chars().take(80).collect::<String>();
    assert_eq!(refusal::<T>(body.as_ref()), (status, code.to_owned(), at.to_owned()), "{shown}");
}

#[test]
fn what_is_not_acceptable_json_is_400() {
    let task = |value: &str| format!(r#"{{"title":{value}}}"#);
    let deep = format!(r#"{{"custom":{{"a":{}1{}}}}}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let level_17 = format!(r#"{{"a":{}{}}}"#, "[".repeat(16), "]".repeat(16));
    let cases: Vec<Vec<u8>> = vec![
        b"".into(),
        b"  \n".into(),
        "[".repeat(200).into(),
        "[".repeat(1_000_000).into(),
        deep.into(),
        level_17.into(),
        task("1e400").into(),
        task(&"9".repeat(5_000)).into(),
        task("NaN").into(),
        task("Infinity").into(),
        task("01").into(),
        task("+1").into(),
        task(".5").into(),
        task("1.").into(),
        task("\"a\nb\"").into(),
        task("\"a\0b\"").into(),
        b"{\"title\":\"a\xff\"}".into(),
        b"{\"title\":\"\xc0\x80\"}".into(),
        b"{\"title\":\"\xed\xa0\xbd\xed\xb8\x80\"}".into(),
        b"{\"title\":\"a\"}\xff".into(),
        task(r#""\ud800""#).into(),
        task(r#""\udc00""#).into(),
        task(r#""\ud800\u0041""#).into(),
        task(r#""\udc00\ud800""#).into(),
        format!("\u{feff}{}", task("\"a\"")).into(),
        format!("{} x", task("\"a\"")).into(),
        format!("{}{{}}", task("\"a\"")).into(),
        br#"{"title":"a",}"#.into(),
        br#"{"title":"a"/* no */}"#.into(),
        b"{'title':'a'}".into(),
        br#"{"title":"a""#.into(),
        br#"{title:"a"}"#.into(),
        br#"{"title":"a\x41"}"#.into(),
        br#"{"title":tru}"#.into(),
    ];
    for body in cases {
        let (status, code, _) = refusal::<Task>(&body);
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        assert_eq!((status, code.as_str()), (400, "invalid-json"), "{shown}");
    }
}

#[test]
fn depth_and_keys_have_limits() {
    let nested =
        |levels: usize| format!(r#"{{"title":"a","custom":{{"a":{}{}}}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(parse::<Task>(nested(14).as_bytes()).is_ok());
    let (status, code, at) = refusal::<Task>(nested(15).as_bytes());
    assert_eq!((status, code.as_str()), (400, "invalid-json"));
    assert_eq!(at, format!("/custom/a{}", "/0".repeat(14)));

    let object = |keys: usize| {
        let keys: Vec<String> = (0..keys).map(|key| format!(r#""k{key}":1"#)).collect();
        format!(r#"{{"title":"a","custom":{{{}}}}}"#, keys.join(","))
    };
    assert!(parse::<Task>(object(256).as_bytes()).is_ok());
    assert_refused::<Task>(object(257), 400, "invalid-json", "/custom/k256");
    assert_refused::<Task>(object(100_000), 400, "invalid-json", "/custom/k256");
}

#[test]
fn a_key_twice_is_400_wherever_it_is() {
    for (body, at) in [
        (r#"{"title":"a","title":"b"}"#, "/title"),
        (r#"{"title":"a","t\u0069tle":"b"}"#, "/title"),
        (r#"{"title":"a","custom":{"x":1,"y":2,"x":3}}"#, "/custom/x"),
        (r#"{"title":"a","phases":[{"name":"a"},{"name":"b","name":"c"}]}"#, "/phases/1/name"),
        (r#"{"title":"a","custom":{"a/b~c":1,"a/b~c":1}}"#, "/custom/a~1b~0c"),
        (r#"{"title":"a","custom":{"":1,"":1}}"#, "/custom/"),
    ] {
        assert_refused::<Task>(body, 400, "duplicate-key", at);
    }
}

#[test]
fn nul_is_422_wherever_it_is() {
    for (body, at) in [
        (r#"{"title":"\u0000"}"#, "/title"),
        (r#"{"title":"a\u0000b"}"#, "/title"),
        (r#"{"title":"a","custom":{"x":[1,"\u0000"]}}"#, "/custom/x/1"),
        (r#"{"title":"a","custom":{"x\u0000":1}}"#, "/custom/x\0"),
        (r#"{"title":"a","unknown":"\u0000"}"#, "/unknown"),
    ] {
        assert_refused::<Task>(body, 422, "nul-not-allowed", at);
    }
}

#[test]
fn what_does_not_fit_the_type_is_422_by_pointer() {
    for (body, code, at) in [
        ("null", "wrong-type", ""),
        ("\"str\"", "wrong-type", ""),
        ("42", "wrong-type", ""),
        ("[\"a\"]", "wrong-type", ""),
        ("{}", "required", "/title"),
        (r#"{"title":null}"#, "wrong-type", "/title"),
        (r#"{"title":1}"#, "wrong-type", "/title"),
        (r#"{"title":["a"]}"#, "wrong-type", "/title"),
        (r#"{"titel":"a"}"#, "unknown-field", "/titel"),
        (r#"{"Title":"a"}"#, "unknown-field", "/Title"),
        (r#"{"title":"a","id":"1"}"#, "unknown-field", "/id"),
        (r#"{"title":"a","is_admin":true}"#, "unknown-field", "/is_admin"),
        (r#"{"title":"a","__proto__":{}}"#, "unknown-field", "/__proto__"),
        (r#"{"title":"a","a/b":{}}"#, "unknown-field", "/a~1b"),
        (r#"{"title":"a","priority":"High"}"#, "invalid-value", "/priority"),
        (r#"{"title":"a","priority":{"high":null}}"#, "wrong-type", "/priority/high"),
        (r#"{"title":"a","priority":["high"]}"#, "wrong-type", "/priority"),
        (r#"{"title":"a","priority":1}"#, "wrong-type", "/priority"),
        (r#"{"title":"a","estimate":9223372036854775808}"#, "invalid-value", "/estimate"),
        (r#"{"title":"a","estimate":1.0}"#, "wrong-type", "/estimate"),
        (r#"{"title":"a","estimate":1e2}"#, "wrong-type", "/estimate"),
        (r#"{"title":"a","estimate":-0}"#, "wrong-type", "/estimate"),
        (r#"{"title":"a","estimate":"1"}"#, "wrong-type", "/estimate"),
        (r#"{"title":"a","billable":"true"}"#, "wrong-type", "/billable"),
        (r#"{"title":"a","billable":1}"#, "wrong-type", "/billable"),
        (r#"{"title":"a","due":"2023-02-29"}"#, "invalid-date", "/due"),
        (r#"{"title":"a","labels":{}}"#, "wrong-type", "/labels"),
        (r#"{"title":"a","labels":["x"]}"#, "invalid-id", "/labels/0"),
        (r#"{"title":"a","phases":[{"name":"a"},["b"]]}"#, "wrong-type", "/phases/1"),
        (r#"{"title":"a","phases":[{"name":"a"},{}]}"#, "required", "/phases/1/name"),
        (r#"{"title":"a","phases":[{"nom":"a"}]}"#, "unknown-field", "/phases/0/nom"),
        (r#"{"title":"a","phases":[{"name":""}]}"#, "blank", "/phases/0/name"),
        (r#"{"title":"a","phase":["b"]}"#, "wrong-type", "/phase"),
        (r#"{"title":"a","phase":{"name":"b","x":1}}"#, "unknown-field", "/phase/x"),
    ] {
        assert_refused::<Task>(body, 422, code, at);
    }
}

#[test]
fn a_refused_word_lists_the_allowed_ones() {
    let problem = parse::<Task>(br#"{"title":"a","priority":"High"}"#).expect_err("refused");
    assert_eq!(problem.detail, "/priority: unknown variant `High`, expected `low` or `high`");
    let problem = parse::<Task>(br#"{"titel":"a"}"#).expect_err("refused");
    assert!(problem.detail.starts_with("/titel: unknown field `titel`, expected one of `title`, "), "{problem:?}");
}

#[test]
fn good_bodies_are_read() {
    let task = parse::<Task>(
        br#" {"title":"\ud83d\ude00 <script>{{7*7}}' -- %s","priority":"high","estimate":-3,"billable":false,
        "due":"2024-02-29","phases":[{"name":"a"}],"phase":{"name":"b"},
        "custom":{"__proto__":{"a":[1,2.5,null,true]},"x":"x"}} "#,
    )
    .expect("read");
    assert_eq!(task.title.as_str(), "\u{1f600} <script>{{7*7}}' -- %s");
    assert_eq!((task.priority, task.estimate, task.billable), (Some(Priority::High), Some(-3), Some(false)));
    assert_eq!(task.custom["__proto__"]["a"][1], 2.5);
    assert!(parse::<Task>(br#"{"title":"a","priority":null,"due":null}"#).is_ok());
}

#[test]
fn a_patch_tells_absent_from_null() {
    let read = |body: &str| parse::<Edit>(body.as_bytes()).expect("read");
    assert_eq!(read("{}"), Edit { title: Change(None), description: Patch::Absent });
    assert_eq!(read(r#"{"description":null}"#).description, Patch::Null);
    assert_eq!(
        read(r#"{"description":""}"#).description.change().flatten().map(Text::into_string),
        Some(String::new())
    );
    assert_refused::<Edit>(r#"{"title":null}"#, 422, "wrong-type", "/title");
    assert_refused::<Edit>(r#"{"title":["a"]}"#, 422, "wrong-type", "/title");
    assert_refused::<Edit>(r#"{"titel":"a"}"#, 422, "unknown-field", "/titel");
    assert_refused::<Edit>("[]", 422, "wrong-type", "");
}

#[test]
fn variants_with_data_are_objects_of_one_key() {
    let id = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    let good = format!(r#"{{"steps":[{{"create":{{"name":"a"}}}},{{"move":{{"to":"{id}"}}}},"nothing"]}}"#);
    assert_eq!(parse::<Batch>(good.as_bytes()).expect("read").steps.len(), 3);
    for (step, code, at) in [
        (r#"{"nothing":null}"#, "wrong-type", "/steps/0/nothing"),
        (r#"{"create":["a"]}"#, "wrong-type", "/steps/0/create"),
        (r#"{"create":{"name":""}}"#, "blank", "/steps/0/create/name"),
        (r#"{"create":{"nom":""}}"#, "unknown-field", "/steps/0/create/nom"),
        (r#"{"move":{}}"#, "required", "/steps/0/move/to"),
        (r#"{"move":["a"]}"#, "wrong-type", "/steps/0/move"),
        (r#"{"create":{"name":"a"},"move":{}}"#, "invalid-value", "/steps/0/create"),
        ("{}", "invalid-value", "/steps/0"),
        (r#""create""#, "wrong-type", "/steps/0/create"),
        (r#""other""#, "invalid-value", "/steps/0"),
        (r#"{"other":1}"#, "invalid-value", "/steps/0"),
    ] {
        assert_refused::<Batch>(format!(r#"{{"steps":[{step}]}}"#), 422, code, at);
    }
}

fn headers(types: &[&str], coding: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in types {
        headers.append(header::CONTENT_TYPE, value.parse().expect("a value"));
    }
    headers.extend(coding.map(|coding| (header::CONTENT_ENCODING, coding.parse().expect("a value"))));
    headers
}

#[test]
fn only_json_without_a_coding_is_read() {
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
    ] {
        assert!(check_type(&headers(&[good], None), &[JSON]).is_ok(), "{good}");
    }
    assert!(check_type(&headers(&[JSON], Some("identity")), &[JSON]).is_ok());
    assert!(check_type(&headers(&[MERGE_PATCH], None), &[MERGE_PATCH, JSON]).is_ok());
    for bad in [
        headers(&[], None),
        headers(&[""], None),
        headers(&["text/plain"], None),
        headers(&["application/x-www-form-urlencoded"], None),
        headers(&["application/json;charset=utf-7"], None),
        headers(&["application/json; boundary=x"], None),
        headers(&["application/json; charset=utf-8; charset=utf-8"], None),
        headers(&["application/json, application/json"], None),
        headers(&["application/problem+json"], None),
        headers(&[MERGE_PATCH], None),
        headers(&[JSON, JSON], None),
        headers(&[JSON, "text/plain"], None),
        headers(&[JSON], Some("gzip")),
        headers(&[JSON], Some("identity, gzip")),
    ] {
        let problem = check_type(&bad, &[JSON]).expect_err("refused");
        assert_eq!(problem.status, 415, "{bad:?}");
    }
}

#[tokio::test]
async fn a_long_body_is_413() {
    let status = |length: Option<&str>, size: usize| {
        let mut request = Request::post("/").header(header::CONTENT_TYPE, JSON);
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        let request = request.body(Body::from(vec![b' '; size])).expect("a request");
        async { body(request, &[JSON], LIMIT).await.err().map(|problem| problem.status.as_u16()) }
    };
    assert_eq!(status(Some("10737418240"), 0).await, Some(413));
    assert_eq!(status(Some("65537"), 0).await, Some(413));
    assert_eq!(status(None, LIMIT + 1).await, Some(413));
    assert_eq!(status(None, LIMIT).await, None);
}

#[tokio::test]
async fn a_slow_body_is_408_and_the_end() {
    let drip = |every: u64, size: usize| {
        let stream = futures::stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_millis(every)).await;
            Some((Ok::<_, std::io::Error>(vec![b' '; size]), ()))
        });
        Body::from_stream(stream)
    };
    let patience = Duration::from_millis(200);
    let start = Instant::now();
    let problem = read(drip(20, 1), LIMIT, patience).await.expect_err("too slow");
    assert_eq!((problem.status.as_u16(), start.elapsed() < Duration::from_secs(20)), (408, true));
    assert_eq!(problem.headers, [(header::CONNECTION, "close".parse().expect("a value"))]);

    // What comes fast enough may take longer than that.
    let problem = read(drip(30, 4 * BYTES_PER_SECOND), LARGE_LIMIT, patience).await.expect_err("too long");
    assert_eq!((problem.status.as_u16(), start.elapsed() > 2 * patience), (413, true));
}

#[tokio::test]
async fn pieces_are_put_together() {
    let stream = futures::stream::iter(["{\"ti", "tle\":", "\"a\"}"].map(Ok::<_, std::io::Error>));
    assert_eq!(read(Body::from_stream(stream), LIMIT, PATIENCE).await.expect("read"), r#"{"title":"a"}"#);
}
