//! What webhooks were sent: how far each is, and what came of each attempt. Kept as it is written, for it can't be computed
//! from the log; who sends is the api's business.

mod outlet;
mod query;
mod store;

pub use query::{Attempted, Attempts};
pub use store::{Attempt, Deliveries, Endpoint, Tried};
