//! The rules of a comment.

use super::{Action, Command, Comment, Event};
use crate::aggregate::{Context, Reference, References};
use crate::project::Project;
use crate::refusal::{Kind, Refusal};
use crate::task::Task;

/// Why a command for a comment is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such comment on this task.
    #[error("There is no such comment.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a comment with this id.")]
    AlreadyExists,
    /// Somebody else has said it.
    #[error("Somebody else has said this: only they can change it, and only they and managers take it away.")]
    NotYours,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotYours => Self::new(Kind::Forbidden, "not-yours", error.to_string()),
        }
    }
}

/// The task is named by the path: an unknown one is not found, like the comment.
pub(super) fn references(command: &Command) -> Vec<Reference> {
    vec![Reference::state::<Task>(command.task_id.0, "").or_not_found()]
}

pub(super) fn further_references(command: &Command, known: &References) -> Vec<Reference> {
    let task = known.get::<Task>(command.task_id.0);
    task.map(|task| Reference::state::<Project>(task.project_id.0, "").or_not_found()).into_iter().collect()
}

pub(super) fn decide(comment: &Comment, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let exists = !comment.task_id.0.is_nil();
    let (is_author, moderates) = (comment.author == context.actor, command.moderates);
    match &command.action {
        Action::Create { .. } if exists => Err(Error::AlreadyExists),
        Action::Create { body } => {
            Ok(vec![Event::Created { task_id: command.task_id, body: body.clone(), author: context.actor }])
        }
        _ if !exists || comment.task_id != command.task_id => Err(Error::NotFound),
        Action::Restore if !comment.deleted => Ok(Vec::new()),
        Action::Restore if is_author || moderates => Ok(vec![Event::Restored]),
        Action::Restore => Err(Error::NotYours),
        _ if comment.deleted => Err(Error::NotFound),
        Action::Edit { body } if *body == comment.body => Ok(Vec::new()),
        Action::Edit { body } if is_author => Ok(vec![Event::Edited { body: body.clone(), at: context.now }]),
        Action::Delete if is_author || moderates => Ok(vec![Event::Deleted]),
        Action::Edit { .. } | Action::Delete => Err(Error::NotYours),
    }
}
