//! A workspace's whole history, and proof that it is unaltered: what is signed, and what connects events and older
//! checkpoints to it.

pub mod activity;
pub mod checkpoint;
pub mod consistency;
mod export;
pub mod list;
pub mod proof;

use docket_domain::audit::Hash;
use docket_projections::SignedTree;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// What was signed last: a tree of the workspace's events.
#[derive(Serialize, ToSchema)]
pub struct Checkpoint {
    /// Whose tree it is.
    origin: String,
    /// How many events are in it.
    size: u64,
    /// Its root, in Base64.
    root_hash: String,
    /// The signed note (C2SP tlog-checkpoint): keep this.
    note: String,
    /// The public keys it is signed with (C2SP signed-note), newest first.
    keys: Vec<String>,
}

impl From<SignedTree> for Checkpoint {
    fn from(tree: SignedTree) -> Self {
        let SignedTree { note, keys, checkpoint } = tree;
        let root_hash = checkpoint.root.to_string();
        Self { origin: checkpoint.origin, size: checkpoint.size, root_hash, note, keys }
    }
}

/// What was signed last, as every answer about the past carries it.
pub async fn latest(app: &App, caller: &Caller) -> Result<Option<Checkpoint>, Problem> {
    Ok(app.reads.signed_tree(&caller.reader()).await?.map(Checkpoint::from))
}

fn base64(path: &[Hash]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

/// Nothing is signed: there is no key, or the workspace is seconds old.
fn not_signed() -> Problem {
    Problem::unavailable(1).with_detail(
        "Nothing is signed yet. If this lasts, the installation has no key to sign with: see docs/audit.md.",
    )
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_audit_events))
        .routes(routes!(activity::get_audit_activity))
        .routes(routes!(checkpoint::get_audit_checkpoint))
        .routes(routes!(proof::get_audit_proof))
        .routes(routes!(consistency::get_audit_consistency))
}
