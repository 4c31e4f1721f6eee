//! Answers: resources bare, lists in an envelope, with the headers every answer of their kind has.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use docket_commands::{Answer, Outcome};
use docket_projections::{Doc, List, Op, Page, Value, View};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::{Listable, Listing, Shown};
use crate::edge::{conditional, position};
use crate::problem::Problem;
use crate::routes::audit::Checkpoint;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Says that an answer is the stored one of an earlier, equal request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// JSON text that is already there.
pub fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// The one outcome of a command with one intent.
pub fn only(answer: &Answer) -> Result<&Outcome, Problem> {
    match answer.items.first() {
        Some(Ok(outcome)) => Ok(outcome),
        Some(Err(error)) => Err(error.clone().into()),
        None => Err(Problem::internal()),
    }
}

/// 201 with the new resource.
pub fn created(answer: &Answer, body: String) -> Result<Response, Problem> {
    let version = only(answer)?.state.version();
    let mut response = json(StatusCode::CREATED, body);
    response.headers_mut().insert(header::ETAG, conditional::etag(version));
    Ok(stamp(answer, response))
}

/// 201 with the new resource, which has an address of its own.
pub fn created_at(answer: &Answer, location: &str, body: String) -> Result<Response, Problem> {
    let mut response = created(answer, body)?;
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// 200 with the changed resource.
pub fn changed(answer: &Answer, body: String) -> Result<Response, Problem> {
    let version = only(answer)?.state.version();
    let mut response = json(StatusCode::OK, body);
    response.headers_mut().insert(header::ETAG, conditional::etag(version));
    Ok(stamp(answer, response))
}

/// 204: it is gone.
pub fn gone(answer: &Answer) -> Result<Response, Problem> {
    only(answer)?;
    Ok(stamp(answer, StatusCode::NO_CONTENT.into_response()))
}

/// Adds what every answer to a write says: the position to read from, and whether it is a stored answer.
pub fn stamp(answer: &Answer, mut response: Response) -> Response {
    if let Some(at) = answer.position {
        response.headers_mut().insert(position::DOCKET_POSITION, position::format(answer.partition, at));
    }
    if answer.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// 200 with one resource, 304 if the caller has it already, 404 if there is none.
pub fn one(doc: Option<Doc>, asked: &HeaderMap) -> Result<Response, Problem> {
    let doc = doc.ok_or_else(Problem::not_found)?;
    Ok(tagged(asked, conditional::etag(doc.version), doc.json))
}

/// The same for one resource of a list, as it is to be shown.
pub async fn view<L: Listable>(
    app: &App,
    caller: &Caller,
    id: Uuid,
    shown: &Shown<L>,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    if !shown.0.expand.is_empty() {
        return one_of_view(app, caller, id, shown, asked).await;
    }
    one(found(app, caller, id, shown).await?, asked)
}

/// The same of what belongs to another resource: 404 unless its `field` names that.
pub async fn view_below<L: Listable>(
    app: &App,
    caller: &Caller,
    id: Uuid,
    (field, above): (&str, Uuid),
    shown: &Shown<L>,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    let whole = View { as_of: shown.0.as_of, ..View::default() };
    let doc = app.reads.get(&caller.reader(), L::LIST, id, &whole).await?.ok_or_else(Problem::not_found)?;
    let members: serde_json::Value = serde_json::from_str(&doc.json).map_err(|_| Problem::internal())?;
    if members[field] != above.to_string() {
        return Err(Problem::not_found());
    }
    view(app, caller, id, shown, asked).await
}

/// The same for a resource that shows more than its own history: its tag changes with all that is shown.
pub async fn one_of_view<L: Listable>(
    app: &App,
    caller: &Caller,
    id: Uuid,
    shown: &Shown<L>,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    let doc = found(app, caller, id, shown).await?.ok_or_else(Problem::not_found)?;
    let etag = conditional::etag_of_view(doc.version, crc32fast::hash(doc.json.as_bytes()));
    Ok(tagged(asked, etag, doc.json))
}

async fn found<L: Listable>(app: &App, caller: &Caller, id: Uuid, shown: &Shown<L>) -> Result<Option<Doc>, Problem> {
    Ok(app.reads.get(&caller.reader(), L::LIST, id, &shown.0).await?)
}

/// 200 with JSON under an entity tag, or 304 if the caller has it already.
pub fn tagged(asked: &HeaderMap, etag: HeaderValue, text: String) -> Response {
    conditional::respond(asked, etag, || json(StatusCode::OK, text))
}

/// 200 with the page of a list that is asked for.
pub async fn list<L: Listable>(app: &App, caller: &Caller, asked: &Listing<L>) -> Result<Response, Problem> {
    Ok(page(&app.reads.list(&caller.reader(), L::LIST, &asked.0).await?))
}

/// The same of what belongs to the resource `above` of another list: what names it in `field`. 404 if there is none.
pub async fn list_below<L: Listable>(
    app: &App,
    caller: &Caller,
    (list, above): (&'static List, Uuid),
    field: &'static str,
    asked: Listing<L>,
) -> Result<Response, Problem> {
    let then = View { as_of: asked.0.view.as_of, ..View::default() };
    if app.reads.get(&caller.reader(), list, above, &then).await?.is_none() {
        return Err(Problem::not_found());
    }
    let query = asked.0.with(L::LIST, field, Op::Is, vec![Value::Id(above)]);
    Ok(page(&app.reads.list(&caller.reader(), L::LIST, &query).await?))
}

/// The same of what a resource of another list has in its member `ids`. 404 if there is none.
pub async fn list_within<L: Listable>(
    app: &App,
    caller: &Caller,
    (list, above): (&'static List, Uuid),
    ids: &str,
    asked: Listing<L>,
) -> Result<Response, Problem> {
    let then = View { as_of: asked.0.view.as_of, ..View::default() };
    let doc = app.reads.get(&caller.reader(), list, above, &then).await?.ok_or_else(Problem::not_found)?;
    let mut members: serde_json::Value = serde_json::from_str(&doc.json).map_err(|_| Problem::internal())?;
    let ids: Vec<Uuid> = serde_json::from_value(members[ids].take()).map_err(|_| Problem::internal())?;
    let query = asked.0.with(L::LIST, "id", Op::Is, ids.into_iter().map(Value::Id).collect());
    Ok(page(&app.reads.list(&caller.reader(), L::LIST, &query).await?))
}

/// 200 with a page: `{"data": […], "next_cursor": …, "has_more": …, "total": …, "total_is_exact": …}`.
pub fn page(page: &Page) -> Response {
    let Page { total, total_is_exact, .. } = page;
    whole(page, &format!(",\"total\":{total},\"total_is_exact\":{total_is_exact}"))
}

/// The same of the past, with what was signed last; and with the total, if it is known.
pub fn page_with(page: &Page, total: Option<i64>, checkpoint: &Option<Checkpoint>) -> Response {
    let total = total.map(|total| format!(",\"total\":{total},\"total_is_exact\":true")).unwrap_or_default();
    let checkpoint = serde_json::to_string(checkpoint).unwrap_or_default();
    whole(page, &format!("{total},\"checkpoint\":{checkpoint}"))
}

fn whole(page: &Page, more: &str) -> Response {
    let docs = page.docs.joined();
    // A cursor is URL-safe base64: nothing in it needs escaping.
    let cursor = page.next_cursor.as_ref().map_or_else(|| "null".to_owned(), |cursor| format!("\"{cursor}\""));
    let end = format!("],\"next_cursor\":{cursor},\"has_more\":{}{more}}}", page.has_more);
    // In one piece: formatting would let a large text grow, and be copied, several times.
    json(StatusCode::OK, ["{\"data\":[", docs, &end].concat())
}
