//! `GET /v1/projects/{id}/phases`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::project::Phase;
use docket_projections::{Error, PageQuery, Start};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::{Phased, json, seen};
use crate::app::App;
use crate::auth::{Caller, access};
use crate::edge::listing::some_of;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::edge::{conditional, moment};
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Which of them, and how much of each.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskPhases {
    /// With `true`, the last 100 that were removed and can be restored, the latest last, instead of those that are there.
    /// Takes the scope and the role that restoring takes.
    #[serde(default)]
    deleted: bool,
    /// Only these members of each, joined by commas.
    #[param(example = "id,name")]
    fields: Option<String>,
    /// How many at most: 1 to 200, 100 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    #[param(minimum = 0, maximum = 100_000)]
    offset: Option<u32>,
    /// As it was then: a time (RFC 3339), a day (its end, in UTC), or a position (a number, or a `Docket-Position`).
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// So many at most, unless the caller says otherwise: all that a project can have.
const LIMIT: u32 = 100;
/// The members of a phase.
const MEMBERS: [&str; 4] = ["id", "name", "start_date", "end_date"];

/// The phases of a project, in their order.
#[utoipa::path(get, path = "/v1/projects/{id}/phases", tag = "projects", operation_id = "list_phases",
    params(("id" = Uuid, Path, description = "The project's id"), AskPhases),
    responses((status = 200, description = "A page of its phases.", body = inline(Listed<Phase>)),
              (status = 304, description = "They are still those of `If-None-Match`.")))]
pub async fn list_phases(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskPhases>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if asked.deleted {
        access::may_restore("phases", &caller)?;
    }
    let fields = asked.fields.as_deref().map(|fields| some_of(fields, &MEMBERS)).transpose()?;
    let page = page(Some(asked.limit.unwrap_or(LIMIT)), asked.cursor, asked.offset)?;
    let as_of = moment::as_of(asked.as_of.as_deref(), caller.partition)?;
    let (version, Phased { phases, removed_phases }) = seen(&app, &caller, id, as_of).await?;
    let listed = part(if asked.deleted { &removed_phases } else { &phases }, &page, fields.as_deref())?;
    Ok(respond::tagged(&headers, conditional::etag(version), json(&listed)?))
}

/// The page of all these; its cursor is the last one's id.
fn part(all: &[Phase], page: &PageQuery, fields: Option<&[&str]>) -> Result<Listed<Value>, Problem> {
    let after = |cursor: &str| all.iter().position(|phase| phase.id.to_string() == cursor).map(|at| at + 1);
    let from = match &page.start {
        Start::First => 0,
        Start::Offset(skip) => usize::try_from(*skip).unwrap_or(usize::MAX).min(all.len()),
        Start::After(cursor) => after(cursor).ok_or(Error::BadCursor)?,
    };
    let most = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let shown = &all[from..all.len().min(from.saturating_add(most))];
    let has_more = from + shown.len() < all.len();
    Ok(Listed {
        data: shown.iter().map(|phase| only(phase, fields)).collect::<Result<_, _>>()?,
        next_cursor: shown.last().filter(|_| has_more).map(|phase| phase.id.to_string()),
        has_more,
        total: i64::try_from(all.len()).unwrap_or(i64::MAX),
        total_is_exact: true,
    })
}

/// A phase, or only these members of it.
fn only(phase: &Phase, fields: Option<&[&str]>) -> Result<Value, Problem> {
    let mut shown = serde_json::to_value(phase).map_err(|_| Problem::internal())?;
    if let (Some(fields), Value::Object(members)) = (fields, &mut shown) {
        let all: Map<_, _> = std::mem::take(members);
        *members = all.into_iter().filter(|(name, _)| fields.contains(&name.as_str())).collect();
    }
    Ok(shown)
}
