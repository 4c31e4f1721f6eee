//! What a project says of itself, over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

pub const UNKNOWN: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let problem = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text(&problem["code"]), text(&problem["errors"][0]["pointer"]))
}

pub fn refused(status: u16, code: &str, pointer: &str) -> (u16, String, String) {
    (status, code.to_owned(), pointer.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_has_a_state_a_code_people_a_customer_and_days() {
    let server = Server::start().await;
    let customer = server.made("/v1/customers", json!({"name": "Acme", "billable_by_default": false})).await;
    let team = server.made("/v1/teams", json!({"name": "Web"})).await;
    let space = server.made("/v1/spaces", json!({"name": "Ours"})).await;
    let (lead, _) = server.member("bo", "member").await;
    let body = json!({
        "name": "Website", "description": "Ours.", "status": "in_progress", "code": "WEB", "color": "#d73a4a",
        "start_date": "2026-07-01", "due_date": "2026-07-31", "lead_id": lead, "member_ids": [lead], "team_id": team,
        "space_id": space, "customer_id": customer,
    });
    let created = server.post("/v1/projects", body.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let path = created.header("location").to_owned();
    assert_eq!(server.get(&path).await.json(), created.json());
    for (name, value) in body.as_object().expect("fields") {
        assert_eq!(&created.json()[name], value, "{name}");
    }
    let made = created.json();
    assert_eq!((&made["status_category"], &made["billable"]), (&json!("in_progress"), &json!(false)));
    assert_eq!((&made["version"], &made["phases"]), (&json!(1), &json!([])));

    for query in [
        "status=planned,in_progress",
        "status_category=in_progress,completed",
        "code=APP,WEB",
        "start_date[lte]=2026-07-01",
        "due_date[gt]=2026-07-30",
        &format!("lead_id={lead}"),
        &format!("member_id={lead}"),
        &format!("team_id={team}"),
        &format!("space_id={space}"),
        &format!("customer_id={customer}"),
        "billable=false",
        "q=WEB",
        "open_tasks[lte]=0",
    ] {
        let list = server.get(&format!("/v1/projects?{query}")).await.json();
        assert_eq!((&list["total"], &list["data"][0]["id"]), (&json!(1), &made["id"]), "{query}");
    }
    let wide = server.get(&format!("{path}?expand=lead,members,team,space,customer")).await.json();
    assert_eq!((&wide["lead"]["name"], &wide["members"][0]["name"]), (&json!("bo"), &json!("bo")));
    assert_eq!((&wide["team"]["name"], &wide["space"]["name"]), (&json!("Web"), &json!("Ours")));
    assert_eq!(wide["customer"]["name"], "Acme");

    let paid = server.patch(&path, json!({"billable": true})).await.json();
    assert_eq!((&paid["billable"], &paid["version"]), (&json!(true), &json!(2)));
    let free = server.patch(&path, json!({"customer_id": null, "team_id": null, "due_date": null})).await.json();
    assert_eq!((&free["customer_id"], &free["billable"], &free["team_id"]), (&Value::Null, &Value::Null, &Value::Null));
    let same = json!({"name": "Website", "status": "in_progress", "member_ids": [lead, lead], "billable": null});
    assert_eq!(server.patch(&path, same).await.json()["version"], free["version"]);
    let activity = server.get(&format!("{path}/activity")).await.json();
    let types: Vec<_> = activity["data"].as_array().expect("a list").iter().map(|one| one["type"].clone()).collect();
    let after = ["created", "billable_set", "scheduled", "team_set", "customer_set", "billable_set"];
    assert_eq!(types, after.map(|verb| json!(format!("project.{verb}"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_project_names_must_be_there_and_make_sense() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let path = format!("/v1/projects/{project}");
    let theirs = {
        let other = server.another_workspace().await;
        let body = json!({"name": "Theirs"});
        send(ask(&server.url, &other.keys[0].token, Method::POST, "/v1/teams").json(&body)).await.json()["id"].clone()
    };
    let gone = server.made("/v1/customers", json!({"name": "Gone"})).await;
    server.delete(&format!("/v1/customers/{gone}")).await;
    for (set, code, pointer) in [
        (json!({"status": "no_such"}), "unknown-status", "/status"),
        (json!({"billable": true}), "no-customer", "/billable"),
        (json!({"customer_id": gone}), "unknown-reference", "/customer_id"),
        (json!({"team_id": theirs}), "unknown-reference", "/team_id"),
        (json!({"team_id": project}), "unknown-reference", "/team_id"),
        (json!({"space_id": UNKNOWN}), "unknown-reference", "/space_id"),
        (json!({"lead_id": UNKNOWN}), "unknown-reference", "/lead_id"),
        (json!({"member_ids": [server.workspace.owner_id, UNKNOWN]}), "unknown-reference", "/member_ids/1"),
        (json!({"start_date": "2026-07-02", "due_date": "2026-07-01"}), "due-before-start", "/due_date"),
        (json!({"color": "red"}), "not-a-color", "/color"),
        (json!({"code": "web"}), "bad-code", "/code"),
    ] {
        assert_eq!(refusal(&server.patch(&path, set.clone()).await), refused(422, code, pointer));
        let mut body = set;
        body["name"] = json!("Another");
        assert_eq!(refusal(&server.post("/v1/projects", body).await), refused(422, code, pointer));
    }
    assert_eq!(server.get("/v1/projects").await.json()["total"], 1);
    assert_eq!(server.get(&path).await.json()["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_project_is_in_the_first_state_and_a_code_is_one_project_s() {
    let server = Server::start().await;
    let states = json!([
        {"key": "doing", "name": "Doing", "category": "in_progress"},
        {"key": "done", "name": "Done", "category": "completed"},
    ]);
    assert_eq!(server.patch("/v1/workspace", json!({"project_statuses": states})).await.status, StatusCode::OK);
    let web = server.post("/v1/projects", json!({"name": "Website", "code": "WEB"})).await.json();
    assert_eq!((&web["status"], &web["status_category"]), (&json!("doing"), &json!("in_progress")));
    let path = format!("/v1/projects/{}", web["id"].as_str().expect("an id"));
    let again = || json!({"name": "Another", "code": "WEB"});
    assert_eq!(refusal(&server.post("/v1/projects", again()).await), refused(409, "already-taken", "/code"));
    assert_eq!(server.delete(&path).await.status, StatusCode::NO_CONTENT);
    let other = server.made("/v1/projects", again()).await;
    let back = server.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(refusal(&back), refused(409, "already-taken", "/code"));
    let freed = server.patch(&format!("/v1/projects/{other}"), json!({"code": null})).await;
    assert_eq!(freed.status, StatusCode::OK, "{}", freed.text);
    assert_eq!(server.post(&format!("{path}/restore"), json!({})).await.json()["code"], "WEB");
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_come_in_batches() {
    let server = Server::start().await;
    let old = server.project("Old").await;
    let commands = json!({"commands": [
        {"op": "create", "project": {"name": "New", "code": "NEW"}},
        {"op": "update", "id": old, "set": {"status": "completed"}},
        {"op": "delete", "id": old},
    ]});
    let done = server.post("/v1/projects/batch", commands).await.json();
    assert_eq!(done["results"][0]["project"]["code"], "NEW", "{done}");
    assert_eq!(done["results"][1]["project"]["status_category"], "completed");
    assert_eq!(done["results"][2]["status"], 204);
    let bad = json!({"commands": [{"op": "create", "project": {"name": "Newer", "code": "NEW"}}]});
    let answer = server.post("/v1/projects/batch", bad).await;
    assert_eq!(refusal(&answer), refused(409, "already-taken", "/commands/0/project/code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn open_tasks_follow_what_becomes_of_the_tasks() {
    let server = Server::start().await;
    let (project, other) = (server.project("P").await, server.project("Q").await);
    let open = async |expected: i64| {
        let list = server.get("/v1/projects?sort=-open_tasks,number").await.json();
        let find = |one: &&Value| one["id"] == project.as_str();
        let shown =
            list["data"].as_array().expect("a list").iter().find(find).expect("the project")["open_tasks"].clone();
        assert_eq!(shown, expected);
        assert_eq!(server.get(&format!("/v1/projects/{project}")).await.json()["open_tasks"], expected);
    };
    let tasks = [server.task(&project, "A").await, server.task(&project, "B").await];
    open(2).await;
    let [first, second] = tasks.map(|id| format!("/v1/tasks/{id}"));
    for (status, expected) in [("done", 1), ("in_review", 2), ("cancelled", 1), ("backlog", 2), ("duplicate", 1)] {
        server.patch(&first, json!({"status": status})).await;
        open(expected).await;
    }
    server.delete(&second).await;
    open(0).await;
    server.post(&format!("{second}/restore"), json!({})).await;
    open(1).await;
    server.patch(&second, json!({"project_id": other})).await;
    open(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_billable_or_not_exactly_while_its_project_has_a_customer() {
    let server = Server::start().await;
    let customer = server.made("/v1/customers", json!({"name": "Acme", "billable_by_default": true})).await;
    let team = server.made("/v1/teams", json!({"name": "Web"})).await;
    let project = server.made("/v1/projects", json!({"name": "P", "customer_id": customer, "team_id": team})).await;
    let (path, unpaid) = (format!("/v1/projects/{project}"), server.project("Q").await);
    let billable = async |task: &str| server.get(task).await.json()["billable"].clone();
    let mut tasks = Vec::new();
    for (said, shown) in [(json!(null), true), (json!(false), false), (json!(true), true)] {
        let made = server.post("/v1/tasks", json!({"project_id": project, "title": "T", "billable": said})).await;
        assert_eq!(made.json()["billable"], shown, "{}", made.text);
        tasks.push(made.header("location").to_owned());
    }
    let refusal_of = server.post("/v1/tasks", json!({"project_id": unpaid, "title": "T", "billable": true})).await;
    assert_eq!(refusal(&refusal_of), refused(422, "no-customer", "/billable"));
    let other = format!("/v1/tasks/{}", server.task(&unpaid, "T").await);
    assert_eq!(billable(&other).await, Value::Null);
    for query in [format!("customer_id={customer}"), format!("team_id={team}"), "customer_id[exists]=true".to_owned()] {
        assert_eq!(server.get(&format!("/v1/tasks?{query}")).await.json()["total"], 3, "{query}");
    }
    let wide = server.get(&format!("/v1/tasks?team_id={team}&billable=false&expand=project")).await.json();
    assert_eq!((&wide["total"], &wide["data"][0]["project"]["customer_id"]), (&json!(1), &json!(customer)));

    let freed = server.patch(&path, json!({"customer_id": null})).await;
    assert_eq!(freed.status, StatusCode::OK, "{}", freed.text);
    for task in &tasks {
        assert_eq!(billable(task).await, Value::Null);
    }
    let batch = json!({"commands": [
        {"op": "update", "id": project, "set": {"customer_id": customer, "billable": false}},
        {"op": "update", "id": unpaid, "set": {"customer_id": customer}},
    ]});
    assert_eq!(server.post("/v1/projects/batch", batch).await.status, StatusCode::OK);
    for (task, shown) in tasks.iter().map(|task| (task, false)).chain([(&other, true)]) {
        assert_eq!(billable(task).await, shown);
    }
    let moved = server.patch(&tasks[0], json!({"project_id": unpaid})).await.json();
    assert_eq!(moved["billable"], false);
    assert_eq!(server.patch(&tasks[0], json!({"billable": null})).await.json()["billable"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_added_while_the_customer_goes_are_not_billable() {
    let server = Server::start().await;
    let customer = server.made("/v1/customers", json!({"name": "Acme", "billable_by_default": true})).await;
    let project = server.made("/v1/projects", json!({"name": "P", "customer_id": customer})).await;
    let path = format!("/v1/projects/{project}");
    for next in [json!(null), json!(customer), json!(null), json!(customer)] {
        let adding = (0..8).map(|_| server.post("/v1/tasks", json!({"project_id": project, "title": "T"})));
        let (added, changed) =
            tokio::join!(futures::future::join_all(adding), server.patch(&path, json!({"customer_id": next})));
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
        assert!(added.iter().all(|answer| answer.status == StatusCode::CREATED));
        let wrong = server.get(&format!("/v1/tasks?billable[exists]={}", next.is_null())).await.json();
        assert_eq!(wrong["total"], 0, "{wrong}");
    }
}
