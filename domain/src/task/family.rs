//! Tasks that are parts of tasks: nothing is ever a part of itself, by however many steps.
//!
//! A decision to put a task under another looks at that one and at all that it is in turn a part of, up to the top.
//! They are referred to by their states, so the commit fails if any of them has changed: two commands that would close
//! a circle together can't both be carried out. A deleted ancestor is refused for the same reason: its restoring could
//! not be seen coming.

use super::{Command, Error, Task};
use crate::aggregate::{Context, Reference, References};
use crate::ids::TaskId;
use crate::project::Project;
use crate::refusal::{Kind, Refusal};

/// How many tasks may be above one another.
pub(super) const DEEPEST: usize = 32;

const POINTER: &str = "/parent_id";

/// The parent that a command puts the task under.
pub(super) fn new_parent(task: &Task, command: &Command) -> Option<TaskId> {
    match command {
        Command::Create(new) => new.parent_id,
        Command::Update(changes) => changes.parent_id.filter(|parent| *parent != task.parent_id).flatten(),
        _ => None,
    }
}

/// The parent itself.
pub(super) fn reference(task: &Task, command: &Command) -> Option<Reference> {
    new_parent(task, command).map(|id| Reference::state::<Task>(id.0, POINTER))
}

/// The parent's project, for a task out of reach takes no parts; and the next ancestor that is not known yet.
pub(super) fn further_references(task: &Task, command: &Command, known: &References) -> Vec<Reference> {
    let Some(parent_id) = new_parent(task, command) else { return Vec::new() };
    let parent = known.get::<Task>(parent_id.0);
    let project = parent.map(|parent| Reference::alive::<Project>(parent.project_id.0, POINTER));
    let next = ancestors(parent_id, known).last().map(|(_, last)| last.parent_id);
    let next = next.flatten().filter(|id| known.get::<Task>(id.0).is_none()).map(|id| {
        let detail = "A task that this one is a part of is deleted: restore it, or take this one out of it.";
        Reference {
            missing: Refusal::new(Kind::Conflict, "ancestor-deleted", detail).at(POINTER),
            ..Reference::state::<Task>(id.0, POINTER)
        }
    });
    project.into_iter().chain(next).collect()
}

/// Whether the task may be put under `parent`.
pub(super) fn check(parent: TaskId, context: &Context) -> Result<(), Error> {
    let mut above = ancestors(parent, &context.references);
    if parent.0 == context.id || above.any(|(_, task)| task.parent_id.is_some_and(|id| id.0 == context.id)) {
        return Err(Error::PartOfItself);
    }
    if ancestors(parent, &context.references).count() > DEEPEST { Err(Error::TooDeep) } else { Ok(()) }
}

/// A task and what it is a part of, from below, as far as is known (and one more than is allowed).
fn ancestors(from: TaskId, known: &References) -> impl Iterator<Item = (TaskId, &Task)> {
    let state = move |id: TaskId| known.get::<Task>(id.0).map(|task| (id, task));
    std::iter::successors(state(from), move |(_, task)| task.parent_id.and_then(state)).take(DEEPEST + 1)
}
