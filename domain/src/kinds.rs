//! Every kind of aggregate there is, by name: for whoever folds a history without knowing beforehand what is in it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate as _;
use uuid::Uuid;

use crate::envelope::Recorded;
use crate::snapshot::{AnySnapshot, Snapshot, Unreadable};
use crate::undo::{self, Undo};

/// The one that has all the small ones.
const CATALOG: Option<&str> = Some("entries");

macro_rules! kinds {
    ($($aggregate:ty => $model:expr),+ $(,)?) => {
        /// The names of all kinds.
        pub const NAMES: &[&str] = &[$(<$aggregate>::TYPE),+];

        /// The read model that has a document of every aggregate of this kind; none if none has.
        pub fn model(kind: &str) -> Option<&'static str> {
            $(if kind == <$aggregate>::TYPE {
                return $model;
            })+
            None
        }

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
    crate::task::Task => Some("tasks"),
    crate::project::Project => Some("projects"),
    crate::member::Member => Some("members"),
    crate::api_key::ApiKey => Some("keys"),
    crate::workspace::Workspace => CATALOG,
    crate::team::Team => CATALOG,
    crate::position::Position => CATALOG,
    crate::space::Space => CATALOG,
    crate::customer::Customer => CATALOG,
    crate::label::Label => CATALOG,
    crate::webhook::Webhook => CATALOG,
    crate::timelog::Timelog => Some("timelogs"),
    crate::notification::Notification => Some("notifications"),
    crate::preferences::Preferences => None,
    crate::key_ring::KeyRing => None,
    crate::sprint::Sprint => Some("sprints"),
    crate::comment::Comment => Some("task_comments"),
}
