//! Every kind of aggregate there is, by name: for whoever folds a history without knowing beforehand what is in it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate as _;
use uuid::Uuid;

use crate::envelope::Recorded;
use crate::snapshot::{AnySnapshot, Snapshot, Unreadable};
use crate::undo::{self, Undo};

macro_rules! kinds {
    ($($aggregate:ty),+ $(,)?) => {
        /// The names of all kinds.
        pub const NAMES: &[&str] = &[$(<$aggregate>::TYPE),+];

        /// An aggregate of this kind before its first event; none if there is no such kind.
        pub fn blank(kind: &str, id: Uuid) -> Option<Box<dyn AnySnapshot>> {
            $(if kind == <$aggregate>::TYPE {
                return Some(Box::new(Snapshot::<$aggregate>::blank(id)));
            })+
            None
        }

        /// Undoes the events with these versions of an aggregate of this kind, of which these are all events; none if
        /// there is no such kind.
        pub fn undo(
            kind: &str,
            id: Uuid,
            events: &[Recorded],
            undone: &BTreeSet<i64>,
            now: DateTime<Utc>,
        ) -> Option<Result<Undo, Unreadable>> {
            $(if kind == <$aggregate>::TYPE {
                return Some(undo::of::<$aggregate>(id, events, undone, now));
            })+
            None
        }
    };
}

kinds! {
    crate::task::Task,
    crate::project::Project,
    crate::member::Member,
    crate::api_key::ApiKey,
    crate::workspace::Workspace,
    crate::team::Team,
    crate::position::Position,
    crate::space::Space,
    crate::customer::Customer,
    crate::label::Label,
    crate::webhook::Webhook,
    crate::timelog::Timelog,
    crate::notification::Notification,
    crate::preferences::Preferences,
    crate::key_ring::KeyRing,
    crate::sprint::Sprint,
    crate::comment::Comment,
}
