//! Every kind of failure, as it is written.

use super::*;
use axum::{Extension, Router, body::Body, extract::Request, routing::get};
use serde_json::{Value, json};
use tower::ServiceExt;

fn router() -> Router {
    let router = Router::new()
        .route("/ok", get(async |Extension(id): Extension<RequestId>| id.0))
        .route("/foreign/{id}", get(async || Problem::not_found()))
        .route("/busy", get(async || Problem::too_many_requests(7)))
        .route("/field", get(async || Problem::field("/title", "too-long", "at most 200 characters")))
        .route("/stamped", get(async || ([("ratelimit", "r=0")], Problem::too_many_requests(7))))
        .route("/panic", get(async || -> &'static str { panic!("secret") }))
        .route("/own", get(async || (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({"ready": false})))))
        .route("/plain", get(async || (StatusCode::IM_A_TEAPOT, "text")));
    around(router)
}

async fn ask(request: Request) -> (Response<()>, Vec<u8>) {
    let (head, body) = router().oneshot(request).await.expect("infallible").into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    (Response::from_parts(head, ()), body.to_vec())
}

fn request(method: &str, path: &str, id: &str) -> Request {
    let request = Request::builder().method(method).uri(path);
    request.header(X_REQUEST_ID, id).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn every_kind_of_failure_is_written_as_a_problem() {
    for (method, path, status, code, header) in [
        ("GET", "/busy", 429, "rate-limited", Some((header::RETRY_AFTER, "7"))),
        ("GET", "/stamped", 429, "rate-limited", Some((HeaderName::from_static("ratelimit"), "r=0"))),
        ("GET", "/field", 422, "too-long", None),
        ("GET", "/panic", 500, "internal-error", None),
        ("GET", "/nowhere", 404, "not-found", None),
        ("GET", "/foreign/1", 404, "not-found", None),
        ("PUT", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
        ("TRACE", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
        ("get", "/ok", 405, "method-not-allowed", Some((header::ALLOW, "GET,HEAD"))),
        ("GET", "/plain", 418, "im-a-teapot", None),
    ] {
        let (head, body) = ask(request(method, path, "r-1")).await;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(head.status(), status, "{path}");
        assert_eq!(head.headers()[header::CONTENT_TYPE], PROBLEM_JSON, "{path}");
        assert_eq!(head.headers()[X_REQUEST_ID], "r-1", "{path}");
        assert_eq!(body["status"], status, "{path}");
        assert_eq!(body["code"], code, "{path}");
        assert_eq!(body["request_id"], "r-1", "{path}");
        assert_eq!(body["type"], format!("/docs/problems#{code}"), "{path}");
        assert!(!body.to_string().contains("secret"));
        if let Some((name, value)) = header {
            assert_eq!(head.headers()[name], value, "{path}");
        }
    }
}

#[tokio::test]
async fn a_field_error_has_its_pointer() {
    let (_, body) = ask(request("GET", "/field", "r")).await;
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let expected = json!({
        "type": "/docs/problems#too-long", "title": "Too long", "status": 422, "code": "too-long",
        "detail": "/title: at most 200 characters", "request_id": "r",
        "errors": [{"pointer": "/title", "code": "too-long", "detail": "at most 200 characters"}],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_handlers_own_failure_is_left_alone() {
    let (head, body) = ask(request("GET", "/own", "r")).await;
    assert_eq!((head.status().as_u16(), body.as_slice()), (503, br#"{"ready":false}"#.as_slice()));
}

#[tokio::test]
async fn foreign_and_unknown_are_the_same_bytes() {
    let (_, foreign) = ask(request("GET", "/foreign/1", "r")).await;
    let (_, unknown) = ask(request("GET", "/nowhere", "r")).await;
    assert_eq!(foreign, unknown);
}

#[tokio::test]
async fn options_lists_what_is_allowed() {
    let (head, body) = ask(request("OPTIONS", "/ok", "r")).await;
    assert_eq!((head.status().as_u16(), body.len()), (204, 0));
    assert_eq!(head.headers()[header::ALLOW], "GET,HEAD,OPTIONS");
    assert_eq!(ask(request("OPTIONS", "/nowhere", "r")).await.0.status(), 404);
}

#[tokio::test]
async fn only_a_sane_request_id_is_kept() {
    for sane in ["a", "A-Z_0.9", &"x".repeat(64)] {
        let (head, body) = ask(request("GET", "/ok", sane)).await;
        assert_eq!(head.headers()[X_REQUEST_ID], *sane);
        assert_eq!(body, sane.as_bytes());
    }
    for odd in ["", " ", "a b", "a\"", "é", "{}", &"x".repeat(65)] {
        let (head, body) = ask(request("GET", "/ok", odd)).await;
        let given = head.headers()[X_REQUEST_ID].to_str().expect("ASCII");
        assert_eq!(uuid::Uuid::parse_str(given).map(|id| id.get_version_num()), Ok(4), "{odd}");
        assert_eq!(body, given.as_bytes());
    }
    let mut two = request("GET", "/ok", "a");
    two.headers_mut().append(X_REQUEST_ID, HeaderValue::from_static("b"));
    assert_eq!(ask(two).await.0.headers()[X_REQUEST_ID].len(), 36);
}

#[test]
fn titles_are_readable() {
    for (code, title) in [("invalid-json", "Invalid JSON"), ("nul-not-allowed", "NUL not allowed"), ("x", "X")] {
        assert_eq!(Problem::bad_request(code, "").title(), title);
    }
}

#[test]
fn a_problem_is_small_enough_to_return() {
    assert!(size_of::<Problem>() < 128, "{}", size_of::<Problem>());
}
