//! `cqrs_es::EventStore` over the log: one workspace's aggregates as that crate's framework sees them. It goes the
//! same way as every command: cached states, one append, versions and the caller's key checked there.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::{AggregateContext, AggregateError, EventEnvelope};
use docket_domain::snapshot::read_event;
use docket_domain::{Actor, Aggregate, Recorded, Snapshot};
use uuid::Uuid;

use crate::append::{Append, Require, Verdict, Write};
use crate::store::Store;
use crate::{Error, Request};

/// The aggregates of a request's workspace, written in its name.
pub struct EventStore {
    store: Arc<Store>,
    request: Request,
}

/// An aggregate on its way through a command.
pub struct Loaded<A> {
    before: Snapshot<A>,
    aggregate: A,
}

impl<A: Aggregate> AggregateContext<A> for Loaded<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.aggregate
    }
}

impl EventStore {
    /// The aggregates of `request`'s workspace.
    pub fn new(store: Arc<Store>, request: Request) -> Self {
        Self { store, request }
    }

    fn guards(&self) -> Vec<Require> {
        let guard = |kind, id| Require { kind, id, version: None, guard: true };
        let member = match self.request.actor {
            Actor::Member(id) => Some(guard("member", id.0)),
            _ => None,
        };
        self.request.key.map(|key| guard("api_key", key.0)).into_iter().chain(member).collect()
    }
}

impl<A: Aggregate> cqrs_es::EventStore<A> for EventStore {
    type AC = Loaded<A>;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let id = parse(id)?;
        let events = self.store.events(self.request.workspace, id).await.map_err(failed)?;
        events.iter().filter(|event| event.kind == A::TYPE).map(envelope).collect()
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<A>, AggregateError<A::Error>> {
        let blank = Box::new(Snapshot::<A>::blank(parse(id)?));
        let (state, _) = self.store.load(self.request.workspace, blank, false).await.map_err(failed)?;
        let before = state.as_any().downcast_ref::<Snapshot<A>>().cloned();
        let before = before.ok_or_else(|| failed(Error::Bug("a state of another kind".to_owned())))?;
        Ok(Loaded { aggregate: before.state.clone(), before })
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: Loaded<A>,
        _: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let Loaded { before, .. } = context;
        let Request { now, actor, workspace, salt, .. } = self.request;
        let decision = before
            .decided(events.clone(), now, actor, salt)
            .map_err(|refusal| AggregateError::UnexpectedError(refusal.into()))?;
        let metadata = serde_json::to_string(&self.request.metadata())
            .map_err(|error| AggregateError::UnexpectedError(error.into()))?;
        let append = Append {
            command: self.request.command,
            workspace,
            principal: self.request.principal(),
            receipt: None,
            writes: vec![Write {
                kind: A::TYPE,
                id: before.id,
                expected: before.version,
                events: decision.events.into_iter().map(|event| (event, now)).collect(),
                effects: decision.effects,
                after: decision.after,
                entry: self.store.entry(workspace, before.id),
            }],
            requires: self.guards(),
            metadata: metadata.into(),
        };
        match self.store.append(append).await.map_err(failed)? {
            Verdict::Committed(_) => {}
            Verdict::Conflict(_) => return Err(AggregateError::AggregateConflict),
            Verdict::Revoked => return Err(failed(Error::Revoked)),
            Verdict::Failed(why) => return Err(failed(Error::Bug(why))),
            _ => return Err(failed(Error::Contended)),
        }
        let numbered = (before.version + 1..).zip(events);
        Ok(numbered.map(|(version, payload)| made(before.id, version, payload)).collect())
    }
}

fn parse<E: std::error::Error>(id: &str) -> Result<Uuid, AggregateError<E>> {
    Uuid::parse_str(id).map_err(|error| AggregateError::UnexpectedError(error.into()))
}

fn failed<E: std::error::Error>(error: Error) -> AggregateError<E> {
    match error {
        Error::Unavailable(_) => AggregateError::DatabaseConnectionError(error.into()),
        other => AggregateError::UnexpectedError(other.into()),
    }
}

fn envelope<A: Aggregate>(event: &Recorded) -> Result<EventEnvelope<A>, AggregateError<A::Error>> {
    let payload = read_event::<A>(event).map_err(|error| AggregateError::DeserializationError(error.into()))?;
    Ok(made(event.stream, event.version, payload))
}

fn made<A: Aggregate>(id: Uuid, version: i64, payload: A::Event) -> EventEnvelope<A> {
    let sequence = usize::try_from(version).unwrap_or_default();
    EventEnvelope { aggregate_id: id.to_string(), sequence, payload, metadata: HashMap::new() }
}
