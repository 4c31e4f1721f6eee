//! `PATCH /v1/tasks/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::{LabelId, MemberId, PhaseId, ProjectId, SprintId, TaskId};
use docket_domain::task::{self, Changes, Command, Priority, Status};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Task;
use super::create::{Minutes, Points, at_most, occurred_at};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Date, Id, Instant, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTask {
    /// Move it to another project.
    #[serde(default)]
    #[schema(value_type = Uuid, required = false)]
    pub project_id: Change<Id>,
    /// A new title.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 500, required = false)]
    pub title: Change<Line<1, 500>>,
    /// A new description.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<Text<0, 20_000>>,
    /// A new status.
    #[serde(default)]
    #[schema(value_type = Status, example = "done", required = false)]
    pub status: Change<Status>,
    /// A new priority.
    #[serde(default)]
    #[schema(value_type = Priority, required = false)]
    pub priority: Change<Priority>,
    /// Exactly these assignees.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50, required = false)]
    pub assignee_ids: Change<Vec<Id>>,
    /// Exactly these labels.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50, required = false)]
    pub label_ids: Change<Vec<Id>>,
    /// A new start.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub start_date: Patch<Date>,
    /// A new due date.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub due_date: Patch<Date>,
    /// Into another sprint, or none. A task that moves to another project leaves its sprint unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub sprint_id: Patch<Id>,
    /// Into another phase, or none. A task that moves to another project leaves its phase unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub phase_id: Patch<Id>,
    /// Under another task, or none.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Patch<Id>,
    /// A new estimate in minutes.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000)]
    pub estimate_minutes: Patch<Minutes>,
    /// A new estimate in points.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 10_000)]
    pub estimate_points: Patch<Points>,
    /// Whether the customer pays for it; null: as for its project.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub billable: Patch<bool>,
    /// When this occurred, for what is brought in from elsewhere. Takes the scope `import`.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub occurred_at: Option<Instant>,
}

impl UpdateTask {
    /// What is asked for.
    pub fn intent(self, id: Uuid, caller: &Caller) -> Result<Intent, Problem> {
        let occurred_at = occurred_at(self.occurred_at, caller)?;
        Ok(Intent::new::<task::Task>(id, self.command()?).at(occurred_at))
    }

    fn command(self) -> Result<Command, Problem> {
        Ok(Command::Update(Changes {
            project_id: self.project_id.0.map(|id| ProjectId(id.0)),
            title: self.title.0.map(Line::into_string),
            description: self.description.map(Text::into_string).change(),
            status: self.status.0,
            priority: self.priority.0,
            assignee_ids: self.assignee_ids.0.map(|ids| at_most(ids, "/assignee_ids", MemberId)).transpose()?,
            label_ids: self.label_ids.0.map(|ids| at_most(ids, "/label_ids", LabelId)).transpose()?,
            sprint_id: self.sprint_id.map(|id| SprintId(id.0)).change(),
            phase_id: self.phase_id.map(|id| PhaseId(id.0)).change(),
            parent_id: self.parent_id.map(|id| TaskId(id.0)).change(),
            estimate_minutes: self.estimate_minutes.map(|whole| whole.0).change(),
            estimate_points: self.estimate_points.map(|whole| whole.0).change(),
            billable: self.billable.change(),
            start_date: self.start_date.map(|date| date.0).change(),
            due_date: self.due_date.map(|date| date.0).change(),
        }))
    }
}

/// Change a task.
#[utoipa::path(patch, path = "/v1/tasks/{id}", tag = "tasks", operation_id = "update_task",
    params(("id" = Uuid, Path, description = "The task's id")),
    request_body(content = UpdateTask, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The task as it is now.", body = Task)))]
pub async fn update_task(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateTask>,
) -> Result<Response, Problem> {
    let intent = body.intent(id, &caller)?.expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
