//! `DELETE /v1/keys/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::api_key::{ApiKey, Command};
use docket_domain::ids::{KeyId, MemberId};
use docket_domain::{Actor, Intent, Snapshot, key_ring};
use docket_projections::{KEYS, View};
use uuid::Uuid;

use super::member_of;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Revoke a key, one's own, or as an admin any: at once and for good, on every node.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "keys", operation_id = "revoke_key",
    params(("id" = Uuid, Path, description = "The key's id")),
    responses((status = 204, description = "It is revoked.")))]
pub async fn revoke_key(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let member = holder(&app, &caller, id).await;
    let revoke = Intent::new::<ApiKey>(id, Command::Revoke { by: caller.role }).expecting(if_match.versions());
    let intents = std::iter::once(revoke).chain(member.map(|member| off_the_ring(&caller, member, id))).collect();
    let answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    let key = respond::only(&answer)?.state.as_any().downcast_ref::<Snapshot<ApiKey>>();
    if let (None, Some(late)) = (member, key.and_then(|key| key.state.member_id)) {
        // Revoking must not wait for read models. Should this fail, revoking the key once more makes the room.
        let _ = app.execute(&caller, None, vec![off_the_ring(&caller, late, id)], Mode::Atomic).await;
    }
    respond::gone(&answer)
}

/// Whose key it is, as far as that is known.
async fn holder(app: &App, caller: &Caller, id: Uuid) -> Option<MemberId> {
    match caller.actor {
        Actor::Member(member) if caller.key.0 == id => Some(member),
        _ => member_of(&app.reads.get(&caller.reader(), &KEYS, id, &View::default()).await.ok()??.json),
    }
}

fn off_the_ring(caller: &Caller, member: MemberId, id: Uuid) -> Intent {
    key_ring::of(caller.workspace, member, key_ring::Command::Remove { key_id: KeyId(id) })
}
