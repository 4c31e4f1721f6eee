//! The phases of a project, over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::projects::{UNKNOWN, refusal, refused};
use crate::server::{Server, send};

async fn ids(server: &Server, path: &str) -> Vec<Value> {
    let list = server.get(path).await.json();
    let all = list["data"].as_array().unwrap_or_else(|| panic!("{path}: {list}"));
    all.iter().map(|one| one["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_keep_their_order_and_are_changed_with_their_project() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let phases = format!("/v1/projects/{project}/phases");
    let design = json!({"name": "Design", "start_date": "2026-07-01", "end_date": "2026-07-14"});
    let added = server.post(&phases, design.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let first = added.header("location").to_owned();
    for (name, value) in design.as_object().expect("fields") {
        assert_eq!(&added.json()[name], value);
    }
    let build = server.post(&phases, json!({"name": "Build"})).await.json();
    let before = server.post(&phases, json!({"name": "Idea", "position": 1})).await.json();
    assert_eq!(before["name"], "Idea");
    let names = async || {
        let list = server.get(&phases).await.json();
        let names: Vec<_> = list["data"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
        assert_eq!(list["total"], names.len());
        assert_eq!(server.get(&format!("/v1/projects/{project}")).await.json()["phases"], list["data"]);
        names
    };
    assert_eq!(names().await, ["Idea", "Design", "Build"]);
    let moved = server.patch(&first, json!({"position": 100, "name": "Redesign", "end_date": null})).await;
    assert_eq!((&moved.json()["name"], &moved.json()["end_date"]), (&json!("Redesign"), &Value::Null));
    assert_eq!(server.get(&first).await.json(), moved.json());
    assert_eq!(server.get(&first).await.header("etag"), moved.header("etag"));
    assert_eq!(names().await, ["Idea", "Build", "Redesign"]);

    let wrong = server.patch(&first, json!({"end_date": "2026-06-30"})).await;
    assert_eq!(refusal(&wrong), refused(422, "end-before-start", "/end_date"));
    assert_eq!(refusal(&server.patch(&first, json!({"position": 0})).await), refused(422, "out-of-range", "/position"));
    let stale = server.ask(Method::PATCH, &first).header("If-Match", "\"1\"").json(&json!({"name": "X"}));
    assert_eq!(send(stale).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(server.delete(&first).await.status, StatusCode::NO_CONTENT);
    for gone in [server.delete(&first).await, server.get(&first).await, server.patch(&first, json!({})).await] {
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text);
    }
    assert_eq!(names().await, ["Idea", "Build"]);
    let elsewhere =
        format!("/v1/projects/{}/phases/{}", server.project("Q").await, build["id"].as_str().expect("an id"));
    assert_eq!(server.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.delete(&elsewhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_a_phase_twice_with_one_key_adds_it_once() {
    let server = Server::start().await;
    let phases = format!("/v1/projects/{}/phases", server.project("P").await);
    server.post(&phases, json!({"name": "Build"})).await;
    for body in [json!({"name": "Idea", "position": 1}), json!({"name": "Launch"})] {
        let key = format!("add-{}", body["name"]).replace('"', "");
        let add = || send(server.ask(Method::POST, &phases).header("Idempotency-Key", &key).json(&body));
        let (first, again) = (add().await, add().await);
        assert_eq!((first.status, &first.json()["name"]), (StatusCode::CREATED, &body["name"]));
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!(server.get(&phases).await.json()["total"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_in_a_phase_of_its_project_and_leaves_it_when_it_goes() {
    let server = Server::start().await;
    let (project, other) = (server.project("P").await, server.project("Q").await);
    let phases = format!("/v1/projects/{project}/phases");
    let (design, build) =
        (server.made(&phases, json!({"name": "Design"})).await, server.made(&phases, json!({"name": "Build"})).await);
    let elsewhere = server.made(&format!("/v1/projects/{other}/phases"), json!({"name": "Else"})).await;
    let task = |phase: &str, title: &str| json!({"project_id": project, "title": title, "phase_id": phase});
    let wrong = server.post("/v1/tasks", task(&elsewhere, "X")).await;
    assert_eq!(refusal(&wrong), refused(422, "unknown-reference", "/phase_id"));
    let mut tasks = Vec::new();
    for title in ["A", "B", "C"] {
        tasks.push(format!("/v1/tasks/{}", server.made("/v1/tasks", task(&design, title)).await));
    }
    let total = async |query: String| server.get(&format!("/v1/tasks?{query}")).await.json()["total"].clone();
    assert_eq!(total(format!("phase_id={design}")).await, 3);
    assert_eq!(server.patch(&tasks[0], json!({"phase_id": build})).await.json()["phase_id"], build);
    assert_eq!(refusal(&server.patch(&tasks[0], json!({"phase_id": UNKNOWN})).await).1, "unknown-reference");
    let moved = server.patch(&tasks[0], json!({"project_id": other})).await.json();
    assert_eq!((&moved["phase_id"], &moved["project_id"]), (&Value::Null, &json!(other)));
    let back = server.patch(&tasks[0], json!({"project_id": project, "phase_id": design})).await.json();
    assert_eq!(back["phase_id"], design);

    server.delete(&tasks[2]).await;
    let removed = server.delete(&format!("{phases}/{design}")).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
    for task in &tasks[..2] {
        assert_eq!(server.get(task).await.json()["phase_id"], Value::Null);
    }
    assert_eq!(server.post(&format!("{}/restore", tasks[2]), json!({})).await.json()["phase_id"], Value::Null);
    assert_eq!(total("phase_id[exists]=true".to_owned()).await, 0);
    assert_eq!(refusal(&server.patch(&tasks[0], json!({"phase_id": design})).await).1, "unknown-reference");
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_put_into_a_phase_while_it_is_removed_are_out_of_it_or_refused() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let phases = format!("/v1/projects/{project}/phases");
    for round in 0..5 {
        let phase = server.made(&phases, json!({"name": "Short"})).await;
        let body = json!({"project_id": project, "title": round.to_string(), "phase_id": phase});
        let adding = (0..8).map(|_| server.post("/v1/tasks", body.clone()));
        let path = format!("{phases}/{phase}");
        let (added, removed) = tokio::join!(futures::future::join_all(adding), server.delete(&path));
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text);
        for answer in added {
            assert!(matches!(answer.status.as_u16(), 201 | 422), "{}", answer.text);
        }
        let left = server.get(&format!("/v1/tasks?phase_id={phase}")).await.json();
        assert_eq!(left["total"], 0, "{left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_with_its_phases() {
    let server = Server::start().await;
    let phases = json!([{"name": "Design", "start_date": "2026-07-01", "end_date": "2026-07-14"}, {"name": "Build"}]);
    let made = server.post("/v1/projects", json!({"name": "P", "phases": phases})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let shown: Vec<_> = made["phases"].as_array().expect("phases").iter().map(|one| &one["name"]).collect();
    assert_eq!(shown, ["Design", "Build"]);
    assert_eq!(made["phases"][0]["end_date"], "2026-07-14");
    let task = json!({"project_id": made["id"], "title": "T", "phase_id": made["phases"][1]["id"]});
    server.made("/v1/tasks", task).await;
    for (phases, code, pointer) in [
        (json!([{"name": "A"}, {"name": " "}]), "blank", "/phases/1/name"),
        (json!([{"name": "A", "position": 1}]), "unknown-field", "/phases/0/position"),
        (
            json!([{"name": "A", "start_date": "2026-07-02", "end_date": "2026-07-01"}]),
            "end-before-start",
            "/phases/0/end_date",
        ),
        (vec![json!({"name": "A"}); 101].into(), "too-many", "/phases"),
    ] {
        let refusal_of = server.post("/v1/projects", json!({"name": "Q", "phases": phases})).await;
        assert_eq!(refusal(&refusal_of), refused(422, code, pointer), "{}", refusal_of.text);
    }
    assert_eq!(server.get("/v1/projects").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_changes_many_phases_at_once() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let phases = format!("/v1/projects/{project}/phases");
    let (old, build) =
        (server.made(&phases, json!({"name": "Old"})).await, server.made(&phases, json!({"name": "Build"})).await);
    let task = json!({"project_id": project, "title": "T", "phase_id": old});
    let task = format!("/v1/tasks/{}", server.made("/v1/tasks", task).await);
    let commands = json!([
        {"op": "create", "phase": {"name": "Idea", "position": 1}},
        {"op": "create", "phase": {"name": "Launch"}},
        {"op": "update", "id": build, "set": {"name": "Make"}},
        {"op": "delete", "id": old},
    ]);
    let before = server.get(&format!("/v1/projects/{project}")).await.json()["version"].as_i64().expect("a version");
    let send_it = || {
        let body = json!({"commands": commands});
        send(server.ask(Method::POST, &format!("{phases}/batch")).header("Idempotency-Key", "once").json(&body))
    };
    let (first, again) = (send_it().await, send_it().await);
    assert_eq!((first.status, first.json()), (StatusCode::OK, again.json()), "{}", first.text);
    let first = first.json();
    let statuses: Vec<_> = first["results"].as_array().expect("results").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [201, 201, 200, 204]);
    let created = [&first["results"][0]["phase"], &first["results"][1]["phase"]];
    assert_eq!([&created[0]["name"], &created[1]["name"]], ["Idea", "Launch"]);
    assert_eq!(first["results"][2]["phase"]["name"], "Make");
    let expected = [created[0]["id"].clone(), json!(build), created[1]["id"].clone()];
    assert_eq!(ids(&server, &phases).await, expected);
    assert_eq!(server.get(&task).await.json()["phase_id"], Value::Null);
    let project = server.get(&format!("/v1/projects/{project}")).await.json();
    // Two were added, one of them in front; one was renamed, one removed.
    assert_eq!(project["version"], before + 5);

    let batch = async |body: Value| server.post(&format!("{phases}/batch"), body).await;
    let refused_all = batch(json!({"commands": [
        {"op": "delete", "id": build},
        {"op": "update", "id": UNKNOWN, "set": {"name": "X"}},
    ]}));
    assert_eq!(refusal(&refused_all.await), refused(422, "not-found", "/commands/1/set"));
    assert_eq!(ids(&server, &phases).await, expected);
    let each = batch(json!({"mode": "per_item", "commands": [
        {"op": "restore", "id": old},
        {"op": "create", "phase": {"name": "A", "start_date": "2026-07-02", "end_date": "2026-07-01"}},
        {"op": "deactivate", "id": build},
    ]}));
    let each = each.await.json();
    let statuses: Vec<_> = each["results"].as_array().expect("results").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [200, 422, 422], "{each}");
    assert_eq!(each["results"][1]["problem"]["errors"][0]["pointer"], "/commands/1/phase/end_date");
    assert_eq!(each["results"][2]["problem"]["errors"][0]["pointer"], "/commands/2/op");
    assert_eq!(ids(&server, &phases).await.last(), Some(&json!(old)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_phase_is_found_and_comes_back_without_its_tasks() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let phases = format!("/v1/projects/{project}/phases");
    let mut made = Vec::new();
    for name in ["One", "Two", "Three"] {
        made.push(server.made(&phases, json!({"name": name})).await);
    }
    let task = json!({"project_id": project, "title": "T", "phase_id": made[0]});
    let task = format!("/v1/tasks/{}", server.made("/v1/tasks", task).await);
    for phase in &made[..2] {
        assert_eq!(server.delete(&format!("{phases}/{phase}")).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(ids(&server, &format!("{phases}?deleted=true")).await, [json!(made[0]), json!(made[1])]);
    assert_eq!(ids(&server, &phases).await, [json!(made[2])]);
    // That the task has left it is an event of its own, and can be undone once the phase is back.
    let left = server.get(&format!("{task}/activity?type=task.phase_set")).await.json()["data"][0]["position"].clone();
    let undo = async || server.post(&format!("/v1/events/{left}/undo"), json!({})).await;
    let restore = async |phase: &str| server.post(&format!("{phases}/{phase}/restore"), json!({})).await;
    let (back, again) = (restore(&made[0]).await, restore(&made[0]).await);
    assert_eq!((back.status, &back.json()["name"]), (StatusCode::OK, &json!("One")), "{}", back.text);
    assert_eq!(again.json(), back.json());
    assert_eq!(ids(&server, &phases).await, [json!(made[2]), json!(made[0])]);
    assert_eq!(ids(&server, &format!("{phases}?deleted=true")).await, [json!(made[1])]);
    assert_eq!(server.get(&task).await.json()["phase_id"], Value::Null);
    assert_eq!(restore(UNKNOWN).await.status, StatusCode::NOT_FOUND);
    let undone = undo().await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(server.get(&task).await.json()["phase_id"], json!(made[0]));
    // What is only there to be brought back is no change of its own.
    let history = server.get(&format!("/v1/projects/{project}/activity")).await.json();
    let fields: Vec<_> = history["data"]
        .as_array()
        .expect("events")
        .iter()
        .skip(1)
        .map(|event| {
            event["changes"].as_array().expect("changes").iter().map(|one| one["field"].clone()).collect::<Vec<_>>()
        })
        .collect();
    assert!(fields.iter().all(|changed| *changed == [json!("phases")]), "{fields:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_have_pages_and_parts_like_all_lists() {
    let server = Server::start().await;
    let phases = format!("/v1/projects/{}/phases", server.project("P").await);
    let mut made = Vec::new();
    for name in ["A", "B", "C"] {
        made.push(json!(server.made(&phases, json!({"name": name})).await));
    }
    let first = server.get(&format!("{phases}?limit=2&fields=id")).await.json();
    assert_eq!(first["data"], json!([{"id": made[0]}, {"id": made[1]}]));
    assert_eq!((&first["total"], &first["has_more"]), (&json!(3), &json!(true)));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = server.get(&format!("{phases}?limit=2&cursor={cursor}")).await.json();
    assert_eq!((&second["data"][0]["id"], &second["next_cursor"]), (&made[2], &Value::Null));
    assert_eq!(ids(&server, &format!("{phases}?offset=1")).await, made[1..]);
    assert_eq!(ids(&server, &format!("{phases}?offset=9")).await, [] as [Value; 0]);
    for (query, code) in [
        ("fields=secret", "unknown-value"),
        ("limit=0", "out-of-range"),
        ("cursor=AAAA", "bad-cursor"),
        ("offset=1&cursor=AAAA", "two-places"),
        ("q=A", "unknown-parameter"),
    ] {
        let asked = server.get(&format!("{phases}?{query}")).await;
        assert_eq!((asked.status.as_u16(), &asked.json()["code"]), (400, &json!(code)), "{}", asked.text);
    }
}
