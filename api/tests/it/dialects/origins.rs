//! Pages of other origins, on every mount.

use reqwest::{Client, Method, StatusCode};

use super::limits::PATHS;
use crate::server::{Server, ask, send};

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_known_origins_may_use_every_mount() {
    let origin = "https://app.example.com";
    let server = Server::start_with(|config| config.cors_origins = vec![origin.to_owned()]).await;
    for (name, path) in PATHS {
        let url = format!("{}{path}", server.url);
        let first = Client::new().request(Method::OPTIONS, &url).header("Origin", origin);
        let first = send(first.header("Access-Control-Request-Method", "GET")).await;
        assert_eq!(first.status, StatusCode::NO_CONTENT, "{name}: {}", first.text);
        assert_eq!(first.header("access-control-allow-origin"), origin, "{name}");
        assert!(first.header("access-control-allow-headers").contains("authorization"), "{name}");
        let then = send(ask(&server.url, server.key(), Method::GET, path).header("Origin", origin)).await;
        assert_eq!((then.status, then.header("access-control-allow-origin")), (StatusCode::OK, origin), "{name}");
        let refused = send(Client::new().get(&url).header("Origin", origin)).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(refused.header("access-control-allow-origin"), origin, "{name}: a page can read why");
        let other = send(Client::new().get(&url).header("Origin", "https://evil.example.com")).await;
        assert_eq!(other.header("access-control-allow-origin"), "", "{name}");
    }
}
