//! What becomes of a project's tasks when a phase goes, or a customer comes or goes: they follow.

use docket_commands::{Answer, Mode};
use docket_domain::Intent;
use docket_domain::task::{self, Task};
use docket_projections::{Following, ReadAs};

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// How many tasks follow in one commit.
const MOST: i64 = 5_000;

/// The commands for the tasks that have to follow; those that are too many follow later.
pub async fn first(app: &App, caller: &Caller, what: Following) -> Result<Vec<Intent>, Problem> {
    commands(app, &caller.reader(), what).await
}

/// Lets all follow that did not in the commit of this answer: they were too many, or came meanwhile. What is written
/// later has seen the project as it is now, so these are the last.
pub async fn rest(app: &App, caller: &Caller, answer: &mut Answer, what: Following) -> Result<(), Problem> {
    loop {
        let reader = ReadAs { min_position: answer.position, ..caller.reader() };
        let intents = commands(app, &reader, what).await?;
        if intents.is_empty() {
            return Ok(());
        }
        let followed = app.execute(caller, None, intents, Mode::PerItem).await?;
        // Should the project have changed again, following it changes nothing: whoever changed it sees to the rest.
        let Some(position) = followed.position else { return Ok(()) };
        answer.position = Some(position);
    }
}

async fn commands(app: &App, reader: &ReadAs, what: Following) -> Result<Vec<Intent>, Problem> {
    let tasks = app.reads.following(reader, what, MOST).await?;
    Ok(tasks.iter().map(|id| Intent::new::<Task>(id.0, task::Command::FollowProject)).collect())
}
