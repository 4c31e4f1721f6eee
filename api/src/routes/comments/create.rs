//! `POST /v1/tasks/{id}/comments`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::comment::{self, Action};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Comment, command};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A new comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateComment {
    /// What it says. Markdown.
    #[schema(value_type = String, min_length = 1, max_length = 20_000, example = "Why not before Friday?")]
    body: Text<1, 20_000>,
}

impl CreateComment {
    /// The same as the domain knows it.
    pub fn action(self) -> Action {
        Action::Create { body: self.body.into_string() }
    }
}

/// Say something about a task.
#[utoipa::path(post, path = "/v1/tasks/{id}/comments", tag = "comments", operation_id = "create_comment",
    params(("id" = Uuid, Path, description = "The task's id")), request_body = CreateComment,
    responses((status = 201, description = "The new comment; `Location` says where.", body = Comment)))]
pub async fn create_comment(
    State(app): State<App>,
    caller: Caller,
    Path(Id(task)): Path<Id>,
    Write { body, idempotency, .. }: Write<CreateComment>,
) -> Result<Response, Problem> {
    let create = command(&caller, task, body.action());
    let intent = Intent::create::<comment::Comment>(Uuid::new_v4(), create);
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    respond::created_at(&answer, &format!("/v1/tasks/{task}/comments/{}", state.id()), state.to_json())
}
