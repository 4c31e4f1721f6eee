//! `POST /v1/members`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::member::{self, Command, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Member, shown};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::Line;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A person to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMember {
    /// E-mail address, unique in the workspace whatever its case.
    #[schema(value_type = String, max_length = 254, example = "ada@example.com")]
    email: Line<3, 254>,
    /// Their name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Ada Lovelace")]
    name: Line<1, 200>,
    /// What they will be allowed to do; `member` unless said otherwise, and at most what the inviter may.
    #[serde(default)]
    role: Option<Role>,
}

impl InviteMember {
    /// The invitation, which nobody can give above their own role.
    pub fn intent(self, caller: &Caller) -> Result<Intent, Problem> {
        let role = self.role.unwrap_or(Role::Member);
        if role > caller.role {
            return Err(Problem::forbidden("role-too-low", "Nobody can invite a person above their own role."));
        }
        let command = Command::Invite { email: self.email.into_string(), name: self.name.into_string(), role };
        Ok(Intent::create::<member::Member>(Uuid::new_v4(), command))
    }
}

/// Invite a person.
#[utoipa::path(post, path = "/v1/members", tag = "members", operation_id = "invite_member",
    request_body = InviteMember,
    responses((status = 201, description = "The new member, invited.", body = Member)))]
pub async fn invite_member(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<InviteMember>,
) -> Result<Response, Problem> {
    let intent = body.intent(&caller)?;
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let invited = respond::only(&answer)?;
    let location = format!("/v1/members/{}", invited.state.id());
    respond::created_at(&answer, &location, shown(&app, &caller, invited).await)
}
