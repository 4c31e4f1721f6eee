//! `POST /v1/tasks`

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::{LabelId, MemberId, PhaseId, ProjectId, SprintId, TaskId};
use docket_domain::task::{self, Command, Estimate, MOST_REFERENCES, Priority, Status};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Date, Id, Instant, Line, Text, Whole};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::{auth::access, respond};

/// A new task.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTask {
    /// The project it belongs to.
    #[schema(value_type = Uuid)]
    pub project_id: Id,
    /// One line that says what is to be done.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "Fix the login page")]
    pub title: Line<1, 500>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Option<Text<0, 20_000>>,
    /// Where it stands; `todo` unless said otherwise.
    #[serde(default)]
    pub status: Option<Status>,
    /// How much it matters; `none` unless said otherwise.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Who does it.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50)]
    pub assignee_ids: Vec<Id>,
    /// Its labels.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 50)]
    pub label_ids: Vec<Id>,
    /// The day work starts.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub start_date: Option<Date>,
    /// The day it has to be done; not before `start_date`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub due_date: Option<Date>,
    /// The sprint it is to be done in; one of its project that is not closed.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub sprint_id: Option<Id>,
    /// The phase it belongs to; one of its project.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub phase_id: Option<Id>,
    /// The task it is a part of.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Id>,
    /// How much work it is thought to be, in minutes.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000)]
    pub estimate_minutes: Option<Minutes>,
    /// How much work it is thought to be, in points.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 10_000)]
    pub estimate_points: Option<Points>,
    /// Whether the customer pays for it; as for its project unless said otherwise.
    #[serde(default)]
    pub billable: Option<bool>,
    /// What it is called where it came from; unique in the workspace, so that bringing it in twice is refused.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "JIRA-4711")]
    pub external_id: Option<Line<1, 200>>,
    /// When it really came into being, if not now. Takes the scope `import`.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub occurred_at: Option<Instant>,
}

/// An estimate in minutes: up to some years of work.
pub type Minutes = Whole<0, 1_000_000>;
/// An estimate in points.
pub type Points = Whole<0, 10_000>;

impl CreateTask {
    /// The intent behind the body.
    pub fn intent(self, caller: &Caller) -> Result<Intent, Problem> {
        let occurred_at = occurred_at(self.occurred_at, caller)?;
        let new = task::Create {
            project_id: ProjectId(self.project_id.0),
            title: self.title.into_string(),
            description: self.description.map(Text::into_string),
            status: self.status.unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            assignee_ids: at_most(self.assignee_ids, "/assignee_ids", MemberId)?,
            label_ids: at_most(self.label_ids, "/label_ids", LabelId)?,
            sprint_id: self.sprint_id.map(|id| SprintId(id.0)),
            phase_id: self.phase_id.map(|id| PhaseId(id.0)),
            parent_id: self.parent_id.map(|id| TaskId(id.0)),
            estimate: Estimate {
                minutes: self.estimate_minutes.map(|whole| whole.0),
                points: self.estimate_points.map(|whole| whole.0),
            },
            billable: self.billable,
            start_date: self.start_date.map(|date| date.0),
            due_date: self.due_date.map(|date| date.0),
            external_id: self.external_id.map(Line::into_string),
        };
        Ok(Intent::create::<task::Task>(Uuid::new_v4(), Command::Create(new)).at(occurred_at))
    }
}

/// The ids, unless there are too many.
pub fn at_most<T>(ids: Vec<Id>, pointer: &'static str, of: impl Fn(Uuid) -> T) -> Result<Vec<T>, Problem> {
    if ids.len() > MOST_REFERENCES {
        return Err(Problem::field(pointer, "too-many", format!("At most {MOST_REFERENCES} are taken at once.")));
    }
    Ok(ids.into_iter().map(|id| of(id.0)).collect())
}

/// The time a caller says something occurred at: only an importer may say it, and it may not be in the future.
pub fn occurred_at(sent: Option<Instant>, caller: &Caller) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(time) = sent else { return Ok(None) };
    if !caller.has(access::IMPORT) {
        return Err(Problem::forbidden("missing-scope", "Setting occurred_at takes the scope import."));
    }
    if time.0 > App::now() {
        return Err(Problem::field("/occurred_at", "in-the-future", "This lies in the future."));
    }
    Ok(Some(time.0))
}

/// Create a task.
#[utoipa::path(post, path = "/v1/tasks", tag = "tasks", operation_id = "create_task", request_body = CreateTask,
    responses((status = 201, description = "The new task; `Location` says where.", body = Task)))]
pub async fn create_task(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<CreateTask>,
) -> Result<Response, Problem> {
    let intent = body.intent(&caller)?;
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    respond::created_at(&answer, &format!("/v1/tasks/{}", state.id()), state.to_json())
}
