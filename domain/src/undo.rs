//! Undoing: which events take an aggregate back behind some of its events, and which later ones stand in the way.
//!
//! What compensates an event is for each aggregate to say ([`Aggregate::inverse`], [`Aggregate::removal`]). Here is what
//! is the same for all: an event can be undone as long as nothing that stays has since changed what it had changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::aggregate::{Aggregate, Context, Reference, References};
use crate::changes;
use crate::decision::Decision;
use crate::envelope::Recorded;
use crate::refusal::{Kind, Refusal};
use crate::snapshot::{AnyCommand, AnySnapshot, Intent, Snapshot, Unreadable, read_event};

/// What it takes to undo some events of one aggregate.
pub struct Undo {
    /// Carries it out; refuses to, if it can't be done.
    pub intent: Intent,
    /// The versions of later events that stand in the way.
    pub obstacles: Vec<i64>,
    /// The versions of events that nothing compensates.
    pub lasting: Vec<i64>,
}

/// An event that is to be undone.
struct Step<A: Aggregate> {
    version: i64,
    before: A,
    event: A::Event,
    touched: BTreeSet<String>,
}

/// Undoes the events with these versions of an aggregate of which these are all events.
pub fn of<A: Aggregate>(
    id: Uuid,
    events: &[Recorded],
    undone: &BTreeSet<i64>,
    now: DateTime<Utc>,
) -> Result<Undo, Unreadable> {
    let mut state = Snapshot::<A>::blank(id);
    let mut members = Map::new();
    let (mut steps, mut obstacles, mut ended) = (Vec::<Step<A>>::new(), BTreeSet::new(), None);
    for event in events {
        let change = read_event::<A>(event)?;
        let before = state.clone();
        state.fold(event)?;
        let earlier = std::mem::replace(&mut members, changes::members(&state));
        let touched = touched(&earlier, &members);
        let is_undone = undone.contains(&event.version);
        if before.state.alive() != state.state.alive() {
            ended = Some(event.version).filter(|_| !state.state.alive() && !is_undone);
        }
        if is_undone {
            steps.push(Step { version: event.version, before: before.state, event: change, touched });
            continue;
        }
        if steps.iter().any(|step| step.version == 1 || !step.touched.is_disjoint(&touched)) {
            obstacles.insert(event.version);
        }
    }
    // Nothing can be changed in what is gone.
    obstacles.extend(ended.filter(|_| !steps.is_empty()));
    let (way, lasting) = way(&state.state, steps, now);
    let back = Back::<A> { events: way, possible: obstacles.is_empty() && lasting.is_empty() };
    let intent = Intent::of(id, Box::new(back)).expecting(Some(vec![state.version]));
    Ok(Undo { intent, obstacles: obstacles.into_iter().collect(), lasting })
}

/// The events of the way back, and the versions of those from which there is none.
fn way<A: Aggregate>(state: &A, steps: Vec<Step<A>>, now: DateTime<Utc>) -> (Vec<A::Event>, Vec<i64>) {
    // Whose beginning is undone is taken away, whatever it has become since.
    if steps.first().is_some_and(|step| step.version == 1) {
        let gone = if state.alive() { state.removal(now) } else { Some(Vec::new()) };
        return gone.map_or_else(|| (Vec::new(), vec![1]), |events| (events, Vec::new()));
    }
    let (mut events, mut lasting) = (Vec::new(), Vec::new());
    for Step { version, before, event, .. } in steps.into_iter().rev() {
        match before.inverse(&event) {
            Some(inverse) => events.extend(inverse),
            None => lasting.push(version),
        }
    }
    (events, lasting)
}

/// What differs, down to the elements of lists.
fn touched(before: &Map<String, Value>, after: &Map<String, Value>) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    for changes::Change { field, from, to } in changes::between(before, after) {
        match (from, to) {
            (Value::Array(from), Value::Array(to)) => {
                let gone = from.iter().filter(|one| !to.contains(one));
                let come = to.iter().filter(|one| !from.contains(one));
                touched.extend(gone.chain(come).map(|one| format!("{field}/{one}")));
            }
            _ => _ = touched.insert(field),
        }
    }
    touched
}

/// The command that carries such events out: each is asked for as a person would have to.
struct Back<A: Aggregate> {
    events: Vec<A::Event>,
    possible: bool,
}

impl<A: Aggregate> Back<A> {
    fn snapshot(state: &dyn AnySnapshot) -> Option<&Snapshot<A>> {
        state.as_any().downcast_ref()
    }

    fn asked<'a>(&'a self, state: &'a A) -> impl Iterator<Item = A::Command> {
        self.events.iter().filter_map(|event| state.rule(event))
    }
}

impl<A: Aggregate> AnyCommand for Back<A>
where
    A::Event: Send + Sync,
{
    fn kind(&self) -> &'static str {
        A::TYPE
    }

    fn blank(&self, id: Uuid) -> Box<dyn AnySnapshot> {
        Box::new(Snapshot::<A>::blank(id))
    }

    fn references(&self, state: &dyn AnySnapshot) -> Vec<Reference> {
        let Some(Snapshot { state, .. }) = Self::snapshot(state) else { return Vec::new() };
        self.asked(state).flat_map(|command| state.references(&command)).collect()
    }

    fn further_references(&self, state: &dyn AnySnapshot, known: &References) -> Vec<Reference> {
        let Some(Snapshot { state, .. }) = Self::snapshot(state) else { return Vec::new() };
        self.asked(state).flat_map(|command| state.further_references(&command, known)).collect()
    }

    fn decide(&self, state: &Arc<dyn AnySnapshot>, context: &Context) -> Result<Decision, Refusal> {
        if !self.possible {
            return Err(Refusal::new(Kind::Conflict, "in-the-way", "What has happened since stands in the way."));
        }
        let before = Self::snapshot(state.as_ref()).ok_or_else(Refusal::not_found)?;
        let mut now = before.state.clone();
        for event in &self.events {
            if let Some(command) = now.rule(event) {
                now.decide(&command, context).map_err(Into::into)?;
            }
            now.apply(event.clone());
        }
        if self.events.is_empty() {
            return Ok(Decision::nothing(state.clone()));
        }
        before.decided(self.events.clone(), context.now, context.actor, context.salt)
    }
}
