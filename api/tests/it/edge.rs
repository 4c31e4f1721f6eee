//! What goes for all answers: types, compression, other origins, both protocols.

use reqwest::{Client, Method, StatusCode, header};

use crate::server::{Server, send};

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_json_gets_none() {
    let server = Server::start().await;
    for (accept, status) in
        [("text/html", 406), ("application/json", 200), ("text/html, */*;q=0.1", 200), ("*/*;q=0", 406)]
    {
        let answer = send(server.ask(Method::GET, "/v1/tasks").header("Accept", accept)).await;
        assert_eq!(answer.status.as_u16(), status, "{accept}");
        assert!(status == 200 || answer.json()["code"] == "not-acceptable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_hosts_that_are_served_here_are_answered() {
    let hosts = ["127.0.0.1", "docket.example.com"].map(str::to_owned);
    let server = Server::start_with(|config| config.hosts = hosts.to_vec()).await;
    assert_eq!(send(server.ask(Method::GET, "/v1/me")).await.status, StatusCode::OK);
    for (host, status) in
        [("Docket.example.com:8443", 200), ("evil.example.com", 421), ("docket.example.com.evil", 421)]
    {
        let answer = send(server.ask(Method::GET, "/v1/me").header("Host", host)).await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
        assert!(status == 200 || answer.json()["code"] == "misdirected-request", "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_are_compressed_for_those_who_ask() {
    let server = Server::start().await;
    for (path, accept, coding) in [
        ("/openapi.json", "gzip", "gzip"),
        ("/openapi.json", "gzip, zstd", "zstd"),
        ("/openapi.json", "br", ""),
        ("/openapi.yaml", "gzip;q=0", ""),
        ("/v1/labels", "gzip", ""),
    ] {
        let answer = server.ask(Method::GET, path).header("Accept-Encoding", accept).send().await.expect("an answer");
        let sent = answer.headers().get(header::CONTENT_ENCODING).map_or("", |coding| coding.to_str().expect("text"));
        assert_eq!(sent, coding, "{path} {accept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_known_origins_may_use_the_api() {
    let origin = "https://app.example.com";
    let server = Server::start_with(|config| config.cors_origins = vec![origin.to_owned()]).await;
    let ask = |method, origin: &'static str| server.ask(method, "/v1/tasks").header("Origin", origin);
    let first = send(ask(Method::OPTIONS, origin).header("Access-Control-Request-Method", "PATCH")).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT);
    assert!(first.header("access-control-allow-methods").contains("PATCH"));
    assert!(first.header("access-control-allow-headers").contains("idempotency-key"));
    let then = send(ask(Method::GET, origin)).await;
    assert_eq!((then.header("access-control-allow-origin"), then.header("vary")), (origin, "origin"));
    let unauthorized = Client::new().get(format!("{}/v1/tasks", server.url)).header("Origin", origin);
    assert_eq!(send(unauthorized).await.header("access-control-allow-origin"), origin);
    let other = send(ask(Method::GET, "https://evil.example.com")).await;
    assert_eq!((other.status, other.header("access-control-allow-origin")), (StatusCode::OK, ""));
    let options = send(ask(Method::OPTIONS, "https://evil.example.com")).await;
    assert!(options.header("allow").contains("POST"));
}
