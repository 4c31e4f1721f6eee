//! `GET /v1/audit/proof`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_projections::Sought;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Checkpoint, base64};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::position;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;

/// Which event.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskProof {
    /// Its position, as a number or as `Docket-Position` has it.
    position: String,
}

/// That an event is among those that are signed (RFC 9162, 2.1.3).
#[derive(Serialize, ToSchema)]
pub struct InclusionProof {
    /// Its position.
    position: i64,
    /// Which leaf of the tree it is, from 0.
    leaf_index: u64,
    /// The leaf: the event as it is stored now. Null if it is gone from the log.
    leaf: Option<String>,
    /// What was signed, in Base64: SHA-256 of a zero byte and the leaf as it was then.
    leaf_hash: String,
    /// The hashes on the way from the leaf to the root, in Base64.
    proof: Vec<String>,
    /// The tree.
    checkpoint: Checkpoint,
}

/// Proves that an event is in the history that is signed.
#[utoipa::path(get, path = "/v1/audit/proof", tag = "audit", operation_id = "get_audit_proof", params(AskProof),
    responses((status = 200, description = "The proof.", body = InclusionProof),
              (status = 404, description = "This workspace has no event at that position.")))]
pub async fn get_audit_proof(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskProof>,
) -> Result<Response, Problem> {
    let position = position(&asked.position, app.reads.partition_of(caller.workspace))?;
    let found = match app.reads.inclusion(&caller.reader(), position).await? {
        Sought::Found(found) => *found,
        Sought::Absent => return Err(Problem::not_found()),
        Sought::NotYet => {
            return Err(Problem::unavailable(1).with_detail("The event is not signed yet; it will be in a moment."));
        }
    };
    let proof = InclusionProof {
        position,
        leaf_index: found.index,
        leaf_hash: found.leaf_hash.to_string(),
        leaf: found.leaf,
        proof: base64(&found.path),
        checkpoint: found.tree.into(),
    };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&proof).map_err(|_| Problem::internal())?))
}

fn position(sent: &str, partition: i16) -> Result<i64, Problem> {
    position::parse(sent, partition).filter(|position| *position > 0).ok_or_else(|| {
        Problem::parameter("position", "invalid-parameter", "must be a position: 1, 2, 3 …, or a Docket-Position")
    })
}
