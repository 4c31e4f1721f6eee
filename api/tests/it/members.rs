//! Members over HTTP: they come, change, go and come back, and there is always an owner.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, &answer.json()["code"]), (status, &code.into()), "{}", answer.text);
}

async fn patch(server: &Server, key: &str, id: &str, body: Value) -> Answer {
    send(ask(&server.url, key, Method::PATCH, &format!("/v1/members/{id}")).json(&body)).await
}

async fn act(server: &Server, key: &str, id: &str, action: &str) -> Answer {
    send(ask(&server.url, key, Method::POST, &format!("/v1/members/{id}/{action}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_invited_joins_changes_goes_and_comes_back() {
    let server = Server::start().await;
    let position = server.made("/v1/positions", json!({"name": "Designer"})).await;
    let invited = server.post("/v1/members", json!({"email": "ada@example.com", "name": "Ada"})).await;
    assert_eq!((invited.status, &invited.json()["status"]), (StatusCode::CREATED, &"invited".into()));
    let at = invited.header("location").to_owned();
    assert_eq!(server.get(&at).await.json(), invited.json());
    assert_eq!((&invited.json()["team_ids"], &invited.json()["joined_at"]), (&json!([]), &Value::Null));

    let id = invited.json()["id"].as_str().expect("an id").to_owned();
    let joined = act(&server, server.key(), &id, "join").await;
    assert_eq!((joined.status, &joined.json()["status"]), (StatusCode::OK, &"active".into()), "{}", joined.text);
    assert_eq!(act(&server, server.key(), &id, "join").await.json(), joined.json());

    let body = json!({"name": "Ada L.", "position_id": position, "role": "manager"});
    let patched = server.patch(&at, body).await;
    assert_eq!(patched.status, StatusCode::OK, "{}", patched.text);
    let read = server.get(&at).await;
    assert_eq!(read.json(), patched.json());
    assert_eq!((&read.json()["position_id"], &read.json()["role"]), (&json!(position), &"manager".into()));
    assert_eq!((&read.json()["name"], &read.json()["version"]), (&"Ada L.".into(), &5.into()));
    let same = server.patch(&at, json!({"name": "Ada L.", "role": "manager"})).await;
    assert_eq!(same.json(), patched.json());
    let unknown = server.patch(&at, json!({"position_id": id})).await;
    refused(&unknown, StatusCode::UNPROCESSABLE_ENTITY, "unknown-reference");

    let team = server.made("/v1/teams", json!({"name": "Core", "member_ids": [id]})).await;
    assert_eq!(server.get(&at).await.json()["team_ids"], json!([team]));
    assert_ne!(server.get(&at).await.header("etag"), read.header("etag"));
    let listed = server.get("/v1/members").await.json();
    assert_eq!(listed["data"][1]["team_ids"], json!([team]));

    let gone = act(&server, server.key(), &id, "deactivate").await;
    assert_eq!((gone.status, &gone.json()["status"]), (StatusCode::OK, &"inactive".into()));
    refused(&server.patch(&at, json!({"name": "A"})).await, StatusCode::NOT_FOUND, "not-found");
    let project = server.project("P").await;
    let task = server.post("/v1/tasks", json!({"project_id": project, "title": "T", "assignee_ids": [id]})).await;
    refused(&task, StatusCode::UNPROCESSABLE_ENTITY, "unknown-reference");
    let again = server.post("/v1/members", json!({"email": "ADA@example.com", "name": "Ada"})).await;
    refused(&again, StatusCode::CONFLICT, "already-taken");
    let back = act(&server, server.key(), &id, "reactivate").await;
    assert_eq!((&back.json()["status"], &back.json()["role"]), (&"active".into(), &"manager".into()));
    assert_eq!(back.json()["deactivated_at"], Value::Null);

    let activity = server.get(&format!("{at}/activity")).await.json();
    let types: Vec<_> = activity["data"].as_array().expect("a list").iter().map(|one| &one["type"]).collect();
    let expected = ["invited", "joined", "renamed", "position_set", "role_changed", "deactivated", "reactivated"];
    assert_eq!(types, expected.map(|verb| Value::from(format!("member.{verb}"))).iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_has_no_key_that_works() {
    let server = Server::start().await;
    let (ada, key) = server.member("ada", "member").await;
    assert_eq!(send(ask(&server.url, &key, Method::GET, "/v1/me")).await.status, StatusCode::OK);
    let project = server.project("P").await;
    act(&server, server.key(), &ada, "deactivate").await;
    // Writes at once, whatever this node has known a moment ago.
    let body = json!({"project_id": project, "title": "T"});
    let write = send(ask(&server.url, &key, Method::POST, "/v1/tasks").json(&body)).await;
    refused(&write, StatusCode::UNAUTHORIZED, "unauthorized");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
    while send(ask(&server.url, &key, Method::GET, "/v1/projects")).await.status != StatusCode::UNAUTHORIZED {
        assert!(std::time::Instant::now() < deadline, "reads go on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_changes_themselves_and_admins_those_who_are_not_above_them() {
    let server = Server::start().await;
    let (manager, managers_key) = server.member("manager", "manager").await;
    let (admin, admins_key) = server.member("admin", "admin").await;
    let owner = server.workspace.owner_id.to_string();

    assert_eq!(patch(&server, &managers_key, &manager, json!({"name": "M"})).await.status, StatusCode::OK);
    for (id, body) in [(&admin, json!({"name": "X"})), (&manager, json!({"role": "viewer"}))] {
        refused(&patch(&server, &managers_key, id, body).await, StatusCode::FORBIDDEN, "role-too-low");
    }
    refused(&act(&server, &managers_key, &admin, "deactivate").await, StatusCode::FORBIDDEN, "role-too-low");

    assert_eq!(patch(&server, &admins_key, &manager, json!({"role": "admin"})).await.status, StatusCode::OK);
    for (id, body) in [(&owner, json!({"role": "admin"})), (&manager, json!({"role": "owner"}))] {
        refused(&patch(&server, &admins_key, id, body).await, StatusCode::FORBIDDEN, "role-too-low");
    }
    refused(&act(&server, &admins_key, &owner, "deactivate").await, StatusCode::FORBIDDEN, "role-too-low");
    assert_eq!(act(&server, &managers_key, &manager, "deactivate").await.status, StatusCode::OK);

    let other = server.another_workspace().await;
    let foreign = other.owner_id.to_string();
    for answer in [
        patch(&server, server.key(), &foreign, json!({"name": "X", "role": "viewer"})).await,
        act(&server, server.key(), &foreign, "deactivate").await,
        act(&server, server.key(), &foreign, "reactivate").await,
        act(&server, server.key(), &foreign, "join").await,
        server.get(&format!("/v1/members/{foreign}")).await,
    ] {
        refused(&answer, StatusCode::NOT_FOUND, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_always_an_owner() {
    let server = Server::start().await;
    let owner = server.workspace.owner_id.to_string();
    let key = server.key();
    let lower = json!({"role": "admin"});
    refused(&patch(&server, key, &owner, lower.clone()).await, StatusCode::CONFLICT, "last-owner");
    refused(&act(&server, key, &owner, "deactivate").await, StatusCode::CONFLICT, "last-owner");
    let invited = server.made("/v1/members", json!({"email": "b@example.com", "name": "B"})).await;
    let early = patch(&server, key, &invited, json!({"role": "owner"})).await;
    refused(&early, StatusCode::CONFLICT, "not-joined");
    let as_owner = server.post("/v1/members", json!({"email": "c@example.com", "name": "C", "role": "owner"})).await;
    refused(&as_owner, StatusCode::CONFLICT, "not-joined");

    // Two owners demote each other at the same moment, again and again: one of them stays each time.
    let (second, seconds_key) = server.member("second", "owner").await;
    let (other, _stop) = server.another_node().await;
    for _ in 0..5 {
        let demote = |url: &str, key: &str, id: &str| {
            send(ask(url, key, Method::PATCH, &format!("/v1/members/{id}")).json(&lower))
        };
        let (one, two) = tokio::join!(demote(&server.url, key, &second), demote(&other, &seconds_key, &owner));
        let statuses = [one.status, two.status];
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{one:?} {two:?}");
        let owners = send(ask(&server.url, key, Method::GET, "/v1/workspace")).await.json()["owner_ids"].clone();
        let (left, lefts_key, lowered) =
            if one.status == StatusCode::OK { (&owner, key, &second) } else { (&second, &*seconds_key, &owner) };
        assert_eq!(owners, json!([left]));
        let raise = || patch(&server, lefts_key, lowered, json!({"role": "owner"}));
        // A node may believe for a second that a role is what it was.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while raise().await.status != StatusCode::OK {
            assert!(std::time::Instant::now() < deadline);
        }
    }
    let gone = act(&server, &seconds_key, &second, "deactivate").await;
    assert_eq!((gone.status, &gone.json()["role"]), (StatusCode::OK, &"admin".into()), "{}", gone.text);
    refused(&act(&server, key, &owner, "deactivate").await, StatusCode::CONFLICT, "last-owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_seen_within_five_minutes_is_online() {
    let server = Server::start().await;
    let (ada, key) = server.member("ada", "member").await;
    let at = format!("/v1/members/{ada}");
    let before = server.get(&at).await.json();
    assert_eq!((&before["online"], &before["last_seen_at"]), (&false.into(), &Value::Null));
    let me = send(ask(&server.url, &key, Method::GET, "/v1/me")).await.json();
    assert_eq!(me["member"]["online"], true);
    let (other, _stop) = server.another_node().await;
    let seen = send(ask(&other, server.key(), Method::GET, &at)).await.json();
    assert_eq!(seen["online"], true);
    assert!(seen["last_seen_at"].as_str().is_some_and(|at| at.ends_with('Z') && at.len() == 27), "{seen}");

    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    let later = "update read.seen set at = at - interval '5 minutes'";
    sqlx::query(later).execute(&pool).await.expect("time passes");
    let seen = server.get(&at).await.json();
    assert_eq!(seen["online"], false);
    assert!(seen["last_seen_at"].is_string());
    let listed = server.get("/v1/members").await.json();
    assert_eq!(listed["data"][1]["online"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_invited_at_once() {
    let server = Server::start().await;
    let invite = |name: &str| json!({"op": "create", "member": {"email": format!("{name}@example.com"), "name": name}});
    let done = server.post("/v1/members/batch", json!({"commands": [invite("ada"), invite("bo")]})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let ada = done.json()["results"][0]["member"]["id"].clone();
    assert_eq!(server.get("/v1/members").await.json()["total"], 3);
    for (command, pointer) in [
        (invite("ADA"), "/commands/1/member/email"),
        (json!({"op": "update", "id": ada, "set": {"role": "admin"}}), "/commands/1/set/role"),
        (json!({"op": "delete", "id": ada}), "/commands/1/op"),
    ] {
        let refused = server.post("/v1/members/batch", json!({"commands": [invite("cleo"), command]})).await;
        assert!(refused.status.is_client_error());
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{}", refused.text);
    }
    let rename = json!({"op": "update", "id": ada, "set": {"name": "Ada King"}});
    let done = server.post("/v1/members/batch", json!({"mode": "per_item", "commands": [rename, invite("bo")]})).await;
    assert_eq!(done.json()["results"][0]["member"]["name"], "Ada King", "{}", done.text);
    assert_eq!(done.json()["results"][1]["status"], 409);
    assert_eq!(server.get("/v1/members").await.json()["total"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_lets_members_join_go_and_come_back_but_no_owner_go() {
    let server = Server::start().await;
    let made = async |name: &str| {
        let body = json!({"email": format!("{name}@example.com"), "name": name});
        server.made("/v1/members", body).await
    };
    let (ada, bo) = (made("ada").await, made("bo").await);
    let (owner, _) = server.member("cy", "owner").await;
    let batch = async |mode: &str, commands: Value| {
        server.post("/v1/members/batch", json!({"mode": mode, "commands": commands})).await
    };
    let statuses = |answer: &Answer| -> Vec<Value> {
        let body = answer.json();
        let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
        results.iter().map(|one| one["member"]["status"].clone()).collect()
    };
    let join = json!([{"op": "join", "id": ada}, {"op": "join", "id": bo}]);
    assert_eq!(statuses(&batch("atomic", join).await), ["active", "active"]);
    let both = batch("atomic", json!([{"op": "deactivate", "id": ada}, {"op": "deactivate", "id": bo}])).await;
    assert_eq!(statuses(&both), ["inactive", "inactive"]);
    assert_eq!(server.get("/v1/members?status=inactive").await.json()["total"], 2);
    let back = batch("atomic", json!([{"op": "reactivate", "id": ada}, {"op": "reactivate", "id": bo}])).await;
    assert_eq!(statuses(&back), ["active", "active"]);

    // All or none, or each for itself; owners go one at a time, for there always has to be one.
    let go = json!([{"op": "deactivate", "id": ada}, {"op": "deactivate", "id": owner}, {"op": "delete", "id": bo}]);
    let refused_all = batch("atomic", json!([go[0], go[1]])).await;
    refused(&refused_all, StatusCode::FORBIDDEN, "role-too-low");
    assert_eq!(refused_all.json()["errors"][0]["pointer"], "/commands/1");
    assert_eq!(server.get(&format!("/v1/members/{ada}")).await.json()["status"], "active");
    let each = batch("per_item", go).await.json();
    assert_eq!(each["results"][0]["member"]["status"], "inactive", "{each}");
    assert_eq!((&each["results"][1]["status"], &each["results"][2]["status"]), (&json!(403), &json!(422)), "{each}");
    let owners = server.get("/v1/workspace").await.json()["owner_ids"].as_array().expect("owners").len();
    assert_eq!(owners, 2);
}
