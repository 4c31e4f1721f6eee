//! `PATCH /v1/tasks/{id}/comments/{comment_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::comment::Action;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Comment, intent};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A merge patch (RFC 7396) of the one field there is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditComment {
    /// What it says from now on.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    body: Text<1, 20_000>,
}

impl EditComment {
    /// The same as the domain knows it.
    pub fn action(self) -> Action {
        Action::Edit { body: self.body.into_string() }
    }
}

/// Change what one has said.
#[utoipa::path(patch, path = "/v1/tasks/{id}/comments/{comment_id}", tag = "comments", operation_id = "edit_comment",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("comment_id" = Uuid, Path, description = "The comment's id")),
    request_body(content = EditComment, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The comment as it is now.", body = Comment)))]
pub async fn edit_comment(
    State(app): State<App>,
    caller: Caller,
    Path((Id(task), Id(id))): Path<(Id, Id)>,
    Write { body, idempotency, if_match }: Write<EditComment>,
) -> Result<Response, Problem> {
    let intent = intent(&caller, task, id, body.action()).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
