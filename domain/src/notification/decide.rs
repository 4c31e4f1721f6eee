//! The rules of a notification.

use super::{Command, Event, Notification, Sent, Subject};
use crate::actor::Actor;
use crate::aggregate::{Context, Reference, References};
use crate::member::Member;
use crate::project::Project;
use crate::refusal::{Kind, Refusal};
use crate::task::Task;

/// How long a link and a kind may be.
const LONGEST_LINK: usize = 2_000;
const LONGEST_KIND: usize = 50;

/// Why a command for a notification is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such notification, or it is somebody else's.
    #[error("There is no such notification.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a notification with this id.")]
    AlreadyExists,
    /// Not a kind.
    #[error("A kind is a word of at most 50 of a–z, 0–9, dots, hyphens and underscores that begins with a letter.")]
    NotAKind,
    /// Not a link that can be followed safely.
    #[error("A link begins with https://, http:// or a single /, and has at most 2,000 characters without spaces.")]
    NotALink,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotAKind => Self::new(Kind::Invalid, "not-a-kind", error.to_string()).at("/kind"),
            Error::NotALink => Self::new(Kind::Invalid, "not-a-link", error.to_string()).at("/link"),
        }
    }
}

pub(super) fn references(command: &Command) -> Vec<Reference> {
    let Command::Send(new) = command else { return Vec::new() };
    let subject = new.subject.map(|subject| match subject {
        Subject::Task(id) => Reference::state::<Task>(id.0, "/subject/id"),
        Subject::Project(id) => Reference::alive::<Project>(id.0, "/subject/id"),
    });
    std::iter::once(Reference::alive::<Member>(new.member_id.0, "/member_id")).chain(subject).collect()
}

/// A task of a project that is gone does not exist.
pub(super) fn further_references(command: &Command, known: &References) -> Vec<Reference> {
    let Command::Send(Sent { subject: Some(Subject::Task(id)), .. }) = command else { return Vec::new() };
    let task = known.get::<Task>(id.0);
    task.map(|task| Reference::alive::<Project>(task.project_id.0, "/subject/id")).into_iter().collect()
}

pub(super) fn decide(of: &Notification, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let is_theirs = !of.deleted && context.actor == Actor::Member(of.member_id);
    match command {
        Command::Send(_) if !of.member_id.0.is_nil() => Err(Error::AlreadyExists),
        Command::Send(new) => {
            check(new)?;
            Ok(vec![Event::Sent(new.clone())])
        }
        _ if !is_theirs => Err(Error::NotFound),
        Command::Read if of.read_at.is_some() => Ok(Vec::new()),
        Command::Read => Ok(vec![Event::Read { at: context.now }]),
        Command::Unread if of.read_at.is_none() => Ok(Vec::new()),
        Command::Unread => Ok(vec![Event::Unread]),
        Command::Delete => Ok(vec![Event::Deleted]),
    }
}

fn check(new: &Sent) -> Result<(), Error> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let begins = new.kind.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || new.kind.len() > LONGEST_KIND || !new.kind.chars().all(is_plain) {
        return Err(Error::NotAKind);
    }
    match &new.link {
        Some(link) if !is_link(link) => Err(Error::NotALink),
        _ => Ok(()),
    }
}

/// Whoever follows it goes to another site or to a page of this one, and runs nothing.
fn is_link(text: &str) -> bool {
    let elsewhere = ["https://", "http://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    let here = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    plain && text.chars().count() <= LONGEST_LINK && (elsewhere || here)
}
