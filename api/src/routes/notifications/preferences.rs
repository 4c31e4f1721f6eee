//! `GET` and `PATCH /v1/me/notification-preferences`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::preferences::{self, Preferences, Ways, Wish};
use docket_domain::snapshot::Snapshot;
use docket_domain::telling::Kind;
use serde::Deserialize;
use utoipa::ToSchema;

use super::me;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::moment::AsOf;
use crate::edge::patch::Change;
use crate::edge::query::Query;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// How one kind of notification is to come.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWays {
    /// Into the list of notifications.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    inbox: Change<bool>,
    /// At once: over server-sent events and NATS.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    push: Change<bool>,
}

macro_rules! by_kind {
    ($($(#[$doc:meta])* $field:ident: $kind:ident,)+) => {
        /// One's preferences: how each kind of notification comes.
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "it is documented, and written as a map")]
        pub struct NotificationPreferences {
            $($(#[$doc])* $field: Ways,)+
        }

        /// A merge patch (RFC 7396): what is absent stays.
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct UpdateNotificationPreferences {
            $($(#[$doc])*
            #[serde(default)]
            #[schema(value_type = UpdateWays, required = false)]
            $field: Change<UpdateWays>,)+
        }

        impl UpdateNotificationPreferences {
            fn wishes(&self) -> BTreeMap<Kind, Wish> {
                let all = [$((Kind::$kind, self.$field.0)),+];
                let said = all.into_iter().filter_map(|(kind, ways)| Some((kind, ways?)));
                said.map(|(kind, ways)| (kind, Wish { inbox: ways.inbox.0, push: ways.push.0 })).collect()
            }
        }
    };
}

by_kind! {
    /// That one was asked to join.
    invited: Invited,
    /// That a comment or a description names one.
    mentioned: Mentioned,
    /// That a task is one's own.
    assigned: Assigned,
    /// That it is no longer.
    unassigned: Unassigned,
    /// That a task of one's own should have been done.
    overdue: Overdue,
    /// That one is due tomorrow.
    due_soon: DueSoon,
    /// That one is due on another day.
    due_changed: DueChanged,
    /// That one moved on, or back.
    status_changed: StatusChanged,
    /// That somebody said something about one.
    commented: Commented,
    /// That work on a sprint with one's tasks began.
    sprint_started: SprintStarted,
    /// That it ended.
    sprint_closed: SprintClosed,
}

/// How each kind of notification comes to the caller.
#[utoipa::path(get, path = "/v1/me/notification-preferences", tag = "notifications",
    operation_id = "get_notification_preferences", params(AsOf),
    responses((status = 200, description = "One's preferences.", body = NotificationPreferences)))]
pub async fn get_notification_preferences(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AsOf>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = preferences::id_of(me(&caller)?);
    let found = app.reads.folded::<Preferences>(&caller.reader(), id, asked.moment(caller.partition)?).await?;
    Ok(respond::tagged(&headers, conditional::etag(found.version), shown(&found.state)?))
}

/// Changes how some kinds of notifications come.
#[utoipa::path(patch, path = "/v1/me/notification-preferences", tag = "notifications",
    operation_id = "update_notification_preferences",
    request_body(content = UpdateNotificationPreferences, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "One's preferences as they are now.", body = NotificationPreferences)))]
pub async fn update_notification_preferences(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, if_match }: Write<UpdateNotificationPreferences>,
) -> Result<Response, Problem> {
    let intent = preferences::change(me(&caller)?, body.wishes()).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = respond::only(&answer)?.state.clone();
    let state = state.as_any().downcast_ref::<Snapshot<Preferences>>().ok_or_else(Problem::internal)?;
    respond::changed(&answer, shown(&state.state)?)
}

/// All kinds, also those that nothing was said of.
fn shown(preferences: &Preferences) -> Result<String, Problem> {
    let all: BTreeMap<Kind, Ways> = Kind::ALL.into_iter().map(|kind| (kind, preferences.of(kind))).collect();
    serde_json::to_string(&all).map_err(|_| Problem::internal())
}
