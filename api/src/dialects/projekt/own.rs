//! What fits no table: who one is, where one is, what is found, and the buttons of timers and sprints.

use axum::http::StatusCode;
use docket_domain::{Actor, Intent, sprint};
use serde_json::value::RawValue;

use super::SEARCH;
use super::wire::{FOUND, KEY, ME, MY_ORG, ORG, PERSON, PROJECT, SPRINT, TIME_ENTRY, TIMER, quoted};
use crate::auth::role_name;
use crate::dialects::act;
use crate::dialects::call::Call;
use crate::dialects::dialect::{Answered, By, Paging, Resource};
use crate::dialects::inbound;
use crate::dialects::outbound;
use crate::dialects::query::{refuse_array, whole};
use crate::edge::{json, query};
use crate::problem::Problem;
use crate::routes::{search, timelogs};

/// Every one of them, however many pages that is.
const ALL: Paging = Paging { usual: 50, most: act::ALL, by: By::Nothing };

/// The person behind the key. A key that acts for nobody is shown by its own name.
pub fn me(call: Call) -> Answered {
    Box::pin(async move {
        let (caller, mut ids) = (call.caller()?, call.ids()?);
        let org = call.find(&ORG, caller.workspace.0).await?;
        let (who, found) = match caller.actor {
            Actor::Member(id) => ("member", call.find(&PERSON, id.0).await?),
            _ => ("key", call.find(&KEY, caller.key.0).await?),
        };
        let doc = format!("{{\"{who}\":{},\"org\":{}}}", found.json, org.json);
        Ok(act::shown(&call, found.version, outbound::one(&ME, &doc, &mut ids).await?))
    })
}

/// The one organization of the key, with its projects.
pub fn my_orgs(call: Call) -> Answered {
    Box::pin(async move {
        let mut ids = call.ids()?;
        let caller = call.caller()?;
        let doc = call.find(&ORG, caller.workspace.0).await?;
        let (projects, _) = act::rows(&call, &PROJECT, ALL, &mut ids).await?;
        let role = quoted(&role_name(caller.role));
        let own = doc.json.strip_suffix('}').unwrap_or(&doc.json);
        let org = format!("{own},\"role\":{role},\"projects\":[{}]}}", projects.items);
        Ok(act::shown(&call, doc.version, format!("[{}]", outbound::one(&MY_ORG, &org, &mut ids).await?)))
    })
}

/// What is searched for, and how many are wanted.
fn asked(call: &Call) -> Result<(String, i64), Problem> {
    let sent = query::pairs(call.query())?;
    for (name, _) in &sent {
        refuse_array(name, |known| SEARCH.iter().any(|(parameter, ..)| *parameter == known))?;
    }
    let find = |wanted: &str| sent.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    let q = find("q").filter(|q| !q.is_empty());
    let q = q.ok_or_else(|| Problem::parameter("q", "required", "is required"))?;
    if q.chars().count() > 500 {
        return Err(Problem::parameter("q", "too-long", "at most 500 characters"));
    }
    let limit = find("limit").map_or(Ok(20), |limit| whole("limit", limit, 1))?;
    Ok((q.to_owned(), limit))
}

/// What is found of those of these kinds that the key may read, each as the product shows it.
async fn found(call: &Call, kinds: &[(&str, &'static Resource)]) -> Result<axum::response::Response, Problem> {
    let mut ids = call.ids()?;
    let (q, limit) = asked(call)?;
    let readable = search::Kinds::readable(|name| kinds.iter().any(|(kind, _)| *kind == name), call.caller()?);
    let mut shown = Vec::new();
    for hit in search::find(&call.app, call.caller()?, &readable, &q, limit, call.as_of()?).await? {
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
