//! `GET /v1/reports/cumulative-flow`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use docket_domain::ids::ProjectId;
use docket_domain::task::Status;
use docket_projections::{FlowDay, FlowQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Amount;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::csv;
use crate::edge::query::Query;
use crate::edge::scalars::{Date, Id};
use crate::problem::Problem;
use crate::respond;

/// Which days, of which projects.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskFlow {
    /// Only these projects, joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    project_id: Vec<Id>,
    /// From this day on; 30 days before the last unless said otherwise.
    #[serde(rename = "date[gte]")]
    #[param(value_type = Option<NaiveDate>)]
    from: Option<Date>,
    /// Up to and with this day, at most 732 days; today unless said otherwise.
    #[serde(rename = "date[lte]")]
    #[param(value_type = Option<NaiveDate>)]
    to: Option<Date>,
}

/// How the work went.
#[derive(Serialize, ToSchema)]
pub struct FlowReport {
    /// Each day.
    data: Vec<DayOfFlow>,
}

/// What there was in each status at the end of a day (in UTC).
#[derive(Serialize, ToSchema)]
pub struct DayOfFlow {
    /// The day.
    date: NaiveDate,
    /// Noted, not planned.
    backlog: Amount,
    /// Planned.
    todo: Amount,
    /// Being worked on.
    in_progress: Amount,
    /// Being looked at.
    in_review: Amount,
    /// Finished.
    done: Amount,
    /// Given up.
    cancelled: Amount,
    /// The same as another task.
    duplicate: Amount,
}

/// How many days, unless the caller says otherwise, and how many at most.
const DAYS: u64 = 30;
const MOST: i64 = 732;

impl AskFlow {
    fn query(&self, today: NaiveDate) -> Result<FlowQuery, Problem> {
        let to = self.to.map_or(today, |date| date.0);
        let from = self.from.map_or_else(|| to.checked_sub_days(Days::new(DAYS)).unwrap_or(to), |date| date.0);
        if from > to || (to - from).num_days() >= MOST {
            let detail = format!("date[gte] is 0 to {} days before date[lte].", MOST - 1);
            return Err(Problem::parameter("date[gte]", "out-of-range", detail));
        }
        // Of days that lie ahead nothing is known.
        Ok(FlowQuery { projects: self.project_id.iter().map(|id| ProjectId(id.0)).collect(), from, to: to.min(today) })
    }
}

/// How many tasks, and points, there were in each status at the end of each day.
#[utoipa::path(get, path = "/v1/reports/cumulative-flow", tag = "reports", operation_id = "get_cumulative_flow",
    params(AskFlow),
    responses((status = 200, description = "The days.",
               content((FlowReport = "application/json"), (String = "text/csv")))))]
pub async fn get_cumulative_flow(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskFlow>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = asked.query(App::now().date_naive())?;
    let days = app.reads.cumulative_flow(&caller.reader(), &query).await?;
    if csv::is_wanted(&headers) {
        return Ok(table(&days).into_response());
    }
    let report = FlowReport { data: days.into_iter().map(DayOfFlow::from).collect() };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&report).map_err(|_| Problem::internal())?))
}

impl From<FlowDay> for DayOfFlow {
    fn from(FlowDay { date, board }: FlowDay) -> Self {
        let [backlog, todo, in_progress, in_review, done, cancelled, duplicate] = board.map(Amount::from);
        Self { date, backlog, todo, in_progress, in_review, done, cancelled, duplicate }
    }
}

fn table(days: &[FlowDay]) -> csv::Table {
    let words = Status::ALL.map(Status::as_str);
    let points = words.map(|word| format!("{word}_points"));
    let columns: Vec<&str> = std::iter::once("date").chain(words).chain(points.iter().map(String::as_str)).collect();
    let mut table = csv::Table::new(&columns);
    for FlowDay { date, board } in days {
        let tasks = board.iter().map(|amount| amount.tasks.to_string());
        let points = board.iter().map(|amount| amount.points.to_string());
        table.push(std::iter::once(date.to_string()).chain(tasks).chain(points));
    }
    table
}
