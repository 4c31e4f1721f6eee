//! What a command would write, where it is only tried.

use docket_domain::NewEvent;
use uuid::Uuid;

use crate::append::Append;

/// An event that a command would write.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The aggregate's type.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Its version after the event.
    pub version: i64,
    /// The event.
    pub event: NewEvent,
}

/// The events of an append, in order.
pub fn proposed(append: &Append) -> Vec<Proposed> {
    let events = append.writes.iter().flat_map(|write| {
        let numbered = (write.expected + 1..).zip(&write.events);
        numbered.map(|(version, (event, _))| (write.kind, write.id, version, event.clone()))
    });
    events.map(|(kind, id, version, event)| Proposed { kind, id, version, event }).collect()
}
