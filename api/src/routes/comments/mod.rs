//! Comments on tasks.

pub mod activity;
pub mod batch;
pub mod create;
pub mod delete;
pub mod edit;
pub mod get;
pub mod list;
pub mod restore;

use docket_domain::Intent;
use docket_domain::comment::{self, Action, Command};
use docket_domain::ids::TaskId;
use docket_domain::member::Role;
use docket_projections::List;
use uuid::Uuid;

use crate::auth::Caller;
use crate::edge::listing::Listable;

crate::routes::resource! {
    /// A comment on a task.
    Comment: docket_domain::comment::Comment
}

impl Listable for Comment {
    const LIST: &List = &docket_projections::COMMENTS;
}

/// The least role that may take away what others have said.
const MODERATORS: Role = Role::Manager;

/// The command, as far as the caller may reach.
fn command(caller: &Caller, task: Uuid, action: Action) -> Command {
    Command { task_id: TaskId(task), moderates: caller.role >= MODERATORS, action }
}

/// What is to be done to a comment that is there.
fn intent(caller: &Caller, task: Uuid, id: Uuid, action: Action) -> Intent {
    Intent::new::<comment::Comment>(id, command(caller, task, action))
}
