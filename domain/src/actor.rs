//! Who did it.

use serde::{Deserialize, Serialize};

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
