//! What fits no table: who is there, a project with what belongs to it, and telling somebody something.

use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::Actor;
use docket_projections::{ListQuery, Op, SPRINTS, Value, View};
use serde_json::{Value as Json, json};

use super::shape;
use super::wire::{KEY, ME, MEMBER, MESSAGE, PROJECT, PROJECT_WITH_SPRINTS, SENT, SPRINT};
use crate::dialects::act::{self, ALL};
use crate::dialects::call::Call;
use crate::dialects::dialect::Answered;
use crate::dialects::inbound::{self, in_their_words};
use crate::dialects::outbound;
use crate::edge::json::parse;
use crate::problem::{At, FieldError, Problem};
use crate::respond;
use crate::routes::notifications::{self, send::SendNotification};

/// It answers, whoever asks.
pub fn ping(call: Call) -> Answered {
    let pong = json!({"status": "ok", "version": "1.0"}).to_string();
    Box::pin(async move { Ok(act::shown(&call, 0, shape::one(&pong))) })
}

/// Who calls. A key that acts for nobody is what it is called.
pub fn me(call: Call) -> Answered {
    Box::pin(async move {
        let (caller, mut ids) = (call.caller()?, call.ids()?);
        let workspace = call.find(&ME, caller.workspace.0).await?;
        let (who, found) = match caller.actor {
            Actor::Member(id) => ("member", call.find(&MEMBER, id.0).await?),
            _ => ("key", call.find(&KEY, caller.key.0).await?),
        };
        let doc = format!("{{\"{who}\":{},\"workspace\":{}}}", found.json, workspace.json);
        Ok(act::shown(&call, workspace.version, shape::one(&outbound::one(&ME, &doc, &mut ids).await?)))
    })
}

/// One project with all of its sprints, the closed ones too.
pub fn project(call: Call) -> Answered {
    Box::pin(async move { Ok(with_sprints(&call).await.unwrap_or_else(|problem| act::failed(problem, &PROJECT))) })
}

async fn with_sprints(call: &Call) -> Result<Response, Problem> {
    let mut ids = call.ids()?;
    let id = call.id(0, &PROJECT, &mut ids).await?;
    let doc = call.find(&PROJECT, id).await?;
    let then = View { as_of: call.as_of()?, ..View::default() };
    let of_it =
        ListQuery { view: then, ..ListQuery::default() }.with(&SPRINTS, "project_id", Op::Is, vec![Value::Id(id)]);
    let (sprints, _) = act::read(call, &SPRINT, of_it, ALL, &mut ids).await?;
    let own = doc.json.strip_suffix('}').unwrap_or(&doc.json);
    let with_sprints = format!("{own},\"sprints\":[{sprints}]}}");
    let shown = outbound::one(&PROJECT_WITH_SPRINTS, &with_sprints, &mut ids).await?;
    Ok(act::shown(call, doc.version, shape::one(&shown)))
}

/// Tells somebody something: oneself, unless said otherwise.
pub fn notify(call: Call) -> Answered {
    Box::pin(async move {
        let (caller, mut ids) = (call.caller()?, call.ids()?);
        let mut body = inbound::native(&MESSAGE, &call.object()?, true, &mut ids).await?;
        let whom = match body.native.remove("member_id").filter(|id| !id.is_null()) {
            Some(id) => id,
            None => json!(notifications::me(caller)?),
        };
        body.native.insert("recipient_ids".to_owned(), Json::Array(vec![whom]));
        let message: SendNotification = body.read(parse).map_err(whom_not_found)?;
        let answer = call.execute(message.intents(caller)?).await.map_err(whom_not_found)?;
        let sent = outbound::one(&SENT, &respond::only(&answer)?.state.to_json(), &mut ids).await?;
        Ok(respond::stamp(&answer, respond::json(StatusCode::OK, shape::one(&sent))))
    })
}

/// Whoever is unknown is not found.
fn whom_not_found(problem: Problem) -> Problem {
    let is_whom = |error: &FieldError| error.at == At::Pointer("/member_id".into()) && error.code != "wrong-type";
    let of_whom = problem.errors.iter().any(is_whom);
    let status = if of_whom { StatusCode::NOT_FOUND } else { problem.status };
    in_their_words(Problem { status, ..problem }, &MESSAGE)
}
