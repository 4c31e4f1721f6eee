//! API keys.

pub mod activity;
pub mod get;
pub mod list;
pub mod mint;
pub mod revoke;
pub mod rotate;
pub mod update;

use chrono::{DateTime, Utc};
use docket_commands::Outcome;
use docket_domain::api_key::ApiKey;
use docket_domain::ids::MemberId;
use docket_domain::member::Role;
use docket_domain::{Actor, Snapshot};
use docket_projections::{Doc, KEYS, List, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listable;
use crate::problem::Problem;

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
    /// The role of a key of the workspace itself; null for one that acts for a member, whose role counts.
    pub role: Option<Role>,
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
    /// The key that takes its place.
    pub successor_id: Option<Uuid>,
    /// When it was last used; null if never, or if that is not known in time.
    pub last_used_at: Option<DateTime<Utc>>,
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
            member_id: state.member_id.map(|id| id.0),
            role: state.held_role(),
            label: state.label,
            scopes: state.scopes,
            format: state.format,
            kid: state.kid,
            expires_at: state.expires_at,
            revoked_at: state.revoked_at,
            successor_id: state.successor_id.map(|id| id.0),
            last_used_at: None,
            created_by: key.created_by,
            created_at: key.created_at,
            updated_at: key.updated_at,
            version: key.version,
        }
    }
}

impl Listable for Key {
    const LIST: &List = &KEYS;
}

/// What the read model knows of a key besides its own history, and whose it is.
#[derive(Deserialize)]
struct Beside {
    member_id: Option<MemberId>,
    last_used_at: Option<DateTime<Utc>>,
}

/// The member a key acts for, by its JSON.
fn member_of(json: &str) -> Option<MemberId> {
    serde_json::from_str::<Beside>(json).ok()?.member_id
}

/// A key as the caller may see it: one's own, or as an admin any.
async fn seen(app: &App, caller: &Caller, id: Uuid) -> Result<Doc, Problem> {
    app.reads.write_seen().await;
    let doc = app.reads.get(&caller.reader(), &KEYS, id, &View::default()).await?.ok_or_else(Problem::not_found)?;
    let is_own = caller.key.0 == id || member_of(&doc.json).is_some_and(|id| caller.actor == Actor::Member(id));
    if is_own || caller.role >= Role::Admin {
        return Ok(doc);
    }
    Err(Problem::forbidden("role-too-low", "Seeing the keys of others takes the role admin or above."))
}

/// A key that was just written. When it was last used is the read model's to say.
async fn shown(app: &App, caller: &Caller, written: &Outcome) -> Result<Key, Problem> {
    let key = written.state.as_any().downcast_ref::<Snapshot<ApiKey>>().ok_or_else(Problem::internal)?;
    // The change is committed: it must be acknowledged even if the rest can't be had in time.
    let doc = app.reads.get(&caller.reader(), &KEYS, key.id, &View::default()).await.ok().flatten();
    let beside = doc.and_then(|doc| serde_json::from_str::<Beside>(&doc.json).ok());
    Ok(Key { last_used_at: beside.and_then(|beside| beside.last_used_at), ..Key::of(key) })
}
