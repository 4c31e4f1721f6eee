//! Keys.

use reqwest::Method;
use serde_json::Value;

use super::Person;
use crate::server::{Server, ask, send};

async fn works(server: &Server, token: &str) -> bool {
    send(ask(&server.url, token, Method::GET, "/v1/projects")).await.status.is_success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_minted_rotated_and_revoked() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let minted =
        person.run(&["keys", "mint", "CI", "--scope", "projects:read,tasks:read", "--format", "projekt"]).await;
    let said = String::from_utf8(minted.stderr).expect("text");
    assert!(said.starts_with("Minted key #7 (CI). Keep its token now"), "{said}");
    let old = String::from_utf8(minted.stdout).expect("a token").trim_end().to_owned();
    assert!(old.starts_with("pjk_live_") && old.len() == 41 && works(&server, &old).await, "{old}");

    let new = person.says(&["keys", "rotate", "ci", "--old-until", "tomorrow"]).await;
    assert!(works(&server, &old).await && works(&server, new.trim_end()).await);
    let listed = person.says(&["keys", "list"]).await;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("#  begins with") && lines[7].contains("until 2") && lines[8].contains("works"));
    assert!(!listed.contains(new.trim_end()) && lines[8].contains(&new[..17]), "{listed}");
    let complaint = person.complains(&["keys", "revoke", "CI"]).await;
    assert!(complaint.contains("several keys are called so; say the number: #7, #8"), "{complaint}");
    assert_eq!(person.says(&["keys", "revoke", "7", "#8"]).await, "Revoked: #7 CI\nRevoked: #8 CI\n");
    assert!(!works(&server, &old).await && !works(&server, new.trim_end()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_as_the_api_does() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let args = ["keys", "mint", "etl", "--scope", "tasks:read", "--service-role", "viewer", "--until", "+1m", "--json"];
    let key: Value = serde_json::from_str(&person.says(&args).await).expect("JSON");
    assert_eq!((&key["member_id"], &key["role"], &key["label"]), (&Value::Null, &"viewer".into(), &"etl".into()));
    let read = send(ask(&server.url, key["token"].as_str().expect("a token"), Method::GET, "/v1/tasks")).await;
    assert!(key["expires_at"].is_string() && read.status.is_success());
    let listed = person.says(&["keys", "list", "--json", "--limit", "2"]).await;
    assert_eq!(serde_json::from_str::<Value>(&listed).expect("JSON")["total"], 7);
    let id = key["id"].as_str().expect("an id");
    assert_eq!(person.says(&["keys", "revoke", id, "--json"]).await, "");
    assert!(server.get(&format!("/v1/keys/{id}")).await.json()["revoked_at"].is_string());
    assert!(person.complains(&["keys", "mint", "x", "--scope", "tasks:sing"]).await.contains("There is no such scope"));
}
