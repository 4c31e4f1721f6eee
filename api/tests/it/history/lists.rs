//! Lists as they were, on every mount.

use docket_api::auth::token::Format;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

fn position(answer: &Answer) -> String {
    answer.header("docket-position").to_owned()
}

fn titles(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("a list").iter().map(|task| task["title"].as_str().expect("a title")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_can_be_seen_as_it_was() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let first = server.task(&project, "first").await;
    let second = server.task(&project, "second").await;
    let said = server.post(&format!("/v1/tasks/{first}/comments"), json!({"body": "so"})).await;
    let then = position(&said);
    server.patch(&format!("/v1/tasks/{first}"), json!({"status": "done", "title": "first, done"})).await;
    server.delete(&format!("/v1/tasks/{second}")).await;
    server.task(&project, "third").await;
    server.patch(&format!("/v1/projects/{project}"), json!({"name": "Q"})).await;

    let page = server.get(&format!("/v1/tasks?as_of={then}&sort=number&expand=project")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!((titles(&page.json()), &page.json()["total"]), (vec!["first", "second"], &json!(2)));
    assert_eq!(page.json()["data"][0]["project"]["name"], "P");
    let filtered = async |query: &str| server.get(&format!("/v1/tasks?{query}")).await.json();
    assert_eq!(filtered(&format!("as_of={then}&status=done")).await["total"], 0);
    assert_eq!(filtered("status=done").await["total"], 1);
    assert_eq!(titles(&filtered(&format!("as_of={then}&sort=-number&limit=1&offset=1")).await), ["first"]);
    let projects = server.get(&format!("/v1/projects?as_of={then}&q=P")).await.json();
    assert_eq!((&projects["data"][0]["name"], &projects["data"][0]["open_tasks"]), (&json!("P"), &json!(2)));
    let comments = server.get(&format!("/v1/tasks/{second}/comments?as_of={then}")).await;
    assert_eq!((comments.status, &comments.json()["total"]), (StatusCode::OK, &json!(0)));
    assert_eq!(server.get(&format!("/v1/tasks/{second}/comments")).await.status, StatusCode::NOT_FOUND);

    // All lists answer, and a page goes on where the one before ended, at the same moment.
    let page = filtered(&format!("as_of={then}&limit=1")).await;
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(titles(&filtered(&format!("as_of={then}&limit=1&cursor={cursor}")).await), ["first"]);
    for other in [format!("limit=1&cursor={cursor}"), format!("as_of=1&limit=1&cursor={cursor}")] {
        let refused = server.get(&format!("/v1/tasks?{other}")).await;
        assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::BAD_REQUEST, &json!("bad-cursor")));
    }

    // A day is its end; what lies ahead is now.
    assert_eq!(filtered("as_of=2001-01-01").await["total"], 0);
    assert_eq!(filtered("as_of=2999-01-01").await["total"], filtered("").await["total"]);

    for (bad, named) in [
        ("/v1/tasks?as_of=2026-02-30", "as_of"),
        ("/v1/tasks?as_of=yesterday", "as_of"),
        ("/v1/tasks?as_of=", "as_of"),
        ("/v1/tasks?as_of=0", "as_of"),
        ("/v1/tasks?as_of=1&as_of=2", "as_of"),
        ("/v1/members?as_of=1&online=true", "online"),
    ] {
        let refused = server.get(bad).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}: {}", refused.text);
        assert!(refused.text.contains(named), "{bad}: {}", refused.text);
    }
    let other = server.another_workspace().await;
    let number = then.split_once('-').expect("a position").1;
    let foreign = send(ask(&server.url, &other.keys[0].token, Method::GET, &format!("/v1/tasks?as_of={number}"))).await;
    assert_eq!((foreign.status, &foreign.json()["total"]), (StatusCode::OK, &json!(0)));
    for list in ["members", "keys", "labels", "sprints", "timelogs", "audit", "notifications"] {
        let page = server.get(&format!("/v1/{list}?as_of={then}")).await;
        assert_eq!(page.status, StatusCode::OK, "{list}: {}", page.text);
        assert!(!page.text.contains("sha256"), "{}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_what_was_there_then() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "Paint the harbour").await;
    let at = format!("/v1/tasks/{task}");
    let label = server.made("/v1/labels", json!({"name": "L"})).await;
    let mut moments = vec![("harbour", position(&server.patch(&at, json!({"label_ids": [label]})).await))];
    moments.push(("bridge", position(&server.patch(&at, json!({"title": "Paint the bridge"})).await)));
    let comments = format!("{at}/comments");
    let said = server.post(&comments, json!({"body": "by hand"})).await;
    moments.push(("hand", position(&said)));
    let comment = format!("{comments}/{}", said.json()["id"].as_str().expect("an id"));
    moments.push(("foot", position(&server.patch(&comment, json!({"body": "on foot"})).await)));
    let silent = position(&server.delete(&comment).await);
    let described = server.patch(&at, json!({"title": "Paint the harbour", "description": "or a bridge"})).await;
    moments.push(("or", position(&described)));
    let gone = position(&server.delete(&at).await);
    let back = position(&server.post(&format!("{at}/restore"), json!({})).await);

    let all = [("harbour", 0), ("bridge", 1), ("hand", 2), ("foot", 3), ("or", 4)];
    let found = async |word: &str, then: &str| {
        let path = format!("/v1/tasks?q={word}&label_id={label}&as_of={then}");
        let (filtered, plain) =
            (server.get(&path).await, server.get(&format!("/v1/tasks?q={word}&as_of={then}")).await);
        assert_eq!(plain.json()["total"], filtered.json()["total"], "{}", filtered.text);
        plain.json()["total"].as_i64().unwrap_or_else(|| panic!("no total: {}", plain.text))
    };
    // What is found at each moment: words of then, not of before or after.
    let expected: [&[&str]; 5] =
        [&["harbour"], &["bridge"], &["bridge", "hand"], &["bridge", "foot"], &["harbour", "bridge", "or"]];
    for ((_, then), expected) in moments.iter().zip(expected) {
        for (word, _) in all {
            assert_eq!(found(word, then).await, i64::from(expected.contains(&word)), "{word} at {then}");
        }
    }
    assert_eq!((found("foot", &silent).await, found("bridge", &silent).await), (0, 1));
    assert_eq!((found("harbour", &gone).await, found("harbour", &back).await), (0, 1));
    let hit = server.get(&format!("/v1/tasks?q=bridge&as_of={}", moments[1].1)).await.json();
    assert_eq!(titles(&hit), ["Paint the bridge"]);
    assert!(hit["data"][0]["highlights"].to_string().contains("bridge"), "{hit}");
}

/// Lists that show what changes.
const LISTS: [(Format, &[&str]); 5] = [
    (Format::Ikreo, &["/ikreo/api.php?endpoint=tasks&limit=9", "/ikreo/api.php?endpoint=projects&limit=9"]),
    (Format::Krokanti, &["/krokanti/api/tasks?limit=9", "/krokanti/api/projects?limit=9"]),
    (Format::Pike, &["/pike/tasks?limit=9", "/pike/projects?limit=9"]),
    (Format::Projekt, &["/projekt/api/issues?project_id={project}", "/projekt/api/projects?limit=9"]),
    (Format::Generic, &["/generic/v1/tasks?limit=9", "/generic/v1/projects?limit=9"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_every_dialect_can_be_seen_as_they_were() {
    let server = Server::start().await;
    for (format, lists) in LISTS {
        let home = server.workspace_with(&[format, Format::Native]).await;
        let [theirs, native] = [&home.keys[0].token, &home.keys[1].token];
        let tell = async |method: Method, path: &str, body: Value| {
            let answer = send(ask(&server.url, native, method, path).json(&body)).await;
            assert!(answer.status.is_success(), "{}", answer.text);
            answer
        };
        let project = tell(Method::POST, "/v1/projects", json!({"name": "P"})).await.json();
        let project = project["id"].as_str().expect("an id");
        let made = tell(Method::POST, "/v1/tasks", json!({"project_id": project, "title": "then"})).await;
        let task = made.json()["id"].as_str().expect("an id").to_owned();
        // Another key wrote, so what it wrote has to be waited for.
        let read = async |path: &str, least: &str| {
            let asked = ask(&server.url, theirs, Method::GET, path).header("Docket-Min-Position", least);
            let answer = send(asked).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            answer.json()
        };
        let lists = lists.iter().map(|list| list.replace("{project}", project)).collect::<Vec<_>>();
        let (then, mut before) = (position(&made), Vec::new());
        for list in &lists {
            before.push(read(list, &then).await);
        }
        tell(Method::PATCH, &format!("/v1/tasks/{task}"), json!({"title": "now"})).await;
        tell(Method::POST, "/v1/tasks", json!({"project_id": project, "title": "later"})).await;
        let last = tell(Method::PATCH, &format!("/v1/projects/{project}"), json!({"name": "Q"})).await;
        let last = position(&last);
        for (list, before) in lists.iter().zip(before) {
            assert_ne!(read(list, &last).await, before, "{list}");
            assert_eq!(read(&format!("{list}&as_of={then}"), &last).await, before, "{list}");
        }
    }
}
