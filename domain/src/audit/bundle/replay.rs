//! The meaning: do the events follow one upon the other, and do they make what the read models say?

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Document, Failure, strict};
use crate::envelope::Recorded;
use crate::kinds;
use crate::snapshot::AnySnapshot;

/// For so long at most an export waits until what the read models show is signed, or a little longer: what happened
/// later than this after them should be shown by them.
const MOST_BEHIND: TimeDelta = TimeDelta::minutes(2);

/// One aggregate.
struct Folded {
    state: Box<dyn AnySnapshot>,
    compared: bool,
}

/// A history being folded. The first thing that is wrong is kept; what comes after it is not looked at.
pub struct Replay {
    workspace: Uuid,
    models_at: i64,
    partition: Option<i16>,
    position: i64,
    recorded_at: DateTime<Utc>,
    states: HashMap<Uuid, Folded>,
    /// The last number of each kind, and of each series.
    numbers: HashMap<String, i64>,
    documents: u64,
    /// The document before: table and aggregate. They stand in order.
    last: Option<(String, Uuid)>,
    /// When the first event was recorded that the documents don't show.
    unshown: Option<DateTime<Utc>>,
    /// Whether the place of the documents has been passed.
    passed: bool,
    wrong: Option<Failure>,
}

impl Replay {
    /// No event yet; documents come after the event at `models_at`.
    pub fn new(workspace: Uuid, models_at: i64) -> Self {
        Self {
            workspace,
            models_at,
            partition: None,
            position: 0,
            recorded_at: DateTime::UNIX_EPOCH,
            states: HashMap::new(),
            numbers: HashMap::new(),
            documents: 0,
            last: None,
            unshown: None,
            passed: false,
            wrong: None,
        }
    }

    /// How many documents there were.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// An event that can't even be read.
    pub fn unreadable(&mut self, number: u64, why: &str) {
        self.note(Err(Failure::Replay(format!("event number {number} can't be read: {why}"))));
    }

    /// The next event.
    pub fn event(&mut self, event: &Recorded) {
        if self.wrong.is_some() {
            return;
        }
        if event.position > self.models_at && !self.passed {
            let complete = self.complete();
            self.note(complete);
            self.unshown = Some(event.recorded_at);
        }
        let taken = self.follows(event).and_then(|()| self.fold(event));
        self.note(taken);
    }

    fn note(&mut self, outcome: Result<(), Failure>) {
        if let (Err(failure), None) = (outcome, &self.wrong) {
            self.wrong = Some(failure);
        }
    }

    fn follows(&mut self, event: &Recorded) -> Result<(), Failure> {
        let at = event.position;
        let partition = *self.partition.get_or_insert(event.partition);
        let place = event.workspace.0 == self.workspace && event.partition == partition;
        if !place {
            return Err(Failure::Disorder(format!("the event at position {at} belongs elsewhere")));
        }
        if at <= self.position {
            return Err(Failure::Disorder(format!("position {at} comes after {}", self.position)));
        }
        if event.recorded_at < self.recorded_at {
            return Err(Failure::Disorder(format!("at position {at} time goes back")));
        }
        if self.documents > 0 && at <= self.models_at {
            return Err(Failure::Disorder(format!("position {at} comes after the documents that include it")));
        }
        (self.position, self.recorded_at) = (at, event.recorded_at);
        if event.version == 1 {
            self.number(event)?;
        }
        Ok(())
    }

    /// Numbers are 1, 2, 3 …, per kind and per series.
    fn number(&mut self, event: &Recorded) -> Result<(), Failure> {
        let at = event.position;
        let unnumbered = || Failure::Disorder(format!("the aggregate created at position {at} has no number"));
        let mut given = vec![(event.kind.clone(), event.number.ok_or_else(unnumbered)?)];
        if let Some((series, number)) = event.series.as_deref().and_then(|series| series.rsplit_once('-')) {
            given.push((format!("{}/{series}", event.kind), number.parse().map_err(|_| unnumbered())?));
        }
        for (counter, number) in given {
            let last = self.numbers.entry(counter).or_default();
            if number != *last + 1 {
                let kind = &event.kind;
                return Err(Failure::Disorder(format!("at position {at} {kind} number {number} follows {last}")));
            }
            *last = number;
        }
        Ok(())
    }

    fn fold(&mut self, event: &Recorded) -> Result<(), Failure> {
        let at = event.position;
        let state = match self.states.entry(event.stream) {
            Entry::Occupied(known) => &mut known.into_mut().state,
            Entry::Vacant(new) => {
                let blank = kinds::blank(&event.kind, event.stream).ok_or_else(|| {
                    Failure::Replay(format!("at position {at} is a {:?}: this program knows no such kind", event.kind))
                })?;
                &mut new.insert(Folded { state: blank, compared: false }).state
            }
        };
        if state.kind() != event.kind {
            return Err(Failure::Disorder(format!("at position {at} a {} becomes a {}", state.kind(), event.kind)));
        }
        if event.version != state.version() + 1 {
            let (was, id, version) = (state.version(), event.stream, event.version);
            return Err(Failure::Disorder(format!("at position {at} event {version} of {id} follows on its {was}")));
        }
        state.fold(event).map_err(|error| Failure::Replay(format!("position {at}: {error}")))
    }

    /// A document of a read model.
    pub fn document(&mut self, line: &[u8]) {
        self.documents += 1;
        if self.wrong.is_none() {
            let same = self.compare(line);
            self.note(same);
        }
    }

    fn compare(&mut self, line: &[u8]) -> Result<(), Failure> {
        let Document { model, id, doc } =
            strict(line).map_err(|why| Failure::Models(format!("document {} can't be read: {why}", self.documents)))?;
        let place = (model.into_owned(), id);
        if self.passed || self.last.as_ref() >= Some(&place) {
            return Err(Failure::Models(format!("the document {id} of {} stands in the wrong place", place.0)));
        }
        let (model, id) = self.last.insert(place);
        let Some(folded) = self.states.get_mut(id) else {
            return Err(Failure::Models(format!("{model} has {id}, of which there is no event")));
        };
        if std::mem::replace(&mut folded.compared, true) {
            return Err(Failure::Models(format!("{model} has {id} twice")));
        }
        let replayed = folded.state.to_json();
        // The order of fields is no part of what a document says.
        let says = |json: &str| serde_json::from_str::<BTreeMap<String, Value>>(json).ok();
        if replayed != doc.get() && says(&replayed) != says(doc.get()) {
            return Err(Failure::Models(format!("{model} has {id} otherwise than its events")));
        }
        let kind = folded.state.kind();
        if kinds::model(kind) != Some(model.as_str()) {
            return Err(Failure::Models(format!("{model} has the {kind} {id}, which belongs elsewhere")));
        }
        Ok(())
    }

    /// Where the documents end: there was one of every aggregate that should have one.
    fn complete(&mut self) -> Result<(), Failure> {
        self.passed = true;
        if self.position != self.models_at {
            let (at, last) = (self.models_at, self.position);
            return Err(Failure::Models(format!("the documents should come after position {at}, not after {last}")));
        }
        let missing = |folded: &&Folded| !folded.compared && kinds::model(folded.state.kind()).is_some();
        match self.states.values().find(missing) {
            Some(Folded { state, .. }) => {
                Err(Failure::Models(format!("there is no document of the {} {}", state.kind(), state.id())))
            }
            None => Ok(()),
        }
    }

    /// How many aggregates there are, and of which kinds no read model has documents.
    pub fn finish(mut self) -> Result<(u64, Vec<String>), Failure> {
        if !self.passed {
            let complete = self.complete();
            self.note(complete);
        }
        let behind = self.unshown.map_or(TimeDelta::zero(), |since| self.recorded_at - since);
        if behind > MOST_BEHIND {
            let why = format!("they end {} s before the events do, as no export leaves them", behind.num_seconds());
            self.note(Err(Failure::Models(why)));
        }
        if let Some(failure) = self.wrong {
            return Err(failure);
        }
        let kinds: BTreeSet<_> = self.states.values().map(|folded| folded.state.kind()).collect();
        let undocumented = kinds.into_iter().filter(|kind| kinds::model(kind).is_none()).map(str::to_owned).collect();
        Ok((self.states.len() as u64, undocumented))
    }
}
