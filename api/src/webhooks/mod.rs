//! Webhooks: events on their way to those who asked for them. `worker.rs` goes through the endpoints that there is
//! something for, `turn.rs` sends to one of them, `send.rs` makes one attempt, `reach.rs` sees to it that nothing inside is reached.

mod reach;
mod send;
mod turn;
mod worker;

pub use reach::authorities;
pub use send::{Outgoing, Sender};
pub use worker::Worker;
