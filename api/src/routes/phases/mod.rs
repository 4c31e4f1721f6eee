//! Phases: parts of a project, and changed with it. Their entity tag is the project's.

pub mod add;
pub mod get;
pub mod list;
pub mod remove;
pub mod update;

use docket_commands::Answer;
use docket_domain::Snapshot;
use docket_domain::project::{Phase, Project};
use docket_projections::{Doc, PROJECTS, View};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment::AsOf;
use crate::edge::scalars::Whole;
use crate::problem::Problem;
use crate::respond;

/// A place among the phases, from 1.
type Place = Whole<1, 100>;

fn index(Whole(place): Place) -> usize {
    usize::try_from(place - 1).unwrap_or(0)
}

/// The phases of a project that can be seen, or could be, with the project's version.
async fn seen(app: &App, caller: &Caller, project: Uuid, then: &AsOf) -> Result<(i64, Vec<Phase>), Problem> {
    #[derive(Deserialize)]
    struct Phased {
        phases: Vec<Phase>,
    }
    let view = View { as_of: then.moment(caller.partition)?, ..View::default() };
    let found = app.reads.get(&caller.reader(), &PROJECTS, project, &view).await?;
    let Doc { version, json } = found.ok_or_else(Problem::not_found)?;
    let Phased { phases } = serde_json::from_str(&json).map_err(|_| Problem::internal())?;
    Ok((version, phases))
}

/// The phases after a command for their project.
fn written(answer: &Answer) -> Result<&[Phase], Problem> {
    let project = respond::only(answer)?.state.as_any().downcast_ref::<Snapshot<Project>>();
    project.map(|project| project.state.phases.as_slice()).ok_or_else(Problem::internal)
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|_| Problem::internal())
}
