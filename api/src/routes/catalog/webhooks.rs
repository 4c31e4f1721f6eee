//! `/v1/webhooks`: what there is of them; what they do is in [`crate::routes::webhooks`].

use docket_domain::webhook::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::Change;
use crate::edge::scalars::Line;

crate::routes::resource! {
    /// A webhook, to which the workspace's events are sent as they happen.
    Webhook: Fields, may be deleted
}

/// A new webhook.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "CI")]
    name: Line<1, 200>,
    /// Where events are sent: `https://…`, on a public address.
    #[schema(value_type = String, min_length = 1, max_length = 2000, example = "https://example.org/hooks/docket")]
    url: Line<1, 2_000>,
    /// Which: `task.created`, or `task.*` for all of tasks; all, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    event_types: Vec<Line<1, 100>>,
    /// Whether it waits until it is told otherwise.
    #[serde(default)]
    paused: bool,
    /// Whether it is sent everything from the workspace's first event on; else what happens from now on.
    #[serde(default)]
    from_beginning: bool,
}

/// A merge patch (RFC 7396): absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhook {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// Where events are sent from now on.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 2000)]
    url: Change<Line<1, 2_000>>,
    /// Which, from now on.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    event_types: Change<Vec<Line<1, 100>>>,
    /// Whether it waits. What happens meanwhile is sent when it goes on.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    paused: Change<bool>,
}

impl From<CreateWebhook> for Fields {
    fn from(new: CreateWebhook) -> Self {
        Self {
            name: new.name.into_string(),
            url: new.url.into_string(),
            event_types: new.event_types.into_iter().map(Line::into_string).collect(),
            paused: new.paused,
            from_beginning: new.from_beginning,
            secret_generation: 1,
            previous_secret_until: None,
        }
    }
}

impl From<UpdateWebhook> for Changes {
    fn from(set: UpdateWebhook) -> Self {
        Self {
            name: set.name.0.map(Line::into_string),
            url: set.url.0.map(Line::into_string),
            event_types: set.event_types.0.map(|types| types.into_iter().map(Line::into_string).collect()),
            paused: set.paused.0,
            ..Self::default()
        }
    }
}

operations! {
    Webhooks { Fields, webhook: CreateWebhook, set: UpdateWebhook, shown: Webhook, tag: "webhooks", delete: "webhooks:delete", list: WEBHOOKS },
    "/v1/webhooks" => list_webhooks create_webhook,
    "/v1/webhooks/batch" => batch_webhooks WebhookCommand WebhookResult,
    "/v1/webhooks/{id}" => get_webhook update_webhook delete_webhook,
    "/v1/webhooks/{id}/restore" => restore_webhook,
    "/v1/webhooks/{id}/activity" => list_webhook_activity,
}
