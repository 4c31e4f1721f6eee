//! Tasks.

pub mod activity;
pub mod batch;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod restore;
pub mod update;

crate::routes::resource! {
    /// A task.
    Task: docket_domain::task::Task
}
