//! How the work goes: burndown, velocity, cumulative flow. Questions to what the tasks' model keeps of each day; there is
//! no model of their own.

mod burndown;
mod flow;
mod velocity;

pub use burndown::{Burndown, BurndownDay, Until};
pub use flow::{Amount, FlowDay, FlowQuery};
pub use velocity::{SprintResult, VelocityQuery};
