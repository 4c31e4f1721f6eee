//! What can have happened to a key.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ApiKey, Mint};
use crate::ids::KeyId;

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "api_key.minted")]
    Minted(Mint),
    /// It is called otherwise.
    #[serde(rename = "api_key.renamed")]
    Renamed {
        /// What it is for.
        label: String,
    },
    /// Another key takes its place.
    #[serde(rename = "api_key.rotated")]
    Rotated {
        /// That other key.
        successor_id: KeyId,
        /// From when on this one is refused.
        until: DateTime<Utc>,
    },
    /// It was ended.
    #[serde(rename = "api_key.revoked")]
    Revoked {
        /// When.
        at: DateTime<Utc>,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Minted(_) => "api_key.minted",
            Self::Renamed { .. } => "api_key.renamed",
            Self::Rotated { .. } => "api_key.rotated",
            Self::Revoked { .. } => "api_key.revoked",
        }
    }
}

impl ApiKey {
    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Minted(new) => {
                *self = Self {
                    label: new.label,
                    member_id: new.member_id,
                    role: new.role,
                    scopes: new.scopes,
                    format: new.format,
                    kid: new.kid,
                    sha256: new.sha256,
                    expires_at: new.expires_at,
                    revoked_at: None,
                    successor_id: None,
                };
            }
            Event::Renamed { label } => self.label = label,
            Event::Rotated { successor_id, until } => {
                self.successor_id = Some(successor_id);
                self.expires_at = Some(until);
            }
            Event::Revoked { at } => self.revoked_at = Some(at),
        }
    }
}
