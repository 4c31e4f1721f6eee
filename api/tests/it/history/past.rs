//! What was, and what has changed since.

use chrono::{SecondsFormat, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::changes;
use crate::server::{Answer, Server, ask, send};

/// The position of a write.
fn position(answer: &Answer) -> String {
    answer.header("docket-position").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_can_be_seen_as_it_was() {
    let server = Server::start().await;
    let early = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).replace(':', "%3A");
    let project = server.post("/v1/projects", json!({"name": "P"})).await;
    let project_id = project.json()["id"].as_str().expect("an id").to_owned();
    let made = server.post("/v1/tasks", json!({"project_id": project_id, "title": "T"})).await;
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let at = format!("/v1/tasks/{id}");
    let renamed = server.patch(&at, json!({"title": "U", "status": "done"})).await;
    let deleted = server.delete(&at).await;
    let restored = server.post(&format!("{at}/restore"), json!({})).await;

    let then = server.get(&format!("{at}?as_of={}", position(&made))).await;
    assert_eq!((then.status, then.json()), (StatusCode::OK, made.json()));
    assert_eq!(then.header("etag"), "\"1\"");
    // Between the two events of one command.
    let number = position(&renamed).split_once('-').expect("a position").1.parse::<i64>().expect("a number") - 1;
    assert_eq!(
        server.get(&format!("{at}?as_of={number}&fields=title,status")).await.json(),
        json!({"title": "U", "status": "todo"})
    );
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&renamed))).await.json(), renamed.json());
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&deleted))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&restored))).await.json(), restored.json());
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&project))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&format!("{at}?as_of={early}")).await.status, StatusCode::NOT_FOUND);
    let history = server.get(&format!("{at}/history")).await.json();
    let committed = history["data"][2]["recorded_at"].as_str().expect("a time").replace(':', "%3A");
    assert_eq!(server.get(&format!("{at}?as_of={committed}")).await.json(), renamed.json());
    assert_eq!(server.get(&format!("{at}?as_of=2999-01-01T00:00:00Z")).await.json(), restored.json());

    // With its project, it is out of sight.
    let gone = server.delete(&format!("/v1/projects/{project_id}")).await;
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&gone))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&format!("{at}?as_of={}", position(&restored))).await.status, StatusCode::OK);
    let shown = server.get(&format!("/v1/projects/{project_id}?as_of={}", position(&project))).await;
    assert_eq!((shown.status, &shown.json()["name"]), (StatusCode::OK, &json!("P")));

    // What is within it is as it was then, too.
    let within = server.get(&format!("{at}?as_of={}&expand=project", position(&made))).await.json();
    assert_eq!((&within["project"]["name"], &within["project"]["open_tasks"]), (&json!("P"), &json!(1)));

    for bad in ["as_of=0", "as_of=-1", "as_of=yesterday", "as_of=", "as_of=999-1", "as_of=1&expand=nothing"] {
        assert_eq!(server.get(&format!("{at}?{bad}")).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let other = server.another_workspace().await;
    let foreign = ask(&server.url, &other.keys[0].token, Method::GET, &format!("{at}?as_of={number}"));
    assert_eq!(send(foreign).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moments_differ_by_their_fields() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let made = server.post("/v1/tasks", json!({"project_id": project, "title": "T"})).await;
    let at = format!("/v1/tasks/{}", made.json()["id"].as_str().expect("an id"));
    server.patch(&at, json!({"status": "done"})).await;
    let last = server.patch(&at, json!({"status": "todo", "title": "U"})).await;
    let diff = server.get(&format!("{at}/diff?from={}&to={}", position(&made), position(&last))).await;
    assert_eq!(diff.status, StatusCode::OK, "{}", diff.text);
    assert_eq!(changes(&diff.json()), [("title".to_owned(), json!("T"), json!("U"))]);
    assert_eq!((&diff.json()["from"]["version"], &diff.json()["to"]["version"]), (&json!(1), &json!(4)));
    let all = server.get(&format!("{at}/diff?from=2001-01-01T00:00:00Z")).await.json();
    assert_eq!((&all["from"]["version"], &all["from"]["position"]), (&json!(0), &Value::Null));
    assert!(changes(&all).contains(&("title".to_owned(), Value::Null, json!("U"))), "{all}");
    let wrong = server.get(&format!("{at}/diff?from={}&to={}", position(&last), position(&made))).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.get(&format!("{at}/diff")).await.status, StatusCode::BAD_REQUEST);
    let unknown = "/v1/tasks/7d444840-9dc0-41d1-b245-5ffdce74fad2/diff?from=1";
    assert_eq!(server.get(unknown).await.status, StatusCode::NOT_FOUND);
}
