//! What webhooks do: their secrets, what they were sent, trying one, and sending again.

pub mod deliveries;
pub mod replay;
pub mod rotate;
pub mod secrets;
pub mod test;

use docket_domain::snapshot::Snapshot;
use docket_domain::webhook::Webhook;
use docket_projections::{View, WEBHOOKS};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// The webhook with this id.
async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<Snapshot<Webhook>, Problem> {
    let doc = app.reads.get(&caller.reader(), &WEBHOOKS, id, &View::default()).await?;
    let doc = doc.ok_or_else(Problem::not_found)?;
    serde_json::from_str(&doc.json).map_err(|_| Problem::internal())
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(secrets::get_webhook_secrets))
        .routes(routes!(rotate::rotate_webhook))
        .routes(routes!(test::test_webhook))
        .routes(routes!(replay::replay_webhook))
        .routes(routes!(deliveries::list_webhook_deliveries))
}
