//! `GET /v1/me`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::Actor;
use docket_domain::member::Role;
use docket_projections::{KEYS, MEMBERS, View, WORKSPACES};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::keys::Key;
use super::members::Member;
use super::workspace::Workspace;
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::respond;

/// Who is calling.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The workspace of the key.
    pub workspace_id: Uuid,
    /// The same, as `get_workspace` shows it.
    #[schema(value_type = Workspace)]
    pub workspace: Box<RawValue>,
    /// Who acts when this key is used.
    pub actor: Actor,
    /// What the caller may be.
    pub role: Role,
    /// What the key may do.
    pub scopes: Vec<String>,
    /// The key.
    #[schema(value_type = Key)]
    pub key: Box<RawValue>,
    /// The member it acts for.
    #[schema(value_type = Option<Member>)]
    pub member: Option<Box<RawValue>>,
}

/// Who am I?
#[utoipa::path(get, path = "/v1/me", tag = "me", operation_id = "get_me",
    responses((status = 200, description = "Who is calling, and what they may do.", body = Me)))]
pub async fn get_me(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let reader = caller.reader();
    app.reads.write_seen().await;
    let view = View::default();
    let workspace = app.reads.get(&reader, &WORKSPACES, caller.workspace.0, &view).await?;
    let workspace = workspace.ok_or_else(Problem::internal)?;
    let key = app.reads.get(&reader, &KEYS, caller.key.0, &view).await?.ok_or_else(Problem::unauthorized)?;
    let member = match caller.actor {
        Actor::Member(id) => app.reads.get(&reader, &MEMBERS, id.0, &view).await?,
        _ => None,
    };
    let raw = |text: String| RawValue::from_string(text).map_err(|_| Problem::internal());
    let me = Me {
        workspace_id: caller.workspace.0,
        workspace: raw(workspace.json)?,
        actor: caller.actor,
        role: caller.role,
        scopes: caller.scopes.to_vec(),
        key: raw(key.json)?,
        member: member.map(|doc| raw(doc.json)).transpose()?,
    };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&me).map_err(|_| Problem::internal())?))
}
