//! API keys.

pub mod list;
pub mod mint;
pub mod revoke;

use chrono::{DateTime, Utc};
use docket_domain::api_key::ApiKey;
use docket_domain::member::Role;
use docket_domain::{Actor, Snapshot};
use docket_projections::List;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::edge::listing::Listable;

/// An API key; its secret is shown once, when it is minted.
#[derive(Serialize, ToSchema)]
pub struct Key {
    /// Id, UUID v4.
    pub id: Uuid,
    /// Dense number in the workspace: 1, 2, 3 …
    pub number: i64,
    /// What it is for.
    pub label: String,
    /// The member it acts for; null for a key of the workspace itself.
    pub member_id: Option<Uuid>,
    /// What a key that acts for no member may be at most.
    pub role: Role,
    /// What it may do.
    pub scopes: Vec<String>,
    /// In which product's form the token is written.
    pub format: String,
    /// The public part of the token.
    pub kid: String,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who minted it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// How often it changed.
    pub version: i64,
}

impl Key {
    /// What clients see of a key: everything but the hash of its secret.
    pub fn of(key: &Snapshot<ApiKey>) -> Self {
        let state = key.state.clone();
        Self {
            id: key.id,
            number: key.number,
            label: state.label,
            member_id: state.member_id.map(|id| id.0),
            role: state.role,
            scopes: state.scopes,
            format: state.format,
            kid: state.kid,
            expires_at: state.expires_at,
            revoked_at: state.revoked_at,
            created_by: key.created_by,
            created_at: key.created_at,
            updated_at: key.updated_at,
            version: key.version,
        }
    }
}

impl Listable for Key {
    const LIST: &List = &docket_projections::KEYS;
}
