//! Keys are nowhere but with those who have them: not in the database, and not in what a node says of its work.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::limits::PATHS;
use crate::harness::{nats_url, scratch_file};
use crate::server::{Server, ask, send};

/// A node as a process of its own, which says all it has to say.
struct Talker {
    child: Child,
    url: String,
    said: std::path::PathBuf,
}

impl Talker {
    async fn start(server: &Server) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let said = scratch_file("said.txt", "");
        let child = Command::new(env!("CARGO_BIN_EXE_docket"))
            .args(["serve", "--roles", "api", "--listen", &address, "--metrics-listen", "127.0.0.1:0"])
            .args(["--database-url", &server.db.url, "--nats-url", &nats_url(), "--nats-prefix", &server.prefix])
            .env("RUST_LOG", "debug")
            .stdin(Stdio::null())
            .stdout(File::create(said.with_extension("out")).expect("a file"))
            .stderr(File::create(&said).expect("a file"))
            .spawn()
            .expect("a node");
        let node = Self { child, url: format!("http://{address}"), said };
        for _ in 0..600 {
            if reqwest::get(format!("{}/healthz", node.url)).await.is_ok() {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the node does not start");
    }

    /// Ends it; all that it has said.
    fn end(mut self) -> String {
        self.child.kill().expect("a signal");
        self.child.wait().expect("an end");
        let read = |path| std::fs::read_to_string(path).expect("a text");
        read(self.said.with_extension("out")) + &read(self.said.clone())
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_kept_or_logged() {
    let server = Server::start().await;
    let node = Talker::start(&server).await;
    assert_eq!(server.patch("/v1/workspace", json!({"plan": "pro"})).await.status, StatusCode::OK);
    let mut tokens = Vec::new();
    for format in ["native", "ikreo", "krokanti", "pike", "projekt", "generic"] {
        let body = json!({"label": format, "scopes": ["admin"], "format": format});
        let minted = send(ask(&node.url, server.key(), Method::POST, "/v1/keys").json(&body)).await;
        assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
        tokens.push(minted.json()["token"].as_str().expect("a token").to_owned());
    }
    for token in &tokens {
        for (name, path) in PATHS {
            let listed = send(ask(&node.url, token, Method::GET, path)).await;
            assert_eq!(listed.status, StatusCode::OK, "{name}: {}", listed.text);
            let mistyped = format!("{token}x");
            assert_eq!(send(ask(&node.url, &mistyped, Method::GET, path)).await.status, StatusCode::UNAUTHORIZED);
            send(ask(&node.url, token, Method::POST, path).json(&json!({"name": 1}))).await;
        }
        let in_address = format!("{}/ikreo/api.php?endpoint=me&api_key={token}", node.url);
        assert_eq!(send(Client::new().get(in_address)).await.status, StatusCode::OK);
        let in_header = Client::new().get(format!("{}/projekt/api/me", node.url)).header("X-Auth-Token", token);
        assert_eq!(send(in_header).await.status, StatusCode::OK);
    }
    let said = node.end();
    assert!(!said.is_empty(), "a node that says nothing proves nothing");
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    let kept = everything(&mut database).await;
    let kid = &tokens[0][.."dkt_live_".len() + 10];
    assert!(kept.contains(kid), "a database without keys proves nothing");
    for token in &tokens {
        // What follows the part by which a key is looked up, as text and as bytes.
        let secret = &token[token.len() - 24..];
        for needle in [secret.to_owned(), hex::encode(secret)] {
            assert!(!said.contains(&needle), "a node has said a key: {}", around(&said, &needle));
            assert!(!kept.contains(&needle), "the database keeps a key: {}", around(&kept, &needle));
        }
    }
}

/// Every row of every table, as text.
async fn everything(database: &mut PgConnection) -> String {
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables \
                  where schemaname not in ('pg_catalog', 'information_schema')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *database).await.expect("tables");
    let mut all = String::new();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(&format!("select coalesce(t::text, '') from {table} t"))
            .fetch_all(&mut *database)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
        all.extend(rows);
    }
    all
}

fn around<'t>(text: &'t str, needle: &str) -> &'t str {
    let at = text.find(needle).unwrap_or_default();
    text.get(at.saturating_sub(80)..at).unwrap_or_default()
}
