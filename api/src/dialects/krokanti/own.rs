//! Assignees and labels of a task, which come and go by themselves.

use axum::http::StatusCode;
use docket_domain::Intent;
use docket_domain::ids::{LabelId, MemberId};
use docket_domain::task::{Command, Task};
use serde_json::Value;
use uuid::Uuid;

use super::wire::TASK;
use crate::dialects::act::{NAMED, about, written};
use crate::dialects::call::Call;
use crate::dialects::dialect::Answered;
use crate::dialects::ids::{self, Ids, Kind};
use crate::edge::query::pairs;
use crate::problem::Problem;

/// Gives a task to members.
pub fn assign(call: Call) -> Answered {
    change(call, &MEMBERS, |id| Command::Assign(MemberId(id)))
}

/// Takes it from them.
pub fn unassign(call: Call) -> Answered {
    change(call, &MEMBERS, |id| Command::Unassign(MemberId(id)))
}

/// Puts labels on a task.
pub fn label(call: Call) -> Answered {
    change(call, &LABELS, |id| Command::AddLabel(LabelId(id)))
}

/// Takes them off.
pub fn unlabel(call: Call) -> Answered {
    change(call, &LABELS, |id| Command::RemoveLabel(LabelId(id)))
}

/// What one can name, and how.
struct Named {
    noun: &'static str,
    kind: &'static Kind,
    one: &'static str,
    many: &'static str,
    by_name: bool,
}

static MEMBERS: Named = Named { noun: "User", kind: &ids::MEMBER, one: "userId", many: "userIds", by_name: false };
static LABELS: Named = Named { noun: "Label", kind: &ids::LABEL, one: "labelId", many: "labelIds", by_name: true };

fn change(call: Call, named: &'static Named, command: fn(Uuid) -> Command) -> Answered {
    Box::pin(async move {
        let mut ids = call.ids()?;
        let id = call.id(0, &TASK, &mut ids).await?;
        let others = others(&call, named, &ids).await?;
        let intents = others.into_iter().map(|other| Intent::new::<Task>(id, command(other))).collect();
        match call.execute(intents).await {
            Ok(answer) => written(&call, &TASK, &answer, StatusCode::OK, &mut ids).await,
            // The task is looked for again, so that the client knows what there is not.
            Err(problem) if problem.status == StatusCode::NOT_FOUND => {
                Ok(about(problem, call.find(&TASK, id).await.map_or(TASK.noun, |_| named.noun)))
            }
            Err(problem) => Err(problem),
        }
    })
}

/// Whom or what the body or the query names; at least one.
async fn others(call: &Call, named: &Named, ids: &Ids<'_>) -> Result<Vec<Uuid>, Problem> {
    let mut sent: Vec<(&str, Value)> = Vec::new();
    if !call.body.is_empty() {
        let body = call.object()?;
        sent.extend(body.get(named.one).map(|one| (named.one, one.clone())));
        match body.get(named.many) {
            Some(Value::Array(many)) => sent.extend(many.iter().map(|one| (named.many, one.clone()))),
            Some(_) => return Err(wrong(named.many, "wrong-type", "must be a list of ids")),
            None => {}
        }
        match body.get("name").filter(|_| named.by_name) {
            Some(Value::String(name)) => sent.push((named.one, call.named(named.kind, name).await?.to_string().into())),
            Some(_) => return Err(wrong("name", "wrong-type", "must be a string")),
            None => {}
        }
    }
    let asked = pairs(call.query())?.into_iter().filter(|(name, _)| name == named.one);
    sent.extend(asked.map(|(_, value)| (named.one, value.into())));
    match sent.len() {
        0 => Err(wrong(named.one, "required", "is required")),
        1..=NAMED => {
            let read = |(name, id): &(&str, Value)| {
                ids.known.read_json(named.kind, id).ok_or_else(|| wrong(name, "not-found", "does not exist"))
            };
            sent.iter().map(read).collect()
        }
        _ => Err(wrong(named.many, "too-many", "must have at most 50 ids")),
    }
}

fn wrong(name: &str, code: &'static str, detail: &'static str) -> Problem {
    Problem::field(format!("/{name}"), code, detail)
}
