//! Time that is worked, over a whole server: logged, timed, corrected, and added up exactly.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

const SCOPES: [&str; 3] = ["timelogs:read", "timelogs:write", "timelogs:delete"];

/// A member with a key: their id and the token.
async fn member(server: &Server, name: &str, role: &str) -> (String, String) {
    let invited = json!({"email": format!("{name}@example.com"), "name": name, "role": role});
    let id = server.made("/v1/members", invited).await;
    let minted = server.post("/v1/keys", json!({"label": name, "member_id": id, "scopes": SCOPES})).await.json();
    (id, minted["token"].as_str().expect("a token").to_owned())
}

async fn post(server: &Server, key: &str, path: &str, body: Value) -> Answer {
    send(ask(&server.url, key, Method::POST, path).json(&body)).await
}

/// The problem's code and the first pointer or parameter that it names.
fn problem(answer: &Answer) -> (u16, String, String) {
    let json = answer.json();
    let at = &json["errors"][0];
    let at = at["pointer"].as_str().or(at["parameter"].as_str()).unwrap_or_default();
    (answer.status.as_u16(), json["code"].as_str().unwrap_or_default().to_owned(), at.to_owned())
}

fn hour(project: &str, day: u32, hours: i64) -> Value {
    let started_at = format!("2026-03-{day:02}T10:00:00Z");
    json!({"project_id": project, "started_at": started_at, "duration_seconds": hours * 3600})
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_logged_corrected_voided_and_restored() {
    let server = Server::start().await;
    let (website, shop) = (server.project("Website").await, server.project("Shop").await);
    let task = server.task(&website, "Login").await;
    let body = json!({
        "task_id": task, "started_at": "2026-03-02T10:00:00+01:00", "ended_at": "2026-03-02T11:02:00+01:00",
        "note": "=1+1", "time_zone": "Europe/Berlin",
    });
    let logged = server.post("/v1/timelogs", body).await;
    assert_eq!(logged.status, StatusCode::CREATED, "{}", logged.text);
    let path = logged.header("location").to_owned();
    let read = server.get(&path).await;
    assert_eq!(read.json(), logged.json());
    let log = read.json();
    assert_eq!((&log["duration_seconds"], &log["date"]), (&json!(3720), &json!("2026-03-02")));
    assert_eq!((&log["project_id"], &log["number"]), (&json!(website), &json!(1)));
    assert_eq!(log["member_id"], json!(server.workspace.owner_id));
    assert_eq!((&log["started_at"], &log["note"]), (&json!("2026-03-02T09:00:00.000000Z"), &json!("=1+1")));

    let corrected = server.patch(&path, json!({"ended_at": "2026-03-02T11:00:00Z", "note": null})).await;
    assert_eq!((corrected.status, &corrected.json()["duration_seconds"]), (StatusCode::OK, &json!(7200)));
    assert_eq!(server.get(&path).await.json(), corrected.json());
    let same = server.patch(&path, json!({"task_id": task, "project_id": website})).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, "\"2\""));
    let moved = server.patch(&path, json!({"task_id": null, "project_id": shop})).await.json();
    assert_eq!((&moved["task_id"], &moved["project_id"]), (&Value::Null, &json!(shop)));
    let by_task = server.patch(&path, json!({"task_id": task})).await.json();
    assert_eq!((&by_task["task_id"], &by_task["project_id"]), (&json!(task), &json!(website)));

    assert_eq!(server.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.delete(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 0);
    let restored = server.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!((restored.status, &restored.json()["duration_seconds"]), (StatusCode::OK, &json!(7200)));
    for filter in ["", &format!("?task_id={task}"), &format!("?project_id={website}")] {
        assert_eq!(server.get(&format!("/v1/timelogs{filter}")).await.json()["total"], 1, "{filter}");
    }
    assert_eq!(server.get(&format!("/v1/timelogs?project_id={shop}")).await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_naming_the_field() {
    let server = Server::start().await;
    let (website, gone) = (server.project("Website").await, server.project("Gone").await);
    let (task, hidden) = (server.task(&website, "Login").await, server.task(&gone, "Hidden").await);
    server.delete(&format!("/v1/projects/{gone}")).await;
    let (start, end) = ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z");
    let unknown = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    for (body, code, pointer) in [
        (json!({"project_id": website, "started_at": end, "ended_at": start}), "end-before-start", "/ended_at"),
        (json!({"project_id": website, "started_at": start, "ended_at": start}), "end-before-start", "/ended_at"),
        (
            json!({"project_id": website, "started_at": start, "duration_seconds": 0}),
            "out-of-range",
            "/duration_seconds",
        ),
        (
            json!({"project_id": website, "started_at": start, "duration_seconds": 86401}),
            "out-of-range",
            "/duration_seconds",
        ),
        (
            json!({"project_id": website, "started_at": start, "ended_at": "2999-01-01T00:00:00Z"}),
            "in-the-future",
            "/ended_at",
        ),
        (
            json!({"project_id": website, "started_at": "2999-01-01T00:00:00Z", "duration_seconds": 1}),
            "in-the-future",
            "/started_at",
        ),
        (json!({"project_id": website, "started_at": start}), "required", "/ended_at"),
        (
            json!({"project_id": website, "started_at": start, "ended_at": end, "duration_seconds": 3600}),
            "two-ends",
            "/duration_seconds",
        ),
        (
            json!({"project_id": website, "started_at": start, "ended_at": end, "time_zone": "../etc/passwd"}),
            "unknown-time-zone",
            "/time_zone",
        ),
        (
            json!({"project_id": website, "started_at": start, "ended_at": end, "duration": 3600}),
            "unknown-field",
            "/duration",
        ),
        (json!({"started_at": start, "ended_at": end}), "no-subject", "/task_id"),
        (json!({"project_id": unknown, "started_at": start, "ended_at": end}), "unknown-reference", "/project_id"),
        (json!({"project_id": gone, "started_at": start, "ended_at": end}), "unknown-reference", "/project_id"),
        (json!({"project_id": task, "started_at": start, "ended_at": end}), "unknown-reference", "/project_id"),
        (json!({"task_id": unknown, "started_at": start, "ended_at": end}), "unknown-reference", "/task_id"),
        (json!({"task_id": hidden, "started_at": start, "ended_at": end}), "unknown-reference", "/task_id"),
        (
            json!({"task_id": task, "member_id": unknown, "started_at": start, "ended_at": end}),
            "unknown-reference",
            "/member_id",
        ),
    ] {
        let refused = server.post("/v1/timelogs", body.clone()).await;
        assert_eq!(problem(&refused), (422, code.to_owned(), pointer.to_owned()), "{body}");
    }
    let other = server.project("Other").await;
    let body = json!({"task_id": task, "project_id": other, "started_at": start, "ended_at": end});
    assert_eq!(problem(&server.post("/v1/timelogs", body).await).1, "task-of-another-project");
    for path in
        ["/v1/timelogs/totals", "/v1/timelogs/totals?group_by=colour", "/v1/timelogs/totals?group_by=day&limit=0"]
    {
        assert_eq!(server.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_touch_their_own_time_and_managers_everybodys() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let (ada, adas_key) = member(&server, "ada", "member").await;
    let (grace, graces_key) = member(&server, "grace", "manager").await;
    let mine = post(&server, &adas_key, "/v1/timelogs", hour(&project, 2, 1)).await;
    assert_eq!((mine.status, &mine.json()["member_id"]), (StatusCode::CREATED, &json!(ada)));
    let path = mine.header("location").to_owned();

    let for_other = |member: &str| {
        let mut body = hour(&project, 2, 1);
        body["member_id"] = json!(member);
        body
    };
    let refused = post(&server, &adas_key, "/v1/timelogs", for_other(&grace)).await;
    assert_eq!(problem(&refused), (403, "not-yours".to_owned(), String::new()));
    let theirs = post(&server, &graces_key, "/v1/timelogs", for_other(&ada)).await;
    assert_eq!((theirs.status, &theirs.json()["member_id"]), (StatusCode::CREATED, &json!(ada)));
    let graces = post(&server, &graces_key, "/v1/timelogs", hour(&project, 2, 1)).await;
    let graces_path = graces.header("location").to_owned();
    for (method, body) in [(Method::PATCH, json!({"note": "n"})), (Method::DELETE, json!({}))] {
        let refused = send(ask(&server.url, &adas_key, method.clone(), &graces_path).json(&body)).await;
        assert_eq!(problem(&refused).1, "not-yours", "{method}");
        let done = send(ask(&server.url, &graces_key, method, &path).json(&body)).await;
        assert!(done.status.is_success(), "{}", done.text);
    }
    let minted =
        server.post("/v1/keys", json!({"label": "s", "service_role": "manager", "scopes": SCOPES})).await.json();
    let service = minted["token"].as_str().expect("a token");
    let unsaid = post(&server, service, "/v1/timelogs", hour(&project, 2, 1)).await;
    assert_eq!(problem(&unsaid), (422, "required".to_owned(), "/member_id".to_owned()));
    assert_eq!(post(&server, service, "/v1/timelogs", for_other(&ada)).await.status, StatusCode::CREATED);
    let running = send(ask(&server.url, service, Method::GET, "/v1/timelogs/running")).await;
    assert_eq!(problem(&running), (400, "missing-parameter".to_owned(), "member_id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_has_one_running_timer() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    assert_eq!(server.get("/v1/timelogs/running").await.status, StatusCode::NOT_FOUND);
    let idle = server.post("/v1/timelogs/stop", json!({})).await;
    assert_eq!(problem(&idle), (409, "no-running-timer".to_owned(), String::new()));

    let start = |key: &str, body: Value| {
        send(server.ask(Method::POST, "/v1/timelogs/start").header("Idempotency-Key", key).json(&body))
    };
    let first = start("1", json!({"task_id": task})).await;
    assert_eq!((first.status, &first.json()["ended_at"]), (StatusCode::CREATED, &Value::Null), "{}", first.text);
    assert_eq!(server.get("/v1/timelogs/running").await.json(), first.json());
    let second = start("2", json!({"project_id": project, "note": "calls"})).await;
    assert_eq!(server.get("/v1/timelogs/running").await.json(), second.json());
    let part = server.get("/v1/timelogs/running?fields=id&expand=project").await.json();
    assert_eq!((&part["id"], &part["project"]["name"]), (&second.json()["id"], &json!("Website")));
    assert_eq!(part.as_object().expect("a timer").len(), 2, "{part}");
    let refused = server.get("/v1/timelogs/running?fields=secret").await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::BAD_REQUEST, &json!("unknown-value")));
    let stopped = server.get(first.header("location")).await.json();
    assert_eq!(stopped["ended_at"], second.json()["started_at"]);

    // Repeats answer as the first time, whatever runs by now.
    assert_eq!(start("1", json!({"task_id": task})).await.json(), first.json());
    assert_eq!(start("2", json!({"project_id": project, "note": "calls"})).await.json(), second.json());
    let stop = || send(server.ask(Method::POST, "/v1/timelogs/stop").header("Idempotency-Key", "3").json(&json!({})));
    let ended = stop().await;
    assert_eq!((ended.status, &ended.json()["id"]), (StatusCode::OK, &second.json()["id"]), "{}", ended.text);
    assert_eq!(stop().await.json(), ended.json());
    assert_eq!(start("2", json!({"project_id": project, "note": "calls"})).await.json(), second.json());
    assert_eq!(server.get("/v1/timelogs/running").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 2);

    let third = start("4", json!({"project_id": project})).await;
    server.delete(third.header("location")).await;
    assert_eq!(server.get("/v1/timelogs/running").await.status, StatusCode::NOT_FOUND);
    let bad = server.post("/v1/timelogs/start", json!({"task_id": project})).await;
    assert_eq!(problem(&bad), (422, "unknown-reference".to_owned(), "/task_id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_started_at_once_on_two_nodes_leave_one_running() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let project = server.project("Website").await;
    let keys: Vec<_> = server.workspace.keys.iter().take(4).map(|key| key.token.clone()).collect();
    let starts = (0..12).map(|n| {
        let (url, key) = (if n % 2 == 0 { &server.url } else { &other }, &keys[n % keys.len()]);
        send(ask(url, key, Method::POST, "/v1/timelogs/start").json(&json!({"project_id": project})))
    });
    let answers = futures::future::join_all(starts).await;
    let started = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    }
    assert!(started > 0);
    server.post("/v1/projects", json!({"name": "so that this key has written last"})).await;
    let logs = server.get("/v1/timelogs?limit=200").await.json();
    assert_eq!(logs["total"], started);
    let running = logs["data"].as_array().expect("data").iter().filter(|log| log["ended_at"].is_null()).count();
    assert_eq!(running, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_exact_by_whatever_they_are_asked() {
    let server = Server::start().await;
    let (website, shop) = (server.project("Website").await, server.project("Shop").await);
    let task = server.task(&website, "Login").await;
    let (ada, adas_key) = member(&server, "ada", "member").await;
    let owner = server.workspace.owner_id.to_string();
    for (day, hours) in [(1, 1), (1, 2), (15, 3), (31, 4)] {
        server.post("/v1/timelogs", hour(&website, day, hours)).await;
        post(&server, &adas_key, "/v1/timelogs", hour(&shop, day, hours * 2)).await;
    }
    let mut on_task = hour(&website, 20, 5);
    on_task["task_id"] = json!(task);
    let voided = server.post("/v1/timelogs", on_task.clone()).await;
    server.post("/v1/timelogs", on_task).await;
    server.delete(voided.header("location")).await;
    server.post("/v1/timelogs/start", json!({"task_id": task})).await;
    server.get("/v1/timelogs").await;

    let ask = async |query: &str| {
        let answer = server.get(&format!("/v1/timelogs/totals?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    };
    let hours = |total: &Value| total["seconds"].as_i64().expect("seconds") / 3600;
    let of = |totals: &Value, key: &str, id: &str| {
        let all = totals["data"].as_array().expect("data");
        all.iter().find(|total| total[key] == id).map(hours)
    };
    let members = ask("group_by=member").await;
    assert_eq!((of(&members, "member_id", &owner), of(&members, "member_id", &ada)), (Some(15), Some(20)));
    assert_eq!((hours(&members["sum"]), &members["sum"]["entries"]), (35, &json!(10)));
    let projects = ask("group_by=project&date[gte]=2026-03-15&date[lte]=2026-03-31").await;
    assert_eq!((of(&projects, "project_id", &website), of(&projects, "project_id", &shop)), (Some(12), Some(14)));
    let march = ask("group_by=member&date[gte]=2026-02-10&date[lte]=2026-04-02").await;
    assert_eq!(hours(&march["sum"]), 35);
    let part = ask(&format!("group_by=member&date[gte]=2026-03-02&date[lte]=2026-03-30&project_id={website}")).await;
    assert_eq!((hours(&part["sum"]), of(&part, "member_id", &owner)), (8, Some(8)));
    let days = ask(&format!("group_by=day&member_id={owner}&date[lte]=2026-03-31")).await;
    let each: Vec<_> =
        days["data"].as_array().expect("data").iter().map(|day| (day["date"].clone(), hours(day))).collect();
    let expected = [("2026-03-01", 3), ("2026-03-15", 3), ("2026-03-20", 5), ("2026-03-31", 4)];
    assert_eq!(each, expected.map(|(day, hours)| (json!(day), hours)));
    let tasks = ask("group_by=task").await;
    assert_eq!(of(&tasks, "task_id", &task), Some(5));
    assert_eq!((&tasks["data"][0]["task_id"], hours(&tasks["data"][0])), (&Value::Null, 30));
    let of_task = ask(&format!("group_by=member&task_id={task}")).await;
    assert_eq!((of(&of_task, "member_id", &owner), hours(&of_task["sum"])), (Some(5), 5));

    let mut cursor = String::new();
    let mut paged = Vec::new();
    loop {
        let page = ask(&format!("group_by=day&limit=2{cursor}")).await;
        paged.extend(page["data"].as_array().expect("data").clone());
        assert_eq!(hours(&page["sum"]), 35);
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(paged), ask("group_by=day").await["data"]);
    assert_eq!(
        server.get(&format!("/v1/timelogs/totals?group_by=member{cursor}")).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        ask(&format!("group_by=day&member_id={}", "7d444840-9dc0-41d1-b245-5ffdce74fad2")).await["data"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn time_of_another_workspace_does_not_exist() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let path = server.post("/v1/timelogs", hour(&project, 2, 1)).await.header("location").to_owned();
    let other = server.another_workspace().await;
    let key = &other.keys[0].token;
    for (method, path) in
        [(Method::GET, path.clone()), (Method::DELETE, path.clone()), (Method::POST, format!("{path}/restore"))]
    {
        assert_eq!(send(ask(&server.url, key, method, &path)).await.status, StatusCode::NOT_FOUND);
    }
    let totals = send(ask(&server.url, key, Method::GET, "/v1/timelogs/totals?group_by=day")).await.json();
    assert_eq!((&totals["data"], &totals["sum"]["seconds"]), (&json!([]), &json!(0)));
    let refused = post(&server, key, "/v1/timelogs", hour(&project, 2, 1)).await;
    assert_eq!(problem(&refused), (422, "unknown-reference".to_owned(), "/project_id".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_timelogs_are_one_commit_and_each_has_its_activity() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let logs: Vec<_> = (1..=20).map(|day| json!({"op": "create", "timelog": hour(&project, day, 1)})).collect();
    let done = server.post("/v1/timelogs/batch", json!({"commands": logs})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let id = done.json()["results"][4]["timelog"]["id"].as_str().expect("an id").to_owned();
    let commands = json!([
        {"op": "update", "id": id, "set": {"ended_at": "2026-03-05T12:00:00Z"}},
        {"op": "delete", "id": id},
        {"op": "create", "timelog": {"project_id": project, "started_at": "2026-03-05T12:00:00Z",
            "ended_at": "2026-03-05T12:00:00Z"}},
    ]);
    let refused = server.post("/v1/timelogs/batch", json!({"commands": commands})).await;
    assert_eq!(problem(&refused), (422, "end-before-start".to_owned(), "/commands/2/timelog/ended_at".to_owned()));
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 20);
    let some = server.post("/v1/timelogs/batch", json!({"mode": "per_item", "commands": commands})).await;
    assert_eq!(some.json()["results"][1], json!({"status": 204}));
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 19);
    let activity = server.get(&format!("/v1/timelogs/{id}/activity")).await.json();
    let types: Vec<_> = activity["data"].as_array().expect("data").iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["timelog.logged", "timelog.corrected", "timelog.voided"]);
}
