//! The limits: what the same PostgreSQL, or the same machine, does when nothing stands between it and the client.

mod bare;
mod closing;
mod copy;
mod insert;
mod naive;
mod query;
mod still;

pub use bare::{Bare, serve as refuse};
pub use closing::Closing;
pub use copy::Copies;
pub use insert::Inserts;
pub use naive::Naive;
pub use query::Query;
pub use still::{Still, serve as serve_static};
