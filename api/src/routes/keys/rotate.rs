//! `POST /v1/keys/{id}/rotate`

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_commands::Mode;
use docket_domain::api_key::{ApiKey, Command, Mint};
use docket_domain::ids::{KeyId, MemberId};
use docket_domain::member::Role;
use docket_domain::{Intent, key_ring};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::mint::{MintedKey, allow, check_strength, minted};
use super::seen;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::token::{Format, Token};
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Instant};
use crate::edge::write::Write;
use crate::problem::Problem;

/// How a key is rotated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// How long the old key goes on working beside the new one, at most as long as it would have anyway; without this, it
    /// ends at once.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    old_works_until: Option<Instant>,
}

/// As much of a key as its successor is made of.
#[derive(Deserialize)]
struct Old {
    label: String,
    member_id: Option<MemberId>,
    role: Option<Role>,
    scopes: Vec<String>,
    format: String,
    expires_at: Option<DateTime<Utc>>,
}

/// Mint a key that may do the same, and let the old one end: one's own from the role on that mints keys in its form, the
/// workspace's as an admin, anybody's as an owner.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", tag = "keys", operation_id = "rotate_key",
    params(("id" = Uuid, Path, description = "The old key's id")), request_body = RotateKey,
    responses((status = 201, description = "The new key with its token; `Location` says where.", body = MintedKey)))]
pub async fn rotate_key(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<RotateKey>,
) -> Result<Response, Problem> {
    let old: Old = serde_json::from_str(&seen(&app, &caller, id).await?.json).map_err(|_| Problem::internal())?;
    check_strength(&old.scopes, old.expires_at, &caller)?;
    let format = Format::named(&old.format).ok_or_else(Problem::internal)?;
    let token = Token::mint(format, rand::random());
    let (successor, member_id, expires_at) = (Uuid::new_v4(), old.member_id, old.expires_at);
    let until = body.old_works_until.map(|time| time.0);
    let rotate = Command::Rotate { successor_id: KeyId(successor), until, by: caller.role };
    let mut intents = vec![
        Intent::new::<ApiKey>(id, rotate).expecting(if_match.versions()),
        Intent::create::<ApiKey>(successor, Command::Mint(old.successor(caller.role, &token))),
        allow(&caller, format),
    ];
    intents.extend(member_id.map(|member| {
        let replace = key_ring::Command::Replace { old: KeyId(id), key_id: KeyId(successor), expires_at };
        key_ring::of(caller.workspace, member, replace)
    }));
    let mut answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    // What is answered is the new one.
    answer.items.rotate_left(1);
    minted(&answer, &token)
}

impl Old {
    fn successor(self, minter: Role, token: &Token) -> Mint {
        Mint {
            label: self.label,
            member_id: self.member_id,
            role: self.role.unwrap_or(minter),
            scopes: self.scopes,
            format: self.format,
            kid: token.kid(),
            sha256: hex::encode(token.sha256()),
            expires_at: self.expires_at,
        }
    }
}
