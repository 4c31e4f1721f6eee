//! `POST /v1/notifications/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Intent;
use docket_domain::member::Role;
use docket_domain::notification::{self, Command};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Notification;
use super::send::SendNotification;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchResults, Batched, batch, carry_out};

/// What can be changed of one's notifications.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkNotification {
    /// Whether it is read.
    read: bool,
}

/// Notifications in batches.
pub struct Notifications;

impl Batched for Notifications {
    type New = SendNotification;
    type Set = MarkNotification;
    const ONE: &'static str = "notification";
    const DELETE: &'static str = "notifications:write";

    fn create(&self, new: SendNotification, caller: &Caller) -> Result<Intent, Problem> {
        if caller.role < Role::Member {
            return Err(Problem::forbidden(
                "role-too-low",
                "Telling somebody something takes the role member or above.",
            ));
        }
        let one = || Problem::field("/recipient_ids", "out-of-range", "In a batch, each goes to one member.");
        let mut intents = new.intents(caller)?;
        intents.pop().filter(|_| intents.is_empty()).ok_or_else(one)
    }

    fn update(&self, id: Uuid, set: MarkNotification, _: &Caller) -> Result<Intent, Problem> {
        let command = if set.read { Command::Read } else { Command::Unread };
        Ok(Intent::new::<notification::Notification>(id, command))
    }

    fn delete(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<notification::Notification>(id, Command::Delete))
    }
}

batch! {
    Notifications, NotificationCommand { notification: SendNotification, set: MarkNotification },
    NotificationResult { Notification }
}

/// Send notifications, mark one's own read or unread and delete them, many at once. There is no `restore`.
#[utoipa::path(post, path = "/v1/notifications/batch", tag = "notifications", operation_id = "batch_notifications",
    request_body = Batch<NotificationCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<NotificationResult>)))]
pub async fn batch_notifications(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<NotificationCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Notifications, &app, &caller, body, idempotency).await
}
