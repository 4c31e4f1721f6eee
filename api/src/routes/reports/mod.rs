//! Reports: what timelogs, tasks and sprints come to, as JSON, or as CSV for who asks for `text/csv`.

pub mod burndown;
pub mod cumulative_flow;
pub mod time;
pub mod velocity;

use docket_domain::Snapshot;
use docket_domain::sprint::{Sprint, Status};
use serde::Serialize;
use utoipa::ToSchema;

/// Tasks, and the points they were estimated at.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Amount {
    /// How many tasks.
    tasks: i64,
    /// How many points.
    points: i64,
}

impl From<docket_projections::Amount> for Amount {
    fn from(amount: docket_projections::Amount) -> Self {
        Self { tasks: amount.tasks, points: amount.points }
    }
}

/// Which sprint.
#[derive(Serialize, ToSchema)]
pub struct SprintInReport {
    /// Its id.
    id: uuid::Uuid,
    /// Its number.
    number: i64,
    /// Its name.
    name: String,
    /// Where it stands.
    status: Status,
    /// Its first day.
    start_date: Option<chrono::NaiveDate>,
    /// Its last day.
    end_date: Option<chrono::NaiveDate>,
}

impl From<Snapshot<Sprint>> for SprintInReport {
    fn from(sprint: Snapshot<Sprint>) -> Self {
        let Sprint { name, status, start_date, end_date, .. } = sprint.state;
        Self { id: sprint.id, number: sprint.number, name, status, start_date, end_date }
    }
}
