//! Everything that other products' APIs show can be seen as it was: all their GETs, from their documents.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server};

/// What is of the present only, and why: operation ids.
const PRESENT: [(&str, &str); 1] = [("ping", "whether it answers now")];

/// The GETs of a mount: operation id and path.
fn reads(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let reads = paths.filter_map(|(path, item)| Some((item["get"]["operationId"].as_str()?.to_owned(), path.clone())));
    reads.filter(|(id, _)| PRESENT.iter().all(|(known, _)| known != id)).collect()
}

/// The first id in an answer, as text.
fn first_id(answer: &Value) -> Option<String> {
    match answer {
        Value::Array(items) => items.iter().find_map(first_id),
        Value::Object(members) => match members.get("id") {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => members.values().find_map(first_id),
        },
        _ => None,
    }
}

/// A path that can be asked: with an id from the list of such things in it, and with all that it must have.
async fn asked(server: &Server, mount: &str, path: &str) -> String {
    let mut path = format!("{mount}{path}");
    if path.ends_with("/search") {
        path.push_str("?q=then");
    }
    let Some((list, rest)) = path.split_once('{') else { return path };
    let end = rest.split_once('}').expect("a template").1;
    let listed = server.get(list.trim_end_matches("&id=").trim_end_matches('/')).await;
    let id = first_id(&listed.json()).unwrap_or_else(|| panic!("{path}: no id in {}", listed.text));
    format!("{list}{id}{end}")
}

/// Things of every kind, all with a name that says so, and a change to each.
async fn world(server: &Server) -> Vec<(Method, String, Value)> {
    let made = async |path: &str, body: Value| server.made(path, body).await;
    let me = server.get("/v1/me").await.json()["member"]["id"].as_str().expect("a member").to_owned();
    let customer = made("/v1/customers", json!({"name": "Customer then"})).await;
    let space = made("/v1/spaces", json!({"name": "Space then"})).await;
    let team = made("/v1/teams", json!({"name": "Team then", "member_ids": [me]})).await;
    let label = made("/v1/labels", json!({"name": "Label then"})).await;
    let of_all = json!({"name": "Project then", "customer_id": customer, "space_id": space, "team_id": team});
    let project = made("/v1/projects", of_all).await;
    server.post(&format!("/v1/projects/{project}/phases"), json!({"name": "Phase then"})).await;
    let sprint = made("/v1/sprints", json!({"project_id": project, "name": "Sprint then"})).await;
    let task = json!({"project_id": project, "title": "Task then", "sprint_id": sprint, "assignee_ids": [me], "label_ids": [label]});
    let task = made("/v1/tasks", task).await;
    let work = json!({"task_id": task, "started_at": "2026-03-02T08:30:00Z", "duration_seconds": 5_400});
    let timelog = made("/v1/timelogs", work).await;
    let timer = server.post("/v1/timelogs/start", json!({"task_id": task})).await;
    assert!(timer.status.is_success(), "{}", timer.text);
    let told = server.post("/v1/notifications", json!({"title": "Told then", "recipient_ids": [me]})).await.json();
    let told = first_id(&told).expect("a notification");
    let key = made("/v1/keys", json!({"label": "Key then", "scopes": ["tasks:read"]})).await;
    let patch = |path: String, body: Value| (Method::PATCH, path, body);
    vec![
        patch(format!("/v1/customers/{customer}"), json!({"name": "Customer now"})),
        patch(format!("/v1/spaces/{space}"), json!({"name": "Space now"})),
        patch(format!("/v1/teams/{team}"), json!({"name": "Team now"})),
        patch(format!("/v1/labels/{label}"), json!({"name": "Label now"})),
        patch(format!("/v1/tasks/{task}"), json!({"title": "Task now", "status": "done"})),
        patch(format!("/v1/timelogs/{timelog}"), json!({"ended_at": "2026-03-02T09:00:00Z"})),
        (Method::POST, "/v1/timelogs/stop".to_owned(), json!({})),
        patch(format!("/v1/members/{me}"), json!({"name": "Owner now"})),
        patch(format!("/v1/keys/{key}"), json!({"label": "Key now"})),
        patch("/v1/workspace".to_owned(), json!({"name": "Workspace now", "locale": "de-AT"})),
        (Method::POST, format!("/v1/notifications/{told}/read"), Value::Null),
        (Method::POST, "/v1/notifications".to_owned(), json!({"title": "Told now", "recipient_ids": [me]})),
        patch(format!("/v1/sprints/{sprint}"), json!({"name": "Sprint now"})),
        (Method::DELETE, format!("/v1/sprints/{sprint}"), Value::Null),
        (Method::POST, "/v1/tasks".to_owned(), json!({"project_id": project, "title": "Later, not then"})),
        patch(format!("/v1/projects/{project}"), json!({"name": "Project now"})),
        (Method::DELETE, format!("/v1/projects/{project}"), Value::Null),
    ]
}

async fn head(server: &Server) -> i64 {
    server.get("/v1/audit?limit=1").await.json()["data"][0]["position"].as_i64().expect("a position")
}

/// Without who is here, which no event tells, and what goes on while it is looked at.
fn comparable(mut value: Value) -> Value {
    const FLEETING: [&str; 10] = [
        "online",
        "is_online",
        "isOnline",
        "last_seen_at",
        "lastSeenAt",
        "last_seen",
        "last_used_at",
        "lastUsedAt",
        "next_cursor",
        "nextCursor",
    ];
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = comparable(item.take())),
        Value::Object(members) => {
            members.retain(|name, _| !FLEETING.contains(&name.as_str()));
            members.iter_mut().for_each(|(_, member)| *member = comparable(member.take()));
        }
        _ => {}
    }
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn every_get_of_every_dialect_can_be_asked_of_the_past() {
    let server = Server::start().await;
    let changes = world(&server).await;
    let mut paths = Vec::new();
    for (mount, document) in docket_api::dialects::documents() {
        for (_, path) in reads(&document) {
            let path = asked(&server, mount, &path).await;
            let joined = if path.contains('?') { '&' } else { '?' };
            paths.extend([format!("{path}{joined}limit=1"), path]);
        }
    }
    assert!(paths.len() > 60, "{paths:?}");
    // Nothing happens while it is looked at.
    let (then, before): (i64, Vec<Answer>) = loop {
        let start = head(&server).await;
        let mut answers = Vec::new();
        for path in &paths {
            answers.push(server.get(path).await);
        }
        if head(&server).await == start {
            break (start, answers);
        }
    };
    for (method, path, body) in changes {
        let request = server.ask(method, &path);
        let request = if body.is_null() { request } else { request.json(&body) };
        let changed = crate::server::send(request).await;
        assert!(changed.status.is_success(), "{path}: {}", changed.text);
    }
    let mut differ = 0;
    for (path, before) in paths.iter().zip(before) {
        let joined = if path.contains('?') { '&' } else { '?' };
        let past = server.get(&format!("{path}{joined}as_of={then}")).await;
        assert_eq!(past.status, before.status, "{path}: {}", past.text);
        if before.status.is_success() {
            assert_eq!(comparable(past.json()), comparable(before.json()), "{path}");
            differ += usize::from(comparable(server.get(path).await.json()) != comparable(before.json()));
            let bad = server.get(&format!("{path}{joined}as_of=yesterday")).await;
            assert!(bad.status.is_client_error(), "{path} does not read as_of: {}", bad.text);
        }
    }
    // It was looked at things that have changed.
    assert!(differ * 2 > paths.len(), "only {differ} of {} have changed", paths.len());
}
