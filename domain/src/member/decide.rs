//! The rules of a member.

use super::{Command, Event, Member, Role, Status};
use crate::aggregate::{Context, Reference};
use crate::catalog::position::Position;
use crate::refusal::{Kind, Refusal};
use crate::words::is_address;

/// Why a command for a member is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such member.
    #[error("There is no such member.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a member with this id.")]
    AlreadyExists,
    /// Not an address.
    #[error("This is not an e-mail address.")]
    NotAnAddress,
    /// Who has not come yet can't own anything.
    #[error("Only who has joined can be made an owner.")]
    NotJoined,
    /// Nobody knows who they were.
    #[error("It was erased who this member was: invite them anew.")]
    Erased,
    /// Above the one who asks.
    #[error("Nobody can change a member above their own role, or raise one above it.")]
    RoleTooLow,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotAnAddress => Self::new(Kind::Invalid, "not-an-address", error.to_string()).at("/email"),
            Error::NotJoined => Self::new(Kind::Conflict, "not-joined", error.to_string()).at("/role"),
            Error::Erased => Self::new(Kind::Conflict, "erased", error.to_string()),
            Error::RoleTooLow => Self::new(Kind::Forbidden, "role-too-low", error.to_string()),
        }
    }
}

pub(super) fn decide(member: &Member, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let exists = member.invited_at.is_some();
    let at = context.now;
    match command {
        Command::Invite { .. } if exists => Err(Error::AlreadyExists),
        Command::Invite { email, .. } if !is_address(email) => Err(Error::NotAnAddress),
        Command::Invite { role: Role::Owner, .. } => Err(Error::NotJoined),
        Command::Invite { email, name, role } => {
            Ok(vec![Event::Invited { email: email.clone(), name: name.clone(), role: *role, at }])
        }
        _ if !exists => Err(Error::NotFound),
        Command::Erase { .. } if member.erased_at.is_some() => Ok(Vec::new()),
        Command::Erase { by } if member.role > *by => Err(Error::RoleTooLow),
        Command::Erase { .. } => Ok(deactivate(member, at).into_iter().chain([Event::Erased { at }]).collect()),
        Command::Reactivate { .. } if member.erased_at.is_some() => Err(Error::Erased),
        Command::Reactivate { by } if member.role > *by => Err(Error::RoleTooLow),
        Command::Reactivate { .. } if member.status != Status::Inactive => Ok(Vec::new()),
        Command::Reactivate { .. } => Ok(vec![Event::Reactivated { at }]),
        Command::Deactivate { by } if member.role > *by => Err(Error::RoleTooLow),
        Command::Deactivate { .. } => Ok(deactivate(member, at)),
        _ if member.status == Status::Inactive => Err(Error::NotFound),
        Command::Join => Ok(if member.status == Status::Active { Vec::new() } else { vec![Event::Joined { at }] }),
        Command::Update { name, position_id } => Ok(update(member, name.as_ref(), *position_id)),
        Command::ChangeRole { role, by } if member.role > *by || role > by => Err(Error::RoleTooLow),
        Command::ChangeRole { role, .. } if *role == member.role => Ok(Vec::new()),
        Command::ChangeRole { role: Role::Owner, .. } if member.status == Status::Invited => Err(Error::NotJoined),
        Command::ChangeRole { role, .. } => Ok(vec![Event::RoleChanged { role: *role }]),
    }
}

/// Who goes owns nothing any more, and comes back as what is next to an owner.
fn deactivate(member: &Member, at: chrono::DateTime<chrono::Utc>) -> Vec<Event> {
    if member.status == Status::Inactive {
        return Vec::new();
    }
    let lowered = (member.role == Role::Owner).then_some(Event::RoleChanged { role: Role::Admin });
    lowered.into_iter().chain([Event::Deactivated { at }]).collect()
}

fn update(member: &Member, name: Option<&String>, position_id: Option<Option<crate::ids::PositionId>>) -> Vec<Event> {
    let renamed = name.filter(|name| **name != member.name).map(|name| Event::Renamed { name: name.clone() });
    let position = position_id.filter(|position_id| *position_id != member.position_id);
    renamed.into_iter().chain(position.map(|position_id| Event::PositionSet { position_id })).collect()
}

pub(super) fn references(member: &Member, command: &Command) -> Vec<Reference> {
    match command {
        Command::Update { position_id: Some(Some(id)), .. } if Some(*id) != member.position_id => {
            vec![Reference::alive::<Position>(id.0, "/position_id")]
        }
        _ => Vec::new(),
    }
}
