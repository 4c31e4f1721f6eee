//! Queries: values of parameters, parameters that there are not, texts that are searched for.

use reqwest::Method;

use super::operation::types;
use super::{Case, Expected, World, misfits};
use crate::probes::places::Place;

/// A request with this in its query string, whatever else it needs.
fn asking(world: &World, place: &Place<'_>, name: &str, value: &str, expected: Expected) -> Case {
    let mut case = world.case(place, format!("{name}={value:.40}"), expected);
    // What is needed is asked for once.
    let (path, query) = case.target.split_once('?').unwrap_or((case.target.as_str(), ""));
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    case.target = format!("{path}?{}", others.chain([&*format!("{name}={value}")]).collect::<Vec<_>>().join("&"));
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_values_name_their_parameter() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.requests() {
        let native = place.api.mount.is_empty();
        for parameter in place.operation.query() {
            let name = parameter["name"].as_str().expect("a name");
            let schema = place.api.schema(&parameter["schema"]);
            let of = if types(&schema).contains(&"array") { place.api.schema(&schema["items"]) } else { schema };
            let (least, most) = (of["minimum"].as_i64(), of["maximum"].as_i64());
            let mut bad: Vec<String> = match (types(&of).first().copied(), of["format"].as_str()) {
                (Some("integer"), _) => {
                    let bad = ["", "1.5", "-", "1e9", "x", "99999999999999999999", "+1", "01", "%00", "%ff", "1%20"];
                    let beyond = least
                        .map(|least| (least - 1).to_string())
                        .into_iter()
                        .chain(most.map(|most| (most + 1).to_string()));
                    bad.into_iter().map(str::to_owned).chain(beyond).collect()
                }
                (Some("boolean"), _) => ["", "yes", "1", "TRUE"].map(str::to_owned).to_vec(),
                (_, Some("uuid")) if native => ["", "x", "1"].map(str::to_owned).to_vec(),
                (_, Some("date")) => misfits::DATES
                    .iter()
                    .filter(|day| day.is_ascii())
                    .map(|day| day.replace('+', "%2B").replace(' ', "%20"))
                    .collect(),
                (_, Some("date-time")) => {
                    ["", "2026-01-01T00:00:00", "now", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z"]
                        .map(str::to_owned)
                        .to_vec()
                }
                _ if of["enum"].is_array() => ["", "no-such-word", "'", "a,,b"].map(str::to_owned).to_vec(),
                _ if name == "cursor" => ["AAAA", "x", "====", "%27", "eyJhIjoxfQ"].map(str::to_owned).to_vec(),
                _ if name == "as_of" => ["x", "now", "-1"].map(str::to_owned).to_vec(),
                _ if ["sort", "fields", "expand"].contains(&name) => {
                    ["secret_hash", "title%3B%20drop%20table", "id,,id", "workspace.api_keys", "%00"]
                        .map(str::to_owned)
                        .to_vec()
                }
                _ => Vec::new(),
            };
            // An empty filter is none, for those whose clients send such.
            bad.retain(|value| native || !value.is_empty() || of["type"] == "integer");
            for value in bad {
                // What is no text at all is no value either.
                let expected = if value.contains("%00") || value.contains("%ff") {
                    Expected::Status(&[400, 422])
                } else {
                    Expected::At(400, name.to_owned())
                };
                cases.push(asking(&world, &place, name, &value, expected));
            }
            let mut twice = asking(&world, &place, name, "1", Expected::Code(400, "duplicate-parameter"));
            twice.add(&format!("{name}=1"));
            cases.push(twice);
        }
    }
    world.hold(cases).await;
}

/// Natively, what there is not is named, also where another product would pass it over.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_are_named_wherever_they_are_sent() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.requests().into_iter().filter(|place| place.api.mount.is_empty()) {
        for name in [
            "no_such_parameter",
            "limit[]",
            "api_key",
            "Limit",
            "include",
            "title[regexp]",
            "status[$ne]",
            "title[like]",
        ] {
            cases.push(asking(&world, &place, name, "1", Expected::At(400, name.to_owned())));
        }
        cases.push(asking(&world, &place, "%ff", "1", Expected::Status(&[400])));
        cases.push(asking(&world, &place, "a%00", "1", Expected::Status(&[400, 422])));
    }
    world.hold(cases).await;
}

/// Elsewhere a parameter that is sent as an array asks for less than all there is, and is not passed over.
#[tokio::test(flavor = "multi_thread")]
async fn no_parameter_is_an_array() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.requests().into_iter().filter(|place| !place.api.mount.is_empty()) {
        for parameter in place.operation.query().iter().filter(|one| one["name"] == "limit") {
            let name = parameter["name"].as_str().expect("a name");
            for array in [format!("{name}[]"), format!("{name}%5B0%5D")] {
                cases.push(asking(&world, &place, &array, "1", Expected::Status(&[400, 422])));
            }
        }
    }
    assert!(cases.len() > 20, "{}", cases.len());
    world.hold(cases).await;
}

/// Any text can be searched for: operators of searches, wildcards, quotes, and what makes slow expressions slow.
#[tokio::test(flavor = "multi_thread")]
async fn any_text_can_be_searched_for() {
    let world = World::new().await;
    let mut cases = Vec::new();
    let slow = format!("{}!", "a".repeat(400));
    let long = "a%20".repeat(3_000);
    let texts = [
        "a%20%26%20%7C%20!",
        "%25_%5C",
        "'%3B%20drop%20table%20x",
        "%F0%9F%92%A9",
        "a:*",
        "(((",
        "%22",
        "-a",
        "a%20OR%20b",
        &slow,
    ];
    for place in world.requests() {
        for parameter in place.operation.query().iter().filter(|parameter| parameter["name"] == "q") {
            let name = parameter["name"].as_str().unwrap_or_default();
            for text in texts {
                cases.push(asking(&world, &place, name, text, Expected::Status(&[200])));
            }
            cases.push(asking(&world, &place, name, &long, Expected::At(400, name.to_owned())));
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    world.hold(cases).await;
}

/// Wildcards of databases are letters like all others: they find nothing where nothing has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_wildcard_is_a_letter() {
    let world = World::new().await;
    for place in world.requests().into_iter().filter(|place| place.operation.method == Method::GET) {
        for parameter in place.operation.query() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if name != "q" && !name.ends_with("[contains]") {
                continue;
            }
            for wild in ["%25", "_", "o_n", "%25wn", ".*"] {
                let answer = world.send(&asking(&world, &place, name, wild, Expected::Status(&[]))).await;
                let what = format!("{}{}?{name}={wild}: {:.300}", place.api.mount, place.operation.path, answer.text);
                // Letters alone make words: what has none asks for nothing in particular, or finds nothing.
                assert_eq!(answer.status, 200, "{what}");
                assert!(!answer.text.contains("\"own\""), "{what}");
            }
        }
    }
}
