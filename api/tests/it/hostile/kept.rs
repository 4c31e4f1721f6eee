//! What looks odd and is none of our business: it is kept, to the byte, and shown as it was sent.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Expected, World};
use crate::probes::bodies;

/// Texts that people, other programs and attackers send: they do nothing here, and nothing is done to them.
fn texts() -> Vec<String> {
    let zalgo = format!("a{}", "\u{0301}".repeat(90));
    [
        zalgo.as_str(),
        "\u{202e}gnirts\u{202c}",
        "👩\u{200d}👩\u{200d}👧 and \u{feff} and \u{ffff}",
        "e\u{0301} is not \u{e9}",
        "<script>alert(1)</script>",
        "{{7*7}} ${jndi:ldap://x/y} %s%n",
        "'; DROP TABLE tasks; --",
        "=cmd|' /C calc'!A0",
        "\\u0041 \\n &lt;",
        "__proto__",
        "../../etc/passwd",
        " a space before and behind ",
        "x",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Texts that can be anything, as they are called.
const FREE: [&str; 6] = ["title", "name", "description", "note", "goal", "body"];

/// A string as JSON has it, with each character escaped, those beyond the first plane as pairs.
fn escaped(text: &str) -> String {
    let units: Vec<_> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{}\"", units.concat())
}

/// Wherever something is changed by somebody's words, on every API.
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_kept_to_the_byte() {
    let world = World::new().await;
    let mut kept = 0;
    for place in world.with_body() {
        let updates = [Method::PUT, Method::PATCH].contains(&place.operation.method);
        let members = place.api.members(&place.operation);
        for name in FREE.iter().filter(|name| updates && members.iter().any(|(known, _)| known == *name)) {
            for (nth, text) in texts().into_iter().enumerate() {
                let spelled = if nth % 2 == 0 { json!(text).to_string() } else { escaped(&text) };
                let case = world
                    .case(&place, text.clone(), Expected::Status(&[200]))
                    .saying(format!("{{\"{name}\":{spelled}}}"));
                let answer = world.send(&case).await;
                let shown = answer.json();
                let shown = if shown["data"].is_object() { &shown["data"][name] } else { &shown[name] };
                assert_eq!(
                    (answer.status, shown.as_str()),
                    (StatusCode::OK, Some(text.as_str())),
                    "{}: {}",
                    case.what,
                    answer.text
                );
                kept += 1;
            }
        }
    }
    assert!(kept > 300, "{kept}");
}

/// The longest texts, the first and last days, and leap days are taken, by everything that takes such; nothing is done.
#[tokio::test(flavor = "multi_thread")]
async fn what_just_fits_is_taken() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body().into_iter().filter(|place| !place.operation.is_batch()) {
        for (name, schema) in place.api.members(&place.operation) {
            let most = schema["maxLength"].as_u64().filter(|most| *most < 10_000 && FREE.contains(&name.as_str()));
            let longest = most.map(|most| "👩".repeat(usize::try_from(most).expect("a length")));
            let days = ["2024-02-29", "2000-02-29", "1970-01-01", "9999-12-31"].map(str::to_owned);
            let days = days.into_iter().filter(|_| schema["format"] == "date");
            for text in longest.into_iter().chain(days) {
                let mut body = bodies::usual(&place, &world.own);
                let all = body.as_object_mut().expect("members");
                // Whatever else is a day may be on the wrong side of this one.
                let is_day =
                    |value: &Value| value.as_str().is_some_and(|text| text.len() == 10 && text.as_bytes()[4] == b'-');
                all.retain(|_, value| !is_day(value));
                all.insert(name.clone(), json!(text));
                let case = world.case(&place, format!("{name}: {text:.20}"), Expected::Status(&[200, 201]));
                cases.push(case.saying(body.to_string()).rehearsed());
            }
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    world.hold(cases).await;
}
