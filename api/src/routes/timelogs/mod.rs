//! Timelogs: time that was worked, and timers that run.

pub mod activity;
pub mod batch;
pub mod correct;
pub mod get;
pub mod list;
pub mod log;
pub mod restore;
pub mod running;
pub mod start;
pub mod stop;
mod timer;
pub mod totals;
pub mod void;
mod whose;

use docket_projections::{List, TIMELOGS};

use crate::edge::listing::Listable;

crate::routes::resource! {
    /// Time that somebody has worked.
    Timelog: docket_domain::timelog::Timelog
}

impl Listable for Timelog {
    const LIST: &List = &TIMELOGS;
}
