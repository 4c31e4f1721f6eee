//! NATS for consumers: whoever has a key connects any NATS client with it as the token, hears what concerns its member and,
//! with the scope `events:read`, its workspace, and can do nothing else.
//!
//! It is a server, or accounts, of their own: nothing that Docket's processes tell each other can be reached from there.
//! `callout.rs` answers the server's question who may come in, `grants.rs` says what they may do, `inside.rs` looks after who
//! is in (`guests.rs`), by their `pass.rs`, `outlet.rs` carries the log there, `jwt.rs` and `secrets.rs` are what it takes.

mod callout;
mod grants;
mod guests;
mod inside;
mod jwt;
mod keeper;
mod outlet;
mod pass;
mod secrets;

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use docket_projections::{Deliveries, Reads};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::limits::Limits;
use callout::Callout;
use guests::Guests;
use inside::Inside;
use keeper::Keeper;
use outlet::Outlet;

pub use secrets::Secrets;

/// Who is away for longer reads the feed of changes.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// What the stream, the subjects and the inboxes are called.
#[derive(Clone, Debug)]
pub struct Names {
    prefix: String,
}

impl Names {
    /// Under the first token of all subjects.
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The stream that keeps what consumers may hear.
    pub fn stream(&self) -> String {
        format!("{}-OUT", self.prefix.to_uppercase())
    }

    /// The stream, made if it is not there.
    async fn ensure_stream(&self, jetstream: &jetstream::Context) -> anyhow::Result<stream::Stream> {
        let config = stream::Config {
            name: self.stream(),
            subjects: vec![self.events(">"), self.notify(">")],
            max_age: KEPT,
            ..stream::Config::default()
        };
        Ok(jetstream.get_or_create_stream(config).await?)
    }

    fn events(&self, rest: &str) -> String {
        format!("{}.events.{rest}", self.prefix)
    }

    fn notify(&self, rest: &str) -> String {
        format!("{}.notify.{rest}", self.prefix)
    }
}

/// What consumers are served from, and how many wrong keys are too many.
pub struct Served {
    /// The read side.
    pub reads: Reads,
    /// How far the log was carried.
    pub deliveries: Deliveries,
    /// Counts the keys that do not work.
    pub limits: Limits,
}

/// Serves consumers until told to stop.
pub async fn run(secrets: Secrets, names: Names, served: Served, shutdown: CancellationToken) -> anyhow::Result<()> {
    let Served { reads, deliveries, limits } = served;
    let (auth, out, system) = secrets.connect().await?;
    let jetstream = jetstream::new(out);
    let outlet = Outlet::new(jetstream.clone(), names.clone(), reads.clone(), deliveries, Uuid::new_v4());
    let guests = Guests::default();
    let inside = Inside::new(system, jetstream.clone(), names.clone(), (reads.clone(), guests.clone()));
    let keeper = Keeper::new(jetstream, names.clone());
    let callout = Callout::new(auth, keeper, names, (reads, limits), guests, secrets.issuer()?);
    let mut work = JoinSet::new();
    work.spawn(outlet.run(shutdown.clone()));
    work.spawn(inside.run(shutdown.clone()));
    work.spawn(callout.run(shutdown));
    while let Some(ended) = work.join_next().await {
        ended??;
    }
    Ok(())
}
