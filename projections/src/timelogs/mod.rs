//! How long has been worked: by whom, on what, on which day; and who is working on what right now?

mod apply;
mod counts;
mod query;
mod totals;

pub(crate) use apply::model;
pub use query::TIMELOGS;
pub use totals::{By, TimeSum, TimeTotal, TimeTotals, TotalsQuery};

/// The model's name.
pub(crate) const NAME: &str = "timelogs";
