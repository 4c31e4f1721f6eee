//! `GET /v1/reports/burndown` and `GET /v1/sprints/{id}/burndown`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use docket_domain::ids::SprintId;
use docket_projections::{Burndown, BurndownDay, Moment, Until};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Amount, SprintInReport};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::csv::{self, cell};
use crate::edge::moment;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::{Date, Id};
use crate::problem::Problem;
use crate::respond;

/// Of which sprint, and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskBurndown {
    /// The sprint.
    #[param(value_type = Uuid)]
    sprint_id: Id,
    /// As it was then: a time (RFC 3339), a day (its end, in UTC) or a position. Of later days nothing is known then. Of a
    /// sprint that was imported later, a day is what is known of it by now.
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// When.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskWhen {
    /// As it was then: a time (RFC 3339), a day (its end, in UTC) or a position. Of later days nothing is known then. Of a
    /// sprint that was imported later, a day is what is known of it by now.
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// A sprint, day by day.
#[derive(Serialize, ToSchema)]
pub struct BurndownReport {
    /// The sprint.
    sprint: SprintInReport,
    /// Its days, from its first to its last.
    data: Vec<DayOfSprint>,
}

/// What there was at the end of a day (in UTC); null on days that lie ahead.
#[derive(Serialize, ToSchema)]
pub struct DayOfSprint {
    /// The day.
    date: NaiveDate,
    /// All that was in the sprint but for what was cancelled or a duplicate: the scope line.
    scope: Option<Amount>,
    /// What of it was done.
    done: Option<Amount>,
    /// What was not: the burndown line.
    remaining: Option<Amount>,
}

/// How much of a sprint was left at the end of each day, and how much there was altogether; with `as_of` as it looked then.
#[utoipa::path(get, path = "/v1/reports/burndown", tag = "reports", operation_id = "get_burndown", params(AskBurndown),
    responses((status = 200, description = "The sprint's days.",
               content((BurndownReport = "application/json"), (String = "text/csv"))),
              (status = 404, description = "There is no such sprint.")))]
pub async fn get_burndown(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskBurndown>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    burndown(&app, &caller, SprintId(asked.sprint_id.0), asked.as_of.as_deref(), &headers).await
}

/// How much of this sprint was left at the end of each day: the same as `get_burndown`.
#[utoipa::path(get, path = "/v1/sprints/{id}/burndown", tag = "sprints", operation_id = "get_sprint_burndown",
    params(("id" = Uuid, Path, description = "The sprint's id"), AskWhen),
    responses((status = 200, description = "The sprint's days.",
               content((BurndownReport = "application/json"), (String = "text/csv"))),
              (status = 404, description = "There is no such sprint.")))]
pub async fn get_sprint_burndown(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskWhen>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    burndown(&app, &caller, SprintId(id), asked.as_of.as_deref(), &headers).await
}

async fn burndown(
    app: &App,
    caller: &Caller,
    sprint: SprintId,
    as_of: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let until = until(as_of, caller.partition)?;
    let found = app.reads.burndown(&caller.reader(), sprint, until).await?;
    let Burndown { sprint, days } = found.ok_or_else(Problem::not_found)?;
    if csv::is_wanted(headers) {
        return Ok(table(&days).into_response());
    }
    let data = days.into_iter().map(|(date, day)| DayOfSprint {
        date,
        scope: day.map(|day| day.scope.into()),
        done: day.map(|day| day.done.into()),
        remaining: day.map(|day| day.remaining.into()),
    });
    let report = BurndownReport { data: data.collect(), sprint: sprint.into() };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&report).map_err(|_| Problem::internal())?))
}

/// What is asked for. A day that is not over is now.
fn until(as_of: Option<&str>, partition: i16) -> Result<Until, Problem> {
    let today = App::now().date_naive();
    let Some(text) = as_of else { return Ok(Until::Now(today)) };
    if let Ok(Date(day)) = text.parse() {
        return Ok(if day < today { Until::Day(day) } else { Until::Now(today) });
    }
    let not_ahead = |moment| match moment {
        Moment::Time(time) => Moment::Time(time.min(App::now())),
        position @ Moment::Position(_) => position,
    };
    Ok(Until::Moment(not_ahead(moment::then(text, partition)?)))
}

fn table(days: &[(NaiveDate, Option<BurndownDay>)]) -> csv::Table {
    let columns =
        ["date", "scope_tasks", "done_tasks", "remaining_tasks", "scope_points", "done_points", "remaining_points"];
    let mut table = csv::Table::new(&columns);
    for (date, day) in days {
        let amounts = day.map(|day| [day.scope, day.done, day.remaining]);
        let tasks = (0..3).map(|at| cell(amounts.map(|amounts| amounts[at].tasks)));
        let points = (0..3).map(|at| cell(amounts.map(|amounts| amounts[at].points)));
        table.push(std::iter::once(date.to_string()).chain(tasks).chain(points));
    }
    table
}
