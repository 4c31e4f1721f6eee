//! `PATCH /v1/members/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::{Answer, Mode};
use docket_domain::Intent;
use docket_domain::ids::{MemberId, PositionId};
use docket_domain::member::{self, Command, Role, ownership};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Member, changed, may_change};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Line};
use crate::edge::write::Write;
use crate::problem::Problem;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// What they are from now on.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    position_id: Patch<Id>,
    /// What they may do from now on: at most what the caller may. Takes the role admin.
    #[serde(default)]
    #[schema(value_type = Role, required = false)]
    role: Change<Role>,
}

impl UpdateMember {
    /// Whether it changes what they may do: that looks at all owners, and is more than one command.
    pub fn changes_role(&self) -> bool {
        self.role.0.is_some()
    }

    /// Everything but the role.
    pub fn intent(self, id: Uuid) -> Intent {
        let name = self.name.0.map(Line::into_string);
        let position_id = self.position_id.map(|id| PositionId(id.0)).change();
        Intent::new::<member::Member>(id, Command::Update { name, position_id })
    }

    fn intents(self, caller: &Caller, id: Uuid, expected: Option<Vec<i64>>) -> Vec<Intent> {
        let new_role = self.role.0;
        let update = self.intent(id).expecting(expected);
        let role = new_role.map(|role| ownership::change_role(caller.workspace, MemberId(id), role, caller.role));
        std::iter::once(update).chain(role.into_iter().flatten()).collect()
    }
}

/// Change a member: one's own name and position, or as an admin those and the role of others who are not above.
#[utoipa::path(patch, path = "/v1/members/{id}", tag = "members", operation_id = "update_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    request_body(content = UpdateMember, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The member as they are now.", body = Member)))]
pub async fn update_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateMember>,
) -> Result<Response, Problem> {
    may_change(&caller, id)?;
    if body.changes_role() && caller.role < Role::Admin {
        return Err(Problem::forbidden("role-too-low", "Changing roles takes the role admin or above."));
    }
    let intents = body.intents(&caller, id, if_match.versions());
    let answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    changed(&app, &caller, &latest(answer, id)).await
}

/// The answer with the member as the last of their changes left them: not every one of them has to change something.
fn latest(mut answer: Answer, id: Uuid) -> Answer {
    let version = |item: &Result<docket_commands::Outcome, _>| {
        item.as_ref().ok().filter(|outcome| outcome.state.id() == id).map(|outcome| outcome.state.version())
    };
    answer.items.sort_by_key(|item| std::cmp::Reverse(version(item)));
    answer
}
