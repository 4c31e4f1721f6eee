//! Tasks.

pub mod activity;
pub mod add_label;
pub mod assign;
pub mod assignees;
pub mod batch;
pub mod children;
pub mod create;
pub mod delete;
pub mod get;
pub mod labels;
pub mod list;
pub mod remove_label;
pub mod restore;
pub mod unassign;
pub mod update;

use docket_projections::List;

use crate::edge::listing::Listable;

crate::routes::resource! {
    /// A task.
    Task: docket_domain::task::Task
}

impl Listable for Task {
    const LIST: &List = &docket_projections::TASKS;
}
