//! `POST /v1/tasks/{id}/comments/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Intent;
use docket_domain::comment::{self, Action};
use uuid::Uuid;

use super::create::CreateComment;
use super::edit::EditComment;
use super::{Comment, command, intent};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchResults, Batched, batch, carry_out};

/// A task's comments in batches.
pub struct Comments {
    task: Uuid,
}

impl Batched for Comments {
    type New = CreateComment;
    type Set = EditComment;
    const ONE: &'static str = "comment";
    const DELETE: &'static str = "tasks:delete";

    fn create(&self, new: CreateComment, caller: &Caller) -> Result<Intent, Problem> {
        Ok(Intent::create::<comment::Comment>(Uuid::new_v4(), command(caller, self.task, new.action())))
    }

    fn update(&self, id: Uuid, set: EditComment, caller: &Caller) -> Result<Intent, Problem> {
        Ok(intent(caller, self.task, id, set.action()))
    }

    fn delete(&self, id: Uuid, caller: &Caller) -> Option<Intent> {
        Some(intent(caller, self.task, id, Action::Delete))
    }

    fn restore(&self, id: Uuid, caller: &Caller) -> Option<Intent> {
        Some(intent(caller, self.task, id, Action::Restore))
    }
}

batch! { Comments, CommentCommand { comment: CreateComment, set: EditComment }, CommentResult { Comment } }

/// Do many things to a task's comments at once. `delete` and `restore` take the scope `tasks:delete` besides.
#[utoipa::path(post, path = "/v1/tasks/{id}/comments/batch", tag = "comments", operation_id = "batch_comments",
    params(("id" = Uuid, Path, description = "The task's id")), request_body = Batch<CommentCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<CommentResult>)))]
pub async fn batch_comments(
    State(app): State<App>,
    caller: Caller,
    Path(Id(task)): Path<Id>,
    WriteLarge { body, idempotency }: WriteLarge<Batch<CommentCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Comments { task }, &app, &caller, body, idempotency).await
}
