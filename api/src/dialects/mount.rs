//! A mount: the routes of a dialect behind a layer that knows the caller, keeps the limits, and gives every answer,
//! whoever made it, the product's own shape.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use uuid::Uuid;

use super::act::{self, Noun};
use super::call::{Call, Memory};
use super::dialect::{Act, Dialect, Failure, Operation, Token};
use crate::app::App;
use crate::auth::access::Verb;
use crate::auth::token;
use crate::auth::{self, Caller, anew};
use crate::edge::dry_run::Rehearsal;
use crate::edge::write::Asked;
use crate::edge::{json, proxies, query};
use crate::limits::Asker;
use crate::problem::{self, Problem, RequestId};
use crate::telemetry::Trace;

type Mount = (App, &'static Dialect);

/// The operations of a dialect.
pub fn router(dialect: &'static Dialect, app: &App, memory: &Memory) -> Router {
    let mut router = Router::new();
    for operation in dialect.operations {
        router = router.route(operation.path, route(dialect, operation, memory.clone()));
    }
    router.with_state(app.clone())
}

fn route(dialect: &'static Dialect, operation: &'static Operation, memory: Memory) -> MethodRouter<App> {
    let scopes: Arc<[String]> = operation.scopes().into();
    let handler = async move |State(app): State<App>, request: Request| {
        if let Some(trace) = request.extensions().get::<Trace>() {
            trace.is_of(format!("{}{}", dialect.mount, operation.path));
        }
        match call(app, memory.clone(), dialect, operation, &scopes, request).await {
            Ok(call) => act::answer(call).await,
            Err(problem) => problem.into_response(),
        }
    };
    match operation.method {
        Verb::Get => get(handler),
        Verb::Post => post(handler),
        Verb::Patch => patch(handler),
        Verb::Put => put(handler),
        Verb::Delete => delete(handler),
    }
}

async fn call(
    app: App,
    memory: Memory,
    dialect: &'static Dialect,
    operation: &'static Operation,
    scopes: &[String],
    request: Request,
) -> Result<Call, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = match operation.rule() {
        Some(_) => {
            let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::unauthorized)?;
            operation.admit(scopes, &caller)?;
            dialect.admits.map_or(Ok(()), |admits| admits(&parts, &caller))?;
            Some(caller)
        }
        None => None,
    };
    let path = RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| Problem::not_found())?;
    let path = path.iter().map(|(_, value)| value.to_owned()).collect();
    let asked = Asked::of(&parts)?;
    let bytes = match operation.act {
        Act::Refuse(..) => Bytes::new(),
        _ if parts.method.is_safe() => Bytes::new(),
        _ => body_of(dialect, &parts.method, Request::from_parts(parts.clone(), body)).await?,
    };
    let (idempotency, if_match) = asked.with(&bytes);
    Ok(Call { app, memory, dialect, operation, caller, path, parts, body: bytes, idempotency, if_match })
}

/// The body, if there is one to read.
async fn body_of(dialect: &Dialect, method: &Method, mut request: Request) -> Result<Bytes, Problem> {
    if axum::body::HttpBody::is_end_stream(request.body()) {
        return Ok(Bytes::new());
    }
    if dialect.forms {
        request.headers_mut().entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(json::JSON));
    }
    let types: &[&str] = match (dialect.forms, method) {
        (true, _) => &[json::JSON, "application/x-www-form-urlencoded"],
        (_, &Method::PATCH) => &[json::JSON, json::MERGE_PATCH],
        _ => &[json::JSON],
    };
    json::body(request, types, json::LIMIT).await
}

/// Puts the mount's layer around its routes.
pub fn around(router: Router, dialect: &'static Dialect, app: &App) -> Router {
    let router = Router::new().fallback_service(router.layer(problem::catch_panic()));
    router.layer(from_fn_with_state((app.clone(), dialect), pass)).layer(from_fn_with_state(dialect, shape))
}

/// Gives every failure the product's own shape, whoever made it.
async fn shape(State(dialect): State<&'static Dialect>, mut request: Request, next: Next) -> Response {
    let options = request.method() == Method::OPTIONS;
    let id = request_id(dialect, &mut request);
    let base = base(dialect, &request);
    let mut response = next.run(request).await;
    match problem::take(&mut response) {
        // The outer layer makes an answer of the methods that there are.
        Some(refused) if options && refused.status == StatusCode::METHOD_NOT_ALLOWED => {
            response.extensions_mut().insert(refused);
        }
        Some(refused) => {
            let noun = response.extensions().get::<Noun>().map(|noun| noun.0);
            let failure = Failure { problem: &refused, request_id: &id.0, base: &base, noun };
            tell(dialect, &failure, &mut response);
        }
        None => {}
    }
    response.extensions_mut().insert(id);
    response
}

/// The answer to a request that comes no further, as the mount would give it.
pub fn refuse(dialect: &Dialect, request: &mut Request, problem: &Problem) -> Response {
    let (id, mut response) = (request_id(dialect, request), Response::default());
    let failure = Failure { problem, request_id: &id.0, base: &base(dialect, request), noun: None };
    tell(dialect, &failure, &mut response);
    response.extensions_mut().insert(id);
    response
}

/// Writes a failure in the product's own way.
fn tell(dialect: &Dialect, failure: &Failure<'_>, response: &mut Response) {
    let (status, body) = (dialect.failure)(failure);
    let told = Problem { status, ..failure.problem.clone() };
    problem::write(response, &told, HeaderValue::from_static("application/json"), body);
}

/// What the request is called: as the client says, unless the product's requests have UUIDs and this is none.
fn request_id(dialect: &Dialect, request: &mut Request) -> RequestId {
    let named = request.extensions().get::<RequestId>().cloned();
    let fits = |id: &RequestId| !dialect.uuid_requests || id.0.len() == 36 && Uuid::try_parse(&id.0).is_ok();
    let id = named.filter(fits).unwrap_or_else(RequestId::draw);
    request.extensions_mut().insert(id.clone());
    id
}

/// The address of the mount, as the client has it; a proxy that speaks TLS before this server says so.
fn base(dialect: &Dialect, request: &Request) -> String {
    let sent = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = request.uri().authority().map(Authority::as_str).or(sent(header::HOST)).unwrap_or("localhost");
    let scheme = sent(proxies::PROTO).filter(|scheme| *scheme == "https");
    format!("{}://{host}{}", scheme.unwrap_or("http"), dialect.mount)
}

/// Says of a request that its path has an empty step, which the way to a mount swallows.
#[derive(Clone, Copy)]
struct Gap;

/// Notes an empty step before it is swallowed.
pub async fn note_gap(mut request: Request) -> Request {
    if request.uri().path().contains("//") {
        request.extensions_mut().insert(Gap);
    }
    request
}

/// Finds out who calls, counts it, and passes the request on. Every answer says how much is left, in the mount's way.
async fn pass(State((app, dialect)): State<Mount>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let rehearsal = if parts.method.is_safe() { Ok(None) } else { Rehearsal::asked(&parts.uri) };
    // What no router was to see is nobody's, and counts as such.
    let unseen = parts.extensions.remove::<Problem>();
    let rewritten = match (&unseen, parts.extensions.get::<Gap>()) {
        (Some(problem), _) => Err(problem.clone()),
        (None, Some(Gap)) => Err(Problem::not_found()),
        (None, None) => dialect.rewrite.map_or(Ok(None), |rewrite| rewrite(&parts.method, &parts.uri)),
    };
    let caller = match unseen {
        Some(_) => Ok(None),
        None => caller(&app, dialect, &parts).await,
    };
    let asker = match &caller {
        Ok(Some(caller)) => caller.asker(),
        _ => Asker::Peer(auth::peer(&parts).unwrap_or(IpAddr::from([0, 0, 0, 0]))),
    };
    let misled = match rewritten {
        Ok(uri) => {
            parts.uri = uri.unwrap_or(parts.uri);
            None
        }
        Err(problem) => Some(problem),
    };
    let decision = app.limits.check(dialect.limits, &asker, &parts.method, parts.uri.path()).await;
    let admitted = match decision.refusal().or(misled) {
        Some(refusal) => Err(refusal),
        None => caller.and_then(|caller| Ok((caller, rehearsal?))),
    };
    let request = Request::from_parts(parts, body);
    decision.stamp(match admitted {
        Ok((Some(caller), rehearsal)) => {
            let caller = Caller { rehearsal, ..caller };
            anew::carry_out(&app, caller, request, |caller, request| auth::hand_on(caller, request, next.clone())).await
        }
        Ok((None, _)) => next.run(request).await,
        Err(problem) => problem.into_response(),
    })
}

/// Whoever has the key that was sent, if any was.
async fn caller(app: &App, dialect: &Dialect, parts: &Parts) -> Result<Option<Caller>, Problem> {
    match sent(dialect, parts)? {
        Some(token) => auth::caller(app, parts, &token, dialect.name).await.map(Some),
        None => Ok(None),
    }
}

/// The key that was sent, if any was: in the header of all APIs, or where this product's clients put it.
fn sent(dialect: &Dialect, parts: &Parts) -> Result<Option<token::Token>, Problem> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return token::bearer(&parts.headers).map(Some);
    }
    let elsewhere = match dialect.token {
        Token::Bearer => None,
        Token::Header(name) => {
            let mut sent = parts.headers.get_all(name).iter();
            let first = sent.next().map(|value| value.to_str().unwrap_or_default().to_owned());
            // Of two nobody knows which one is meant.
            if sent.next().is_some() { Some(String::new()) } else { first }
        }
        Token::Parameter(name) => {
            let pairs = query::pairs(parts.uri.query().unwrap_or_default())?;
            pairs.into_iter().find(|(sent, _)| sent == name).map(|(_, value)| value.into_owned())
        }
    };
    elsewhere.map(|text| token::Token::parse(&text).ok_or_else(Problem::unauthorized)).transpose()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::super::DIALECTS;
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_in_the_mounts_own_way() {
        for dialect in DIALECTS {
            let handler = async || -> StatusCode { panic!("what is inside") };
            let router = Router::new().route("/", get(handler)).layer(problem::catch_panic());
            let router = problem::around(router.layer(from_fn_with_state(dialect, shape)));
            let answer = router.oneshot(Request::new(Body::empty())).await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{}", dialect.name);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json", "{}", dialect.name);
            let id = answer.headers()[problem::X_REQUEST_ID].clone();
            let body = to_bytes(answer.into_body(), 10_000).await.expect("a body");
            let text = String::from_utf8_lossy(&body);
            assert!(!text.contains("inside"), "{text}");
            let told: Value = serde_json::from_slice(&body).expect("JSON");
            match dialect.name {
                "ikreo" => assert_eq!((&told["error"], &told["code"]), (&true.into(), &500.into()), "{told}"),
                "pike" => {
                    assert_eq!(told["error"]["code"], "internal_error", "{told}");
                    assert_eq!(told["error"]["requestId"], id.to_str().expect("text"), "{told}");
                }
                "generic" => {
                    assert_eq!(
                        (&told["success"], &told["error"]["code"]),
                        (&false.into(), &"INTERNAL_ERROR".into()),
                        "{told}"
                    );
                }
                _ => assert!(told["error"].is_string(), "{told}"),
            }
        }
    }
}
