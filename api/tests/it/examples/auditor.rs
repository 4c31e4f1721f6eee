//! An auditor looks at what the team did, somebody listens to it, and somebody takes a part of it back; and what the team
//! does not get, for it does not go together.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::record::Recorder;
use crate::audit::settled;
use crate::server::{ask, send};
use crate::webhooks::receiver::Receiver;

/// All of it, after the story.
pub async fn look_back(recorder: &mut Recorder) {
    let task = first(recorder, "/v1/tasks?limit=1&sort=number").await;
    let (id, project) = (task["id"].as_str().expect("an id"), task["project_id"].as_str().expect("an id"));
    past(recorder, id, project).await;
    proof(recorder).await;
    streams(recorder).await;
    tables(recorder, project).await;
    webhooks(recorder).await;
    undo(recorder, id).await;
    contradictions(recorder, project).await;
}

async fn get(recorder: &mut Recorder, path: &str) -> Value {
    recorder.ask(Method::GET, path, None).await
}

async fn first(recorder: &Recorder, path: &str) -> Value {
    recorder.again(path).await.json()["data"][0].take()
}

async fn past(recorder: &mut Recorder, task: &str, project: &str) {
    get(recorder, &format!("/v1/tasks/{task}/history?limit=2")).await;
    get(recorder, &format!("/v1/tasks/{task}/explain?field=status")).await;
    get(recorder, &format!("/v1/tasks/{task}/diff?from=1")).await;
    get(recorder, &format!("/v1/projects/{project}/diff?from=1&limit=3")).await;
    get(recorder, &format!("/v1/audit?resource_id={task}&sort=position&limit=2")).await;
    get(recorder, &format!("/v1/audit/activity?resource_id={task}")).await;
    get(recorder, "/v1/changes?after=0&limit=2&kinds=task").await;
}

async fn proof(recorder: &mut Recorder) {
    for path in ["/v1/audit/checkpoint", "/v1/audit/proof?position=20", "/v1/audit/consistency?from=4&to=20"] {
        assert!(settled(&recorder.server, path).await.status.is_success(), "{path}");
        get(recorder, path).await;
    }
    kept(recorder, "/v1/audit/checkpoint", "text/plain").await;
    kept(recorder, "/v1/audit?kind=sprint&sort=position", "application/x-ndjson").await;
}

/// Beginnings of what has no end.
async fn streams(recorder: &mut Recorder) {
    for path in ["/v1/events/stream?after=0&kinds=task", "/v1/notifications/stream?after=0"] {
        let request = recorder.server.ask(Method::GET, path).header("Accept", "text/event-stream");
        let mut stream = request.send().await.expect("a stream");
        let mut text = String::new();
        // The greeting, and one event.
        while text.matches("\n\n").count() < 2 {
            let piece = stream.chunk().await.expect("more").expect("no end");
            text.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
        let end = text.match_indices("\n\n").nth(1).map_or(text.len(), |(at, _)| at + 1);
        text.truncate(end);
        recorder.keep(path, "text/event-stream", text).await;
    }
}

async fn tables(recorder: &mut Recorder, project: &str) {
    let sprint = first(recorder, "/v1/sprints?limit=1&sort=number").await;
    let sprint = sprint["id"].as_str().expect("an id");
    for path in [
        "/v1/reports/time?group_by=day".to_owned(),
        format!("/v1/reports/burndown?sprint_id={sprint}"),
        format!("/v1/sprints/{sprint}/burndown"),
        format!("/v1/reports/velocity?project_id={project}"),
        "/v1/reports/cumulative-flow?date[gte]=2026-03-02&date[lte]=2026-03-04".to_owned(),
    ] {
        kept(recorder, &path, "text/csv").await;
    }
}

/// Keeps the answer in another form than JSON.
async fn kept(recorder: &mut Recorder, path: &str, kind: &str) {
    let answer = send(recorder.server.ask(Method::GET, path).header("Accept", kind)).await;
    assert!(answer.status.is_success() && answer.header("content-type").starts_with(kind), "{path}: {}", answer.text);
    recorder.keep(path, kind, answer.text).await;
}

/// To a receiver that takes what it is sent.
async fn webhooks(recorder: &mut Recorder) {
    let receiver = Receiver::start().await;
    let new = json!({"name": "CI", "url": receiver.url(), "event_types": ["label.created"]});
    let one = format!("/v1/webhooks/{}", recorder.server.made("/v1/webhooks", new).await);
    get(recorder, &format!("{one}/secrets")).await;
    let body = json!({"old_works_until": "2098-01-01T00:00:00Z"});
    recorder.ask(Method::POST, &format!("{one}/rotate"), Some(body)).await;
    recorder.ask(Method::POST, &format!("{one}/test"), None).await;
    recorder.server.made("/v1/labels", json!({"name": "sent"})).await;
    let deliveries = format!("{one}/deliveries?limit=1");
    let deadline = Instant::now() + Duration::from_mins(1);
    while recorder.again(&deliveries).await.json()["data"][0]["event_type"] != "label.created" {
        assert!(Instant::now() < deadline, "nothing is sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    get(recorder, &deliveries).await;
    recorder.ask(Method::POST, &format!("{one}/replay"), Some(json!({"after": "0"}))).await;
}

async fn undo(recorder: &mut Recorder, task: &str) {
    let server = &recorder.server;
    server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Fix the way in"})).await;
    let minted = server.post("/v1/keys", json!({"label": "gone wild", "scopes": ["labels:write"]})).await.json();
    let (key, token) = (minted["id"].as_str().expect("an id"), minted["token"].as_str().expect("a token"));
    let made = ask(&server.url, token, Method::POST, "/v1/labels").json(&json!({"name": "oops"}));
    assert_eq!(send(made).await.status.as_u16(), 201);
    let event = first(recorder, &format!("/v1/audit?resource_id={task}&limit=1")).await;
    let event = format!("/v1/events/{}/undo", event["position"]);
    recorder.ask(Method::POST, &event, None).await;
    recorder.refused(Method::POST, &event, None).await;
    recorder.ask(Method::POST, &format!("/v1/keys/{key}/undo"), None).await;
}

/// What the present state does not allow.
async fn contradictions(recorder: &mut Recorder, project: &str) {
    let sprint = first(recorder, "/v1/sprints?limit=1&sort=number&status=closed").await;
    let sprint = sprint["id"].as_str().expect("an id").to_owned();
    let task = first(recorder, "/v1/tasks?limit=1&sort=number&sprint_id[exists]=false").await;
    let task = format!("/v1/tasks/{}", task["id"].as_str().expect("an id"));
    let (post, patch) = (Method::POST, Method::PATCH);
    let me = recorder.again("/v1/me").await.json()["member"]["id"].as_str().expect("an id").to_owned();
    let into_sprint = json!({"project_id": project, "title": "Late", "sprint_id": sprint});
    recorder.refused(post.clone(), "/v1/tasks", Some(into_sprint)).await;
    recorder.refused(patch.clone(), &task, Some(json!({"sprint_id": sprint}))).await;
    recorder.refused(post.clone(), &format!("/v1/sprints/{sprint}/start"), None).await;
    recorder.refused(post.clone(), "/v1/timelogs/stop", Some(json!({}))).await;
    recorder.refused(patch.clone(), &format!("/v1/members/{me}"), Some(json!({"role": "member"}))).await;
    recorder.refused(post.clone(), &format!("/v1/members/{me}/deactivate"), None).await;
    let ada = json!({"email": "ada@example.com", "name": "Another Ada"});
    recorder.refused(post.clone(), "/v1/members", Some(ada)).await;
    recorder.refused(post.clone(), "/v1/labels", Some(json!({"name": "bug"}))).await;
    let archived = recorder.server.project("Old website").await;
    let archive = recorder.server.patch(&format!("/v1/projects/{archived}"), json!({"archived": true})).await;
    assert!(archive.status.is_success(), "{}", archive.text);
    recorder.refused(post.clone(), "/v1/tasks", Some(json!({"project_id": archived, "title": "Late"}))).await;
    recorder.refused(post, "/v1/sprints", Some(json!({"project_id": archived, "name": "Late"}))).await;
    recorder.refused(patch, &task, Some(json!({"parent_id": task.trim_start_matches("/v1/tasks/")}))).await;
}
