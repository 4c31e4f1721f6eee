//! Assignees and labels of a task, which come and go by themselves.

use axum::http::StatusCode;
use docket_domain::Intent;
use docket_domain::ids::{LabelId, MemberId};
use docket_domain::task::{Command, Task};
use serde_json::Value;
use uuid::Uuid;

use super::wire::TASK;
use crate::dialects::act::{NAMED, written};
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
    kind: &'static Kind,
    one: &'static str,
    many: &'static str,
    by_name: bool,
}

static MEMBERS: Named = Named { kind: &ids::MEMBER, one: "userId", many: "userIds", by_name: false };
static LABELS: Named = Named { kind: &ids::LABEL, one: "labelId", many: "labelIds", by_name: true };

fn change(call: Call, named: &'static Named, command: fn(Uuid) -> Command) -> Answered {
    Box::pin(async move {
        let mut ids = call.ids()?;
        let id = call.id(0, &TASK, &mut ids).await?;
        let others = others(&call, named, &ids).await?;
        let intents = others.into_iter().map(|other| Intent::new::<Task>(id, command(other))).collect();
        let answer = call.execute(intents).await?;
        written(&call, &TASK, &answer, StatusCode::OK, &mut ids).await
    })
}

/// Whom or what the body or the query names; at least one.
async fn others(call: &Call, named: &Named, ids: &Ids<'_>) -> Result<Vec<Uuid>, Problem> {
    let mut sent: Vec<Value> = Vec::new();
    if !call.body.is_empty() {
        let body = call.object()?;
        sent.extend(body.get(named.one).cloned());
        sent.extend(body.get(named.many).and_then(Value::as_array).into_iter().flatten().cloned());
        if let Some(name) = body.get("name").and_then(Value::as_str).filter(|_| named.by_name) {
            sent.push(call.named(named.kind, name).await?.to_string().into());
        }
    }
    sent.extend(pairs(call.query())?.into_iter().filter(|(name, _)| name == named.one).map(|(_, value)| value.into()));
    let field = format!("/{}", named.one);
    if sent.is_empty() {
        return Err(Problem::field(field, "required", "is required"));
    }
    let found = sent.iter().map(|id| ids.read_json(named.kind, id)).collect::<Option<Vec<_>>>();
    found.filter(|found| found.len() <= NAMED).ok_or_else(|| Problem::field(field, "not-found", "does not exist"))
}
