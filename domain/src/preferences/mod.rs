//! What a member wants to be told, and how. Everything, until they say otherwise; nobody else changes it, and nobody else
//! sees it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, event_sourced};
use crate::ids::{self, MemberId};
use crate::notification::Channel;
use crate::refusal::Refusal;
use crate::snapshot::Intent;
use crate::telling::Kind;

/// How one kind of notification comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NotificationPreference))]
pub struct Ways {
    /// Into the list of notifications.
    pub inbox: bool,
    /// At once: over server-sent events and NATS.
    pub push: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self { inbox: true, push: true }
    }
}

/// A member's preferences: what is not in them comes in every way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose they are; none until they are first changed.
    pub member_id: Option<MemberId>,
    /// What they have said.
    pub ways: BTreeMap<Kind, Ways>,
}

/// What to change of one kind: what is not said stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Into the list?
    pub inbox: Option<bool>,
    /// At once?
    pub push: Option<bool>,
}

/// What one can ask of preferences.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Whose they are.
    pub member_id: MemberId,
    /// What to change.
    pub wishes: BTreeMap<Kind, Wish>,
}

/// What can have happened to preferences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A kind of notification comes in other ways.
    #[serde(rename = "preferences.changed")]
    Changed {
        /// Whose they are.
        member_id: MemberId,
        /// Which kind.
        kind: Kind,
        /// Whether it comes into the list.
        inbox: bool,
        /// Whether it comes at once.
        push: bool,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        "preferences.changed"
    }
}

/// Why a change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// They are somebody else's.
    #[error("These are somebody else's preferences.")]
    NotFound,
}

impl From<Error> for Refusal {
    fn from(_: Error) -> Self {
        Self::not_found()
    }
}

/// The id of a member's preferences, which follows from theirs.
pub fn id_of(member: MemberId) -> Uuid {
    ids::derived("docket preferences", &[member.0])
}

/// Changing a member's preferences.
pub fn change(member_id: MemberId, wishes: BTreeMap<Kind, Wish>) -> Intent {
    Intent::new::<Preferences>(id_of(member_id), Command { member_id, wishes })
}

event_sourced!(Preferences, "preferences");

impl Aggregate for Preferences {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        if context.actor != Actor::Member(command.member_id) {
            return Err(Error::NotFound);
        }
        let changed = |(kind, wish): (&Kind, &Wish)| {
            let now = self.of(*kind);
            let next = Ways { inbox: wish.inbox.unwrap_or(now.inbox), push: wish.push.unwrap_or(now.push) };
            let Ways { inbox, push } = next;
            (next != now).then_some(Event::Changed { member_id: command.member_id, kind: *kind, inbox, push })
        };
        Ok(command.wishes.iter().filter_map(changed).collect())
    }

    fn effects(&self, _: &Event) -> Effects {
        if self.member_id.is_some() { Effects::default() } else { Effects::lifecycle(Lifecycle::Alive) }
    }

    fn alive(&self) -> bool {
        self.member_id.is_some()
    }
}

impl Preferences {
    /// How this kind of notification comes.
    pub fn of(&self, kind: Kind) -> Ways {
        self.ways.get(&kind).copied().unwrap_or_default()
    }

    /// Whether it comes at all.
    pub fn wants_any(&self, kind: Kind) -> bool {
        let Ways { inbox, push } = self.of(kind);
        inbox || push
    }

    /// The one way in which something of these kinds comes; none, if it comes in all. It comes in each way in which any
    /// of it is to come.
    pub fn only(&self, kinds: impl IntoIterator<Item = Kind>) -> Option<Channel> {
        let any = |one: Ways, other: Ways| Ways { inbox: one.inbox || other.inbox, push: one.push || other.push };
        match kinds.into_iter().map(|kind| self.of(kind)).reduce(any).unwrap_or_default() {
            Ways { inbox: true, push: false } => Some(Channel::Inbox),
            Ways { inbox: false, push: true } => Some(Channel::Push),
            _ => None,
        }
    }

    fn evolve(&mut self, event: Event) {
        let Event::Changed { member_id, kind, inbox, push } = event;
        self.member_id = Some(member_id);
        self.ways.insert(kind, Ways { inbox, push });
    }
}
