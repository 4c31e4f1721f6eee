//! What a caller may do is what they may do now: on every node, for reads, writes and repeated requests.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

/// A member on two nodes, both of which have just seen them.
struct Somebody {
    server: Server,
    other: String,
    _stop: tokio_util::sync::DropGuard,
    id: String,
    token: String,
}

impl Somebody {
    async fn with(role: &str) -> Self {
        let server = Server::start().await;
        let (other, stop) = server.another_node().await;
        let (id, token) = server.member("ada", role).await;
        let somebody = Self { server, other, _stop: stop, id, token };
        somebody.seen().await;
        somebody
    }

    fn nodes(&self) -> [&str; 2] {
        [&self.server.url, &self.other]
    }

    /// Both nodes know them as what they are now.
    async fn seen(&self) {
        for url in self.nodes() {
            assert_eq!(self.get(url, "/v1/me").await.status, StatusCode::OK);
        }
    }

    async fn get(&self, url: &str, path: &str) -> Answer {
        send(ask(url, &self.token, Method::GET, path)).await
    }

    async fn post(&self, url: &str, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let mut request = ask(url, &self.token, Method::POST, path).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        send(request).await
    }

    async fn turns(&self, change: Value) {
        let changed = self.server.patch(&format!("/v1/members/{}", self.id), change).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    }
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    assert_eq!(answer.json()["code"], "role-too-low");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_less_may_less_at_once() {
    let ada = Somebody::with("manager").await;
    let body = json!({"name": "Website"});
    for url in ada.nodes() {
        assert_eq!(ada.post(url, "/v1/projects", Some(url), &body).await.status, StatusCode::CREATED);
    }
    ada.turns(json!({"role": "member"})).await;
    for url in ada.nodes() {
        refused(&ada.post(url, "/v1/projects", None, &body).await);
        refused(&ada.post(url, "/v1/projects", Some(url), &body).await);
    }
    assert_eq!(ada.server.get("/v1/projects").await.json()["total"], 2);
    // Neither node was told: it is the log that refuses, also what was answered before.
    ada.turns(json!({"role": "manager"})).await;
    ada.seen().await;
    ada.turns(json!({"role": "viewer"})).await;
    for url in ada.nodes() {
        refused(&ada.post(url, "/v1/projects", Some(url), &body).await);
    }
    assert_eq!(ada.server.get("/v1/projects").await.json()["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_still_may_is_done_as_what_one_is() {
    let ada = Somebody::with("manager").await;
    let project = ada.server.project("Website").await;
    let task = json!({"project_id": project, "title": "T"});
    for (role, url) in ["member", "manager", "admin", "member"].into_iter().zip(ada.nodes().into_iter().cycle()) {
        ada.turns(json!({"role": role})).await;
        let made = ada.post(url, "/v1/tasks", None, &task).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let me = ada.get(url, "/v1/me").await;
        assert_eq!((me.status, &me.json()["role"]), (StatusCode::OK, &json!(role)));
        ada.seen().await;
    }
    // Another name is not another role.
    ada.turns(json!({"name": "Ada King"})).await;
    for url in ada.nodes() {
        assert_eq!(ada.get(url, "/v1/tasks").await.status, StatusCode::OK);
        assert_eq!(ada.post(url, "/v1/tasks", None, &task).await.status, StatusCode::CREATED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_more_may_more_at_once() {
    let ada = Somebody::with("viewer").await;
    let body = json!({"name": "Website"});
    for url in ada.nodes() {
        refused(&ada.post(url, "/v1/projects", None, &body).await);
    }
    ada.turns(json!({"role": "manager"})).await;
    for url in ada.nodes() {
        let made = ada.post(url, "/v1/projects", None, &body).await;
        assert_eq!((made.status, &made.json()["name"]), (StatusCode::CREATED, &json!("Website")), "{}", made.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_admins_is_not_read_by_those_who_were() {
    let ada = Somebody::with("admin").await;
    for url in ada.nodes() {
        assert_eq!(ada.get(url, "/v1/keys").await.status, StatusCode::OK);
    }
    ada.turns(json!({"role": "member"})).await;
    for url in ada.nodes() {
        refused(&ada.get(url, "/v1/keys").await);
        assert_eq!(ada.get(url, "/v1/projects").await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_neither_reads_nor_writes_nor_hears_again_what_they_did() {
    let ada = Somebody::with("manager").await;
    let body = json!({"name": "Website"});
    let made = ada.post(&ada.server.url, "/v1/projects", Some("once"), &body).await;
    let project = format!("/v1/projects/{}", made.json()["id"].as_str().expect("an id"));
    let path = format!("/v1/members/{}/deactivate", ada.id);
    assert_eq!(ada.server.post(&path, json!({})).await.status, StatusCode::OK);
    for url in ada.nodes() {
        for path in ["/v1/projects", project.as_str(), "/v1/me", "/v1/search?q=website"] {
            assert_eq!(ada.get(url, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        for (path, key, body) in [
            ("/v1/projects", Some("once"), &body),
            ("/v1/projects", None, &body),
            // Nothing of this is there.
            ("/v1/tasks", None, &json!({"project_id": ada.id, "title": "T"})),
        ] {
            let refused = ada.post(url, path, key, body).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path} {}", refused.text);
        }
        // Nor is it said that there is nothing to change.
        let same = ask(url, &ada.token, Method::PATCH, &project).json(&body);
        assert_eq!(send(same).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_does_not_repeat_its_answers() {
    let server = Server::start().await;
    let minted = server.post("/v1/keys", json!({"label": "ci", "scopes": ["projects:write"]})).await.json();
    let (id, token) = (minted["id"].as_str().expect("an id"), minted["token"].as_str().expect("a token"));
    let post = async || {
        let request = ask(&server.url, token, Method::POST, "/v1/projects").header("idempotency-key", "once");
        send(request.json(&json!({"name": "Website"}))).await
    };
    assert_eq!(post().await.status, StatusCode::CREATED);
    assert_eq!(post().await.status, StatusCode::CREATED);
    assert_eq!(server.delete(&format!("/v1/keys/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(post().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_other_products_apis_too_a_role_counts_at_once() {
    let ada = Somebody::with("manager").await;
    let create = async |url: &str| ada.post(url, "/generic/v1/projects", None, &json!({"name": "Site"})).await;
    for url in ada.nodes() {
        let made = create(url).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    }
    ada.turns(json!({"role": "viewer"})).await;
    for url in ada.nodes() {
        let refused = create(url).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    }
    ada.turns(json!({"role": "manager"})).await;
    for url in ada.nodes() {
        assert_eq!(create(url).await.status, StatusCode::CREATED);
    }
}
