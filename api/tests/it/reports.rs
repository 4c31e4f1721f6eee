//! Reports over a whole server: what they say is what happened, day by day.

mod days;

use chrono::{Days, NaiveDate, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, send};

async fn csv(server: &Server, path: &str) -> Answer {
    let answer = send(server.ask(Method::GET, path).header("Accept", "text/csv")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    answer
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn amounts(of: &Value) -> (i64, i64) {
    (of["tasks"].as_i64().unwrap_or(-1), of["points"].as_i64().unwrap_or(-1))
}

/// A task that came into being some days ago.
async fn old_task(server: &Server, project: &str, days: u64, status: &str, points: i64) -> String {
    let occurred_at = format!("{}T12:00:00Z", today() - Days::new(days));
    let body = json!({
        "project_id": project, "title": "T", "status": status, "estimate_points": points, "occurred_at": occurred_at,
    });
    server.made("/v1/tasks", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cumulative_flow_has_each_day_as_it_ended() {
    let server = Server::start().await;
    let (website, shop) = (server.project("Website").await, server.project("Shop").await);
    let first = old_task(&server, &website, 5, "todo", 3).await;
    old_task(&server, &website, 2, "backlog", 5).await;
    old_task(&server, &shop, 2, "todo", 8).await;
    let gone = old_task(&server, &website, 4, "todo", 1).await;
    for status in ["in_progress", "in_review", "done"] {
        server.patch(&format!("/v1/tasks/{first}"), json!({"status": status})).await;
    }
    server.delete(&format!("/v1/tasks/{gone}")).await;

    let (from, to) = (today() - Days::new(6), today());
    let path = format!("/v1/reports/cumulative-flow?project_id={website}&date[gte]={from}&date[lte]={to}");
    let report = server.get(&path).await.json();
    let days = report["data"].as_array().expect("days");
    let todo: Vec<_> = days.iter().map(|day| amounts(&day["todo"])).collect();
    assert_eq!(todo, [(0, 0), (1, 3), (2, 4), (2, 4), (2, 4), (2, 4), (0, 0)]);
    let backlog: Vec<_> = days.iter().map(|day| amounts(&day["backlog"]).1).collect();
    assert_eq!(backlog, [0, 0, 0, 0, 5, 5, 5]);
    assert_eq!((amounts(&days[6]["done"]), amounts(&days[6]["in_progress"])), ((1, 3), (0, 0)));
    assert_eq!((&days[0]["date"], &days[6]["date"]), (&json!(from), &json!(to)));

    let all = server.get(&format!("/v1/reports/cumulative-flow?date[gte]={from}")).await.json();
    assert_eq!(amounts(&all["data"][4]["todo"]), (3, 12));
    server.delete(&format!("/v1/projects/{shop}")).await;
    let all = server.get(&format!("/v1/reports/cumulative-flow?date[gte]={from}")).await.json();
    assert_eq!(amounts(&all["data"][4]["todo"]), (2, 4));

    let table = csv(&server, &path).await.text;
    let lines: Vec<_> = table.split("\r\n").collect();
    assert!(lines[0].starts_with("date,backlog,todo,in_progress,in_review,done,cancelled,duplicate,backlog_points"));
    assert_eq!(lines[7], format!("{to},1,0,0,0,1,0,0,5,0,0,0,3,0,0"));
    for bad in ["date[gte]=2020-01-01&date[lte]=2030-01-01", "date[gte]=2026-02-02&date[lte]=2026-02-01", "unit=points"]
    {
        assert_eq!(server.get(&format!("/v1/reports/cumulative-flow?{bad}")).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burndown_shows_the_scope_and_what_is_left_of_it() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let (start, end) = (today() - Days::new(1), today() + Days::new(1));
    let body = json!({"project_id": project, "name": "=1+1", "start_date": start, "end_date": end});
    let sprint = server.made("/v1/sprints", body).await;
    let path = format!("/v1/reports/burndown?sprint_id={sprint}");
    assert_eq!(server.get(&path).await.json()["data"].as_array().expect("days").len(), 3);
    let mut tasks = Vec::new();
    for points in [1, 2, 3, 4] {
        let body = json!({"project_id": project, "title": "T", "estimate_points": points, "sprint_id": sprint});
        tasks.push(server.made("/v1/tasks", body).await);
    }
    server.post(&format!("/v1/sprints/{sprint}/start"), json!({})).await;
    server.patch(&format!("/v1/tasks/{}", tasks[1]), json!({"status": "done"})).await;
    server.patch(&format!("/v1/tasks/{}", tasks[2]), json!({"status": "cancelled"})).await;

    let report = server.get(&path).await.json();
    let days = report["data"].as_array().expect("days");
    assert_eq!((&report["sprint"]["id"], &report["sprint"]["status"]), (&json!(sprint), &json!("active")));
    assert_eq!(amounts(&days[0]["scope"]), (0, 0));
    assert_eq!((amounts(&days[1]["scope"]), amounts(&days[1]["done"])), ((3, 7), (1, 2)));
    assert_eq!((amounts(&days[1]["remaining"]), &days[2]["remaining"]), ((2, 5), &Value::Null));
    let table = csv(&server, &path).await.text;
    assert!(table.contains(&format!("{},3,1,2,7,2,5\r\n{end},,,,,,\r\n", today())), "{table}");

    // As it looked when yesterday was over, and, of what lies ahead, as it looks now.
    let before = server.get(&format!("{path}&as_of={start}")).await.json();
    let days = before["data"].as_array().expect("days");
    assert_eq!((days.len(), amounts(&days[0]["scope"]), &days[1]["scope"]), (3, (0, 0), &Value::Null));
    assert_eq!(server.get(&format!("{path}&as_of={end}")).await.json(), report);
    assert_eq!(server.get(&format!("{path}&as_of=yesterday")).await.status, StatusCode::BAD_REQUEST);
    // As it looked at a moment: what happened later on that day had not happened yet.
    let made = server.get(&format!("/v1/audit?resource_id={}&sort=position&limit=1", tasks[3])).await.json();
    let made = &made["data"][0];
    let time = made["recorded_at"].as_str().expect("a time").replace('+', "%2B");
    for moment in [made["position"].to_string(), time] {
        let then = server.get(&format!("{path}&as_of={moment}")).await.json();
        let day = &then["data"][1];
        assert_eq!((amounts(&day["scope"]), amounts(&day["remaining"])), ((4, 10), (4, 10)), "{moment}: {then}");
        assert_eq!((amounts(&day["done"]), &then["data"][2]["scope"]), ((0, 0), &Value::Null), "{moment}: {then}");
    }
    let unborn = server.get(&format!("{path}&as_of=1")).await;
    assert_eq!(unborn.status, StatusCode::NOT_FOUND, "{}", unborn.text);
    let of_sprint = format!("/v1/sprints/{sprint}/burndown");
    assert_eq!(server.get(&of_sprint).await.json(), report);
    assert_eq!(server.get(&format!("{of_sprint}?as_of={start}")).await.json(), before);

    let velocity = format!("/v1/reports/velocity?project_id={project}");
    assert_eq!(server.get(&velocity).await.json(), json!({"data": [], "average": null}));
    let open = server.patch(&format!("/v1/tasks/{}", tasks[0]), json!({"title": "Last"})).await;
    let open = open.header("docket-position").to_owned();
    let running = server.get(&path).await.json();
    let closed = server.post(&format!("/v1/sprints/{sprint}/close"), json!({"open_tasks": "keep"})).await;
    assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
    let report = server.get(&velocity).await.json();
    assert_eq!(report["data"].as_array().expect("sprints").len(), 1);
    assert_eq!(amounts(&report["data"][0]["done"]), (1, 2));
    assert_eq!(amounts(&report["data"][0]["planned"]), (3, 7));
    assert_eq!(report["average"], json!({"tasks": 1.0, "points": 2.0}));
    assert!(csv(&server, &velocity).await.text.contains(&format!("{sprint},'=1+1,3,7,1,2\r\n")));
    assert_eq!(server.get(&format!("{velocity}&as_of={open}")).await.json()["data"], json!([]));
    let closed = closed.header("docket-position").to_owned();
    server.post(&format!("/v1/sprints/{sprint}/reopen"), json!({})).await;
    assert_eq!(server.get(&velocity).await.json()["data"], json!([]));
    assert_eq!(server.get(&format!("{velocity}&as_of={closed}")).await.json(), report);

    let unknown = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    assert_eq!(server.get(&format!("/v1/reports/burndown?sprint_id={unknown}")).await.status, StatusCode::NOT_FOUND);
    // What is said later to have happened before was not known yet.
    let late = json!({
        "project_id": project, "title": "Late", "sprint_id": sprint, "estimate_points": 5,
        "occurred_at": format!("{start}T12:00:00Z"),
    });
    server.made("/v1/tasks", late).await;
    assert_eq!(amounts(&server.get(&path).await.json()["data"][0]["scope"]), (1, 5));
    // What becomes of a sprint later has not become of it at a moment.
    server.patch(&format!("/v1/sprints/{sprint}"), json!({"name": "Other", "end_date": end + Days::new(5)})).await;
    server.delete(&format!("/v1/projects/{project}")).await;
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&velocity).await.json()["data"], json!([]));
    assert_eq!(server.get(&format!("{path}&as_of={open}")).await.json(), running);
    assert_eq!(server.get(&format!("{velocity}&as_of={closed}")).await.json(), report);
    // A day is its end.
    let yesterday = start;
    assert_eq!(server.get(&format!("{velocity}&as_of={yesterday}")).await.json()["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sprint_ends_with_what_was_in_it_whatever_becomes_of_that() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let started = async |name: &str| {
        let body = json!({"project_id": project, "name": name, "start_date": today(), "end_date": today()});
        let sprint = server.made("/v1/sprints", body).await;
        server.post(&format!("/v1/sprints/{sprint}/start"), json!({})).await;
        sprint
    };
    let close = async |sprint: &str, how: Value| {
        let closed = server.post(&format!("/v1/sprints/{sprint}/close"), how).await;
        assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
        closed.header("docket-position").to_owned()
    };
    let reports = async |sprints: &[String], as_of: &str| {
        let velocity = format!("/v1/reports/velocity?project_id={project}&");
        let burndowns = sprints.iter().map(|id| format!("/v1/sprints/{id}/burndown?"));
        let mut all = Vec::new();
        for path in burndowns.chain([velocity]) {
            let report = server.get(&format!("{path}{as_of}")).await;
            assert_eq!(report.status, StatusCode::OK, "{}", report.text);
            all.push(report.json());
        }
        all
    };
    let last_day = async |sprint: &str| {
        let report = server.get(&format!("/v1/sprints/{sprint}/burndown")).await.json();
        let day = report["data"].as_array().and_then(|days| days.last()).cloned().expect("a day");
        ["scope", "done", "remaining"].map(|what| amounts(&day[what]))
    };
    let (mut sprints, mut known) = (Vec::new(), Vec::new());
    for (how, moves) in [("keep", false), ("remove", false), ("move", true)] {
        let sprint = started(how).await;
        let next = started("next").await;
        for points in [1, 2, 5] {
            let body = json!({"project_id": project, "title": "T", "estimate_points": points, "sprint_id": sprint});
            let task = server.made("/v1/tasks", body).await;
            if points == 2 {
                server.patch(&format!("/v1/tasks/{task}"), json!({"status": "done"})).await;
            }
        }
        let mut body = json!({"open_tasks": how});
        if moves {
            body["move_to"] = json!(next);
        }
        let closed = close(&sprint, body).await;
        assert_eq!(last_day(&sprint).await, [(3, 8), (1, 2), (2, 6)], "{how}");
        let there = if moves { (2, 6) } else { (0, 0) };
        assert_eq!(last_day(&next).await, [there, (0, 0), there], "{how}");
        sprints.push(sprint);
        known.push((closed, sprints.clone(), reports(&sprints, "").await));
    }
    let report = server.get(&format!("/v1/reports/velocity?project_id={project}")).await.json();
    let results = report["data"].as_array().expect("sprints");
    let told: Vec<_> = results.iter().map(|one| (amounts(&one["planned"]), amounts(&one["done"]))).collect();
    assert_eq!(told, [((3, 8), (1, 2)); 3]);
    // Nothing is counted twice in its project.
    let flow = server.get(&format!("/v1/reports/cumulative-flow?project_id={project}")).await.json();
    let day = flow["data"].as_array().and_then(|days| days.last()).cloned().expect("a day");
    assert_eq!((amounts(&day["todo"]), amounts(&day["done"])), ((6, 18), (3, 6)), "{day}");
    // What is opened again is without what has left it, and ends anew with what is in it then.
    server.post(&format!("/v1/sprints/{}/reopen", sprints[1]), json!({})).await;
    assert_eq!(last_day(&sprints[1]).await, [(1, 2), (1, 2), (0, 0)]);
    let body = json!({"project_id": project, "title": "Late", "estimate_points": 3, "sprint_id": sprints[1]});
    server.made("/v1/tasks", body).await;
    let closed = close(&sprints[1], json!({"open_tasks": "remove"})).await;
    assert_eq!(last_day(&sprints[1]).await, [(2, 5), (1, 2), (1, 3)]);
    known.push((closed, sprints.clone(), reports(&sprints, "").await));
    // What is moved by hand is moved, whenever that is.
    let kept = server.get(&format!("/v1/tasks?sprint_id={}&status=todo&limit=1", sprints[0])).await.json();
    let kept = format!("/v1/tasks/{}", kept["data"][0]["id"].as_str().expect("an id"));
    let moved = server.patch(&kept, json!({"sprint_id": null})).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
    known.push((moved.header("docket-position").to_owned(), sprints.clone(), reports(&sprints, "").await));
    // As of each moment they say what they said then.
    server.delete(&kept).await;
    for (position, sprints, then) in &known {
        assert_eq!(&reports(sprints, &format!("as_of={position}")).await, then, "{position}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_time_is_whole() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let new = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
        let made = server.post("/v1/tasks/batch", json!({"commands": vec![new; 350]})).await.json();
        tasks.extend(made["results"].as_array().expect("results").iter().map(|one| one["task"]["id"].clone()));
    }
    for some in tasks.chunks(350) {
        let log = |task: &Value| json!({"op": "create", "timelog": {"task_id": task, "started_at": "2026-03-02T10:00:00Z", "duration_seconds": 60}});
        let commands: Vec<_> = some.iter().map(log).collect();
        let logged = server.post("/v1/timelogs/batch", json!({"commands": commands})).await;
        assert_eq!(logged.status, StatusCode::OK, "{}", logged.text);
    }
    let table = csv(&server, "/v1/reports/time?group_by=task").await.text;
    let told: std::collections::HashSet<_> = table.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!((table.lines().count(), told.len()), (1_051, 1_050));
    for paged in ["limit=1", "cursor=x"] {
        let path = format!("/v1/reports/time?group_by=task&{paged}");
        let refused = send(server.ask(Method::GET, &path).header("Accept", "text/csv")).await;
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid-parameter"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_reported_by_name() {
    let server = Server::start().await;
    let project = server.project("=HYPERLINK(\"x\")").await;
    let body = json!({"project_id": project, "started_at": "2026-03-02T10:00:00Z", "duration_seconds": 3600});
    server.post("/v1/timelogs", body).await;
    let by_member = server.get("/v1/reports/time?group_by=member").await.json();
    assert_eq!((&by_member["data"][0]["name"], &by_member["sum"]["seconds"]), (&json!("Owner"), &json!(3600)));
    let by_project = csv(&server, "/v1/reports/time?group_by=project").await.text;
    assert_eq!(
        by_project,
        format!("project,name,entries,seconds,billable_seconds\r\n{project},\"'=HYPERLINK(\"\"x\"\")\",1,3600,0\r\n")
    );
    let by_day = csv(&server, "/v1/reports/time?group_by=day").await.text;
    assert_eq!(by_day, "day,name,entries,seconds,billable_seconds\r\n2026-03-02,,1,3600,0\r\n");
    server.delete(&format!("/v1/projects/{project}")).await;
    let by_project = server.get("/v1/reports/time?group_by=project").await.json();
    assert_eq!((&by_project["data"][0]["name"], &by_project["sum"]["seconds"]), (&Value::Null, &json!(3600)));
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_reported_as_it_was_logged_at_any_moment() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    let log =
        |seconds: u32| json!({"task_id": task, "started_at": "2026-03-02T10:00:00Z", "duration_seconds": seconds});
    let reports = async |as_of: &str| {
        let mut all = Vec::new();
        for by in ["member", "project", "customer", "task", "day"] {
            let report = server.get(&format!("/v1/reports/time?group_by={by}{as_of}")).await;
            assert_eq!(report.status, StatusCode::OK, "{}", report.text);
            all.push(report.json());
        }
        all
    };
    let mut known = Vec::new();
    let first = server.post("/v1/timelogs", log(3600)).await;
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    let one = format!("/v1/timelogs/{id}");
    known.push((first.header("docket-position").to_owned(), reports("").await));
    let second = server.post("/v1/timelogs", log(60)).await;
    known.push((second.header("docket-position").to_owned(), reports("").await));
    let corrected =
        server.patch(&one, json!({"started_at": "2026-03-03T10:00:00Z", "ended_at": "2026-03-03T10:30:00Z"})).await;
    assert_eq!(corrected.status, StatusCode::OK, "{}", corrected.text);
    known.push((corrected.header("docket-position").to_owned(), reports("").await));
    let voided = server.delete(&one).await;
    known.push((voided.header("docket-position").to_owned(), reports("").await));
    let renamed = server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Sign in"})).await;
    known.push((renamed.header("docket-position").to_owned(), reports("").await));
    for (position, reports_then) in &known {
        assert_eq!(&reports(&format!("&as_of={position}")).await, reports_then, "{position}");
    }
    let sums: Vec<_> = known.iter().map(|(_, reports)| reports[0]["sum"]["seconds"].clone()).collect();
    assert_eq!(sums, [3600, 3660, 1860, 60, 60]);
    assert_eq!(server.get("/v1/reports/time?group_by=day&as_of=soon").await.status, StatusCode::BAD_REQUEST);
}
