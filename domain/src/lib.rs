//! What is true: aggregates, their events and the rules that decide them. Pure: time, ids, randomness and the actor
//! are arguments, and nothing here knows of a database, a network or a clock.
//!
//! Start at [`task`]; every other aggregate has the same shape, but for the small ones of the [`catalog`], which share
//! one. [`aggregate`] is what they have in common,
//! [`snapshot`] what folding their events gives, [`envelope`] how an event travels, [`message`] how it is told to those outside, [`personal`] what of it
//! can be erased, [`audit`] how it is proved that
//! nobody has changed one since.

pub mod actor;
pub mod aggregate;
pub mod api_key;
pub mod audit;
pub mod catalog;
pub mod changes;
pub mod comment;
pub mod decision;
pub mod envelope;
pub mod ids;
pub mod key_ring;
pub mod kinds;
pub mod member;
pub mod message;
pub mod notification;
pub mod personal;
pub mod preferences;
pub mod project;
pub mod refusal;
mod sets;
pub mod signatures;
pub mod snapshot;
pub mod sprint;
pub mod task;
pub mod telling;
#[cfg(test)]
mod testing;
pub mod timelog;
pub mod undo;
pub mod words;
pub mod workspace;

pub use actor::Actor;
pub use aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, References};
pub use catalog::{customer, label, position, space, team, webhook};
pub use decision::{Decision, NewEvent};
pub use envelope::{Cause, Metadata, Recorded};
pub use ids::{
    CommentId, CustomerId, KeyId, LabelId, MemberId, NotificationId, PhaseId, PositionId, ProjectId, SpaceId, SprintId,
    TaskId, TeamId, TimelogId, WorkspaceId,
};
pub use refusal::Refusal;
pub use snapshot::{AnyCommand, AnySnapshot, Intent, Snapshot};
