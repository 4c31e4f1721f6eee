//! What the aggregates' tests share: a fixed time, ids that read well, and a context.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use uuid::Uuid;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, References};
use crate::project::Project;
use crate::snapshot::{AnySnapshot, Snapshot};

/// A moment in July 2026.
pub fn now() -> DateTime<Utc> {
    day(2026, 7, 14).and_hms_micro_opt(9, 30, 0, 250).expect("a time").and_utc()
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

/// An id that is the same each time.
pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// Nothing is known but the time.
pub fn context() -> Context {
    let (actor, references) = (Actor::System, References::default());
    Context { id: id(9), workspace: id(1), actor, now: now(), salt: id(8), references }
}

/// A context that knows these projects.
pub fn knowing(projects: impl IntoIterator<Item = (Uuid, Project)>) -> Context {
    knowing_all(projects.into_iter().map(|(id, project)| known(id, project)))
}

/// The state of some aggregate.
pub fn known<A: Aggregate>(id: Uuid, state: A) -> Arc<dyn AnySnapshot> {
    Arc::new(Snapshot { state, version: 1, ..Snapshot::<A>::blank(id) })
}

/// A context that knows these states.
pub fn knowing_all(states: impl IntoIterator<Item = Arc<dyn AnySnapshot>>) -> Context {
    Context { references: References::new(states.into_iter().collect()), ..context() }
}

/// An aggregate with this history.
pub fn given<A: Aggregate>(events: impl IntoIterator<Item = A::Event>) -> AggregateTestExecutor<A> {
    given_in(context(), events)
}

/// An aggregate with this history, in a context of its own.
pub fn given_in<A: Aggregate>(
    context: Context,
    events: impl IntoIterator<Item = A::Event>,
) -> AggregateTestExecutor<A> {
    TestFramework::with(context).given(events.into_iter().collect())
}
