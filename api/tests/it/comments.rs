//! Comments over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_said_changed_taken_away_and_brought_back() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "T").await;
    let comments = format!("/v1/tasks/{task}/comments");
    let created = server.post(&comments, json!({"body": "Why **not**?\n"})).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    let path = created.header("location").to_owned();
    assert_eq!(created.json(), server.get(&path).await.json());
    assert_eq!(
        (&created.json()["author"], &created.json()["edited_at"]),
        (&created.json()["created_by"], &Value::Null)
    );
    server.post(&comments, json!({"body": "Because."})).await;
    let listed = server.get(&format!("{comments}?limit=1")).await.json();
    assert_eq!((&listed["total"], &listed["data"][0]["body"]), (&json!(2), &json!("Why **not**?\n")));

    let edited =
        send(server.ask(Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({"body": "How?"}))).await;
    assert_eq!(edited.json()["edited_at"], edited.json()["updated_at"]);
    assert_eq!(server.get(&path).await.json(), edited.json());
    assert_eq!(server.delete(&path).await.status, StatusCode::NO_CONTENT);
    for gone in [server.get(&path).await, server.delete(&path).await, server.patch(&path, json!({"body": "x"})).await] {
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(server.get(&comments).await.json()["total"], 1);
    assert_eq!(server.post(&format!("{path}/restore"), json!({})).await.json()["body"], "How?");
    assert_eq!(server.get(&comments).await.json()["total"], 2);
    let id = created.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(server.get(&format!("/v1/comments/{id}/activity")).await.json()["total"], 4);

    for wrong in [json!({"body": " "}), json!({"body": "x".repeat(20_001)}), json!({"text": "x"}), json!({})] {
        let refused = server.post(&comments, wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_reached_through_their_own_task_only_and_while_it_is_there() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (task, other) = (server.task(&project, "T").await, server.task(&project, "Other").await);
    let id = server.made(&format!("/v1/tasks/{task}/comments"), json!({"body": "Why?"})).await;
    let unreachable = async |base: String| {
        let path = format!("{base}/{id}");
        let answers = [
            server.get(&path).await,
            server.delete(&path).await,
            server.patch(&path, json!({"body": "How?"})).await,
            server.post(&format!("{path}/restore"), json!({})).await,
        ];
        answers.iter().all(|answer| answer.status == StatusCode::NOT_FOUND)
    };
    assert!(unreachable(format!("/v1/tasks/{other}/comments")).await);
    for (gone, back) in [
        (format!("/v1/tasks/{task}"), format!("/v1/tasks/{task}/restore")),
        (format!("/v1/projects/{project}"), format!("/v1/projects/{project}/restore")),
    ] {
        server.delete(&gone).await;
        let comments = format!("/v1/tasks/{task}/comments");
        assert!(unreachable(comments.clone()).await, "{gone}");
        assert_eq!(server.post(&comments, json!({"body": "Too late"})).await.status, StatusCode::NOT_FOUND);
        assert_eq!(server.get(&comments).await.status, StatusCode::NOT_FOUND);
        server.post(&back, json!({})).await;
        assert_eq!(server.get(&comments).await.json()["total"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_comments_are_one_commit() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (task, other) = (server.task(&project, "T").await, server.task(&project, "Other").await);
    let comments = format!("/v1/tasks/{task}/comments");
    let batch = format!("{comments}/batch");
    let say = |body: &str| json!({"op": "create", "comment": {"body": body}});
    let made = server.post(&batch, json!({"commands": [say("One"), say("Two")]})).await.json();
    let (one, two) = (&made["results"][0]["comment"]["id"], &made["results"][1]["comment"]["id"]);
    let edit = json!({"op": "update", "id": one, "set": {"body": "First"}});
    let delete = json!({"op": "delete", "id": two});
    let changed = server.post(&batch, json!({"commands": [edit, delete]})).await.json();
    assert_eq!(changed["results"][0]["comment"]["body"], "First", "{changed:#}");
    assert_eq!(server.get(&comments).await.json()["total"], 1);

    let refused = server.post(&batch, json!({"commands": [say("Three"), {"op": "delete", "id": task}]})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/commands/1");
    let restore = json!({"mode": "per_item", "commands": [{"op": "restore", "id": two}]});
    let elsewhere = server.post(&format!("/v1/tasks/{other}/comments/batch"), restore.clone()).await.json();
    assert_eq!(elsewhere["results"][0]["status"], 404, "{elsewhere:#}");
    assert_eq!(server.get(&comments).await.json()["total"], 1);
    assert_eq!(server.post(&batch, restore).await.json()["results"][0]["comment"]["body"], "Two");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_comments_are_for_managers_to_take_away() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let comments = format!("/v1/tasks/{}/comments", server.task(&project, "T").await);
    let key = async |role: &str| {
        let body =
            json!({"label": role, "service_role": role, "scopes": ["tasks:read", "tasks:write", "tasks:delete"]});
        server.post("/v1/keys", body).await.json()["token"].as_str().expect("a token").to_owned()
    };
    let (member, manager) = (key("member").await, key("manager").await);
    let path = format!("{comments}/{}", server.made(&comments, json!({"body": "Mine"})).await);
    let ask = |key: &str, method, path: &str| ask(&server.url, key, method, path);
    let edit = |key: &str| send(ask(key, Method::PATCH, &path).json(&json!({"body": "Yours"})));
    for key in [&member, &manager] {
        assert_eq!(edit(key).await.json()["code"], "not-yours");
    }
    assert_eq!(send(ask(&member, Method::DELETE, &path)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(ask(&manager, Method::DELETE, &path)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(send(ask(&member, Method::POST, &format!("{path}/restore"))).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(ask(&manager, Method::POST, &format!("{path}/restore"))).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_for_tasks_looks_into_their_comments() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (task, other) = (server.task(&project, "Invoice").await, server.task(&project, "Elephant").await);
    let comments = format!("/v1/tasks/{task}/comments");
    let path = format!("{comments}/{}", server.made(&comments, json!({"body": "An elephant, two elephants"})).await);
    server.made(&comments, json!({"body": "elephant again"})).await;
    let found = async |q: &str| {
        let page = server.get(&format!("/v1/tasks?sort=number&q={q}")).await.json();
        let ids: Vec<_> = page["data"].as_array().expect("a page").iter().map(|task| task["id"].clone()).collect();
        assert_eq!(page["total"], ids.len());
        ids
    };
    assert_eq!(found("elephant").await, [json!(task), json!(other)]);
    assert_eq!(found("two+elephants").await, [json!(task)]);
    let hit = async |q: &str, view: &str| {
        let page = server.get(&format!("/v1/tasks?sort=number&q={q}{view}")).await.json();
        let hit = page["data"][0].clone();
        (hit["highlights"].clone(), hit["comment_id"].clone())
    };
    let id = json!(path.rsplit('/').next().expect("an id"));
    let pieces = json!({"comment": ["An elephant, ", "two", " ", "elephants", ""]});
    assert_eq!(hit("two+elephants", "").await, (pieces.clone(), id.clone()));
    assert_eq!(hit("two+elephants", "&fields=id&expand=project").await, (pieces, id.clone()));
    assert_eq!(hit("elephants", "").await.1, id, "the one with the word, not the newest");
    assert_eq!(hit("invoice", "").await, (json!({"title": ["", "Invoice", ""]}), Value::Null));
    let any = server.get("/v1/search?q=giraf").await.json();
    assert_eq!(any["data"], json!([]));
    server.patch(&path, json!({"body": "A giraffe"})).await;
    let any = server.get("/v1/search?q=giraf").await.json();
    assert_eq!(any["data"][0]["resource"]["highlights"], json!({"comment": ["A ", "giraffe", ""]}));
    assert_eq!(found("two").await, Vec::<Value>::new());
    assert_eq!(found("giraffe").await, [json!(task)]);
    server.delete(&path).await;
    assert_eq!(found("giraffe").await, Vec::<Value>::new());
    server.post(&format!("{path}/restore"), json!({})).await;
    assert_eq!(found("giraffe").await, [json!(task)]);
    server.delete(&format!("/v1/tasks/{task}")).await;
    assert_eq!(found("elephant").await, [json!(other)]);
}
