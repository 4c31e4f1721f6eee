//! The workspace itself: the one of the key.

pub mod activity;
pub mod get;
mod states;
pub mod update;

use docket_projections::{List, WORKSPACES};

use crate::edge::listing::Listable;

crate::routes::resource! {
    /// The workspace of the key.
    Workspace: docket_domain::workspace::Workspace
}

impl Listable for Workspace {
    const LIST: &List = &WORKSPACES;
}
