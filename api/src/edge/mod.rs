//! From bytes to parsed values: the strict readers of bodies, queries and headers, and the accept loop.
//!
//! What is refused here never reaches a handler. No rule of the domain and no SQL lives here.

pub mod accept;
pub mod compress;
pub mod conditional;
pub mod contract;
pub mod cors;
pub mod csv;
pub mod dry_run;
mod frames;
pub mod head;
pub mod idempotency;
pub mod json;
pub mod lent;
pub mod listing;
pub mod moment;
pub mod patch;
pub mod path;
pub mod position;
mod preface;
pub mod proxies;
pub mod query;
pub mod scalars;
mod scan;
pub mod serve;
pub mod sse;
mod streams;
mod strict;
mod wire;
pub mod write;
