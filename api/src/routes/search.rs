//! `GET /v1/search`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_projections::{
    CUSTOMERS, List, ListQuery, MEMBERS, Moment, PROJECTS, PageQuery, SPRINTS, Start, TASKS, View,
};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::moment;
use crate::edge::query::Query;
use crate::edge::scalars::Line;
use crate::problem::Problem;
use crate::respond;

/// What can be looked for, in the order in which equals are found.
static KINDS: [(&str, &List); 5] =
    [("project", &PROJECTS), ("task", &TASKS), ("member", &MEMBERS), ("sprint", &SPRINTS), ("customer", &CUSTOMERS)];
/// How many are found, unless said otherwise.
const LIMIT: i64 = 20;
/// How many are found at most.
const MOST: i64 = 50;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchFor {
    /// Words that all of them have; the last may be the beginning of one.
    #[param(value_type = String, example = "login")]
    q: Line<1, 500>,
    /// Only these: `project`, `task`, `member`, `sprint`, `customer`, joined by commas. Each takes the scope that its
    /// list takes; unless some are named, all are looked for that the key may read.
    #[param(example = "task,project")]
    kinds: Option<String>,
    /// How many at most: 1 to 50, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<i64>,
    /// What could be found then: a time (RFC 3339), a day (its end, in UTC), or a position (a number, or a `Docket-Position`).
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// What was found, what fits best first.
#[derive(Serialize, ToSchema)]
pub struct SearchResults {
    /// The hits.
    data: Vec<Hit>,
}

/// Something that was found.
#[derive(Serialize, ToSchema)]
pub struct Hit {
    /// What it is: `task`, `project`, `member`, `sprint` or `customer`.
    pub kind: &'static str,
    /// How well it fits; only to be compared with others of the same answer.
    pub relevance: f32,
    /// The same as its own list shows it, with `highlights`.
    #[schema(value_type = Object)]
    pub resource: Box<RawValue>,
}

/// Find tasks, projects, sprints, members and customers by words.
#[utoipa::path(get, path = "/v1/search", tag = "search", operation_id = "search", params(SearchFor),
    responses((status = 200, description = "What was found.", body = SearchResults),
              (status = 304, description = "It is still what `If-None-Match` names."),
              (status = 403, description = "The key lacks the scope of a kind that is named, or of all kinds.")))]
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<SearchFor>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kinds = match &asked.kinds {
        Some(named) => Kinds::named(named.split(','), &caller)?,
        None => Kinds::readable(|_| true, &caller),
    };
    let as_of = moment::as_of(asked.as_of.as_deref(), caller.partition)?;
    let data = find(&app, &caller, &kinds, asked.q.as_str(), asked.limit.unwrap_or(LIMIT), as_of).await?;
    let text = serde_json::to_string(&SearchResults { data }).map_err(|_| Problem::internal())?;
    Ok(respond::tagged(&headers, conditional::etag_of_view(0, crc32fast::hash(text.as_bytes())), text))
}

/// What somebody looks for and may read: there is no other way to one than by the scopes of a caller.
pub struct Kinds(Vec<&'static (&'static str, &'static List)>);

impl Kinds {
    /// All of these that the caller may read.
    pub fn readable(wanted: impl Fn(&str) -> bool, caller: &Caller) -> Self {
        Self(KINDS.iter().filter(|(name, list)| wanted(name) && caller.has(&scope(list))).collect())
    }

    /// These; refused if the caller may not read one of them.
    fn named<'n>(names: impl Iterator<Item = &'n str>, caller: &Caller) -> Result<Self, Problem> {
        let kind = |name: &str| {
            let Some(kind) = KINDS.iter().find(|(kind, _)| *kind == name) else {
                let known: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
                return Err(Problem::parameter("kinds", "unknown-value", format!("kinds are {}.", known.join(", "))));
            };
            let scope = scope(kind.1);
            if caller.has(&scope) {
                return Ok(kind);
            }
            let detail = format!("The key lacks the scope {scope}, which kinds={name} takes.");
            Err(Problem::forbidden("missing-scope", detail))
        };
        let named = names.map(kind).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(KINDS.iter().filter(|(name, _)| named.iter().any(|(other, _)| other == name)).collect()))
    }
}

/// The scope that a list takes.
fn scope(list: &List) -> String {
    format!("{}:read", list.name)
}

/// What fits best of these kinds, now or then. The last word may be unfinished.
pub async fn find(
    app: &App,
    caller: &Caller,
    kinds: &Kinds,
    q: &str,
    limit: i64,
    as_of: Option<Moment>,
) -> Result<Vec<Hit>, Problem> {
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::parameter("limit", "out-of-range", format!("must be 1 to {MOST}")));
    }
    let q = if q.ends_with(char::is_alphanumeric) { format!("{q}*") } else { q.to_owned() };
    let page = PageQuery { limit, start: Start::First };
    let view = View { as_of, ..View::default() };
    let query = ListQuery { q: Some(q), page, view, ..ListQuery::default() };
    let reader = caller.reader();
    let pages = try_join_all(kinds.0.iter().map(|(_, list)| app.reads.list(&reader, list, &query))).await?;
    let mut hits = Vec::new();
    for ((kind, _), page) in kinds.0.iter().zip(&pages) {
        for (doc, relevance) in page.docs.iter().zip(&page.ranks) {
            let resource = RawValue::from_string(doc.to_owned()).map_err(|_| Problem::internal())?;
            hits.push(Hit { kind, relevance: *relevance, resource });
        }
    }
    // Equals stay in the order of the kinds and of their lists.
    hits.sort_by(|one, other| other.relevance.total_cmp(&one.relevance));
    hits.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(hits)
}
