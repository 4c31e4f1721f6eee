//! Notifications: what a member is told. Everybody sees their own, and nobody else's.

pub mod activity;
pub mod batch;
pub mod counts;
pub mod delete;
pub mod get;
pub mod list;
pub mod preferences;
pub mod read;
pub mod read_all;
pub mod send;
pub mod stream;
pub mod unread;

use docket_domain::Actor;
use docket_domain::ids::MemberId;
use docket_projections::List;

use crate::auth::Caller;
use crate::edge::listing::Listable;
use crate::problem::Problem;

crate::routes::resource! {
    /// Something that a member was told.
    Notification: docket_domain::notification::Notification
}

impl Listable for Notification {
    const LIST: &List = &docket_projections::NOTIFICATIONS;
}

/// The member whose notifications they are: the one the key acts for.
pub fn me(caller: &Caller) -> Result<MemberId, Problem> {
    match caller.actor {
        Actor::Member(id) => Ok(id),
        _ => Err(Problem::forbidden("no-member", "This key acts for no member, so it has no notifications.")),
    }
}
