//! `POST /v1/keys`

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_commands::{Answer, Mode};
use docket_domain::api_key::{ApiKey, Command, Mint};
use docket_domain::ids::{KeyId, MemberId};
use docket_domain::member::Role;
use docket_domain::workspace::{self, Workspace};
use docket_domain::{Actor, Intent, Snapshot, key_ring};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Key;
use crate::app::App;
use crate::auth::token::{Format, Token};
use crate::auth::{Caller, access, role_name};
use crate::edge::scalars::{Id, Instant, Line};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MintKey {
    /// What it is for.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "nightly report")]
    label: Line<1, 200>,
    /// What it may do: at most what the minting key may.
    #[schema(value_type = Vec<String>, example = json!(["tasks:read", "projects:read"]))]
    scopes: Vec<String>,
    /// The member it acts for: the caller, unless said otherwise; only owners mint for others. A member has at most 20
    /// active keys.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    member_id: Option<Id>,
    /// Mint a key of the workspace itself, with this role, instead of a member's. Takes the role admin.
    #[serde(default)]
    service_role: Option<Role>,
    /// In which product's form the token is written; `native` unless said otherwise.
    #[serde(default)]
    format: Option<FormatName>,
    /// From when on it is refused.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<Instant>,
}

/// In which product's form a token is written.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormatName {
    /// `dkt_live_…`
    Native,
    /// `sk_ikreo_…`
    Ikreo,
    /// `kt_…`
    Krokanti,
    /// Opaque.
    Pike,
    /// `pjk_live_…`
    Projekt,
    /// Opaque.
    Generic,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Native => Self::Native,
            FormatName::Ikreo => Self::Ikreo,
            FormatName::Krokanti => Self::Krokanti,
            FormatName::Pike => Self::Pike,
            FormatName::Projekt => Self::Projekt,
            FormatName::Generic => Self::Generic,
        }
    }
}

/// The new key with its token, which nobody will see again.
#[derive(Serialize, ToSchema)]
pub struct MintedKey {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// The token to send; null in the stored answer to a repeated request, for it is kept nowhere.
    pub token: Option<String>,
}

/// Mint a key.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", operation_id = "mint_key", request_body = MintKey,
    responses((status = 201, description = "The new key with its token.", body = MintedKey)))]
pub async fn mint_key(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<MintKey>,
) -> Result<Response, Problem> {
    let format = body.format.map_or(Format::Native, Format::from);
    let expires_at = body.expires_at.map(|time| time.0);
    let (member_id, role) = principal(&body, format, &caller)?;
    check_strength(&body.scopes, expires_at, &caller)?;
    let token = Token::mint(format, rand::random());
    let command = Command::Mint(Mint {
        label: body.label.into_string(),
        member_id,
        role,
        scopes: body.scopes,
        format: format.name().to_owned(),
        kid: token.kid(),
        sha256: hex::encode(token.sha256()),
        expires_at,
    });
    let id = Uuid::new_v4();
    let add = key_ring::Command::Add { key_id: KeyId(id), expires_at };
    let held = member_id.map(|member| key_ring::of(caller.workspace, member, add));
    let mint = [Intent::create::<ApiKey>(id, command), allow(&caller, format)];
    let intents = mint.into_iter().chain(held).collect();
    let answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    minted(&answer, &token)
}

/// 201 with a key that was minted just now. A repeated request is answered without its token, which is kept nowhere.
pub fn minted(answer: &Answer, token: &Token) -> Result<Response, Problem> {
    let state = &respond::only(answer)?.state;
    let key = state.as_any().downcast_ref::<Snapshot<ApiKey>>().ok_or_else(Problem::internal)?;
    let location = format!("/v1/keys/{}", key.id);
    let minted = MintedKey { key: Key::of(key), token: (!answer.replayed).then(|| token.expose().to_owned()) };
    let body = serde_json::to_string(&minted).map_err(|_| Problem::internal())?;
    respond::created_at(answer, &location, body)
}

/// What the workspace has to say of a key in this form.
pub fn allow(caller: &Caller, format: Format) -> Intent {
    let allow = workspace::Command::AllowKey { format: format.name().to_owned() };
    Intent::new::<Workspace>(caller.workspace.0, allow)
}

/// Whether a key with these scopes may do no more than the caller's, and no longer.
pub fn check_strength(wanted: &[String], expires_at: Option<DateTime<Utc>>, caller: &Caller) -> Result<(), Problem> {
    if let Some(end) = caller.expires_at
        && expires_at.is_none_or(|at| at > end)
    {
        return Err(Problem::forbidden("outlives-its-maker", "A key can't mint one that lives longer than itself."));
    }
    let known = access::scopes();
    for (index, scope) in wanted.iter().enumerate() {
        if !known.contains(&scope.as_str()) {
            let detail = format!("There is no such scope; there are {}.", known.join(", "));
            return Err(Problem::field(format!("/scopes/{index}"), "unknown-scope", detail));
        }
        if !caller.has(scope) {
            return Err(Problem::forbidden("scope-too-wide", "A key can't mint one that may do more than itself."));
        }
    }
    Ok(())
}

/// For whom the key will act, and as what.
fn principal(body: &MintKey, format: Format, caller: &Caller) -> Result<(Option<MemberId>, Role), Problem> {
    let own = match caller.actor {
        Actor::Member(id) => Some(id),
        _ => None,
    };
    if let Some(role) = body.service_role {
        return if body.member_id.is_some() {
            Err(Problem::field("/service_role", "two-principals", "Send member_id or service_role, not both."))
        } else if caller.role < Role::Admin || role > caller.role {
            Err(Problem::forbidden(
                "role-too-low",
                "Keys of the workspace are minted by admins, and not above their own role.",
            ))
        } else {
            Ok((None, role))
        };
    }
    let least = ApiKey::minter(format.name());
    if caller.role < least {
        let detail = format!("Keys in this form are minted from the role {} on.", role_name(least));
        return Err(Problem::forbidden("role-too-low", detail));
    }
    match body.member_id.map(|id| MemberId(id.0)) {
        Some(id) if Some(id) != own && caller.role < Role::Owner => {
            Err(Problem::forbidden("role-too-low", "Only owners mint keys that act for others."))
        }
        // Whoever acts for a member has the member's role; this one only says who minted it.
        Some(id) => Ok((Some(id), caller.role)),
        None => Ok((own, caller.role)),
    }
}
