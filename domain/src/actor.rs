//! Who did it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{KeyId, MemberId};

/// Who stands behind a command: recorded with every event it causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A person, through one of their keys.
    Member(MemberId),
    /// A key of the workspace that stands for no person.
    Service(KeyId),
    /// Docket itself, for example when it sets up a workspace.
    System,
}

impl Actor {
    /// Whose id it is, if anybody's.
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::Member(member) => Some(member.0),
            Self::Service(key) => Some(key.0),
            Self::System => None,
        }
    }
}
