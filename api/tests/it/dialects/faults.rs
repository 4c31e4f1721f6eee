//! Faults that are the server's own, as each product tells of them.

use futures::future::join_all;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode};
use sqlx::{Connection, Executor, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::limits::PATHS;
use super::secrets::Talker;
use crate::server::{Answer, Server, send};

async fn get(server: &Server, path: &str) -> Answer {
    send(Client::new().get(format!("{}{path}", server.url)).bearer_auth(server.key())).await
}

/// As JSON, in the mount's own shape, and without a word of what is inside.
fn told(name: &str, answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/json", "{name}: {}", answer.text);
    let body = answer.json();
    match name {
        "ikreo" => {
            assert_eq!((&body["error"], &body["code"]), (&true.into(), &answer.status.as_u16().into()), "{body}");
        }
        "pike" | "generic" => assert!(body["error"]["code"].is_string(), "{name}: {body}"),
        _ => assert!(body["error"].is_string(), "{name}: {body}"),
    }
    for inside in ["projects_", "relation", "sql", "read_", "postgres", ".rs"] {
        assert!(!answer.text.to_lowercase().contains(inside), "{name}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_inside_is_told_in_the_mounts_own_way() {
    let server = Server::start().await;
    server.project("Website").await;
    // What was written is read before it is broken.
    assert_eq!(server.get("/v1/projects").await.json()["total"], 1);
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    database.execute("update read_projects.projects set doc = '{' || doc").await.expect("a broken document");
    for (name, path) in PATHS {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}: {}", answer.text);
        told(name, &answer);
    }
    database.execute("update read_projects.projects set doc = substr(doc, 2)").await.expect("a mended document");
    for (name, path) in PATHS {
        assert_eq!(get(&server, path).await.status, StatusCode::OK, "{name}");
    }
}

/// Whoever reports the id that a failure names is helped: the log names it too.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_inside_is_in_the_log_by_the_id_of_its_request() {
    let server = Server::start().await;
    let talker = Talker::start(&server).await;
    server.project("Website").await;
    assert_eq!(server.get("/v1/projects").await.json()["total"], 1);
    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    database.execute("update read_projects.projects set doc = '{' || doc").await.expect("a broken document");
    let mut ids = Vec::new();
    for (name, path) in PATHS {
        let request = Client::new().get(format!("{}{path}", talker.node.url)).bearer_auth(server.key());
        let answer = send(request).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}: {}", answer.text);
        if name == "pike" {
            assert_eq!(answer.json()["error"]["requestId"], answer.header("x-request-id"));
        }
        ids.push(answer.header("x-request-id").to_owned());
    }
    let said = talker.end();
    for id in ids {
        assert!(said.lines().any(|line| line.contains(&id) && line.contains("a request failed")), "{id}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_in_the_mounts_own_way() {
    let server = Server::start().await;
    let (rest, database) = server.db.url.rsplit_once('/').expect("a database");
    let mut beside = PgConnection::connect(&format!("{rest}/postgres")).await.expect("a connection");
    let away = format!(
        "alter database \"{database}\" allow_connections false; \
         select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"
    );
    beside.execute(away.as_str()).await.expect("nobody connects any more");
    for (name, path) in PATHS {
        let answer = get(&server, path).await;
        // Two of them know of one server error.
        let wanted = if ["ikreo", "generic"].contains(&name) { 500 } else { 503 };
        assert_eq!(answer.status, wanted, "{name}: {}", answer.text);
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{name}: {:?}", answer.headers);
        told(name, &answer);
    }
}

/// What is read until an answer is whole; the connection may stay.
async fn read(stream: &mut TcpStream) -> String {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4_096]);
    loop {
        let count = stream.read(&mut piece).await.expect("an answer");
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if count == 0 || is_whole(&text) {
            return text;
        }
    }
}

fn is_whole(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// What nobody can take for a request, and so comes to no mount.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_cannot_be_read_is_told_in_the_mounts_own_way() {
    let server = Server::start().await;
    let address = server.url.trim_start_matches("http://");
    for (name, path) in PATHS {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer, and the end");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 400 ") && head.contains("x-request-id: "), "{name}: {answer}");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        assert!(head.contains("content-type: application/json\r\n"), "{name}: {answer}");
        told(name, &Answer { status: StatusCode::BAD_REQUEST, headers, text: body.to_owned() });
    }
}

/// A body that is announced and does not come.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_told_in_the_mounts_own_way() {
    let server = Server::start().await;
    // The key can be read: nothing is refused before its body is waited for.
    server.get("/v1/me").await;
    let (address, key) = (server.url.trim_start_matches("http://"), server.key());
    let wait = |(name, path)| async move {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.expect("written");
        // The server gives up first.
        (name, read(&mut stream).await)
    };
    for (name, answer) in join_all(PATHS.map(wait)).await {
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        // Nothing is written on Pike, which needs no body to say so; the others have their own words for 408.
        let wanted = match name {
            "krokanti" => "408",
            "pike" => "405",
            _ => "400",
        };
        assert_eq!(head.split(' ').nth(1), Some(wanted), "{name}: {answer}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{name}: {answer}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{name}: {answer}"));
        assert!(!body["error"].is_null(), "{name}: {body}");
    }
}
