//! Keys over HTTP: minted, called otherwise, rotated with and without overlap, revoked; and whose they are.

mod oracle;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, &answer.json()["code"]), (status, &code.into()), "{}", answer.text);
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["token"].as_str().expect("a token").to_owned()
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn mint(server: &Server, key: &str, body: Value) -> Answer {
    send(ask(&server.url, key, Method::POST, "/v1/keys").json(&body)).await
}

async fn call(server: &Server, key: &str, method: Method, path: &str, body: Value) -> Answer {
    send(ask(&server.url, key, method, path).json(&body)).await
}

async fn works(server: &Server, key: &str) -> bool {
    let project = json!({"name": "P"});
    send(ask(&server.url, key, Method::POST, "/v1/projects").json(&project)).await.status == StatusCode::CREATED
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_read_and_called_otherwise() {
    let server = Server::start().await;
    let minted = mint(&server, server.key(), json!({"label": "CI", "scopes": ["tasks:read"]})).await;
    let at = minted.header("location").to_owned();
    let read = server.get(&at).await;
    let mut expected = minted.json();
    expected.as_object_mut().expect("a key").remove("token");
    assert_eq!(read.json(), expected);
    let renamed = server.patch(&at, json!({"label": "CD"})).await;
    assert_eq!((renamed.status, &renamed.json()["label"]), (StatusCode::OK, &"CD".into()), "{}", renamed.text);
    assert_eq!(server.get(&at).await.json(), renamed.json());
    assert_eq!(server.patch(&at, json!({"label": "CD"})).await.json(), renamed.json());
    refused(&server.patch(&at, json!({"scopes": ["admin"]})).await, StatusCode::UNPROCESSABLE_ENTITY, "unknown-field");

    assert_eq!(renamed.json()["last_used_at"], Value::Null);
    send(ask(&server.url, &token(&minted), Method::GET, "/v1/tasks")).await;
    let used = server.get(&at).await.json()["last_used_at"].clone();
    assert!(used.as_str().is_some_and(|at| at.ends_with('Z')), "{used}");

    assert_eq!(server.delete(&at).await.status, StatusCode::NO_CONTENT);
    let activity = server.get(&format!("{at}/activity")).await;
    let types: Vec<_> =
        activity.json()["data"].as_array().expect("a list").iter().map(|one| one["type"].clone()).collect();
    assert_eq!(types, ["api_key.minted", "api_key.renamed", "api_key.revoked"]);
    assert!(!activity.text.contains("sha256"), "{}", activity.text);
    refused(&server.patch(&at, json!({"label": "X"})).await, StatusCode::CONFLICT, "key-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_works_beside_the_new_one_until_its_time() {
    let server = Server::start().await;
    let minted = mint(&server, server.key(), json!({"label": "CI", "scopes": ["projects:write"]})).await;
    let (old, at) = (token(&minted), minted.header("location").to_owned());
    let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(10);
    let rotated = server.post(&format!("{at}/rotate"), json!({"old_works_until": soon})).await;
    let new = token(&rotated);
    assert_ne!((&new, &rotated.json()["id"]), (&old, &minted.json()["id"]));
    for field in ["label", "scopes", "member_id", "role", "format", "expires_at"] {
        assert_eq!(rotated.json()[field], minted.json()[field], "{field}");
    }
    assert!(works(&server, &new).await && works(&server, &old).await);
    let read = server.get(&at).await.json();
    assert_eq!((&read["successor_id"], &read["revoked_at"]), (&rotated.json()["id"], &Value::Null));
    let again = server.post(&format!("{at}/rotate"), json!({})).await;
    refused(&again, StatusCode::CONFLICT, "already-rotated");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while works(&server, &old).await {
        assert!(std::time::Instant::now() < deadline, "the old key goes on");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(works(&server, &new).await);

    // Without a time the old one ends at once; even if it is the one in use.
    let own = rotated.header("location").to_owned();
    let (member, members_key) = server.member("manager", "manager").await;
    let body = json!({"label": "own", "scopes": ["admin"], "member_id": member});
    let minted = mint(&server, &members_key, body).await;
    let key = token(&minted);
    let rotated = call(&server, &key, Method::POST, &format!("/v1/keys/{}/rotate", id(&minted)), json!({})).await;
    let newer = token(&rotated);
    assert!(!works(&server, &key).await && works(&server, &newer).await);
    let past = json!({"old_works_until": "2020-01-01T00:00:00Z"});
    refused(&server.post(&format!("{own}/rotate"), past).await, StatusCode::UNPROCESSABLE_ENTITY, "in-the-past");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_rotation_is_answered_without_the_token() {
    let server = Server::start().await;
    let minted = mint(&server, server.key(), json!({"label": "CI", "scopes": ["projects:write"]})).await;
    let path = format!("{}/rotate", minted.header("location"));
    let rotate = || server.ask(Method::POST, &path).header("Idempotency-Key", "r1").json(&json!({}));
    let (first, again) = (send(rotate()).await, send(rotate()).await);
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", again.text);
    assert_eq!((&again.json()["id"], &again.json()["token"]), (&first.json()["id"], &Value::Null));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_has_at_most_twenty_active_keys_however_many_ask_at_once() {
    let server = Server::start().await;
    let (member, _) = server.member("ada", "manager").await;
    let body = json!({"label": "k", "scopes": ["tasks:read"], "member_id": member});
    let (other, _stop) = server.another_node().await;
    let asked = (0..30).map(|n| {
        let (url, key, body) = (if n % 2 == 0 { &server.url } else { &other }, server.key(), &body);
        async move {
            loop {
                let answer = send(ask(url, key, Method::POST, "/v1/keys").json(body)).await;
                // Where others come first again and again nothing is done: it is asked again, as clients do.
                if answer.json()["code"] != "contended" {
                    return answer;
                }
            }
        }
    });
    let answers = futures::future::join_all(asked).await;
    let minted: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).collect();
    // One she has had before.
    assert_eq!(minted.len(), 19);
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        refused(answer, StatusCode::CONFLICT, "too-many-keys");
    }
    refused(&mint(&server, server.key(), body.clone()).await, StatusCode::CONFLICT, "too-many-keys");
    // A rotated key takes the place of the old one.
    let rotated = server.post(&format!("/v1/keys/{}/rotate", id(minted[0])), json!({})).await;
    assert_eq!(rotated.status, StatusCode::CREATED, "{}", rotated.text);
    assert_eq!(server.delete(&format!("/v1/keys/{}", id(minted[1]))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(server.delete(&format!("/v1/keys/{}", id(minted[1]))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(mint(&server, server.key(), body.clone()).await.status, StatusCode::CREATED);
    refused(&mint(&server, server.key(), body).await, StatusCode::CONFLICT, "too-many-keys");
    let service = json!({"label": "s", "scopes": ["tasks:read"], "service_role": "viewer"});
    assert_eq!(mint(&server, server.key(), service).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_belong_to_somebody() {
    let server = Server::start().await;
    let (_, managers) = server.member("manager", "manager").await;
    let (_, members) = server.member("member", "member").await;
    let (_, admins) = server.member("admin", "admin").await;
    let own = mint(&server, &managers, json!({"label": "own", "scopes": ["tasks:read"]})).await;
    let owners = mint(&server, server.key(), json!({"label": "owner's", "scopes": ["tasks:read"]})).await;
    let service = json!({"label": "s", "scopes": ["tasks:read"], "service_role": "viewer"});
    refused(&mint(&server, &managers, service.clone()).await, StatusCode::FORBIDDEN, "role-too-low");
    refused(
        &mint(&server, &members, json!({"label": "x", "scopes": ["tasks:read"]})).await,
        StatusCode::FORBIDDEN,
        "role-too-low",
    );
    assert_eq!(mint(&server, &admins, service).await.status, StatusCode::CREATED);

    let (own_at, owners_at) = (own.header("location"), owners.header("location"));
    assert_eq!(call(&server, &managers, Method::PATCH, own_at, json!({"label": "mine"})).await.status, StatusCode::OK);
    for (key, at, method, suffix) in [
        (&managers, owners_at, Method::GET, ""),
        (&managers, owners_at, Method::GET, "/activity"),
        (&managers, owners_at, Method::PATCH, ""),
        (&managers, owners_at, Method::DELETE, ""),
        (&members, own_at, Method::DELETE, ""),
        (&admins, owners_at, Method::POST, "/rotate"),
        (&admins, own_at, Method::POST, "/rotate"),
    ] {
        let path = format!("{at}{suffix}");
        let request = ask(&server.url, key, method.clone(), &path);
        let answer = match method {
            Method::PATCH => send(request.json(&json!({"label": "X"}))).await,
            Method::POST => send(request.json(&json!({}))).await,
            _ => send(request).await,
        };
        refused(&answer, StatusCode::FORBIDDEN, "role-too-low");
    }
    assert_eq!(send(ask(&server.url, &admins, Method::GET, owners_at)).await.status, StatusCode::OK);
    let wide = mint(&server, server.key(), json!({"label": "narrow", "scopes": ["keys:write", "keys:read"]})).await;
    let narrow = token(&wide);
    refused(
        &call(&server, &narrow, Method::POST, &format!("{owners_at}/rotate"), json!({})).await,
        StatusCode::FORBIDDEN,
        "scope-too-wide",
    );
    assert_eq!(send(ask(&server.url, &managers, Method::DELETE, own_at)).await.status, StatusCode::NO_CONTENT);

    let other = server.another_workspace().await;
    for method in [Method::GET, Method::DELETE] {
        let foreign = send(ask(&server.url, &other.keys[0].token, method, owners_at)).await;
        refused(&foreign, StatusCode::NOT_FOUND, "not-found");
    }
    refused(
        &call(&server, &other.keys[0].token, Method::POST, &format!("{owners_at}/rotate"), json!({})).await,
        StatusCode::NOT_FOUND,
        "not-found",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_in_each_product_s_form_and_open_every_door() {
    let server = Server::start().await;
    for (format, prefix, digits, hex) in [
        ("native", "dkt_live_", 40, false),
        ("ikreo", "sk_ikreo_", 40, false),
        ("krokanti", "kt_", 40, true),
        ("pike", "pk_", 40, false),
        ("projekt", "pjk_live_", 32, false),
        ("generic", "gk_", 40, false),
    ] {
        let minted = mint(&server, server.key(), json!({"label": "k", "scopes": ["admin"], "format": format})).await;
        let token = token(&minted);
        let rest = token.strip_prefix(prefix).unwrap_or_else(|| panic!("{token}"));
        let fits = |c: char| if hex { matches!(c, '0'..='9' | 'a'..='f') } else { c.is_ascii_alphanumeric() };
        assert!(rest.len() == digits && rest.chars().all(fits), "{token}");
        assert!(works(&server, &token).await, "{format}");
        assert_eq!(minted.json()["format"], format);
        // Nowhere again, in whatever form one asks.
        let at = minted.header("location");
        for path in [at.to_owned(), format!("{at}/activity"), "/v1/keys".to_owned()] {
            let told = server.get(&path).await.text;
            assert!(!told.contains(&token) && !told.contains("sha256"), "{told}");
        }
        assert_eq!(server.delete(at).await.status, StatusCode::NO_CONTENT);
        assert!(!works(&server, &token).await, "{format}");
        refused(&server.post(&format!("{at}/restore"), json!({})).await, StatusCode::NOT_FOUND, "not-found");
        assert_eq!(server.post(&format!("{at}/rotate"), json!({})).await.status, StatusCode::CONFLICT);
    }
    for (body, code) in [
        (json!({"scopes": ["tasks:read"]}), "required"),
        (json!({"label": "", "scopes": ["tasks:read"]}), "blank"),
        (json!({"label": "k", "scopes": []}), "no-scopes"),
        (json!({"label": "k", "scopes": ["tasks:read"], "expires_at": "2020-01-01T00:00:00Z"}), "in-the-past"),
    ] {
        refused(&mint(&server, server.key(), body).await, StatusCode::UNPROCESSABLE_ENTITY, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_have_which_form_of_key() {
    let server = Server::start().await;
    let mut least = Vec::new();
    for role in ["viewer", "member", "manager", "admin"] {
        let (_, key) = server.member(role, role).await;
        for format in ["native", "ikreo", "krokanti", "pike", "projekt", "generic"] {
            let minted = mint(&server, &key, json!({"label": "k", "scopes": ["tasks:read"], "format": format})).await;
            if minted.status == StatusCode::CREATED {
                least.push((role, format));
                let path = format!("{}/rotate", minted.header("location"));
                let rotated = call(&server, &key, Method::POST, &path, json!({})).await;
                assert_eq!(rotated.status, StatusCode::CREATED, "{role} {format}: {}", rotated.text);
            } else {
                refused(&minted, StatusCode::FORBIDDEN, "role-too-low");
            }
        }
    }
    let of = |role| least.iter().filter(|(who, _)| *who == role).map(|(_, format)| *format).collect::<Vec<_>>();
    assert!(of("viewer").is_empty());
    assert_eq!(of("member"), ["krokanti"]);
    assert_eq!(of("manager"), ["native", "krokanti", "projekt", "generic"]);
    assert_eq!(of("admin").len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_nothing_mints_no_more_krokanti_keys_and_keeps_the_old() {
    let server = Server::start().await;
    let body = || json!({"label": "k", "scopes": ["admin"], "format": "krokanti"});
    for plan in ["pro", "team", "enterprise"] {
        assert_eq!(server.patch("/v1/workspace", json!({"plan": plan})).await.status, StatusCode::OK);
        assert_eq!(mint(&server, server.key(), body()).await.status, StatusCode::CREATED, "{plan}");
    }
    let old = mint(&server, server.key(), body()).await;
    assert_eq!(server.patch("/v1/workspace", json!({"plan": "free"})).await.status, StatusCode::OK);
    refused(&mint(&server, server.key(), body()).await, StatusCode::FORBIDDEN, "not-in-the-plan");
    let rotated = server.post(&format!("{}/rotate", old.header("location")), json!({})).await;
    refused(&rotated, StatusCode::FORBIDDEN, "not-in-the-plan");
    assert!(works(&server, &token(&old)).await);
    let native = json!({"label": "k", "scopes": ["admin"]});
    assert_eq!(mint(&server, server.key(), native).await.status, StatusCode::CREATED);
    assert_eq!(server.delete(old.header("location")).await.status, StatusCode::NO_CONTENT);
    assert!(!works(&server, &token(&old)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_mints_none_that_is_stronger_than_itself() {
    let server = Server::start().await;
    let end = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let scopes = json!(["keys:write", "keys:read", "tasks:read"]);
    let minted = mint(&server, server.key(), json!({"label": "k", "scopes": scopes, "expires_at": end})).await;
    let (key, at) = (token(&minted), minted.header("location"));
    let ask = async |body: Value| mint(&server, &key, body).await;
    let wider = json!({"label": "w", "scopes": ["tasks:write"], "expires_at": end});
    refused(&ask(wider).await, StatusCode::FORBIDDEN, "scope-too-wide");
    for longer in [Value::Null, json!(end + chrono::TimeDelta::seconds(1))] {
        let longer = json!({"label": "l", "scopes": ["tasks:read"], "expires_at": longer});
        refused(&ask(longer).await, StatusCode::FORBIDDEN, "outlives-its-maker");
    }
    let equal = json!({"label": "e", "scopes": ["tasks:read"], "expires_at": end});
    assert_eq!(ask(equal).await.status, StatusCode::CREATED);
    let lasting = mint(&server, server.key(), json!({"label": "k", "scopes": ["tasks:read"]})).await;
    // Who minted it waits until it can be read.
    server.get(lasting.header("location")).await;
    let path = format!("{}/rotate", lasting.header("location"));
    refused(&call(&server, &key, Method::POST, &path, json!({})).await, StatusCode::FORBIDDEN, "outlives-its-maker");
    for body in [json!({"expires_at": null}), json!({"scopes": ["admin"]}), json!({"role": "owner"})] {
        refused(&call(&server, &key, Method::PATCH, at, body).await, StatusCode::UNPROCESSABLE_ENTITY, "unknown-field");
    }
    let rotated = call(&server, &key, Method::POST, &format!("{at}/rotate"), json!({})).await;
    assert_eq!(rotated.json()["expires_at"], minted.json()["expires_at"], "{}", rotated.text);
}
