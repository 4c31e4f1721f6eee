//! `GET /v1/reports/velocity`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_domain::ids::ProjectId;
use docket_projections::{SprintResult, VelocityQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Amount, SprintInReport};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::csv::{self, text};
use crate::edge::moment;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// Of which sprints.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskVelocity {
    /// Of this project.
    #[param(value_type = Uuid)]
    project_id: Id,
    /// So many, those that were closed last: 1 to 100, 10 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Those that were closed then: a time (RFC 3339), a day (its end, in UTC) or a position.
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// What came of some sprints.
#[derive(Serialize, ToSchema)]
pub struct VelocityReport {
    /// The sprints, in the order in which they were closed.
    data: Vec<ResultOfSprint>,
    /// What was done in a sprint on average, to two decimals; null without sprints.
    average: Option<Average>,
}

/// What came of a sprint.
#[derive(Serialize, ToSchema)]
pub struct ResultOfSprint {
    /// The sprint.
    sprint: SprintInReport,
    /// What was in it at the end of the day (in UTC) on which it was started.
    planned: Amount,
    /// What of it was done at the end of the day on which it was closed.
    done: Amount,
}

/// An average.
#[derive(Serialize, ToSchema)]
pub struct Average {
    /// How many tasks.
    tasks: f64,
    /// How many points.
    points: f64,
}

/// How many at most, unless the caller says otherwise.
const LIMIT: u32 = 10;
/// How many at most, whatever the caller says.
const MOST: u32 = 100;

/// How much was planned for, and done in, the sprints of a project that were closed last.
#[utoipa::path(get, path = "/v1/reports/velocity", tag = "reports", operation_id = "get_velocity", params(AskVelocity),
    responses((status = 200, description = "The sprints.",
               content((VelocityReport = "application/json"), (String = "text/csv")))))]
pub async fn get_velocity(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskVelocity>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = asked.limit.unwrap_or(LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::parameter("limit", "out-of-range", format!("limit is 1 to {MOST}.")));
    }
    let as_of = moment::as_of(asked.as_of.as_deref(), caller.partition)?;
    let query = VelocityQuery { project: ProjectId(asked.project_id.0), most: limit.into(), as_of };
    let results = app.reads.velocity(&caller.reader(), &query).await?;
    if csv::is_wanted(&headers) {
        return Ok(table(&results).into_response());
    }
    let average = (!results.is_empty()).then(|| Average {
        tasks: mean(results.iter().map(|one| one.done.tasks)),
        points: mean(results.iter().map(|one| one.done.points)),
    });
    let data = results.into_iter().map(|SprintResult { sprint, planned, done }| ResultOfSprint {
        sprint: sprint.into(),
        planned: planned.into(),
        done: done.into(),
    });
    let report = VelocityReport { data: data.collect(), average };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&report).map_err(|_| Problem::internal())?))
}

fn mean(of: impl ExactSizeIterator<Item = i64>) -> f64 {
    let count = of.len() as f64;
    (of.sum::<i64>() as f64 / count * 100.0).round() / 100.0
}

fn table(results: &[SprintResult]) -> csv::Table {
    let columns = ["sprint_id", "sprint", "planned_tasks", "planned_points", "done_tasks", "done_points"];
    let mut table = csv::Table::new(&columns);
    for SprintResult { sprint, planned, done } in results {
        let amounts = [planned.tasks, planned.points, done.tasks, done.points].map(|n| n.to_string());
        table.push([sprint.id.to_string(), text(&sprint.state.name)].into_iter().chain(amounts));
    }
    table
}
