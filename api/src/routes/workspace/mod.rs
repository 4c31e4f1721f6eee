//! The workspace itself: the one of the key.

pub mod activity;
pub mod get;
pub mod update;

crate::routes::resource! {
    /// The workspace of the key.
    Workspace: docket_domain::workspace::Workspace
}
