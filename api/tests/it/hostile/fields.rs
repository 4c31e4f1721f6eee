//! Fields of bodies, one by one, those of the commands of batches too: each takes its own type and form and nothing else,
//! and whoever gets one wrong is told which.

use reqwest::Method;
use serde_json::{Value, json};

use super::operation::{Api, Operation};
use super::{Expected, World, misfits};
use crate::probes::bodies::{self, Step};
use crate::probes::places::Place;

/// Stands where a value is to be that no JSON value could be.
const HERE: &str = "@@here@@";

/// A member of a body.
struct Member {
    /// In a batch, what the command does.
    op: Option<&'static str>,
    /// The way to it.
    route: Vec<Step>,
    name: String,
    schema: Value,
}

impl Member {
    /// Where it is, as problems say it.
    fn pointer(&self) -> String {
        let within: &[&str] = if self.op.is_some() { &["", "commands", "0"] } else { &[""] };
        let steps = within.iter().copied().chain(self.route.iter().filter_map(Step::name));
        steps.collect::<Vec<_>>().join("/")
    }

    /// A body that is good but for this.
    fn saying(&self, world: &World, place: &Place<'_>, value: &str) -> String {
        let mut body = bodies::with(place, &world.own, self.op, &self.route, HERE);
        // Where each command stands for itself, each has an answer of its own.
        if body["mode"] == "per_item" {
            body["mode"] = json!("atomic");
        }
        body.to_string().replace(&format!("\"{HERE}\""), value)
    }
}

/// All members of an operation's body; of a batch, those of its commands as well.
fn members(api: &Api, operation: &Operation) -> Vec<Member> {
    let Some(body) = api.body(operation) else { return Vec::new() };
    let of = |op, within: &[&str], schema: &Value| {
        let all = api.schema(schema)["properties"].as_object().cloned().unwrap_or_default();
        let before: Vec<Step> = within.iter().map(|step| Step::Member((*step).to_owned())).collect();
        let member = move |(name, schema): (String, Value)| {
            let route = before.iter().cloned().chain([Step::Member(name.clone())]).collect();
            Member { op, route, name, schema }
        };
        all.into_iter().map(member).collect::<Vec<_>>()
    };
    let mut all = of(None, &[], &body);
    if operation.is_batch() {
        let command = api.schema(&api.schema(&body["properties"]["commands"])["items"]);
        for (name, schema) in command["properties"].as_object().expect("members") {
            match name.as_str() {
                "op" | "id" | "if_version" => {}
                "set" => all.extend(of(Some("update"), &["set"], schema)),
                resource => all.extend(of(Some("create"), &[resource], schema)),
            }
        }
    }
    all
}

/// Whether a member may be null.
fn is_nullable(schema: &Value) -> bool {
    let has_null = |kinds: &Value| kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    let mut parts = ["oneOf", "anyOf"].iter().filter_map(|choice| schema[choice].as_array()).flatten();
    has_null(&schema["type"]) || parts.any(|part| part["type"] == "null")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_takes_its_own_type_and_form_only() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body() {
        for member in members(place.api, &place.operation) {
            let (schema, name) = (place.api.schema(&member.schema), &member.name);
            let items = place.api.schema(&schema["items"]);
            // Other products' clients may say of something new that it has nothing, where we would have them say nothing.
            let is_new = place.operation.method == Method::POST && !place.api.mount.is_empty();
            let nullable = is_nullable(&member.schema) || is_new && !place.api.requires(&place.operation, name);
            for value in misfits::of(name, &schema, &items, nullable) {
                // What can't be read as a number at all is no JSON.
                let expected = match value.as_str() {
                    "1e400" => Expected::Status(&[400]),
                    // A number that nobody has.
                    "0" if name.ends_with("_id") => Expected::Status(&[404, 422]),
                    _ => Expected::At(422, member.pointer()),
                };
                let body = member.saying(&world, &place, &value);
                cases.push(world.case(&place, format!("{name}: {value:.60}"), expected).saying(body));
            }
        }
    }
    world.hold(cases).await;
}

/// What starts after it ends, whatever the two are called.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_ends_before_it_starts() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body() {
        let names: Vec<String> = place.api.members(&place.operation).into_iter().map(|(name, _)| name).collect();
        for (start, end, early, late) in [
            ("start_date", "due_date", "2026-03-01", "2026-03-02"),
            ("startDate", "dueDate", "2026-03-01", "2026-03-02"),
            ("start_date", "end_date", "2026-03-01", "2026-03-02"),
            ("started_at", "ended_at", "2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z"),
            ("started_at", "ended_at", "2026-03-01T08:00:00Z", "2026-03-02T08:00:01Z"),
        ] {
            if ![start, end].iter().all(|name| names.iter().any(|known| known == name)) {
                continue;
            }
            // A day and a second is longer than anybody works; else the two are the wrong way round.
            let (from, to) = if late.contains("02T") { (early, late) } else { (late, early) };
            let mut body = bodies::usual(&place, &world.own);
            body.as_object_mut().expect("members").remove("duration_seconds");
            (body[start], body[end]) = (json!(from), json!(to));
            let expected = Expected::At(422, format!("/{end}"));
            cases.push(world.case(&place, format!("{from} to {to}"), expected).saying(body.to_string()));
        }
    }
    assert!(cases.len() > 15, "{}", cases.len());
    world.hold(cases).await;
}

/// Fields that nobody but the server sets, in the API that says so; others pass them over.
pub(super) const NOT_YOURS: [&str; 11] = [
    "id",
    "workspace_id",
    "created_at",
    "created_by",
    "updated_at",
    "version",
    "seq",
    "is_admin",
    "role",
    "deleted_at",
    "number",
];

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_what_the_server_sets_nor_what_there_is_not() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body().into_iter().filter(|place| place.api.mount.is_empty()) {
        let own: Vec<String> = place.api.members(&place.operation).into_iter().map(|(name, _)| name).collect();
        let upper = |name: &String| name[..1].to_uppercase() + &name[1..];
        let odd = ["__proto__", "constructor", "$where", "$type", "no_such_field", " name", "na\u{200d}me"];
        let strange = NOT_YOURS.into_iter().chain(odd).map(str::to_owned).chain(own.iter().map(upper));
        for name in strange.filter(|name| !own.contains(name)) {
            let mut body = bodies::usual(&place, &world.own);
            body[&name] = json!(super::UNKNOWN);
            let case = world.case(&place, &name, Expected::At(422, format!("/{name}")));
            cases.push(case.saying(body.to_string()));
        }
    }
    world.hold(cases).await;
}

/// What others' clients send and we do not know is passed over, whatever it is called: it changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_over_changes_nothing() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body().into_iter().filter(|place| place.api.is_update(&place.operation)) {
        for name in
            ["__proto__", "constructor", "$where", "$type", "no_such_field", "Title", "id", "version", "is_admin"]
        {
            let body = json!({name: {"polluted": true}}).to_string();
            cases.push(world.case(&place, name, Expected::Status(&[200])).saying(body));
        }
    }
    world.hold(cases).await;
}
