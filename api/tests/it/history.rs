//! The past over real servers: what happened, in a workspace and to each resource, and why something is as it is.

mod dialects;
mod lists;
mod past;
mod trail;
mod whole;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::audit::{opened, signing_server, witnessed};
use crate::server::{Server, ask, send};

/// The types of a page's events.
fn types(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("a list").iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

/// What an event changed, field by field.
fn changes(event: &Value) -> Vec<(String, Value, Value)> {
    let changes = event["changes"].as_array().expect("changes").iter();
    let mut changes: Vec<_> = changes
        .map(|one| (one["field"].as_str().expect("a field").to_owned(), one["from"].clone(), one["to"].clone()))
        .collect();
    changes.sort_by(|a, b| a.0.cmp(&b.0));
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_says_who_did_what_and_what_changed() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let (member, token) = server.member("ada", "manager").await;
    let at = format!("/v1/tasks/{id}");
    let body = json!({"status": "done", "priority": "high"});
    let patched = send(ask(&server.url, &token, Method::PATCH, &at).header("X-Request-Id", "r-77").json(&body)).await;
    assert_eq!(patched.status, StatusCode::OK, "{}", patched.text);
    server.delete(&at).await;

    let page = server.get(&format!("{at}/history")).await.json();
    assert_eq!(types(&page), ["task.created", "task.status_changed", "task.priority_changed", "task.deleted"]);
    assert_eq!((&page["total"], &page["has_more"]), (&json!(4), &json!(false)));
    assert!(page.as_object().expect("a page").contains_key("checkpoint"), "{page}");
    let created = changes(&page["data"][0]);
    assert!(created.contains(&("title".to_owned(), Value::Null, json!("T"))), "{created:?}");
    assert!(created.iter().all(|(field, ..)| field != "version" && field != "id"), "{created:?}");
    let done = &page["data"][1];
    let changed = changes(done);
    assert_eq!(changed[1], ("status".to_owned(), json!("todo"), json!("done")));
    assert_eq!((changed.len(), changed[0].0.as_str()), (2, "completed_at"));
    assert_eq!((&done["actor"]["id"], &done["request_id"]), (&json!(member), &json!("r-77")));
    assert_eq!((&done["dialect"], done["key_id"].is_string()), (&json!("native"), true));
    assert_eq!(changes(&page["data"][3]), [("deleted".to_owned(), Value::Null, json!(true))]);

    // Page by page, in both directions.
    for (sort, step) in [("version", 1), ("-version", -1)] {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let page = server.get(&format!("{at}/history?limit=3&sort={sort}{cursor}")).await.json();
            seen.extend(
                page["data"].as_array().expect("a list").iter().map(|one| one["version"].as_i64().expect("one")),
            );
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let expected: Vec<i64> = if step > 0 { (1..=4).collect() } else { (1..=4).rev().collect() };
        assert_eq!(seen, expected, "{sort}");
    }
    let other = server.get("/v1/projects?limit=1").await.json()["data"][0]["id"].clone();
    for path in [
        format!("/v1/tasks/{}/history", other.as_str().expect("an id")),
        "/v1/tasks/7d444840-9dc0-41d1-b245-5ffdce74fad2/history".to_owned(),
        format!("/v1/things/{id}/history"),
        format!("/v1/task/{id}/history"),
    ] {
        assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let foreign = server.another_workspace().await;
    let foreign = send(ask(&server.url, &foreign.keys[0].token, Method::GET, &format!("{at}/history"))).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_asked_for_what_was_done_by_whom_and_when() {
    let server = Server::start().await;
    let id = server.task(&server.project("P").await, "T").await;
    let (member, token) = server.member("ada", "manager").await;
    let (task, at) = (format!("/v1/tasks/{id}"), format!("/v1/tasks/{id}/activity"));
    server.patch(&task, json!({"title": "Mine"})).await;
    for body in [json!({"status": "done"}), json!({"title": "Hers"})] {
        let patched = send(ask(&server.url, &token, Method::PATCH, &task).json(&body)).await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.text);
    }
    let all = server.get(&at).await.json();
    let (hers, when) = (all["data"][3]["key_id"].clone(), all["data"][2]["recorded_at"].clone());
    let (hers, when) = (hers.as_str().expect("a key"), when.as_str().expect("a time"));
    let by_time = |holds: fn(&str, &str) -> bool| -> Vec<&str> {
        let events = all["data"].as_array().expect("events").iter();
        events
            .filter(|event| holds(event["recorded_at"].as_str().expect("a time"), when))
            .map(|event| event["type"].as_str().expect("a type"))
            .collect()
    };
    for (query, expected) in [
        ("type=task.retitled".to_owned(), vec!["task.retitled", "task.retitled"]),
        ("type=task.created,task.status_changed".to_owned(), vec!["task.created", "task.status_changed"]),
        (format!("actor_id={member}"), vec!["task.status_changed", "task.retitled"]),
        (format!("key_id={hers}&type=task.retitled"), vec!["task.retitled"]),
        (format!("recorded_at[gte]={when}"), by_time(|at, when| at >= when)),
        (format!("recorded_at[gt]={when}"), by_time(|at, when| at > when)),
        (format!("recorded_at[lte]={when}"), by_time(|at, when| at <= when)),
        (format!("recorded_at[lt]={when}"), by_time(|at, when| at < when)),
        (format!("actor_id={id}"), vec![]),
    ] {
        let page = server.get(&format!("{at}?{query}")).await.json();
        assert_eq!((types(&page), &page["total"]), (expected.clone(), &json!(expected.len())), "{query}");
    }
    // What it changed is told from all before it, shown or not.
    let last = server.get(&format!("{at}?type=task.retitled&sort=-version&limit=1&fields=type,changes")).await.json();
    let change = json!({"field": "title", "from": "Mine", "to": "Hers"});
    assert_eq!(last["data"], json!([{"type": "task.retitled", "changes": [change]}]));
    assert_eq!((&last["total"], &last["has_more"]), (&json!(2), &json!(true)));
    let cursor = last["next_cursor"].as_str().expect("a cursor");
    let first = server.get(&format!("{at}?type=task.retitled&sort=-version&limit=1&cursor={cursor}")).await.json();
    assert_eq!((&first["data"][0]["changes"][0]["to"], &first["has_more"]), (&json!("Mine"), &json!(false)));
    for (query, code) in [
        (format!("sort=-version&limit=1&cursor={cursor}"), "bad-cursor"),
        ("fields=secret".to_owned(), "unknown-value"),
        ("type=".to_owned(), "invalid-parameter"),
        ("actor_id=ada".to_owned(), "invalid-parameter"),
        ("recorded_at[gte]=now".to_owned(), "invalid-parameter"),
        ("actor=ada".to_owned(), "unknown-parameter"),
    ] {
        let asked = server.get(&format!("{at}?{query}")).await;
        assert_eq!((asked.status.as_u16(), &asked.json()["code"]), (400, &json!(code)), "{query}: {}", asked.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_has_a_history() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "T").await;
    let member = server.get("/v1/members").await.json()["data"][0]["id"].clone();
    let made = [
        ("comments", server.made(&format!("/v1/tasks/{task}/comments"), json!({"body": "Hm"})).await),
        ("sprints", server.made("/v1/sprints", json!({"project_id": project, "name": "S"})).await),
        ("labels", server.made("/v1/labels", json!({"name": "L"})).await),
        ("teams", server.made("/v1/teams", json!({"name": "L"})).await),
        ("positions", server.made("/v1/positions", json!({"name": "L"})).await),
        ("spaces", server.made("/v1/spaces", json!({"name": "L"})).await),
        ("customers", server.made("/v1/customers", json!({"name": "L"})).await),
        ("keys", server.made("/v1/keys", json!({"label": "L", "scopes": ["tasks:read"]})).await),
        ("members", member.as_str().expect("an id").to_owned()),
        ("workspaces", server.workspace.workspace_id.to_string()),
        ("projects", project),
        ("tasks", task),
    ];
    for (resource, id) in made {
        let history = server.get(&format!("/v1/{resource}/{id}/history")).await;
        assert_eq!(history.status, StatusCode::OK, "{resource}: {}", history.text);
        assert!(!types(&history.json()).is_empty(), "{resource}");
        assert!(!history.text.contains("sha256"), "{}", history.text);
    }
}

/// What each of the commands did that led to something.
fn steps(told: &Value) -> Vec<Vec<&str>> {
    let count = |step: &Value| step["events"].as_array().map_or(0, Vec::len);
    let chain = told["chain"].as_array().expect("a chain").iter();
    chain.map(|step| (0..count(step)).map(|at| text(&step["events"][at], "type")).collect()).collect()
}

/// The first event that a query of the trail finds, once it finds any.
async fn first(server: &Server, query: &str) -> Value {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let page = server.get(&format!("/v1/audit?{query}")).await.json();
        if let Some(event) = page["data"].as_array().expect("a list").first() {
            return event.clone();
        }
        assert!(std::time::Instant::now() < deadline, "{query} finds nothing");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_because_of_something_says_so() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (member, _) = server.member("ada", "manager").await;
    let id = server.task(&project, "T").await;
    let at = format!("/v1/tasks/{id}");
    let patch = server.ask(Method::PATCH, &at).header("X-Request-Id", "r-assign");
    let assigned = send(patch.json(&json!({"assignee_ids": [member]}))).await;
    assert_eq!(assigned.status, StatusCode::OK, "{}", assigned.text);

    // A notification is sent because of what it is about.
    let told = first(&server, "type=notification.sent&dialect=docket&request_id=r-assign").await;
    let because = first(&server, "type=task.assigned").await;
    assert_eq!((&told["causation_id"], &told["causation_position"]), (&because["command_id"], &because["position"]));
    assert_ne!(told["causation_id"], told["command_id"]);
    let explained = server.get(&format!("/v1/notifications/{}/explain?field=title", text(&told, "resource_id"))).await;
    assert_eq!(steps(&explained.json()), [["notification.sent"], ["task.assigned"]], "{}", explained.text);
    assert_eq!(explained.json()["chain"][1]["events"][0]["request_id"], "r-assign");

    // An undo is done because of what it undoes, and undoing that because of the undo.
    server.patch(&at, json!({"status": "done"})).await;
    let mut chain = vec!["task.status_changed"];
    for _ in 0..2 {
        let undone = first(&server, &format!("resource_id={id}&type=task.status_changed")).await;
        let undo = server.post(&format!("/v1/events/{}/undo", undone["position"]), json!({})).await;
        assert_eq!(undo.status, StatusCode::OK, "{}", undo.text);
        assert_eq!(undo.json()["events"][0]["causation_position"], undone["position"], "{}", undo.text);
        chain.push("task.status_changed");
        let told = server.get(&format!("{at}/explain?field=status")).await.json();
        assert_eq!(steps(&told).concat(), chain, "{told}");
        assert_eq!(told["chain"][1]["events"][0]["position"], undone["position"]);
        let come_of_it =
            server.get(&format!("/v1/audit?kind=task&causation_id={}", text(&undone, "command_id"))).await.json();
        assert!(types(&come_of_it).len() == 2 || undone["causation_position"] != Value::Null, "{come_of_it}");
    }
    let told = server.get(&format!("{at}/explain?field=status")).await.json();
    assert_eq!(told["value"], "done");
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_explanation_leaves_out_it_says() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let create = |nth: usize| json!({"op": "create", "task": {"project_id": project, "title": format!("T{nth}")}});
    for (count, has_more) in [(200, false), (201, true)] {
        let commands: Vec<_> = (0..count).map(create).collect();
        let made = server.post("/v1/tasks/batch", json!({"mode": "atomic", "commands": commands})).await.json();
        let id = text(&made["results"][0]["task"], "id").to_owned();
        let told = server.get(&format!("/v1/tasks/{id}/explain?field=title")).await.json();
        assert_eq!(steps(&told)[0].len(), 200, "{told}");
        assert_eq!((&told["chain"][0]["has_more"], &told["has_more"]), (&json!(has_more), &json!(false)));
    }

    // An undo that is undone, over and over.
    let id = server.task(&project, "T").await;
    let done = server.patch(&format!("/v1/tasks/{id}"), json!({"status": "done"})).await;
    let mut event = done.header("docket-position").to_owned();
    for commands in 2..=21 {
        let undone = server.post(&format!("/v1/events/{event}/undo"), json!({})).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
        event = undone.json()["events"][0]["position"].to_string();
        let told = server.get(&format!("/v1/tasks/{id}/explain?field=status")).await.json();
        assert_eq!((steps(&told).len(), &told["has_more"]), (commands.min(20), &json!(commands > 20)), "{told}");
    }
}

/// The operations about the past, as the document has them.
fn promised(document: &Value) -> BTreeSet<&str> {
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|methods| methods.as_object().expect("methods").values());
    let of_audit = operations.filter(|one| one["tags"].as_array().is_some_and(|tags| tags.contains(&json!("audit"))));
    of_audit.map(|one| text(one, "operationId")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_about_the_past_has_the_checkpoint() {
    let (server, _) = signing_server().await;
    let minted =
        server.post("/v1/keys", json!({"label": "L", "scopes": ["admin"], "service_role": "owner"})).await.json();
    let (key, token) = (text(&minted, "id"), text(&minted, "token"));
    let made = send(ask(&server.url, token, Method::POST, "/v1/projects").json(&json!({"name": "Theirs"}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let id = server.project("P").await;
    let renamed = server.patch(&format!("/v1/projects/{id}"), json!({"name": "Q"})).await;
    let event = renamed.header("docket-position");
    witnessed(&server).await;
    let get = |id: &'static str, path: String| (id, Method::GET, path);
    let asked = [
        get("list_audit_events", "/v1/audit?limit=1".to_owned()),
        get("get_audit_activity", "/v1/audit/activity".to_owned()),
        get("get_audit_checkpoint", "/v1/audit/checkpoint".to_owned()),
        get("get_audit_proof", format!("/v1/audit/proof?position={event}")),
        get("get_audit_consistency", "/v1/audit/consistency?from=1".to_owned()),
        get("get_history", format!("/v1/projects/{id}/history")),
        get("get_diff", format!("/v1/workspaces/{}/diff?from=1", server.workspace.workspace_id)),
        get("get_project_diff", format!("/v1/projects/{id}/diff?from=1")),
        get("explain_field", format!("/v1/projects/{id}/explain?field=name")),
        ("undo_event", Method::POST, format!("/v1/events/{event}/undo")),
        ("undo_key", Method::POST, format!("/v1/keys/{key}/undo")),
    ];
    let document = server.get("/openapi.json").await.json();
    assert_eq!(asked.iter().map(|(id, ..)| *id).collect::<BTreeSet<_>>(), promised(&document));
    for (id, method, path) in asked {
        let answer = send(server.ask(method, &path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let answer = answer.json();
        let signed = opened(if id == "get_audit_checkpoint" { &answer } else { &answer["checkpoint"] });
        assert!(signed.size > 3, "{path}: {answer}");
    }
    let lines = send(server.ask(Method::GET, "/v1/audit").header("Accept", "application/x-ndjson")).await.text;
    let end: Value = serde_json::from_str(lines.lines().last().expect("a last line")).expect("JSON");
    opened(&end["end"]["checkpoint"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_explained_by_its_event_and_what_came_with_it() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let at = format!("/v1/tasks/{id}");
    server.patch(&at, json!({"status": "in_review", "priority": "low"})).await;
    server.patch(&at, json!({"priority": "high"})).await;
    let told = server.get(&format!("{at}/explain?field=status")).await.json();
    assert_eq!((&told["field"], &told["value"]), (&json!("status"), &json!("in_review")));
    assert_eq!(changes(&told["event"]), [("status".to_owned(), json!("todo"), json!("in_review"))]);
    // Nothing but its own request has caused it.
    assert_eq!(steps(&told), [["task.status_changed", "task.priority_changed"]]);
    assert_eq!(told["event"]["causation_id"], told["event"]["command_id"]);
    assert_eq!(told["event"]["causation_position"], Value::Null);
    assert_eq!(told["correlation_id"], told["event"]["request_id"]);
    // What nobody ever changed is as it was created.
    let told = server.get(&format!("{at}/explain?field=due_date")).await.json();
    assert_eq!((&told["value"], &told["event"]["type"]), (&Value::Null, &json!("task.created")));
    let unknown = server.get(&format!("{at}/explain?field=nonsense")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(unknown.text.contains("status"), "{}", unknown.text);
    assert_eq!(server.get(&format!("{at}/explain")).await.status, StatusCode::BAD_REQUEST);
}
