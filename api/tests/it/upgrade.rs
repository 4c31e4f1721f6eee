//! An upgrade: nodes of both versions side by side, replaced one after the other while clients write. Of the version after
//! this one there are the migrations (`upgrade/next`), and this one takes the part of both programs; `make upgrade` does
//! the same with two.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sqlx::error::BoxDynError;
use sqlx::migrate::{Migration, MigrationSource, Migrator};
use sqlx::{Connection, PgConnection};

use crate::audit::docket;
use crate::harness;
use crate::node::Node;
use crate::server::{Server, ask, send};

/// How often a request is sent, to one node after the other.
const TRIES: usize = 20;

/// The migrations of the version after this one: all that there are, and its own.
#[derive(Debug)]
struct Next;

impl MigrationSource<'static> for Next {
    fn resolve(self) -> BoxFuture<'static, Result<Vec<Migration>, BoxDynError>> {
        Box::pin(async {
            let here = Path::new(env!("CARGO_MANIFEST_DIR"));
            let mut all = here.join("../migrations").resolve().await?;
            all.extend(here.join("tests/it/upgrade/next").resolve().await?);
            Ok(all)
        })
    }
}

/// What `docket migrate` of the next version does.
async fn migrate_to_next(database: &mut PgConnection) {
    let next = Migrator::new(Next).await.expect("migrations");
    next.run(database).await.expect("a newer database");
}

/// What this version's program does to a database.
fn run(args: &[&str], database_url: &str) -> (i32, String) {
    docket(&[args, &["--database-url", database_url]].concat())
}

/// What the first node says that answers: one of the two may end while it is asked, and the next try finds the other.
async fn asked(urls: &[String; 2], first: usize, request: impl Fn(&str) -> RequestBuilder) -> (StatusCode, Value) {
    for url in urls.iter().cycle().skip(first % 2).take(TRIES) {
        let Ok(answer) = request(url).send().await else { continue };
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        // On a busy machine read models may be late, and nothing is done then: it is asked again, as clients do.
        if status != StatusCode::SERVICE_UNAVAILABLE || !text.contains("not readable yet") {
            return (status, serde_json::from_str(&text).unwrap_or(Value::String(text)));
        }
    }
    panic!("one of the two nodes answers at any time");
}

/// Writes until told to stop, each time to whichever node answers, and reads it and its history at once; answers the ids of
/// what it was told to be written. What a node that ends has not answered is sent again, as any client would.
async fn write(who: usize, urls: [String; 2], key: String, enough: Arc<AtomicBool>) -> Vec<String> {
    let mut written = Vec::new();
    for nth in 0.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        let body = json!({"name": format!("Project {nth} of {who}")});
        let create = |url: &str| {
            let request = ask(url, &key, Method::POST, "/v1/projects");
            request.header("Idempotency-Key", format!("{who}-{nth}")).json(&body)
        };
        let (status, made) = asked(&urls, nth, create).await;
        assert_eq!(status, 201, "{made}");
        let id = made["id"].as_str().expect("an id").to_owned();
        for path in [format!("/v1/projects/{id}"), format!("/v1/projects/{id}/history")] {
            let (status, read) = asked(&urls, nth, |url| ask(url, &key, Method::GET, &path)).await;
            assert_eq!(status, 200, "{path}: {read}");
        }
        written.push(id);
    }
    written
}

/// The ids of all projects, as a node lists them.
async fn listed(url: &str, key: &str, more: &str) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/v1/projects?limit=200{more}{cursor}");
        let page = send(ask(url, key, Method::GET, &path)).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let page = page.json();
        let each =
            page["data"].as_array().expect("data").iter().map(|one| one["id"].as_str().expect("an id").to_owned());
        ids.extend(each);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// The texts that a statement answers.
async fn texts(database: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(database).await.expect("texts")
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_replaced_one_by_one_and_nobody_notices() {
    let server = Server::start().await;
    let roles = "api,relay,projector";
    let mut nodes = [Node::start(&server, roles, &[]).await, Node::start(&server, roles, &[]).await];
    let urls = [nodes[0].url.clone(), nodes[1].url.clone()];
    let enough = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> =
        (0..3).map(|who| tokio::spawn(write(who, urls.clone(), server.key().to_owned(), enough.clone()))).collect();
    // Forward: what runs goes on over a newer database, and over read models with more in them than it knows.
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    nodes[0].replace().await;
    migrate_to_next(&mut database).await;
    let (code, said) = run(&["projections", "rebuild"], &server.db.url);
    assert_eq!(code, 0, "{said}");
    // And back: it starts there, too, as a container does that migrates first.
    for node in &mut nodes {
        let (code, said) = run(&["migrate"], &server.db.url);
        assert_eq!(code, 0, "{said}");
        node.replace().await;
    }
    enough.store(true, Ordering::Relaxed);
    let mut written = BTreeSet::new();
    for client in clients {
        written.extend(client.await.expect("a client that noticed nothing"));
    }
    assert!(!written.is_empty());

    // By the one that has lived through all of it.
    let last = server.post("/v1/projects", json!({"name": "The last one"})).await;
    assert_eq!(last.status, 201, "{}", last.text);
    written.insert(last.json()["id"].as_str().expect("an id").to_owned());
    let stored = "select stream::text from log.events where event_type = 'project.created' order by 1";
    assert_eq!(texts(&mut database, stored).await, written.iter().cloned().collect::<Vec<_>>());
    let then = format!("&as_of={}", last.header("docket-position"));
    for url in [&server.url, &urls[0], &urls[1]] {
        for moment in ["", &then] {
            assert_eq!(listed(url, server.key(), moment).await, written, "{url} {moment}");
        }
        for path in ["tasks", "members", "keys", "labels", "audit", "changes?after=0"] {
            let answer = send(ask(url, server.key(), Method::GET, &format!("/v1/{path}"))).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
    // The tables are those that the newer version makes; whoever lists has waited until they have all of it.
    let shown = "select id::text from read_projects.projects where remark = '' order by 1";
    assert_eq!(texts(&mut database, shown).await, written.iter().cloned().collect::<Vec<_>>());
    assert!(texts(&mut database, "select stream::text from read.parked").await.is_empty());
}

#[tokio::test]
async fn an_older_version_leaves_a_newer_database_as_it_is() {
    let db = harness::database().await;
    let mut database = PgConnection::connect(&db.url).await.expect("a connection");
    migrate_to_next(&mut database).await;
    let all = "select version || ' ' || installed_on from _sqlx_migrations order by version";
    let there = texts(&mut database, all).await;
    let (code, said) = run(&["migrate"], &db.url);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning") && said.contains("newer version") && said.contains("9000"), "{said}");
    assert_eq!(texts(&mut database, all).await, there);

    // Neither older nor newer: one of two branches, say.
    let forget = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations \
                  where version < 9000) returning version::text";
    let lacking = texts(&mut database, forget).await.remove(0);
    let there = texts(&mut database, all).await;
    let (code, said) = run(&["migrate"], &db.url);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("9000") && said.contains(&lacking), "{said}");
    assert_eq!(texts(&mut database, all).await, there);
}
