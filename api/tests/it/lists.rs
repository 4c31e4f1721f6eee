//! What lists can be asked for, over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use crate::server::{Server, ask, send};

async fn task(server: &Server, body: Value) -> String {
    server.made("/v1/tasks", body).await
}

fn titles(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("data").iter().map(|task| task["title"].as_str().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_orders_and_views_go_together() {
    let server = Server::start().await;
    let (a, b) = (server.project("A").await, server.project("B").await);
    let label = server.made("/v1/labels", json!({"name": "bug", "color": "#ff0000"})).await;
    for (title, project, priority, due) in
        [("one", &a, "high", Some("2026-01-10")), ("two", &a, "low", None), ("three", &b, "high", Some("2026-01-05"))]
    {
        let body = json!({"project_id": project, "title": title, "priority": priority, "due_date": due,
            "label_ids": [label]});
        task(&server, body).await;
    }
    for (query, expected) in [
        ("sort=-priority,due_date", &["three", "one", "two"][..]),
        ("sort=due_date&due_date[exists]=true", &["three", "one"]),
        ("due_date[lte]=2026-01-05", &["three"]),
        ("due_date[gt]=2026-01-05&due_date[lt]=2026-02-01", &["one"]),
        ("priority[not]=high", &["two"]),
        ("priority=low,high&sort=number", &["one", "two", "three"]),
        ("updated_since=2020-01-01T00:00:00Z&limit=1", &["three"]),
        ("updated_since=9999-01-01T00:00:00Z", &[]),
        ("assignee_id[exists]=true", &[]),
    ] {
        let page = server.get(&format!("/v1/tasks?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.text);
        assert_eq!(titles(&page.json()), expected, "{query}");
    }
    let page =
        server.get(&format!("/v1/tasks?project_id={a},{b}&fields=title,number&expand=project,labels")).await.json();
    let first = &page["data"][0];
    assert_eq!(page["total"], 3);
    assert_eq!((&first["title"], &first["project"]["name"]), (&json!("three"), &json!("B")));
    assert_eq!(first["labels"][0]["color"], "#ff0000");
    assert_eq!(first.as_object().expect("a task").len(), 4);
    let one = format!("/v1/tasks/{}", server.get("/v1/tasks").await.json()["data"][0]["id"].as_str().expect("an id"));
    let shown = server.get(&format!("{one}?fields=title&expand=project")).await;
    assert_eq!(shown.json()["project"]["id"], b.as_str());
    let same = send(
        server
            .ask(Method::GET, &format!("{one}?fields=title&expand=project"))
            .header("If-None-Match", shown.header("etag")),
    )
    .await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    server.patch(&format!("/v1/projects/{b}"), json!({"name": "C"})).await;
    let changed =
        send(server.ask(Method::GET, &format!("{one}?expand=project")).header("If-None-Match", shown.header("etag")))
            .await;
    assert_eq!((changed.status, changed.json()["project"]["name"].as_str()), (StatusCode::OK, Some("C")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_hits_come_first_and_are_shown() {
    let server = Server::start().await;
    let project = server.project("Login").await;
    let new =
        |title: &str, description: &str| json!({"project_id": project, "title": title, "description": description});
    task(&server, new("Login page", "Nobody can log in since the login page moved.")).await;
    task(&server, new("Slow page", "The login takes a minute.")).await;
    task(&server, new("Export", "No hit here.")).await;
    let page = server.get("/v1/tasks?q=LOGIN").await.json();
    assert_eq!((page["total"].as_i64(), titles(&page)), (Some(2), vec!["Login page", "Slow page"]));
    assert_eq!(page["data"][0]["highlights"]["title"], json!(["", "Login", " page"]));
    assert_eq!(page["data"][1]["highlights"], json!({"description": ["The ", "login", " takes a minute."]}));
    let first = server.get("/v1/tasks?q=login&limit=1").await.json();
    let next = format!("/v1/tasks?q=login&limit=1&cursor={}", first["next_cursor"].as_str().expect("a cursor"));
    assert_eq!(titles(&server.get(&next).await.json()), ["Slow page"]);
    let newest = server.get("/v1/tasks?q=login&sort=-number&fields=title").await.json();
    assert_eq!(titles(&newest), ["Slow page", "Login page"]);
    assert_eq!(server.get("/v1/projects?q=login").await.json()["data"][0]["highlights"]["name"][1], "Login");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_within_takes_its_own_scope() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let minted = server.post("/v1/keys", json!({"label": "ci", "scopes": ["tasks:read", "labels:read"]})).await.json();
    let token = minted["token"].as_str().expect("a token");
    for path in ["/v1/tasks".to_owned(), format!("/v1/tasks/{id}")] {
        let get =
            async |expand: &str| send(ask(&server.url, token, Method::GET, &format!("{path}?expand={expand}"))).await;
        assert_eq!(get("labels").await.status, StatusCode::OK);
        let refused = get("labels,project").await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("missing-scope")));
    }
}

/// Makes the next task's number the one after this.
async fn number_from(server: &Server, last: i64) {
    let mut connection = PgConnection::connect(&server.db.url).await.expect("a connection");
    let set = format!("update log.counters set last = {last} where kind = 'task'");
    connection.execute(set.as_str()).await.expect("a counter");
}

/// So many tasks with this title and description.
async fn fill(server: &Server, project: &str, count: usize, title: &str, description: &str) {
    for count in std::iter::repeat_n(500, count / 500).chain([count % 500]).filter(|count| *count > 0) {
        let task = json!({"project_id": project, "title": title, "description": description});
        let commands = vec![json!({"op": "create", "task": task}); count];
        let batch = server.post("/v1/tasks/batch", json!({"commands": commands})).await;
        assert_eq!(batch.status, StatusCode::OK, "{}", batch.text);
    }
}

/// The numbers of all pages.
async fn all_numbers(server: &Server, query: &str) -> Vec<i64> {
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/tasks?{query}&fields=number&limit=200{cursor}")).await.json();
        let data = page["data"].as_array().unwrap_or_else(|| panic!("a page: {page}"));
        numbers.extend(data.iter().filter_map(|task| task["number"].as_i64()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return numbers,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_best_comes_first_however_much_is_newer_and_everything_is_counted() {
    let server = Server::start().await;
    let (project, other) = (server.project("P").await, server.project("Q").await);
    let best = server.task(&project, "Zorblax pump").await;
    let half = task(&server, json!({"project_id": project, "title": "Zorblax", "description": "pump"})).await;
    let said = server.task(&project, "Hall").await;
    server.post(&format!("/v1/tasks/{said}/comments"), json!({"body": "the zorblax and its pump"})).await;
    // The rest is of other blocks of the index, far from the first, see `Words::in_block_of`: more than are ranked at once.
    number_from(&server, 1_007_000).await;
    fill(&server, &project, 1_000, "Filler", "a zorblax, a pump").await;
    number_from(&server, 1_302_900).await;
    fill(&server, &project, 1_300, "Filler", "a zorblax, a pump").await;
    fill(&server, &other, 200, "Filler", "a zorblax, a pump").await;
    let of_project = format!("q=zorblax&project_id={project}");
    for (query, first, total) in [
        ("q=zorblax", vec![&half, &best], 2_503),
        ("q=zorblax+pump", vec![&best, &half], 2_503),
        ("q=zorb*", vec![&half, &best], 2_503),
        ("q=zorblax&due_date[exists]=false", vec![&half, &best], 2_503),
        ("q=zorblax&status=todo,backlog", vec![&half, &best], 2_503),
        (of_project.as_str(), vec![&half, &best], 2_303),
    ] {
        let page = server.get(&format!("/v1/tasks?{query}")).await.json();
        let found: Vec<_> = page["data"].as_array().expect("a page").iter().map(|task| &task["id"]).collect();
        assert_eq!(found[..first.len()], first, "{query}");
        assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(total), &json!(true)), "{query}");
    }
    let hits = server.get("/v1/search?q=zorblax+pump").await.json();
    assert_eq!(hits["data"][0]["resource"]["id"], best);
    // Pages go on to the end, and each task is on one of them, in whatever order.
    for query in ["q=zorblax+pump", "q=zorblax&sort=relevance", "q=pump&sort=number", "q=pump&sort=due_date,-number"] {
        let mut numbers = all_numbers(&server, query).await;
        if query.ends_with("=number") {
            assert!(numbers.is_sorted() && numbers[0] == 1, "{query}");
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 2_503, "{query}");
    }
    let skipped = server.get("/v1/tasks?q=zorblax&offset=2502").await.json();
    assert_eq!((skipped["data"].as_array().map(Vec::len), &skipped["has_more"]), (Some(1), &json!(false)));
    let changed = server.patch(&format!("/v1/tasks/{half}"), json!({"priority": "high"})).await;
    server.delete(&format!("/v1/tasks/{best}")).await;
    let then = format!("&as_of={}", changed.header("docket-position"));
    for (moment, first, total) in [("", &half, 2_502), (then.as_str(), &best, 2_503)] {
        for query in ["q=zorblax+pump", "q=zorblax+pump&status[not]=done"] {
            let page = server.get(&format!("/v1/tasks?{query}&limit=1{moment}")).await.json();
            assert_eq!(page["data"][0]["id"], **first, "{query}{moment}");
            assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(total), &json!(true)), "{query}{moment}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_may_find_very_much_still_has_what_fits_best() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let best = server.task(&project, "Zorblax pump").await;
    // The newest block of 305, if all are like it, makes more than are counted.
    number_from(&server, (305 << 13) + 10).await;
    fill(&server, &project, 1_100, "Filler", "a zorblax, a pump").await;
    let page = server.get("/v1/tasks?q=zorblax+pump").await.json();
    assert_eq!(page["data"][0]["id"], best);
    assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(1_101), &json!(false)), "at least");
    let oldest = server.get("/v1/tasks?q=zorblax+pump&sort=number&limit=1").await.json();
    assert_eq!((&oldest["data"][0]["id"], &oldest["total"]), (&json!(best), &json!(1_101)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_among_many_finds_what_is_rare_and_what_filters_leave() {
    let server = Server::start().await;
    let (project, other) = (server.project("P").await, server.project("Q").await);
    let member = server.member("Ada", "member").await.0;
    let one = task(&server, json!({"project_id": other, "title": "pump valve", "assignee_ids": [member]})).await;
    number_from(&server, 302_900).await;
    fill(&server, &project, 499, "pump", "").await;
    fill(&server, &project, 100, "pump hall", "").await;
    let newest = server.get("/v1/tasks?q=pump&sort=number&limit=1").await.json();
    assert_eq!((&newest["total"], &newest["total_is_exact"]), (&json!(600), &json!(true)));
    let below = server.get("/v1/tasks?q=pump&sort=number&number[lt]=303000").await.json();
    assert_eq!((&below["total"], &below["total_is_exact"]), (&json!(100), &json!(true)));
    // What is rare is found wherever it is, and so is what filters leave.
    for (query, total) in [
        ("q=valve".to_owned(), 1),
        ("q=hall".to_owned(), 100),
        (format!("q=pump&project_id={other}"), 1),
        (format!("q=pump&assignee_id={member}"), 1),
        (format!("q=pump&assignee_id={member}&status=done"), 0),
        ("q=pump&due_date[exists]=true".to_owned(), 0),
    ] {
        let page = server.get(&format!("/v1/tasks?{query}")).await.json();
        assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(total), &json!(true)), "{query}");
        assert_eq!(page["data"].as_array().map(Vec::len), Some(total.min(50)), "{query}");
    }
    // Where a task stands is known beside it, too.
    server.patch(&format!("/v1/tasks/{one}"), json!({"status": "done", "project_id": project})).await;
    for (query, total) in [
        (format!("assignee_id={member}&status=done&project_id={project}&sort=due_date"), 1),
        (format!("assignee_id={member}&status=backlog"), 0),
        (format!("q=pump&assignee_id={member}&status=done"), 1),
    ] {
        let page = server.get(&format!("/v1/tasks?{query}")).await.json();
        let found = page["data"].as_array().map(Vec::len);
        assert_eq!((page["total"].as_u64(), found), (Some(total), Some(total as usize)), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_by_what_people_know_of_it() {
    let server = Server::start().await;
    let me = server.get("/v1/me").await.json()["member"]["id"].as_str().expect("a member").to_owned();
    let customer = server.made("/v1/customers", json!({"name": "Acme"})).await;
    let team = server.made("/v1/teams", json!({"name": "Web", "member_ids": [me]})).await;
    let new = json!({"name": "Übersee", "customer_id": customer, "team_id": team});
    let project = server.made("/v1/projects", new).await;
    let whole = server.task(&project, "Änderungen").await;
    let part = json!({"project_id": project, "title": "login", "parent_id": whole, "priority": "high"});
    let part = task(&server, part).await;
    let comments = format!("/v1/tasks/{part}/comments");
    for body in ["the quokka jumps", "nothing"] {
        server.made(&comments, json!({"body": body})).await;
    }
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "Überfahrt"})).await;
    server.patch(&format!("/v1/tasks/{part}"), json!({"sprint_id": sprint, "estimate_points": 5})).await;
    let log = json!({"task_id": part, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 5_400, "note": "Found the quokka"});
    server.made("/v1/timelogs", log).await;
    let told =
        json!({"recipient_ids": [me], "title": "Look", "body": "a quokka", "subject": {"type": "task", "id": part}});
    server.post("/v1/notifications", told).await;
    server.post("/v1/keys", json!({"label": "nightly build", "scopes": ["tasks:read", "labels:read"]})).await;
    for (path, query, total) in [
        (comments.as_str(), "q=QUOKKA", 1),
        (&comments, &format!("author_id={me}"), 2),
        (&comments, &format!("author_id={part}"), 0),
        (&comments, &format!("created_by[not]={me}"), 0),
        ("/v1/tasks", &format!("created_by={me}"), 2),
        ("/v1/tasks", &format!("created_by={part}"), 0),
        ("/v1/tasks", "title[contains]=%C3%84nder", 1),
        ("/v1/tasks", "title=LOGIN", 1),
        ("/v1/tasks", "priority[gte]=high", 1),
        ("/v1/tasks", "priority[lt]=high&title[contains]=o", 0),
        ("/v1/projects", "name[contains]=%C3%9CBER", 1),
        ("/v1/sprints", "name[contains]=%C3%BCber&open_tasks[gte]=1&points=5", 1),
        ("/v1/sprints", "done_tasks[gte]=1", 0),
        ("/v1/timelogs", "q=quokka&duration_seconds[gte]=5400", 1),
        ("/v1/timelogs", "ended_at[gt]=2026-03-02T09:30:00Z", 0),
        ("/v1/notifications", &format!("q=quokka&subject_id={part}"), 1),
        ("/v1/members", &format!("team_id={team}"), 1),
        ("/v1/members", "team_id[exists]=false", 0),
        ("/v1/members", "role[gte]=admin&name[contains]=OWN", 1),
        ("/v1/keys", "scope=labels:read&q=night*", 1),
        ("/v1/keys", "scope=labels:write", 0),
    ] {
        let page = server.get(&format!("{path}?{query}")).await;
        assert_eq!(
            (page.status, &page.json()["total"]),
            (StatusCode::OK, &json!(total)),
            "{path}?{query} {}",
            page.text
        );
    }
    let by_title = server.get("/v1/tasks?sort=title").await.json();
    assert_eq!(titles(&by_title), ["login", "Änderungen"]);
    let shown = server.get(&format!("/v1/tasks/{part}?expand=parent,customer,team,creator")).await.json();
    let of = |name: &str, member: &str| shown[name][member].clone();
    assert_eq!((of("parent", "title"), of("customer", "name")), (json!("Änderungen"), json!("Acme")));
    assert_eq!((of("team", "name"), of("creator", "id")), (json!("Web"), json!(me)));
    let log = server.get("/v1/timelogs?expand=customer,creator").await.json();
    assert_eq!((&log["data"][0]["customer"]["name"], &log["data"][0]["creator"]["id"]), (&json!("Acme"), &json!(me)));
    let said = server.get(&format!("{comments}?expand=author_member&limit=1")).await.json();
    assert_eq!(said["data"][0]["author_member"]["id"], me);
    let unknown = server.get("/v1/members?sort=last_seen_at&as_of=1").await;
    assert_eq!((unknown.status, unknown.json()["code"].as_str()), (StatusCode::BAD_REQUEST, Some("out-of-place")));
}
