//! What differs between two moments of a whole project.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

fn position(answer: &Answer) -> String {
    answer.header("docket-position").to_owned()
}

/// (kind, name, what became of it) of each part, in order.
fn parts(diff: &Value) -> Vec<(String, String, String)> {
    let text = |part: &Value, name: &str| part[name].as_str().unwrap_or_default().to_owned();
    let parts = diff["data"].as_array().expect("parts").iter();
    parts.map(|part| (text(part, "kind"), text(part, "name"), text(part, "change"))).collect()
}

fn part(kind: &str, name: &str, change: &str) -> (String, String, String) {
    (kind.to_owned(), name.to_owned(), change.to_owned())
}

/// From what to what a field of a part differs.
fn change(diff: &Value, nth: usize, field: &str) -> (Value, Value) {
    let changes = diff["data"][nth]["changes"].as_array().expect("changes");
    let found = changes.iter().find(|change| change["field"] == field);
    let found = found.unwrap_or_else(|| panic!("{field} is not in {changes:?}"));
    (found["from"].clone(), found["to"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_differs_in_all_that_belongs_to_it() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let other = server.project("Other").await;
    let at = format!("/v1/projects/{project}");
    let phase = server.made(&format!("{at}/phases"), json!({"name": "Design"})).await;
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "One"})).await;
    let [kept, done, gone, moved] = [
        server.task(&project, "kept").await,
        server.task(&project, "to do").await,
        server.task(&project, "gone").await,
        server.task(&project, "moved").await,
    ];
    let foreign = server.task(&other, "foreign").await;
    let said = server.made(&format!("/v1/tasks/{done}/comments"), json!({"body": "so"})).await;
    let work = json!({"task_id": done, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 60, "note": "dug"});
    let worked = server.made("/v1/timelogs", work).await;
    let from = position(&server.patch(&format!("/v1/tasks/{kept}"), json!({"priority": "low"})).await);

    server.patch(&at, json!({"name": "Q"})).await;
    server.patch(&format!("{at}/phases/{phase}"), json!({"name": "Draft"})).await;
    server.delete(&format!("/v1/sprints/{sprint}")).await;
    server.patch(&format!("/v1/tasks/{done}"), json!({"status": "in_progress"})).await;
    server.patch(&format!("/v1/tasks/{done}"), json!({"status": "done", "title": "done"})).await;
    server.delete(&format!("/v1/tasks/{gone}")).await;
    server.patch(&format!("/v1/tasks/{moved}"), json!({"project_id": other})).await;
    server.patch(&format!("/v1/tasks/{foreign}"), json!({"title": "still foreign"})).await;
    let brief = server.task(&project, "brief").await;
    server.delete(&format!("/v1/tasks/{brief}")).await;
    server.task(&project, "new").await;
    server.patch(&format!("/v1/tasks/{done}/comments/{said}"), json!({"body": "not so"})).await;
    let last = server.patch(&format!("/v1/timelogs/{worked}"), json!({"ended_at": "2026-03-02T08:02:00Z"})).await;
    let to = position(&last);
    server.task(&project, "too late").await;

    let path = format!("{at}/diff?from={from}&to={to}");
    let diff = server.get(&path).await;
    assert_eq!(diff.status, StatusCode::OK, "{}", diff.text);
    let diff = diff.json();
    let expected = [
        part("phase", "Draft", "changed"),
        part("sprint", "One", "removed"),
        part("task", "done", "changed"),
        part("task", "gone", "removed"),
        part("task", "moved", "removed"),
        part("task", "new", "added"),
        part("comment", "", "changed"),
        part("timelog", "dug", "changed"),
    ];
    assert_eq!(parts(&diff), expected);
    assert_eq!(diff["changes"].as_array().map(Vec::len), Some(1), "{}", diff["changes"]);
    assert_eq!((&diff["changes"][0]["field"], &diff["changes"][0]["to"]), (&json!("name"), &json!("Q")));
    assert_eq!(change(&diff, 2, "status"), (json!("todo"), json!("done")));
    assert_eq!(change(&diff, 5, "title"), (Value::Null, json!("new")));
    assert_eq!(change(&diff, 3, "title"), (json!("gone"), Value::Null));
    assert_eq!(change(&diff, 7, "duration_seconds"), (json!(60), json!(120)));
    assert_eq!((&diff["has_more"], &diff["next_cursor"]), (&json!(false), &Value::Null));

    // In pages it is the same; a moment that was now stays where it was.
    let (mut seen, mut next) = (Vec::new(), format!("{path}&limit=2"));
    for _ in 0..8 {
        let page = server.get(&next).await.json();
        seen.extend(parts(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        assert_eq!(page["has_more"], true);
        next = format!("{path}&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    let open = server.get(&format!("{at}/diff?from={from}&limit=1")).await.json();
    server.task(&project, "later still").await;
    let cursor = open["next_cursor"].as_str().expect("a cursor");
    let rest = server.get(&format!("{at}/diff?from={from}&limit=200&cursor={cursor}")).await.json();
    let names: Vec<_> = parts(&rest).into_iter().map(|(_, name, _)| name).collect();
    assert!(names.contains(&"too late".to_owned()) && !names.contains(&"later still".to_owned()), "{names:?}");

    // Nothing differs from itself; from nothing, everything.
    assert_eq!(parts(&server.get(&format!("{at}/diff?from={to}&to={to}")).await.json()), []);
    let whole = server.get(&format!("{at}/diff?from=1&to={from}")).await.json();
    assert_eq!(whole["data"].as_array().map(Vec::len), Some(8), "{whole}");
    assert!(parts(&whole).iter().all(|(_, _, change)| change == "added"), "{whole}");

    for (bad, status) in [
        (format!("{at}/diff"), 400),
        (format!("{at}/diff?from={to}&to={from}"), 400),
        (format!("{at}/diff?from=yesterday"), 400),
        (format!("{at}/diff?from=1&limit=0"), 400),
        (format!("{at}/diff?from=2&cursor={cursor}"), 400),
        (format!("/v1/projects/{kept}/diff?from=1"), 404),
    ] {
        assert_eq!(server.get(&bad).await.status, status, "{bad}");
    }
    let stranger = server.another_workspace().await;
    let foreign = send(ask(&server.url, &stranger.keys[0].token, Method::GET, &format!("{at}/diff?from=1"))).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}
