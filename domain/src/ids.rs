//! Typed identifiers. All are UUID v4 on the wire and in the log; the type says what they name.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A tenant. Everything else belongs to exactly one.
    WorkspaceId,
    /// A person in a workspace.
    MemberId,
    /// A project.
    ProjectId,
    /// A phase of a project.
    PhaseId,
    /// A task.
    TaskId,
    /// A sprint of a project.
    SprintId,
    /// A comment on a task.
    CommentId,
    /// A label that tasks can carry.
    LabelId,
    /// A team.
    TeamId,
    /// A position that members can have.
    PositionId,
    /// A space that projects can be in.
    SpaceId,
    /// A customer.
    CustomerId,
    /// Something that a member was told.
    NotificationId,
    /// Time somebody has worked.
    TimelogId,
    /// An API key (its identity, never its secret).
    KeyId,
}

/// An id that follows from others: of what there is one for each, so that nobody has to look for it, and of what must be
/// done once, however often it is tried.
pub fn derived(what: &str, of: &[Uuid]) -> Uuid {
    let hash = of.iter().fold(Sha256::new().chain_update(what), Digest::chain_update).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
