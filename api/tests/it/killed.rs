//! `kill -9` of a node with a write under way, and the same request sent again to the next one: one effect, whatever
//! the commit had come to.

use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use crate::node::Node;
use crate::server::{Server, ask, send};

/// How far the commit has come when the node is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// It is never made.
    Before,
    /// It is made, but nobody waits for it any more.
    During,
    /// It is made; the node has not read that yet.
    After,
}

/// Waits until this query answers true.
async fn until(database: &mut PgConnection, query: &str) {
    for _ in 0..600 {
        if sqlx::query_scalar::<_, bool>(query).fetch_one(&mut *database).await.expect("an answer") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never true: {query}");
}

const WAITING: &str = "select exists (select from pg_stat_activity where datname = current_database() \
    and wait_event_type = 'Lock' and query like '%append%')";
const CUT_OFF: &str = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() \
    and wait_event_type = 'Lock' and query like '%append%'";
const COMMITTED: &str = "select exists (select from log.events where payload->>'name' = 'Once')";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_after_a_kill_has_one_effect() {
    for moment in [Moment::Before, Moment::During, Moment::After] {
        let server = Server::start().await;
        let first = Node::start(&server, "api", &[]).await;
        let (key, url) = (server.key().to_owned(), first.url.clone());
        let request = |url: &str| {
            let request = ask(url, &key, Method::POST, "/v1/projects").header("Idempotency-Key", "once");
            request.json(&json!({"name": "Once"}))
        };
        // The append waits for the head of its partition.
        let mut holder = PgConnection::connect(&server.db.url).await.expect("a connection");
        holder.execute("begin; select from log.heads for update").await.expect("a lock");
        let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
        let under_way = tokio::spawn(request(&url).send());
        until(&mut database, WAITING).await;
        match moment {
            Moment::Before => {
                first.signal("KILL");
                database.execute(CUT_OFF).await.expect("an end");
                holder.execute("commit").await.expect("a commit");
            }
            Moment::During => {
                first.signal("KILL");
                holder.execute("commit").await.expect("a commit");
            }
            Moment::After => {
                first.signal("STOP");
                holder.execute("commit").await.expect("a commit");
                until(&mut database, COMMITTED).await;
                first.signal("KILL");
            }
        }
        assert!(under_way.await.expect("a task").is_err(), "{moment:?}: an answer");
        if moment == Moment::During {
            until(&mut database, COMMITTED).await;
        }
        let next = Node::start(&server, "api", &[]).await;
        let answer = send(request(&next.url)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{moment:?}: {}", answer.text);
        let replayed = if moment == Moment::Before { "" } else { "true" };
        assert_eq!(answer.headers.get("idempotency-replayed").map_or("", |it| it.to_str().expect("text")), replayed);
        let again = send(request(&server.url)).await;
        assert_eq!(
            (again.json()["id"].clone(), again.header("idempotency-replayed")),
            (answer.json()["id"].clone(), "true")
        );
        let projects = server.get("/v1/projects").await.json();
        assert_eq!((&projects["total"], &projects["data"][0]["name"]), (&json!(1), &json!("Once")), "{moment:?}");
    }
}
