//! What was backed up comes back as it was, goes on from there, and nothing else comes back.

use std::path::{Path, PathBuf};

use docket_api::Docket;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::audit::{docket, settled, signing_server, text, witnessed};
use crate::harness::{self, TestDb};
use crate::server::{Server, ask, config, send};

fn path(file: &Path) -> &str {
    file.to_str().expect("a path")
}

async fn backup(server: &Server, more: &[&str]) -> PathBuf {
    let file = harness::scratch_file("x", "").with_file_name("backup");
    let args: Vec<String> = ["backup", "--database-url", &server.db.url, "--output", path(&file)]
        .iter()
        .chain(more)
        .map(|arg| (*arg).to_owned())
        .collect();
    let run = move || docket(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let (code, said) = tokio::task::spawn_blocking(run).await.expect("a backup");
    assert_eq!(code, 0, "{said}");
    file
}

fn restore(db: &TestDb, file: &Path) -> (i32, String) {
    docket(&["restore", "--database-url", &db.url, path(file)])
}

/// A node over a database that was restored, with streams of its own.
async fn node(db: &TestDb, key: Option<PathBuf>) -> (String, DropGuard) {
    let mut config = config(db, &harness::nats_prefix());
    config.audit_key = key;
    let stop = CancellationToken::new();
    let docket = Docket::start(&config, stop.clone()).await.expect("a node");
    let url = format!("http://{}", docket.api.expect("an address"));
    tokio::spawn(docket.wait());
    (url, stop.drop_guard())
}

/// Waits until the event at a position is signed.
async fn signed(url: &str, key: &str, position: &str) {
    let proof = format!("/v1/audit/proof?position={position}");
    while send(ask(url, key, Method::GET, &proof)).await.status == StatusCode::SERVICE_UNAVAILABLE {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A bundle of a workspace.
fn export(db: &TestDb, server: &Server) -> PathBuf {
    let (id, bundle) =
        (server.workspace.workspace_id.to_string(), harness::scratch_file("x", "").with_file_name("bundle"));
    let (code, said) =
        docket(&["audit", "export", "--database-url", &db.url, "--workspace", &id, "--output", path(&bundle)]);
    assert_eq!(code, 0, "{said}");
    bundle
}

/// What can be seen of a workspace.
async fn seen(url: &str, key: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["projects", "tasks", "labels", "keys", "webhooks", "timelogs", "audit"] {
        let answer = send(ask(url, key, Method::GET, &format!("/v1/{path}?limit=200"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let mut list = answer.json();
        list["checkpoint"] = Value::Null;
        // When a key was used is known to whoever served it.
        list["data"].as_array_mut().expect("a list").iter_mut().for_each(|one| one["last_used_at"] = Value::Null);
        all.push(list);
    }
    all
}

async fn dense(db: &TestDb) {
    let pool = PgPool::connect(&db.url).await.expect("the database");
    let sql = "select count(*) from log.heads h where h.position <> (select count(*) from log.events e \
               where e.partition = h.partition and e.position between 1 and h.position)";
    let holes: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.expect("a count");
    assert_eq!(holes, 0);
}

async fn events(db: &TestDb) -> i64 {
    let pool = PgPool::connect(&db.url).await.expect("the database");
    sqlx::query_scalar("select count(*) from log.events").fetch_one(&pool).await.expect("a count")
}

/// A server on which a little of everything has happened.
async fn lived_in() -> (Server, PathBuf, String) {
    let (server, key) = signing_server().await;
    let project = server.project("Zoë's \"Project\" \\t €").await;
    let label = server.made("/v1/labels", json!({"name": "Bug"})).await;
    let task = server.task(&project, "First\\N").await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"status": "done", "description": "a\nb\tc\\d"})).await;
    // Sums that come to nothing, whether they were added up at once or one by one.
    for labels in [json!([label]), json!([])] {
        server.patch(&format!("/v1/tasks/{task}"), json!({"label_ids": labels})).await;
        server.get("/v1/tasks").await;
    }
    server.made("/v1/webhooks", json!({"name": "H", "url": "https://example.org/hook"})).await;
    let (gone, _) = server.member("gone", "member").await;
    let erased = server.delete(&format!("/v1/members/{gone}/personal-data")).await;
    assert_eq!(erased.status, StatusCode::NO_CONTENT, "{}", erased.text);
    server.delete(&format!("/v1/labels/{label}")).await;
    (server, key, project)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back_and_goes_on() {
    let (server, key, project) = lived_in().await;
    let other = server.another_workspace().await;
    let body = json!({"project_id": project, "title": "Once"});
    let once =
        |url: &str| send(ask(url, server.key(), Method::POST, "/v1/tasks").header("Idempotency-Key", "1").json(&body));
    let first = once(&server.url).await;
    witnessed(&server).await;
    let kept = settled(&server, "/v1/audit/checkpoint").await.json();
    let kept = harness::scratch_file("kept", &text(&kept["note"]));
    let before = seen(&server.url, server.key()).await;
    let file = backup(&server, &[]).await;

    let db = harness::database().await;
    let (code, said) = restore(&db, &file);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("byte for byte") && said.contains("say what they said"), "{said}");
    assert!(said.contains(&other.workspace_id.to_string()), "{said}");
    let (code, refused) = restore(&db, &file);
    assert!(code == 1 && refused.contains("take an empty one"), "{refused}");

    let (url, _stop) = node(&db, Some(key)).await;
    assert_eq!(seen(&url, server.key()).await, before);
    let again = once(&url).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    let next =
        send(ask(&url, server.key(), Method::POST, "/v1/tasks").json(&json!({"project_id": project, "title": "N"})));
    let next = next.await;
    assert_eq!(next.status, StatusCode::CREATED, "{}", next.text);
    assert_eq!(next.json()["number"].as_i64(), first.json()["number"].as_i64().map(|number| number + 1));
    dense(&db).await;

    // A reviewer who has kept a checkpoint notices nothing.
    signed(&url, server.key(), next.header("docket-position")).await;
    let bundle = export(&db, &server);
    let (code, said) = docket(&["audit", "verify", path(&bundle), "--trusted", path(&kept)]);
    assert_eq!(code, 0, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_does_not_pass_for_all_that_there_was() {
    let (server, key, project) = lived_in().await;
    let old = backup(&server, &[]).await;
    server.task(&project, "After the backup").await;
    witnessed(&server).await;
    let kept = settled(&server, "/v1/audit/checkpoint").await.json();
    let kept = harness::scratch_file("kept", &text(&kept["note"]));

    let db = harness::database().await;
    let (code, said) = restore(&db, &old);
    assert_eq!(code, 0, "{said}");
    let (url, _stop) = node(&db, Some(key)).await;
    let body = json!({"project_id": project, "title": "Instead"});
    // Shorter than what was kept, and then longer.
    for tasks in [1, 10] {
        let mut last = String::new();
        for _ in 0..tasks {
            let made = send(ask(&url, server.key(), Method::POST, "/v1/tasks").json(&body)).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
            made.header("docket-position").clone_into(&mut last);
        }
        signed(&url, server.key(), &last).await;
        let (code, said) = docket(&["audit", "verify", path(&export(&db, &server)), "--trusted", path(&kept)]);
        assert_eq!(code, 15, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_whatever_is_written_meanwhile() {
    let (server, _, project) = lived_in().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (url, key, body) =
                (server.url.clone(), server.key().to_owned(), json!({"project_id": project, "title": "T"}));
            let stopped = stopped.clone();
            tokio::spawn(async move {
                while !*stopped.borrow() {
                    let made = send(ask(&url, &key, Method::POST, "/v1/tasks").json(&body)).await;
                    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
                }
            })
        })
        .collect();
    let file = backup(&server, &[]).await;
    stop.send_replace(true);
    for writer in writers {
        writer.await.expect("a writer that nothing stops");
    }
    let db = harness::database().await;
    let (code, said) = restore(&db, &file);
    assert_eq!(code, 0, "{said}");
    dense(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_comes_back_alone() {
    let (server, _, project) = lived_in().await;
    // In the same partition or not, its events are not the workspace's.
    let other = server.another_workspace().await;
    server.task(&project, "Last").await;
    let before = seen(&server.url, server.key()).await;
    let id = server.workspace.workspace_id.to_string();
    let file = backup(&server, &["--workspace", &id]).await;
    assert!(!std::fs::read_to_string(&file).expect("a backup").contains(&other.workspace_id.to_string()));

    let db = harness::database().await;
    let (code, said) = restore(&db, &file);
    assert_eq!(code, 0, "{said}");
    let (url, _stop) = node(&db, None).await;
    assert_eq!(seen(&url, server.key()).await, before);
    let made = send(ask(&url, server.key(), Method::POST, "/v1/projects").json(&json!({"name": "New"}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    dense(&db).await;
    let foreign = send(ask(&url, &other.keys[0].token, Method::GET, "/v1/me")).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_it_was_written_is_refused_and_leaves_nothing() {
    let (server, ..) = lived_in().await;
    let file = backup(&server, &[]).await;
    let sound = std::fs::read_to_string(&file).expect("a backup");
    let lines: Vec<&str> = sound.split_inclusive('\n').collect();
    let without =
        |n: usize| lines.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, line)| *line).collect::<String>();
    let altered = [
        String::new(),
        "{}\n".to_owned(),
        sound[..sound.len() / 2].to_owned(),
        lines[..lines.len() - 1].concat(),
        sound[..sound.len() - 1].to_owned(),
        without(1),
        without(lines.len() / 2),
        format!("{sound}{}", lines[1]),
        sound.replacen("First", "Forst", 1),
    ];
    let db = harness::database().await;
    for bytes in altered {
        let (code, said) = restore(&db, &harness::scratch_file("backup", &bytes));
        assert!(code == 1 && said.contains("can't be restored"), "{said}");
        assert_eq!(events(&db).await, 0);
    }
    // Who makes its sum right again is found out by what was signed.
    let forged = |text: &str| {
        use sha2::Digest as _;
        let (body, end) = text.trim_end().rsplit_once('\n').expect("an end");
        let mut end: Value = serde_json::from_str(end).expect("an end");
        end["end"]["sha256"] = json!(format!("{:x}", sha2::Sha256::digest(format!("{body}\n"))));
        format!("{body}\n{end}\n")
    };
    assert_eq!(restore(&harness::database().await, &harness::scratch_file("backup", &forged(&sound))).0, 0);
    for (was, is) in [("First", "Forst"), ("\"name\":\"Owner\"", "\"name\":\"Ownre\"")] {
        assert!(sound.contains(was));
        let (code, said) = restore(&db, &harness::scratch_file("backup", &forged(&sound.replacen(was, is, 1))));
        assert!(code == 1 && said.contains("can't be restored"), "{said}");
        assert_eq!(events(&db).await, 0);
    }
}
