//! Resources that have to follow a change of another: tasks their project's phases and customer, projects their
//! workspace's states. As many as one commit takes follow in the commit of the change itself.

use docket_commands::{Answer, Mode};
use docket_domain::Intent;
use docket_domain::project::{self, Project, StatusChoice};
use docket_domain::task::{self, Task};
use docket_projections::{Following, ReadAs};

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// How many follow in one commit.
const MOST: i64 = 5_000;

/// What has to follow.
pub enum Followers {
    /// These tasks their project.
    Tasks(Following),
    /// The projects that are in none of these states; they go to another.
    Projects {
        /// The keys of the states.
        outside: Vec<String>,
        /// Where they go.
        to: StatusChoice,
    },
}

impl Followers {
    /// The commands for those that can follow at once.
    pub async fn first(&self, app: &App, caller: &Caller) -> Result<Vec<Intent>, Problem> {
        self.commands(app, &caller.reader()).await
    }

    /// Lets all follow that did not in the commit of this answer: they were too many, or came meanwhile. What is
    /// written later has seen the change, so these are the last.
    pub async fn rest(&self, app: &App, caller: &Caller, answer: &mut Answer) -> Result<(), Problem> {
        loop {
            let reader = ReadAs { min_position: answer.position, ..caller.reader() };
            let intents = self.commands(app, &reader).await?;
            if intents.is_empty() {
                return Ok(());
            }
            let followed = app.execute(caller, None, intents, Mode::PerItem).await?;
            // If it was changed again meanwhile, they have nothing to follow: whoever did that sees to the rest.
            let Some(position) = followed.position else { return Ok(()) };
            answer.position = Some(position);
        }
    }

    async fn commands(&self, app: &App, reader: &ReadAs) -> Result<Vec<Intent>, Problem> {
        Ok(match self {
            Self::Tasks(which) => {
                let tasks = app.reads.following(reader, *which, MOST).await?;
                tasks.iter().map(|id| Intent::new::<Task>(id.0, task::Command::FollowProject)).collect()
            }
            Self::Projects { outside, to } => {
                let leave = || project::Command::LeaveStatus { to: to.clone() };
                let projects = app.reads.projects_outside(reader, outside, MOST).await?;
                projects.iter().map(|(id, _)| Intent::new::<Project>(id.0, leave())).collect()
            }
        })
    }
}
