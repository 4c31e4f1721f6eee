//! Keys are nowhere but with those who have them: not in the database, and not in what a node says of its work.

use std::fs::File;
use std::path::PathBuf;

use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::limits::PATHS;
use crate::harness::scratch_file;
use crate::node::{Node, serve};
use crate::server::{Server, ask, send};

/// A node as a process of its own, which says all it has to say.
pub struct Talker {
    pub node: Node,
    said: [PathBuf; 2],
}

impl Talker {
    pub async fn start(server: &Server) -> Self {
        let said = [scratch_file("out.txt", ""), scratch_file("err.txt", "")];
        let [out, err] = said.each_ref().map(|path| File::create(path).expect("a file"));
        let mut command = serve(server);
        command.args(["--roles", "api"]).env("RUST_LOG", "debug").stdout(out).stderr(err);
        Self { node: Node::run(command).await, said }
    }

    /// Ends it; all that it has said.
    pub fn end(self) -> String {
        drop(self.node);
        self.said.map(|path| std::fs::read_to_string(path).expect("a text")).concat()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_kept_or_logged() {
    let server = Server::start().await;
    let talker = Talker::start(&server).await;
    let node = &talker.node;
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
    let said = talker.end();
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
