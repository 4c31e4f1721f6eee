//! The operations of a dialect as tools of agents: the Model Context Protocol over streamable HTTP, each message
//! answered with JSON.
//!
//! What calls a tool becomes the request that the tool stands for, and passes the mount like any other: keys, scopes,
//! limits, words and failures are the mount's. There are no sessions, and nothing is known from one message to the next.

mod message;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::dialect::Dialect;
use crate::auth::Caller;
use crate::edge::cors::Foreign;
use crate::edge::json;
use crate::problem::Problem;
use crate::respond;
use message::{CALL, Message, Refusal, failed, result};
use tools::Tools;

/// Where a dialect's agents are, and what they may do there.
type Agents = (&'static str, Arc<Tools>);

/// A message on its way through the mount, to be answered once it is known who sent it.
#[derive(Clone)]
enum Heard {
    /// It calls nothing.
    Said(Message),
    /// It calls what can't be called.
    Refused(Value, Refusal),
    /// It is none.
    Not(Problem),
}

/// Puts the tools of a dialect beside its operations, if it has any, around the mount that answers for both.
pub fn around(dialect: &'static Dialect, operations: Router, mount: impl FnOnce(Router) -> Router) -> Router {
    let Some(path) = dialect.agents else { return mount(operations) };
    let agents: Agents = (path, Arc::new(Tools::of(dialect)));
    let messages = Router::new().route(path, post(answer)).with_state(agents.clone());
    mount(operations.merge(messages)).layer(from_fn_with_state(agents, hear))
}

/// Reads a message, and sends what it asks for into the mount.
async fn hear(State((path, tools)): State<Agents>, request: Request, next: Next) -> Response {
    let is_message = request.method() == Method::POST && request.uri().path() == path;
    if !is_message || request.extensions().get::<Problem>().is_some() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let heard = match read(Request::from_parts(parts.clone(), body)).await {
        Err(problem) => Heard::Not(problem),
        Ok(Message::Asks(asked)) if asked.method == CALL => match asked.call().and_then(|call| tools.request(&call)) {
            Ok(meant) => return done(&asked.id, next.run(meant.sent_with(parts)).await).await,
            Err(refusal) => Heard::Refused(asked.id, refusal),
        },
        Ok(message) => Heard::Said(message),
    };
    parts.extensions.insert(heard);
    next.run(Request::from_parts(parts, Body::empty())).await
}

async fn read(request: Request) -> Result<Message, Problem> {
    if request.extensions().get::<Foreign>().is_some() {
        return Err(Problem::forbidden("unknown-origin", "Pages of this origin may not use the API."));
    }
    let version = request.headers().get("mcp-protocol-version").cloned();
    let message = Message::read(&json::body(request, &[json::JSON], json::LIMIT).await?)?;
    match version {
        Some(version) if !message.is_first() && !message::is_spoken(version.as_bytes()) => Err(message::unspoken()),
        _ => Ok(message),
    }
}

/// Answers a message that calls nothing.
async fn answer(State((_, tools)): State<Agents>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let (Some(heard), Some(caller)) = (parts.extensions.remove(), parts.extensions.get::<Caller>()) else {
        return Problem::unauthorized().into_response();
    };
    let told = match heard {
        Heard::Not(problem) => return problem.into_response(),
        Heard::Said(Message::Tells) => return StatusCode::ACCEPTED.into_response(),
        Heard::Refused(id, refusal) => failed(&id, &refusal),
        Heard::Said(Message::Asks(asked)) => match asked.method.as_str() {
            "initialize" => result(&asked.id, &tools.introduction(asked.version())),
            "ping" => result(&asked.id, &json!({})),
            "tools/list" => result(&asked.id, &json!({"tools": tools.of_caller(caller)})),
            _ => failed(&asked.id, &Refusal::unknown("method")),
        },
    };
    respond::json(StatusCode::OK, told.to_string())
}

/// What a tool answers: what its operation does, failures too, but for a key that opens nothing.
async fn done(id: &Value, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if parts.status == StatusCode::UNAUTHORIZED {
        return Response::from_parts(parts, body);
    }
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Problem::internal().into_response() };
    let warnings = parts.headers.get_all(header::WARNING).iter().filter_map(|warning| warning.to_str().ok());
    let texts = std::iter::once(String::from_utf8_lossy(&body)).chain(warnings.map(Into::into));
    let content: Vec<_> =
        texts.filter(|text| !text.is_empty()).map(|text| json!({"type": "text", "text": text})).collect();
    let failed = parts.status.is_client_error() || parts.status.is_server_error();
    parts.status = StatusCode::OK;
    for name in [header::CONTENT_LENGTH, header::ETAG, header::ALLOW] {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(json::JSON));
    let answer = result(id, &json!({"content": content, "isError": failed}));
    Response::from_parts(parts, Body::from(answer.to_string()))
}
