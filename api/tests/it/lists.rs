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

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_finds_very_much_ends_with_the_newest_and_says_so() {
    let server = Server::start().await;
    let (project, other) = (server.project("P").await, server.project("Q").await);
    let member = server.member("Ada", "member").await.0;
    let one = task(&server, json!({"project_id": other, "title": "pump valve", "assignee_ids": [member]})).await;
    // The next ones are of two blocks of the index and far from the first one's, see `Words::in_block_of`.
    let mut connection = PgConnection::connect(&server.db.url).await.expect("a connection");
    connection.execute("update log.counters set last = 302900 where kind = 'task'").await.expect("a counter");
    let fill = async |count: usize, title: &str| {
        let task = json!({"op": "create", "task": {"project_id": project, "title": title}});
        let batch = server.post("/v1/tasks/batch", json!({"commands": vec![task; count]})).await;
        assert_eq!(batch.status, StatusCode::OK, "{}", batch.text);
    };
    fill(499, "pump").await;
    let all = server.get("/v1/tasks?q=pump&limit=1").await.json();
    assert_eq!((&all["total"], &all["total_is_exact"]), (&json!(500), &json!(false)), "just as many as it looks for");
    fill(100, "pump hall").await;
    let newest = server.get("/v1/tasks?q=pump&sort=number&limit=1").await.json();
    assert_eq!((&newest["total"], &newest["total_is_exact"]), (&json!(500), &json!(false)));
    assert_eq!(newest["data"][0]["number"], 303_000, "of the 600, the newest 500");
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
