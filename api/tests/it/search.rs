//! One search over several lists.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

/// Kind and id of each hit, in order.
fn hits(found: &Value) -> Vec<(&str, &str)> {
    let hits = found["data"].as_array().expect("hits").iter();
    hits.map(|hit| (hit["kind"].as_str().expect("a kind"), hit["resource"]["id"].as_str().expect("an id"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_best_is_found_first_whatever_it_is() {
    let server = Server::start().await;
    let project = server.project("Passkeys").await;
    let title = server.task(&project, "Passkeys for all").await;
    let body = json!({"project_id": project, "title": "Login", "description": "With a passkey, that is."});
    let text = server.made("/v1/tasks", body).await;
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "Pass it on"})).await;
    let customer = server.made("/v1/customers", json!({"name": "Passau Ltd"})).await;
    let stranger = server.another_workspace().await;

    let found = server.get("/v1/search?q=pass").await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    let found = found.json();
    let found = hits(&found);
    assert_eq!(found.len(), 5, "{found:?}");
    for hit in [("project", &*project), ("task", &title), ("sprint", &sprint), ("customer", &customer)] {
        assert!(found[..4].contains(&hit), "{found:?}");
    }
    assert_eq!(found[4], ("task", &*text), "a word in the text counts less than one in the title");

    assert_eq!(hits(&server.get("/v1/search?q=pass&kinds=sprint,customer").await.json()).len(), 2);
    assert_eq!(hits(&server.get("/v1/search?q=pass&limit=2").await.json()), found[..2]);
    assert_eq!(hits(&server.get("/v1/search?q=passkeys%20al").await.json()), [("task", &*title)]);
    let whole = server.get("/v1/search?q=pass.").await.json();
    assert_eq!(hits(&whole), [("sprint", &*sprint)], "a finished word is that word");
    assert_eq!(whole["data"][0]["resource"]["highlights"]["name"], json!(["", "Pass", " it on"]));
    assert_eq!(hits(&server.get("/v1/search?q=owner").await.json())[0].0, "member");

    let theirs = send(ask(&server.url, &stranger.keys[0].token, Method::GET, "/v1/search?q=pass")).await;
    assert_eq!(hits(&theirs.json()), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_finds_what_it_may_read() {
    let server = Server::start().await;
    let project = server.project("Passkeys").await;
    server.task(&project, "Passkeys for all").await;
    let minted = server.post("/v1/keys", json!({"label": "projects only", "scopes": ["projects:read"]})).await.json();
    let key = minted["token"].as_str().expect("a token");
    let get = async |path: &str| send(ask(&server.url, key, Method::GET, path)).await;
    assert_eq!(hits(&get("/v1/search?q=pass").await.json()), [("project", &*project)]);
    let refused = get("/v1/search?q=pass&kinds=project,task").await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &"missing-scope".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_checked() {
    let server = Server::start().await;
    let paths = ["?q=", "", "?q=x&kinds=nonsense", "?q=x&limit=0", "?q=x&limit=51", "?q=x&limit=two", "?q=x&sort=name"];
    for path in paths {
        let answer = server.get(&format!("/v1/search{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text);
    }
    for odd in ["%26%20%7C%20%21", "%27%27%29%20%3B%20drop", "a%2A%20%2A%2A", "%3A%2A"] {
        let answer = server.get(&format!("/v1/search?q={odd}")).await;
        assert_eq!((answer.status, hits(&answer.json())), (StatusCode::OK, vec![]), "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_finds_words_by_their_beginning() {
    let server = Server::start().await;
    let project = server.project("Passkeys").await;
    let task = server.task(&project, "Log in with passkeys").await;
    let found = server.get("/v1/tasks?q=pass*%20log").await.json();
    assert_eq!((&found["data"][0]["id"], &found["total"]), (&json!(task), &json!(1)));
    assert_eq!(found["data"][0]["highlights"]["title"], json!(["", "Log", " in with ", "passkeys", ""]));
    assert_eq!(server.get("/v1/tasks?q=pass").await.json()["total"], 0);
    assert_eq!(server.get("/v1/tasks?q=pass*&sort=number").await.json()["total"], 1);
    assert_eq!(server.get("/v1/projects?q=p*").await.json()["total"], 0, "one letter is no beginning");
}
