//! What fits no table: who one is, where one is, what is found, and the buttons of timers and sprints.

use axum::http::StatusCode;
use docket_domain::{Actor, Intent, sprint};
use serde_json::value::RawValue;

use super::wire::{FOUND, ORG, PERSON, PROJECT, SPRINT, TIME_ENTRY, TIMER, locale, quoted, username};
use crate::dialects::act;
use crate::dialects::call::Call;
use crate::dialects::dialect::{Answered, By, Paging, Resource};
use crate::dialects::inbound;
use crate::dialects::outbound::{self, Doc};
use crate::edge::{json, query};
use crate::problem::Problem;
use crate::routes::{search, timelogs};

/// Every one of them, however many pages that is.
const ALL: Paging = Paging { usual: 50, most: act::ALL, by: By::Nothing };

/// The person behind the key. A key that acts for nobody is shown by its own name.
pub fn me(call: Call) -> Answered {
    Box::pin(async move {
        let caller = call.caller()?;
        let org = call.find(&ORG, caller.workspace.0).await?;
        let locale = locale(&Doc::read(&org.json)?);
        let (id, who) = match caller.actor {
            Actor::Member(id) => (id.0, call.find(&PERSON, id.0).await?),
            _ => (caller.key.0, call.find(&super::wire::KEY, caller.key.0).await?),
        };
        let doc = Doc::read(&who.json)?;
        let email = doc.raw("email").unwrap_or("null");
        let name = doc.raw("name").or(doc.raw("label")).unwrap_or("null");
        let username = if email == "null" { "null".to_owned() } else { username(&doc) };
        let id = quoted(&id.to_string());
        let body = format!(r#"{{"id":{id},"email":{email},"name":{name},"username":{username},"locale":{locale}}}"#);
        Ok(act::shown(&call, who.version, body))
    })
}

/// The one organization of the key, with its projects.
pub fn my_orgs(call: Call) -> Answered {
    Box::pin(async move {
        let mut ids = call.ids()?;
        let caller = call.caller()?;
        let doc = call.find(&ORG, caller.workspace.0).await?;
        let org = outbound::one(&ORG, &doc.json, &mut ids).await?;
        let (projects, _) = act::rows(&call, &PROJECT, ALL, &mut ids).await?;
        let role = quoted(&format!("{:?}", caller.role).to_lowercase());
        let org = org.trim_end_matches('}');
        Ok(act::shown(&call, doc.version, format!(r#"[{org},"role":{role},"projects":[{}]}}]"#, projects.items)))
    })
}

/// What is searched for, and how many are wanted.
fn asked(call: &Call) -> Result<(String, i64), Problem> {
    let sent = query::pairs(call.query())?;
    let find = |wanted: &str| sent.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    let q = find("q").filter(|q| !q.is_empty());
    let q = q.ok_or_else(|| Problem::parameter("q", "required", "is required"))?;
    if q.chars().count() > 500 {
        return Err(Problem::parameter("q", "too-long", "at most 500 characters"));
    }
    let wrong = || Problem::parameter("limit", "invalid-parameter", "must be a whole number");
    let limit = find("limit").map_or(Ok(20), |limit| limit.parse().map_err(|_| wrong()))?;
    Ok((q.to_owned(), limit))
}

/// What is found of these kinds, each as the product shows it.
async fn found(call: &Call, kinds: &[(&str, &'static Resource)]) -> Result<axum::response::Response, Problem> {
    let mut ids = call.ids()?;
    let (q, limit) = asked(call)?;
    let names: Vec<_> = kinds.iter().map(|(name, _)| *name).collect();
    let mut shown = Vec::new();
    for hit in search::find(&call.app, call.caller()?, &names, &q, limit, call.as_of()?).await? {
        let Some((_, resource)) = kinds.iter().find(|(name, _)| *name == hit.kind) else { continue };
        let doc: &RawValue = &hit.resource;
        shown.push(outbound::one(resource, doc.get(), &mut ids).await?);
    }
    Ok(act::shown(call, 0, format!("[{}]", shown.join(","))))
}

/// People whose name or address has these words.
pub fn search_people(call: Call) -> Answered {
    Box::pin(async move { found(&call, &[("member", &PERSON)]).await })
}

/// Projects, issues and people, what fits best first.
pub fn search_palette(call: Call) -> Answered {
    Box::pin(async move { found(&call, &FOUND).await })
}

/// The timer that runs.
pub fn running_timer(call: Call) -> Answered {
    Box::pin(async move {
        let caller = call.caller()?;
        let Actor::Member(member) = caller.actor else { return Err(Problem::not_found()) };
        let timer = call.app.reads.running_timer(&caller.reader(), member, call.as_of()?).await?;
        let (_, doc) = timer.ok_or_else(Problem::not_found)?;
        let body = outbound::one(&TIME_ENTRY, &doc.json, &mut call.ids()?).await?;
        Ok(act::shown(&call, doc.version, body))
    })
}

/// Starts a timer; one that runs is stopped.
pub fn start_timer(call: Call) -> Answered {
    Box::pin(async move {
        let mut ids = call.ids()?;
        let body = inbound::native(&TIMER, &call.object()?, true, &mut ids).await?;
        let work = body.read(json::parse).map_err(|problem| inbound::in_their_words(problem, &TIMER))?;
        let answer = timelogs::start::start(&call.app, call.caller()?, work, call.idempotency).await?;
        act::written(&call, &TIME_ENTRY, &answer, StatusCode::CREATED, &mut ids).await
    })
}

/// Stops the timer that runs.
pub fn stop_timer(call: Call) -> Answered {
    Box::pin(async move {
        let whose = timelogs::stop::StopTimer::default();
        let answer = timelogs::stop::stop(&call.app, call.caller()?, whose, call.idempotency).await?;
        act::written(&call, &TIME_ENTRY, &answer, StatusCode::OK, &mut call.ids()?).await
    })
}

/// Begins a sprint.
pub fn start_sprint(call: Call) -> Answered {
    Box::pin(with_sprint(call, sprint::Command::Start))
}

/// Ends a sprint.
pub fn close_sprint(call: Call) -> Answered {
    Box::pin(with_sprint(call, sprint::Command::Close))
}

async fn with_sprint(call: Call, command: sprint::Command) -> Result<axum::response::Response, Problem> {
    let mut ids = call.ids()?;
    let id = call.id(0, &SPRINT, &mut ids).await?;
    let intent = Intent::new::<sprint::Sprint>(id, command).expecting(call.if_match.clone().versions());
    let answer = call.execute(vec![intent]).await?;
    act::written(&call, &SPRINT, &answer, StatusCode::OK, &mut ids).await
}
