//! What becomes of projects when the states that they can be in change.
//!
//! A state that goes must not leave projects behind. Which are in it only the read model knows, and it may be behind what
//! others are doing at this moment; but once the change is committed nobody can put a project into it, so what is found
//! then is all there is. It follows to the state that was said, or, without one, brings its state back.

use docket_commands::{Answer, Mode};
use docket_domain::Intent;
use docket_domain::project::StatusChoice;
use docket_domain::workspace::{Changes, Command, ProjectStatus, Workspace};
use docket_projections::{ReadAs, View, WORKSPACES};
use serde::Deserialize;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::routes::follow::Followers;

/// A change of the states.
pub enum States {
    /// They stay as they are.
    Same,
    /// Projects go to another.
    Replaced(Followers),
    /// No project may be in one that goes.
    Unused {
        /// The keys of those that there will be.
        next: Vec<String>,
        /// Those that there were.
        before: Vec<ProjectStatus>,
    },
}

impl States {
    /// What a change asks for; says in it which states are in use.
    pub async fn of(app: &App, caller: &Caller, changes: &mut Changes) -> Result<Self, Problem> {
        let Some(next) = &changes.project_statuses else {
            return match changes.replace_with {
                Some(_) => Err(Problem::field("/replace_with", "not-taken", "Only project_statuses takes it.")),
                None => Ok(Self::Same),
            };
        };
        let next: Vec<String> = next.iter().map(|status| status.key.clone()).collect();
        if let Some(key) = changes.replace_with.clone() {
            let to = StatusChoice { workspace: caller.workspace, key: Some(key) };
            return Ok(Self::Replaced(Followers::Projects { outside: next, to }));
        }
        changes.in_use = app.reads.statuses_in_use(&caller.reader()).await?;
        Ok(Self::Unused { next, before: present(app, caller).await? })
    }

    /// The commands for projects that change their state in the same commit.
    pub async fn first(&self, app: &App, caller: &Caller) -> Result<Vec<Intent>, Problem> {
        match self {
            Self::Replaced(followers) => followers.first(app, caller).await,
            Self::Same | Self::Unused { .. } => Ok(Vec::new()),
        }
    }

    /// Sees to the projects that were put into a state while it went.
    pub async fn settle(&self, app: &App, caller: &Caller, answer: &mut Answer) -> Result<(), Problem> {
        match self {
            Self::Same => Ok(()),
            Self::Replaced(followers) => followers.rest(app, caller, answer).await,
            Self::Unused { next, before } => {
                let reader = ReadAs { min_position: answer.position, ..caller.reader() };
                let left = app.reads.projects_outside(&reader, next, 1_000).await?;
                let is_used = |status: &&ProjectStatus| left.iter().any(|(_, key)| *key == status.key);
                let used: Vec<_> = before.iter().filter(is_used).cloned().collect();
                if used.is_empty() { Ok(()) } else { bring_back(app, caller, used).await }
            }
        }
    }
}

async fn present(app: &App, caller: &Caller) -> Result<Vec<ProjectStatus>, Problem> {
    #[derive(Deserialize)]
    struct Stated {
        project_statuses: Vec<ProjectStatus>,
    }
    let found = app.reads.get(&caller.reader(), &WORKSPACES, caller.workspace.0, &View::default()).await?;
    let doc = found.ok_or_else(Problem::not_found)?;
    let Stated { project_statuses } = serde_json::from_str(&doc.json).map_err(|_| Problem::internal())?;
    Ok(project_statuses)
}

async fn bring_back(app: &App, caller: &Caller, states: Vec<ProjectStatus>) -> Result<(), Problem> {
    let keys: Vec<_> = states.iter().map(|status| status.key.clone()).collect();
    let intent = Intent::new::<Workspace>(caller.workspace.0, Command::BringBack(states));
    app.execute(caller, None, vec![intent], Mode::Atomic).await?;
    let detail = format!("Projects came into it just now, so it is there again: {}.", keys.join(", "));
    Err(Problem::conflict("status-in-use", detail))
}
