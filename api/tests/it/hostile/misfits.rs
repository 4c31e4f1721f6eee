//! Values that do not fit a schema, as JSON texts, so that they can be such as no reader would make.

use serde_json::{Value, json};

use super::operation::types;

const IDS: [&str; 6] = [
    "",
    "x",
    "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
    "{7d444840-9dc0-41d1-b245-5ffdce74fad2}",
    "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2",
    "7d4448409dc041d1b2455ffdce74fad2",
];

/// No days, days in other spellings, days that are too early or too late, and what databases take for days.
pub const DATES: [&str; 25] = [
    "",
    "0000-00-00",
    "2023-02-29",
    "2024-02-30",
    "1900-02-29",
    "2024-2-9",
    " 2024-02-29",
    "2024-02-29 ",
    "2024-02-29T00:00:00Z",
    "2024-W09-4",
    "20240229",
    "2024-060",
    "0000-01-01",
    "1969-12-31",
    "10000-01-01",
    "+10000-01-01",
    "-0001-01-01",
    "infinity",
    "-infinity",
    "now",
    "today",
    "tomorrow",
    "epoch",
    "29.02.2024",
    "２０２４-02-29",
];

/// The same of instants; seconds that are not there, and no offset, or one that says nothing.
const TIMES: [&str; 18] = [
    "",
    "2026-01-01",
    "2026-02-29T00:00:00Z",
    "2026-01-01T23:59:60Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00:00-00:00",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+0100",
    "2026-01-01T00:00:00+01",
    "2026-01-01 00:00:00Z",
    "2026-01-01t00:00:00z",
    "1969-12-31T23:59:59Z",
    "infinity",
    "now",
    "epoch",
    "1767225600",
];

/// Zones that there are not, and what is none.
const ZONES: [&str; 6] = ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "utc+1", "Europe/Berlin "];

/// Texts that are none, or too long by one character, however many bytes that takes; and control characters.
fn lines(schema: &Value) -> Vec<Value> {
    let mut bad = vec![json!("\u{7}"), json!("a\u{1b}[31m")];
    if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
        bad.extend([json!(""), json!("   "), json!("\u{a0}\u{3000}")]);
    }
    if let Some(most) = schema["maxLength"].as_u64().filter(|most| *most < 10_000) {
        let most = usize::try_from(most).expect("a length");
        bad.extend(["x", "é", "👩"].map(|letter| json!(letter.repeat(most + 1))));
    }
    bad
}

fn texts(name: &str, schema: &Value) -> Vec<Value> {
    let bad: &[&str] = match schema["format"].as_str().unwrap_or_default() {
        "uuid" => &IDS,
        "date" => &DATES,
        "date-time" => &TIMES,
        _ if name == "time_zone" => &ZONES,
        _ => return lines(schema),
    };
    bad.iter().map(|text| json!(text)).collect()
}

/// Numbers that are none in JSON are told apart from those that are not whole, too large or texts.
const NUMBERS: [&str; 12] = [
    "\"1\"",
    "1.5",
    "1.0",
    "1e2",
    "-0",
    "9223372036854775808",
    "-9223372036854775809",
    "true",
    "[1]",
    "{}",
    "\"\"",
    "1e400",
];

/// What does not fit this member: its schema, and whether that lets nothing in.
pub fn of(name: &str, schema: &Value, items: &Value, nullable: bool) -> Vec<String> {
    let mut bad: Vec<String> = match types(schema).into_iter().find(|kind| *kind != "null") {
        Some("string") if schema["enum"].is_array() => {
            let first = schema["enum"][0].as_str().unwrap_or_default();
            let values =
                [json!("no such word"), json!(1), json!(true), json!({first: null}), json!([first]), json!("")];
            values.iter().map(Value::to_string).collect()
        }
        Some("string") => {
            let others = [json!(1), json!(true), json!({}), json!(["a"])];
            texts(name, schema).iter().chain(&others).map(Value::to_string).collect()
        }
        Some("integer") => {
            let mut bad: Vec<String> = NUMBERS.iter().map(|text| (*text).to_owned()).collect();
            bad.extend(schema["minimum"].as_i64().map(|least| (least - 1).to_string()));
            bad.extend(schema["maximum"].as_i64().map(|most| (most + 1).to_string()));
            bad
        }
        Some("boolean") => ["\"true\"", "0", "1", "\"yes\"", "[]"].map(str::to_owned).to_vec(),
        Some("array") => {
            let mut bad: Vec<String> = ["\"a\"", "{}", "[{}]", "[[]]", "1", "[null]"].map(str::to_owned).to_vec();
            if items["format"] == "uuid" {
                bad.extend(IDS.iter().map(|id| json!([id]).to_string()));
            }
            if let Some(most) = schema["maxItems"].as_u64() {
                let most = usize::try_from(most).expect("a length");
                bad.push(json!(vec![super::UNKNOWN; most + 1]).to_string());
            }
            bad
        }
        Some("object") => ["[]", "\"a\"", "1", "true"].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    };
    if !nullable {
        bad.push("null".to_owned());
    }
    bad
}
