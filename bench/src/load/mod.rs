//! The load generator: keep-alive HTTP/1.1 connections on one thread, closed loop or paced.

mod closed;
mod http;
mod open;
mod outcome;
mod paced;
mod script;

pub use closed::{Span, closed, measured};
pub use http::{Answer, Connection};
pub use open::{Offered, open};
pub use outcome::Outcome;
pub use paced::Ticks;
pub use script::{Request, Script, Target};
