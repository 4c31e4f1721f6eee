//! `GET /v1/audit/consistency`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Checkpoint, base64, not_signed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;

/// Between which trees.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskConsistency {
    /// The size of the older one: that of a checkpoint that was kept.
    from: u64,
    /// The size of the newer one; that of the latest checkpoint unless said otherwise.
    to: Option<u64>,
}

/// That a tree begins with an older one (RFC 9162, 2.1.4).
#[derive(Serialize, ToSchema)]
pub struct ConsistencyProof {
    /// The size of the older tree.
    from: u64,
    /// The size of the newer tree.
    to: u64,
    /// The hashes that show it, in Base64.
    proof: Vec<String>,
    /// The latest checkpoint.
    checkpoint: Checkpoint,
}

/// Proves that nothing that was signed before has been changed since.
#[utoipa::path(get, path = "/v1/audit/consistency", tag = "audit", operation_id = "get_audit_consistency",
    params(AskConsistency),
    responses((status = 200, description = "The proof.", body = ConsistencyProof)))]
pub async fn get_audit_consistency(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskConsistency>,
) -> Result<Response, Problem> {
    let AskConsistency { from, to } = asked;
    let reader = caller.reader();
    if to.is_some_and(|to| from > to) {
        return Err(Problem::parameter("from", "out-of-range", "from is at most to."));
    }
    let Some(found) = app.reads.consistency(&reader, from, to).await? else {
        let signed = app.reads.signed_tree(&reader).await?.ok_or_else(not_signed)?;
        let name = if to.is_some() { "to" } else { "from" };
        let detail = format!("{name} is at most {}, the size of the latest checkpoint.", signed.checkpoint.size);
        return Err(Problem::parameter(name, "out-of-range", detail));
    };
    let to = to.unwrap_or(found.tree.checkpoint.size);
    let proof = ConsistencyProof { from, to, proof: base64(&found.path), checkpoint: found.tree.into() };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&proof).map_err(|_| Problem::internal())?))
}
