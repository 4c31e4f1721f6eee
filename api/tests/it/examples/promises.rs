//! What is promised of all operations alike, shown with everything that a team does in the story: the past can be asked
//! for, and every command can be tried.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::record::{Recorder, Watch};
use super::story;

/// What no GET of the past makes sense of, and why.
const PRESENT: [(&str, &str); 32] = [
    ("get_me", "who is calling now"),
    ("get_health", "whether the program runs now"),
    ("get_readiness", "whether it can answer now"),
    ("get_webhook_secrets", "secrets are not kept once they are given up"),
    ("list_webhook_deliveries", "deliveries are no events"),
    ("list_changes", "a stream of what happened, from any position"),
    ("stream_events", "a stream of what happened, from any position"),
    ("stream_notifications", "a stream of what is told now"),
    ("get_cumulative_flow", "it says itself how things stood on each of its days"),
    ("get_history", "it says itself what was when"),
    ("explain_field", "it says itself what was when"),
    ("get_diff", "it has two moments of its own"),
    ("get_project_diff", "it has two moments of its own"),
    ("get_audit_activity", "it says itself what was when"),
    ("get_audit_checkpoint", "a proof of all that there is"),
    ("get_audit_proof", "a proof of one event"),
    ("get_audit_consistency", "a proof of two moments"),
    ("list_comment_activity", "it says itself what was when"),
    ("list_customer_activity", "it says itself what was when"),
    ("list_key_activity", "it says itself what was when"),
    ("list_label_activity", "it says itself what was when"),
    ("list_member_activity", "it says itself what was when"),
    ("list_notification_activity", "it says itself what was when"),
    ("list_position_activity", "it says itself what was when"),
    ("list_project_activity", "it says itself what was when"),
    ("list_space_activity", "it says itself what was when"),
    ("list_sprint_activity", "it says itself what was when"),
    ("list_task_activity", "it says itself what was when"),
    ("list_team_activity", "it says itself what was when"),
    ("list_timelog_activity", "it says itself what was when"),
    ("list_webhook_activity", "it says itself what was when"),
    ("list_workspace_activity", "it says itself what was when"),
];

/// Members that no event tells of: who is here, and when they were seen.
const FLEETING: [&str; 3] = ["online", "last_seen_at", "last_used_at"];

/// Operations of the document with one of these methods: id and parameters.
fn operations(methods: &[&str]) -> Vec<(String, Vec<Value>)> {
    let document = docket_api::router::document().to_json().expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let mut found = Vec::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for method in methods {
            if let Some(id) = item[*method]["operationId"].as_str() {
                found.push((id.to_owned(), item[*method]["parameters"].as_array().cloned().unwrap_or_default()));
            }
        }
    }
    found
}

fn takes(parameters: &[Value], name: &str) -> bool {
    parameters.iter().any(|parameter| parameter["name"] == name && parameter["in"] == "query")
}

fn without_fleeting(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => {
            for item in items {
                *item = without_fleeting(item.take());
            }
        }
        Value::Object(members) => {
            members.retain(|name, _| !FLEETING.contains(&name.as_str()));
            for (_, member) in members.iter_mut() {
                *member = without_fleeting(member.take());
            }
        }
        _ => {}
    }
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_read_can_be_read_again_as_it_was() {
    let reads = operations(&["get"]);
    for (id, parameters) in &reads {
        let exempt = PRESENT.iter().any(|(known, _)| known == id);
        assert!(takes(parameters, "as_of") != exempt, "{id}: either it takes as_of, or it says why not");
    }
    let known: BTreeSet<&str> = reads.iter().map(|(id, _)| id.as_str()).collect();
    assert!(PRESENT.iter().all(|(id, _)| known.contains(id)), "an operation is gone");

    let story = story::tell(Recorder::start(Watch::Reads).await).await;
    let mut asked = BTreeSet::new();
    for read in story.read.iter().filter(|read| PRESENT.iter().all(|(id, _)| *id != read.operation)) {
        asked.insert(read.operation.as_str());
        // A burndown is of the end of a day.
        if read.operation.ends_with("burndown") {
            continue;
        }
        let joined = if read.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{joined}as_of={}", read.path, read.position);
        let then = story.again(&path).await;
        assert_eq!(then.status.as_u16(), 200, "{path}: {}", then.text);
        assert_eq!(comparable(then.json()), comparable(read.answer.clone()), "{path}");
        let event = story.again(&format!("/v1/audit?position={}", read.position)).await.json();
        let time = event["data"][0]["recorded_at"].as_str().expect("a time").to_owned();
        let then = story.again(&format!("{}{joined}as_of={time}", read.path)).await;
        assert_eq!(then.status.as_u16(), 200, "{path}: {}", then.text);
    }
    let untold = reads.iter().map(|(id, _)| id.as_str()).filter(|id| PRESENT.iter().all(|(known, _)| known != id));
    let untold: Vec<_> = untold.filter(|id| !asked.contains(id)).collect();
    assert_eq!(untold, ["list_audit_events"], "tell of them in the story");
}

/// An answer without what need not be the same: cursors are of their moment.
fn comparable(answer: Value) -> Value {
    let mut answer = without_fleeting(answer);
    if let Some(members) = answer.as_object_mut() {
        members.remove("next_cursor");
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_can_be_tried_and_then_does_what_it_said() {
    for (id, parameters) in operations(&["post", "put", "patch", "delete"]) {
        assert!(takes(&parameters, "dry_run"), "{id} can't be tried");
    }
    let mut story = story::tell(Recorder::start(Watch::Writes).await).await;
    story.read.clear();
}

/// Events that nothing takes back, and why.
const LASTING: [(&str, &str); 11] = [
    ("api_key.revoked", "a key that was ended may be known to others"),
    ("api_key.rotated", "its successor has been given out"),
    ("key_ring.key_removed", "the key it had was ended"),
    ("member.erased", "who they were is not known any more"),
    ("member.invited", "the invitation has been sent; who is not to come is deactivated"),
    ("member.joined", "they have been here"),
    ("notification.deleted", "who deleted it wanted it gone"),
    ("preferences.changed", "they are their member's own"),
    ("sprint.started", "work has begun"),
    ("timelog.timer_stopped", "the time has passed"),
    ("workspace.created", "then there would be nobody to undo it"),
];

/// All types of events, as they are described.
fn types() -> BTreeSet<String> {
    let described = include_str!("../../../../docs/events.md");
    let catalogue = described.lines().skip_while(|line| !line.starts_with("| `workspace.created`"));
    let rows = catalogue.take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2));
    names.map(str::to_owned).filter(|name| name.contains('.')).collect()
}

/// What the story does not come to.
async fn rest(story: &mut Recorder) {
    let me = story.again("/v1/me").await.json()["member"]["id"].clone();
    let made = async |story: &mut Recorder, path: &str, body: Value| {
        story.ask(Method::POST, path, Some(body)).await["id"].clone()
    };
    let statuses = story.again("/v1/workspace").await.json()["project_statuses"].clone();
    let mut more = statuses.as_array().expect("states").clone();
    for status in &mut more {
        status
            .as_object_mut()
            .expect("a state")
            .retain(|name, _| ["key", "name", "category", "color"].contains(&name.as_str()));
    }
    let plain = more.clone();
    more.insert(0, json!({"key": "dreamt_of", "name": "Dreamt of", "category": plain[0]["category"]}));
    let mut renamed = more.clone();
    renamed[0]["name"] = json!("Dreamt");
    for change in [
        json!({"name": "Atelier"}),
        json!({"plan": "team"}),
        json!({"project_statuses": more}),
        json!({"project_statuses": renamed}),
        json!({"project_statuses": plain}),
    ] {
        story.ask(Method::PATCH, "/v1/workspace", Some(change)).await;
    }
    let position = made(story, "/v1/positions", json!({"name": "Architect"})).await;
    let ann = made(story, "/v1/members", json!({"email": "ann@example.com", "name": "Ann"})).await;
    let ann = format!("/v1/members/{}", ann.as_str().expect("an id"));
    story.ask(Method::POST, &format!("{ann}/join"), None).await;
    for change in [json!({"position_id": position}), json!({"role": "owner"}), json!({"role": "admin"})] {
        story.ask(Method::PATCH, &ann, Some(change)).await;
    }
    let team = made(story, "/v1/teams", json!({"name": "Builders"})).await;
    let space = made(story, "/v1/spaces", json!({"name": "Inside"})).await;
    let customer = made(story, "/v1/customers", json!({"name": "Nobody"})).await;
    let project = made(story, "/v1/projects", json!({"name": "House"})).await;
    let one = format!("/v1/projects/{}", project.as_str().expect("an id"));
    for change in [
        json!({"name": "Tower", "description": "High.", "code": "TWR", "color": "#112233", "start_date": "2026-01-01"}),
        json!({"lead_id": me, "team_id": team, "space_id": space, "customer_id": customer, "billable": true}),
        json!({"member_ids": [me]}),
        json!({"member_ids": []}),
        json!({"status": plain[1]["key"]}),
        json!({"archived": true}),
        json!({"archived": false}),
    ] {
        story.ask(Method::PATCH, &one, Some(change)).await;
    }
    let mut phases = Vec::new();
    for name in ["Cellar", "Roof"] {
        phases.push(made(story, &format!("{one}/phases"), json!({"name": name})).await);
    }
    let phase = format!("{one}/phases/{}", phases[1].as_str().expect("an id"));
    story.ask(Method::PATCH, &phase, Some(json!({"position": 1}))).await;
    let sprint = made(story, "/v1/sprints", json!({"project_id": project, "name": "Dig"})).await;
    let at = format!("/v1/sprints/{}", sprint.as_str().expect("an id"));
    story
        .ask(
            Method::PATCH,
            &at,
            Some(json!({"name": "Dig deep", "start_date": "2026-02-01", "end_date": "2026-02-02"})),
        )
        .await;
    let whole = made(story, "/v1/tasks", json!({"project_id": project, "title": "House"})).await;
    let task = made(story, "/v1/tasks", json!({"project_id": project, "title": "Wall"})).await;
    let task = format!("/v1/tasks/{}", task.as_str().expect("an id"));
    for change in [
        json!({"title": "Long wall", "description": "Of stone.", "priority": "low", "due_date": "2026-05-05"}),
        json!({"sprint_id": sprint, "phase_id": phases[0], "parent_id": whole, "estimate_minutes": 60, "billable": true}),
    ] {
        story.ask(Method::PATCH, &task, Some(change)).await;
    }
    let lone = made(story, "/v1/tasks", json!({"project_id": project, "title": "Door"})).await;
    let other = made(story, "/v1/projects", json!({"name": "Garden"})).await;
    let lone = format!("/v1/tasks/{}", lone.as_str().expect("an id"));
    story.ask(Method::PATCH, &lone, Some(json!({"project_id": other}))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_event_is_undone_or_refused_with_a_reason() {
    let mut story = story::tell(Recorder::start(Watch::Nothing).await).await;
    rest(&mut story).await;
    let (mut lasting, mut unseen) = (BTreeSet::new(), BTreeSet::new());
    let types = types();
    assert!(types.len() > 100, "{types:?}");
    for kind in &types {
        let page = story.again(&format!("/v1/audit?type={kind}&limit=200")).await.json();
        let events = page["data"].as_array().expect("events");
        if events.is_empty() {
            unseen.insert(kind.as_str());
        }
        for event in events {
            let path = format!("/v1/events/{}/undo?dry_run=true", event["position"]);
            let tried = story.try_to(&path).await;
            if tried.status.as_u16() == 200 {
                continue;
            }
            // Something came later, it is not for undoing at all, or a rule does not allow it any more.
            assert_eq!(tried.status.as_u16(), 409, "{kind}: {}", tried.text);
            let in_the_way = tried.json()["in_the_way"].as_array().cloned().unwrap_or_default();
            let reasons = tried.json()["errors"].as_array().map_or(0, Vec::len);
            assert!(in_the_way.len() + reasons > 0, "{kind}: {}", tried.text);
            if in_the_way.iter().any(|one| one["position"] == event["position"] && one["why"] == "lasting") {
                lasting.insert(kind.as_str());
            }
        }
    }
    assert_eq!(lasting.into_iter().collect::<Vec<_>>(), LASTING.map(|(kind, _)| kind), "what can't be undone");
    assert_eq!(unseen.into_iter().collect::<Vec<_>>(), [""; 0], "what nobody does here");
}
