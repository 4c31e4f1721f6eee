//! `GET /v1/timelogs/totals`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use docket_domain::ids::{CustomerId, MemberId, ProjectId, TaskId, TeamId};
use docket_projections::{By, Start, TimeSum, TimeTotals, TotalsQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment;
use crate::edge::query::Query;
use crate::edge::scalars::{Date, Id};
use crate::problem::Problem;
use crate::respond;

/// Which time, and how it is added up.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskTotals {
    /// By what: `member`, `project`, `customer`, `task` or `day`.
    #[param(example = "member")]
    group_by: String,
    /// Only these members', joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    member_id: Vec<Id>,
    /// Only these projects', joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    project_id: Vec<Id>,
    /// Only that for projects of these customers, joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    customer_id: Vec<Id>,
    /// Only that for projects of these teams, joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    team_id: Vec<Id>,
    /// Only these tasks', joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    task_id: Vec<Id>,
    /// Only what the customer pays for, or only what they don't.
    billable: Option<bool>,
    /// Only from this day on.
    #[serde(rename = "date[gte]")]
    #[param(value_type = Option<NaiveDate>)]
    from: Option<Date>,
    /// Only up to and with this day.
    #[serde(rename = "date[lte]")]
    #[param(value_type = Option<NaiveDate>)]
    to: Option<Date>,
    /// As it was logged then: a time (RFC 3339), a day (its end, in UTC) or a position.
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
    /// How many at most: 1 to 1000, 200 unless said otherwise.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// Time added up.
#[derive(Serialize, ToSchema)]
pub struct Totals {
    /// One for each member, project, customer, task or day that has any, in the order of their ids or days.
    data: Vec<Total>,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
    /// Whether there is a next page.
    has_more: bool,
    /// All of it together, on all pages.
    sum: Sum,
}

/// The time of one member, project, customer, task or day; only that of its kind is there.
#[derive(Serialize, ToSchema)]
pub struct Total {
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<Uuid>,
    /// Which project's.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<Uuid>,
    /// Which customer's; null for projects without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<Option<Uuid>>,
    /// Which task's; null for time on no task.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<Option<Uuid>>,
    /// Which day's.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<NaiveDate>,
    /// What the member, project, customer or task is called; not, if it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// How many timelogs, running timers among them.
    entries: i64,
    /// How long together; running timers count when they are stopped.
    seconds: i64,
    /// How much of that is billable.
    billable_seconds: i64,
}

/// How much time.
#[derive(Serialize, ToSchema)]
pub struct Sum {
    /// How many timelogs, running timers among them.
    entries: i64,
    /// How long together; running timers count when they are stopped.
    seconds: i64,
    /// How much of that is billable.
    billable_seconds: i64,
}

/// How many at most, unless the caller says otherwise.
const LIMIT: u32 = 200;
/// How many at most, whatever the caller says.
pub const MOST: u32 = 1_000;

impl AskTotals {
    /// Refuses what asks for a page, where there are none.
    pub fn is_whole(&self) -> Result<(), Problem> {
        let paged = [("limit", self.limit.is_some()), ("cursor", self.cursor.is_some())];
        let sent = paged.into_iter().find(|(_, is_sent)| *is_sent);
        sent.map_or(Ok(()), |(name, _)| Err(Problem::parameter(name, "invalid-parameter", "A table is not paged.")))
    }

    /// The query behind the parameters.
    pub fn query(self, caller: &Caller) -> Result<TotalsQuery, Problem> {
        let by = By::parse(&self.group_by).ok_or_else(|| {
            let words = By::ALL.map(By::as_str).join(", ");
            Problem::parameter("group_by", "unknown-value", format!("group_by is one of {words}."))
        })?;
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::parameter("limit", "out-of-range", format!("limit is 1 to {MOST}.")));
        }
        Ok(TotalsQuery {
            by,
            members: self.member_id.iter().map(|id| MemberId(id.0)).collect(),
            projects: self.project_id.iter().map(|id| ProjectId(id.0)).collect(),
            customers: self.customer_id.iter().map(|id| CustomerId(id.0)).collect(),
            teams: self.team_id.iter().map(|id| TeamId(id.0)).collect(),
            billable: self.billable,
            tasks: self.task_id.iter().map(|id| TaskId(id.0)).collect(),
            from: self.from.map(|date| date.0),
            to: self.to.map(|date| date.0),
            as_of: moment::as_of(self.as_of.as_deref(), caller.partition)?,
            limit: limit.into(),
            start: self.cursor.map_or(Start::First, Start::After),
        })
    }
}

/// How much time was worked: by each member, for each project or customer, on each task or day.
#[utoipa::path(get, path = "/v1/timelogs/totals", tag = "timelogs", operation_id = "get_time_totals",
    params(AskTotals),
    responses((status = 200, description = "The sums, exactly.", body = Totals)))]
pub async fn get_time_totals(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskTotals>,
) -> Result<Response, Problem> {
    let query = asked.query(&caller)?;
    let found = app.reads.time_totals(&caller.reader(), &query).await?;
    answer(query.by, found)
}

/// The sums as JSON.
pub fn answer(by: By, found: TimeTotals) -> Result<Response, Problem> {
    let text = serde_json::to_string(&totals(by, found)).map_err(|_| Problem::internal())?;
    Ok(respond::json(StatusCode::OK, text))
}

fn totals(by: By, found: TimeTotals) -> Totals {
    let data = found.totals.into_iter().map(|total| {
        let TimeSum { entries, seconds, billable_seconds } = total.sum;
        let id = total.key.as_deref().and_then(|key| key.parse::<Uuid>().ok());
        let day = total.key.as_deref().and_then(|key| key.parse().ok());
        let is = |wanted: By| by == wanted;
        Total {
            member_id: id.filter(|_| is(By::Member)),
            project_id: id.filter(|_| is(By::Project)),
            customer_id: is(By::Customer).then_some(id),
            task_id: is(By::Task).then_some(id),
            date: day.filter(|_| is(By::Day)),
            name: total.name,
            entries,
            seconds,
            billable_seconds,
        }
    });
    let TimeSum { entries, seconds, billable_seconds } = found.sum;
    Totals {
        data: data.collect(),
        has_more: found.next_cursor.is_some(),
        next_cursor: found.next_cursor,
        sum: Sum { entries, seconds, billable_seconds },
    }
}
