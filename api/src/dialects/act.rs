//! What the operations of every dialect do: translate, ask or command natively, translate back.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use docket_commands::Answer;
use docket_domain::Intent;
use docket_projections::{ListQuery, Op, Page, Start, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::call::Call;
use super::dialect::{Act, By, Paging, Resource, Rows};
use super::field::{Codec, Field};
use super::ids::Ids;
use super::inbound::{self, Body, Object, in_their_words};
use super::outbound::{self, Doc};
use super::query;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::listing::AS_OF;
use crate::edge::query::pairs;
use crate::problem::Problem;
use crate::respond;
use crate::routes::notifications;

/// How many a list has at most, if its client asks for no page.
pub const ALL: i64 = 1_000;
/// How many things one request may name.
pub const NAMED: usize = 50;
/// How many of them are read at once.
const PIECE: i64 = 200;
/// How often a change is tried that depends on what is there.
const TRIES: usize = 3;

/// What a response is about, for those who write its failure.
#[derive(Clone, Copy, Debug)]
pub struct Noun(pub &'static str);

/// Answers a request.
pub async fn answer(call: Call) -> Response {
    let resource = call.operation.resource();
    let is_own = matches!(call.operation.act, Act::Do(_));
    let answered = match &call.operation.act {
        Act::List(resource, paging) => list(&call, resource, *paging).await,
        Act::Get(resource) => get(&call, resource).await,
        Act::Create(resource) => create(&call, resource).await,
        Act::Update(resource) => update(&call, resource).await,
        Act::Delete(resource) => delete(&call, resource).await,
        Act::Do(own) => (own.answer)(call).await,
        Act::Refuse(why, _) => Err(Problem::forbidden("not-for-keys", *why)),
    };
    match (answered, resource) {
        (Ok(response), _) => response,
        // What has an operation of its own may miss something else than what it answers with.
        (Err(problem), Some(resource)) if is_own => in_their_words(problem, resource).into_response(),
        (Err(problem), Some(resource)) => failed(problem, resource),
        (Err(problem), None) => problem.into_response(),
    }
}

/// A failure that is about one of these.
pub fn failed(problem: Problem, resource: &Resource) -> Response {
    about(in_their_words(problem, resource), resource.noun)
}

/// A failure that is about something that is called so.
pub fn about(problem: Problem, noun: &'static str) -> Response {
    let mut response = problem.into_response();
    response.extensions_mut().insert(Noun(noun));
    response
}

/// 200 with a list.
pub async fn list(call: &Call, resource: &'static Resource, paging: Paging) -> Result<Response, Problem> {
    let mut ids = call.ids()?;
    let (rows, ignored) = rows(call, resource, paging, &mut ids).await?;
    let cut = format!("only the first {} of {}: ask for pages", rows.limit, rows.total);
    let warnings = [passed_over(&ignored), (rows.has_more && !rows.paged).then_some(cut)];
    let mut response = shown(call, 0, (call.dialect.list)(rows));
    response.headers_mut().extend(warnings.into_iter().flatten().filter_map(|text| warning(&text)));
    Ok(response)
}

/// What is said of parameters that say nothing.
fn passed_over(ignored: &[String]) -> Option<String> {
    (!ignored.is_empty()).then(|| format!("ignored parameters: {}", ignored.join(" ")))
}

/// A strict product refuses what says nothing: what it does not know, and what it knows without a value.
fn refuse_unknown(call: &Call, ignored: &[String], known: &[Field]) -> Result<(), Problem> {
    match ignored.first().filter(|_| call.dialect.strict) {
        Some(name) if known.iter().any(|field| field.theirs == name) => {
            Err(Problem::parameter(name.clone(), "invalid-parameter", "must have a value"))
        }
        Some(name) => Err(Problem::parameter(name.clone(), "unknown-parameter", "is not a parameter of this request")),
        None => Ok(()),
    }
}

/// The rows of a list, and the parameters that said nothing.
pub async fn rows(
    call: &Call,
    resource: &'static Resource,
    paging: Paging,
    ids: &mut Ids<'_>,
) -> Result<(Rows, Vec<String>), Problem> {
    let known = call.dialect.parameters;
    let asked = query::read(resource, paging, call.query(), known, ids).await?;
    refuse_unknown(call, &asked.ignored, resource.filters)?;
    let (most, paged) = match paging.by {
        By::Nothing => (paging.most, false),
        By::Anything | By::CursorIfAny if !asked.paged => (ALL, false),
        _ => (asked.limit, true),
    };
    let (items, page) = read(call, resource, asked.query, most, ids).await?;
    let rows = Rows {
        items,
        total: page.total,
        limit: most,
        offset: asked.offset,
        has_more: page.has_more,
        next_cursor: page.next_cursor,
        by_cursor: asked.by_cursor,
        paged,
    };
    Ok((rows, asked.ignored))
}

/// So many of a list as they show them, and the page that the last of them is on.
pub async fn read(
    call: &Call,
    resource: &'static Resource,
    mut query: ListQuery,
    most: i64,
    ids: &mut Ids<'_>,
) -> Result<(String, Page), Problem> {
    let (native, reader) = (resource.native, call.caller()?.reader());
    if let Some(whose) = native.whose {
        let member = notifications::me(call.caller()?)?;
        query = query.with(native.list, whose, Op::Is, vec![Value::Id(member.0)]);
    }
    call.write_presence(resource).await;
    let (mut items, mut left) = (String::new(), most);
    loop {
        query.page.limit = left.min(PIECE);
        let page = call.app.reads.list(&reader, native.list, &query).await?;
        let piece = outbound::all(resource, page.docs.iter(), ids, &call.memory.memo).await?;
        if items.is_empty() {
            items = piece;
        } else if !piece.is_empty() {
            items.push(',');
            items.push_str(&piece);
        }
        left -= page.docs.len() as i64;
        match &page.next_cursor {
            Some(cursor) if left > 0 => query.page.start = Start::After(cursor.clone()),
            _ => return Ok((items, page)),
        }
    }
}

fn warning(text: &str) -> Option<(header::HeaderName, HeaderValue)> {
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() && *c != '"' || *c == ' ').take(200).collect();
    Some((header::WARNING, HeaderValue::try_from(format!("299 docket \"{text}\"")).ok()?))
}

/// 200 with one resource.
pub async fn get(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    // Where the path is made of the query, that is where the id was.
    let is_id = |name: &str| name == "id" && call.dialect.rewrite.is_some();
    let known = |name: &str| name == AS_OF || is_id(name) || call.dialect.parameters.contains(&name);
    let sent = pairs(call.query())?.into_iter().map(|(name, _)| name.into_owned());
    let ignored: Vec<_> = sent.filter(|name| !known(name)).collect();
    refuse_unknown(call, &ignored, &[])?;
    let mut ids = call.ids()?;
    let id = call.id(0, resource, &mut ids).await?;
    let doc = call.find(resource, id).await?;
    let body = outbound::one(resource, &doc.json, &mut ids).await?;
    let mut response = shown(call, doc.version, call.dialect.one(body));
    response.headers_mut().extend(passed_over(&ignored).and_then(|text| warning(&text)));
    Ok(response)
}

/// 201 with the new resource.
pub async fn create(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let mut ids = call.ids()?;
    let body = inbound::native(resource, &call.object()?, true, &mut ids).await?;
    created(call, resource, body, &mut ids).await
}

/// 201 with the resource that a native body makes.
pub async fn created(
    call: &Call,
    resource: &'static Resource,
    body: Body,
    ids: &mut Ids<'_>,
) -> Result<Response, Problem> {
    let create = resource.native.create.ok_or_else(Problem::internal)?;
    let caller = call.caller()?;
    let answer = call.execute(vec![body.read(|native| create(native, caller))?]).await?;
    written(call, resource, &answer, StatusCode::CREATED, ids).await
}

/// The resource that a command left behind.
pub async fn written(
    call: &Call,
    resource: &'static Resource,
    answer: &Answer,
    status: StatusCode,
    ids: &mut Ids<'_>,
) -> Result<Response, Problem> {
    let (body, version) = call.outcome(resource, answer, ids).await?;
    let mut response = shown(call, version, call.dialect.one(body));
    *response.status_mut() = status;
    Ok(respond::stamp(answer, response))
}

/// 200 with the changed resource. What was read and is written back unchanged changes nothing, even where their words
/// say less than ours.
async fn update(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let mut ids = call.ids()?;
    let id = call.id(0, resource, &mut ids).await?;
    let sent = call.object()?;
    let body = inbound::native(resource, &sent, false, &mut ids).await?;
    let lossy = resource.fields.iter().any(|field| body.native.contains_key(field.ours) && field.is_lossy());
    for attempt in 1.. {
        let (body, seen) =
            if lossy { unsaid(call, resource, id, &sent, body.clone()).await? } else { (body.clone(), None) };
        let expected = call.if_match.clone().versions().or(seen.map(|version| vec![version]));
        let intent = change(resource, id, body, call.caller()?)?.expecting(expected);
        let answer = match call.execute(vec![intent]).await {
            // Somebody was quicker; the client said nothing of versions, so it is looked at again.
            Err(problem) if problem.status == StatusCode::PRECONDITION_FAILED && seen.is_some() && attempt < TRIES => {
                continue;
            }
            answered => answered?,
        };
        return written(call, resource, &answer, StatusCode::OK, &mut ids).await;
    }
    Err(Problem::internal())
}

fn change(resource: &Resource, id: Uuid, body: Body, caller: &Caller) -> Result<Intent, Problem> {
    let update = resource.native.update.ok_or_else(Problem::internal)?;
    body.read(|native| update(id, native, caller))
}

/// Leaves out the words and times that say what they already say. Answers the version that this is true of, unless the
/// client insists on one itself.
async fn unsaid(
    call: &Call,
    resource: &'static Resource,
    id: Uuid,
    sent: &Object,
    mut body: Body,
) -> Result<(Body, Option<i64>), Problem> {
    let present = call.find(resource, id).await?;
    let doc = Doc::read(&present.json)?;
    for field in resource.fields.iter().filter(|field| field.is_lossy()) {
        let same = match (sent.get(field.theirs), doc.plain(field.ours)) {
            // What there is not yet is not taken away.
            (Some(Json::Null), None) => true,
            (Some(Json::String(said)), Some(is)) => match &field.codec {
                // One of our own words, which is understood too, says all that it does.
                Codec::Words(words) => words.all_ours(said).any(|ours| ours == is),
                Codec::Seconds => outbound::seconds(is) == *said,
                Codec::Millis => outbound::millis(is) == *said,
                _ => false,
            },
            _ => false,
        };
        if same {
            body.native.remove(field.ours);
        }
    }
    let insists = call.if_match.clone().versions().is_some();
    Ok((body, (!insists).then_some(present.version)))
}

/// The answer to a deletion, in the dialect's way.
async fn delete(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let mut ids = call.ids()?;
    let id = call.id(0, resource, &mut ids).await?;
    let delete = resource.native.delete.ok_or_else(Problem::internal)?;
    let intent = delete(id, call.caller()?).ok_or_else(Problem::internal)?;
    let intent = intent.expecting(call.if_match.clone().versions());
    let answer = call.execute(vec![intent]).await?;
    respond::only(&answer)?;
    let kind = resource.kind().ok_or_else(Problem::internal)?;
    let response = match call.dialect.deleted {
        Some(deleted) => respond::json(StatusCode::OK, deleted(&ids.show(kind, id))),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    Ok(respond::stamp(&answer, response))
}

/// 200 with a body and its tag, or 304.
pub fn shown(call: &Call, version: i64, body: String) -> Response {
    let etag = conditional::etag_of_view(version, crc32fast::hash(body.as_bytes()));
    if call.parts.method.is_safe() {
        return respond::tagged(&call.parts.headers, etag, body);
    }
    let mut response = respond::json(StatusCode::OK, body);
    response.headers_mut().insert(header::ETAG, etag);
    response
}
