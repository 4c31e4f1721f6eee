//! `GET /healthz` and `GET /readyz`: for load balancers and supervisors, without a key.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::respond;

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "get_health", security(()),
    responses((status = 200, description = "It is alive.")))]
pub async fn get_health() -> Response {
    respond::json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())
}

/// It can serve requests: its database is there and its read models can be read.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "get_readiness", security(()),
    responses((status = 200, description = "It is ready."), (status = 503, description = "It is not.")))]
pub async fn get_readiness(State(app): State<App>) -> Response {
    match app.reads.ping().await {
        Ok(()) => respond::json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned()),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            respond::json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"not ready"}"#.to_owned())
        }
    }
}
