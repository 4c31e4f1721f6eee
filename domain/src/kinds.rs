//! Every kind of aggregate there is, by name: for whoever folds a history without knowing beforehand what is in it.

use cqrs_es::Aggregate as _;
use uuid::Uuid;

use crate::snapshot::{AnySnapshot, Snapshot};

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
