//! Phases: parts of a project, and changed with it. Their entity tag is the project's.

pub mod add;
pub mod batch;
pub mod get;
pub mod list;
pub mod remove;
pub mod restore;
pub mod update;

use docket_commands::Answer;
use docket_domain::Snapshot;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Phase, Project};
use docket_projections::{Doc, Moment, PROJECTS, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Date, Line, Whole};
use crate::problem::Problem;
use crate::respond;

/// A place among the phases, from 1.
type Place = Whole<1, 100>;

fn index(Whole(place): Place) -> usize {
    usize::try_from(place - 1).unwrap_or(0)
}

/// A phase of a new project.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPhase {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Design")]
    name: Line<1, 200>,
    /// Its first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Option<Date>,
    /// Its last day; not before `start_date`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    end_date: Option<Date>,
}

impl NewPhase {
    /// The phase, with this id.
    pub fn phase(self, id: Uuid) -> Phase {
        let (start_date, end_date) = (self.start_date.map(|date| date.0), self.end_date.map(|date| date.0));
        Phase { id: PhaseId(id), name: self.name.into_string(), start_date, end_date }
    }
}

/// What a project says of its phases.
#[derive(Deserialize)]
struct Phased {
    phases: Vec<Phase>,
    #[serde(default)]
    removed_phases: Vec<Phase>,
}

/// The phases of a project that can be seen, or could be, with the project's version.
async fn seen(app: &App, caller: &Caller, project: Uuid, as_of: Option<Moment>) -> Result<(i64, Phased), Problem> {
    let view = View { as_of, ..View::default() };
    let found = app.reads.get(&caller.reader(), &PROJECTS, project, &view).await?;
    let Doc { version, json } = found.ok_or_else(Problem::not_found)?;
    Ok((version, serde_json::from_str(&json).map_err(|_| Problem::internal())?))
}

/// A phase after a command for its project.
fn written(answer: &Answer, id: Uuid) -> Result<&Phase, Problem> {
    let project = respond::only(answer)?.state.as_any().downcast_ref::<Snapshot<Project>>();
    let project = project.ok_or_else(Problem::internal)?;
    project.state.phase(PhaseId(id)).ok_or_else(Problem::not_found)
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|_| Problem::internal())
}
