//! What is in the workspace's catalogue (teams, positions, spaces, customers, labels, webhooks), and what is the workspace itself?

mod apply;
mod query;

pub(crate) use apply::Catalog;
pub use query::{CUSTOMERS, LABELS, POSITIONS, SPACES, TEAMS, WEBHOOKS, WORKSPACES};

/// The model's name.
pub(crate) const NAME: &str = "catalog";

/// The kinds of aggregates that are shown, each by its place.
const KINDS: [&str; 7] = ["workspace", "team", "position", "space", "customer", "label", "webhook"];

/// The number that a kind has in the tables.
pub(crate) fn kind(of: &str) -> Option<i16> {
    KINDS.iter().position(|kind| *kind == of).and_then(|place| i16::try_from(place).ok())
}
