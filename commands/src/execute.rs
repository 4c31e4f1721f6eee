//! The write path, from intents to an answer: load, decide, append; when the log finds that a decision stood on
//! something stale, load again and decide again.

mod in_order;
mod looking;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use docket_domain::{Actor, AnySnapshot, Context, Decision, Intent, Reference, References, Refusal, envelope};
use docket_failpoints::failpoint;
use uuid::Uuid;

use crate::append::{Append, Verdict};
use crate::plan::{Blame, Item, Plan};
use crate::proposed::{Proposed, proposed};
use crate::receipt::{recall, recall_earlier};
use crate::standing::{confirm, recognise};
use crate::store::Store;
use crate::{Error, ItemError, Request};

pub use in_order::execute_in_order;
use looking::Looked;

/// Whether the intents of a command stand or fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All or none.
    Atomic,
    /// Each for itself; those that are not refused are still one commit.
    PerItem,
}

/// What became of one intent.
#[derive(Clone)]
pub struct Outcome {
    /// The aggregate after it.
    pub state: Arc<dyn AnySnapshot>,
    /// Whether there was anything to change.
    pub changed: bool,
}

/// What became of a command.
#[derive(Clone)]
pub struct Answer {
    /// The partition of the workspace.
    pub partition: i16,
    /// The position of the last event written; none if nothing was told to the log.
    pub position: Option<i64>,
    /// Whether this is the stored answer to an earlier, equal request.
    pub replayed: bool,
    /// Per intent, in order.
    pub items: Vec<Result<Outcome, ItemError>>,
}

/// How often a decision is made: once, and a few times more because what it stood on had changed.
const TRIES: usize = 8;

/// Carries out the intents.
pub async fn execute(store: &Store, request: &Request, intents: &[Intent], mode: Mode) -> Result<Answer, Error> {
    let mut work = Work::new(store, request, intents, mode);
    match work.carry_out().await {
        Err(refused @ Error::Item { .. }) => {
            confirm(store, request).await?;
            // What is refused now may have been carried out when the request was sent for the first time.
            work.earlier_answer().await?.ok_or(refused)
        }
        answer => answer,
    }
}

fn outcomes(items: Vec<Item>, states: &[Arc<dyn AnySnapshot>]) -> Vec<Result<Outcome, ItemError>> {
    items
        .into_iter()
        .map(|item| match item {
            Item::Written(at) => Ok(Outcome { state: states[at].clone(), changed: true }),
            Item::Same(at) => Ok(Outcome { state: states[at].clone(), changed: false }),
            Item::Unchanged(state) => Ok(Outcome { state, changed: false }),
            Item::Out(error) => Err(error),
        })
        .collect()
}

/// One command on its way, over all its tries.
struct Work<'a> {
    store: &'a Store,
    request: &'a Request,
    intents: &'a [Intent],
    mode: Mode,
    /// What the cache is known to be wrong about: to be read from the log.
    stale: HashSet<Uuid>,
    /// What the log said just now, before the first try.
    read: Looked,
    /// What others changed while a decision rested on it: next time they have to wait.
    overtaken: BTreeSet<Uuid>,
    /// Items that are out, and why.
    out: BTreeMap<usize, ItemError>,
    /// In a rehearsal, what would be written.
    rehearsed: Option<Vec<Proposed>>,
}

/// The events that the intents would come to now: everything is done but writing them.
pub async fn rehearse(
    store: &Store,
    request: &Request,
    intents: &[Intent],
    mode: Mode,
) -> Result<Vec<Proposed>, Error> {
    let mut work = Work { rehearsed: Some(Vec::new()), ..Work::new(store, request, intents, mode) };
    work.carry_out().await?;
    Ok(work.rehearsed.unwrap_or_default())
}

/// A command that is decided: answered, or what it asks of the log, its items, and whom the log's findings concern.
enum Begun {
    Answered(Answer),
    Decided(Box<(Append, Vec<Item>, Blame)>),
}
type Decided = (Decision, Arc<dyn AnySnapshot>, Vec<(Reference, Option<i64>)>);

impl<'a> Work<'a> {
    fn new(store: &'a Store, request: &'a Request, intents: &'a [Intent], mode: Mode) -> Self {
        let (stale, read, overtaken, out) = (HashSet::new(), Looked::new(), BTreeSet::new(), BTreeMap::new());
        Self { store, request, intents, mode, stale, read, overtaken, out, rehearsed: None }
    }

    async fn carry_out(&mut self) -> Result<Answer, Error> {
        for _ in 0..TRIES {
            let _turns = self.take_turns().await;
            let (append, items, blame) = match self.begin().await? {
                Begun::Answered(answer) => return Ok(answer),
                Begun::Decided(decided) => *decided,
            };
            let verdict = match &mut self.rehearsed {
                None => self.append(append).await?,
                Some(rehearsed) => {
                    *rehearsed = proposed(&append);
                    self.store.rehearse(&append).await?
                }
            };
            if let Some(answer) = self.conclude(verdict, items, &blame).await? {
                return Ok(answer);
            }
            metrics::counter!("docket_command_retries_total").increment(1);
        }
        Err(Error::Contended)
    }

    /// Decides. What there is nothing to write for is answered.
    async fn begin(&mut self) -> Result<Begun, Error> {
        let plan = self.decide().await?;
        if plan.is_idle(self.request) {
            confirm(self.store, self.request).await?;
            return Ok(Begun::Answered(self.answer(None, false, outcomes(plan.into_items(), &[]))));
        }
        Ok(Begun::Decided(Box::new(plan.into_append(self.request)?)))
    }

    async fn append(&self, append: Append) -> Result<Verdict, Error> {
        let Some(trace) = &self.request.trace else { return self.store.append(append).await };
        let span = tracing::info_span!(target: envelope::SPANS, "append", traceparent = trace.as_str());
        let verdict = self.store.append(append).await;
        drop(span);
        verdict
    }

    /// Waits until the earlier commands for each aggregate are through; in order of ids, so that nobody waits in a
    /// circle.
    async fn take_turns(&self) -> Vec<Box<dyn Send>> {
        let written = self.intents.iter().filter(|intent| !intent.new).map(|intent| (intent.id, true));
        let looked_at = self.overtaken.iter().map(|id| (*id, false));
        let mut wanted = BTreeMap::new();
        for (id, writes) in written.chain(looked_at) {
            *wanted.entry(id).or_default() |= writes;
        }
        let mut turns: Vec<Box<dyn Send>> = Vec::with_capacity(wanted.len());
        for (id, writes) in wanted {
            let turn = self.store.entry(self.request.workspace, id).turn.clone();
            turns.push(if writes { Box::new(turn.write_owned().await) } else { Box::new(turn.read_owned().await) });
        }
        turns
    }

    /// Decides every item that is still in.
    async fn decide(&mut self) -> Result<Plan, Error> {
        let fresh = matches!(self.request.actor, Actor::Member(id) if self.stale.remove(&id.0));
        let standing = recognise(self.store, self.request, fresh).await?;
        let mut looked = self.gather().await?;
        'anew: loop {
            let mut plan = Plan::of(standing);
            for index in 0..self.intents.len() {
                if !self.decide_item(&mut plan, &mut looked, index).await? {
                    continue 'anew;
                }
            }
            return Ok(plan);
        }
    }

    /// Decides one item. A change may stand on what the cache says, for the append checks it; a refusal, or finding
    /// nothing to change, may not: then what was looked at is read from the log, and the item decided again. False
    /// when that concerns earlier items too.
    async fn decide_item(&mut self, plan: &mut Plan, looked: &mut Looked, index: usize) -> Result<bool, Error> {
        let intent = &self.intents[index];
        while !self.out.contains_key(&index) {
            let mut used = Vec::new();
            let decided = self.try_item(plan, looked, &mut used, intent).await?;
            let unsure: Vec<Uuid> =
                used.into_iter().filter(|id| looked.get(id).is_some_and(|(_, sure)| !sure)).collect();
            match decided {
                Ok(decided) if !decided.0.events.is_empty() || unsure.is_empty() => {
                    if let Some(refusal) = plan.claimed_before(&decided.0) {
                        self.put_out(index, ItemError::Refused(refusal))?;
                        break;
                    }
                    plan.take_in(self.store, self.request, (index, intent), decided);
                    return Ok(true);
                }
                Err(error) if unsure.is_empty() => self.put_out(index, error)?,
                _ => {
                    let is_written = unsure.iter().any(|id| plan.state(*id).is_some());
                    for id in unsure {
                        looked.remove(&id);
                        self.stale.insert(id);
                    }
                    if is_written {
                        return Ok(false);
                    }
                }
            }
        }
        plan.put_out(self.out[&index].clone());
        Ok(true)
    }

    async fn try_item(
        &mut self,
        plan: &Plan,
        looked: &mut Looked,
        used: &mut Vec<Uuid>,
        intent: &Intent,
    ) -> Result<Result<Decided, ItemError>, Error> {
        let state = match plan.state(intent.id) {
            Some(state) => {
                used.push(intent.id);
                state
            }
            None if intent.new => intent.command.blank(intent.id).into(),
            None => self.look(looked, used, intent.command.blank(intent.id)).await?,
        };
        let welcome = intent.expected.as_ref().is_none_or(|versions| versions.contains(&state.version()));
        let welcome = welcome || failpoint!("ignores-if-match");
        let stale = ItemError::Stale { current: state.version() };
        if state.alive() && !welcome {
            return Ok(Err(stale));
        }
        let mut references: Vec<(Reference, Option<i64>)> = Vec::new();
        let mut known = References::default();
        let mut wanted = intent.command.references(state.as_ref());
        while !wanted.is_empty() {
            for reference in wanted {
                let found = match (plan.state(reference.id), reference.state) {
                    (Some(state), _) => {
                        used.push(reference.id);
                        Some(state)
                    }
                    (None, Some(blank)) => Some(self.look(looked, used, blank(reference.id)).await?),
                    (None, None) => None,
                };
                if found.as_ref().is_some_and(|found| !found.alive() || found.kind() != reference.kind) {
                    return Ok(Err(ItemError::Refused(reference.missing)));
                }
                references.push((reference, found.as_ref().map(|found| found.version())));
                if let Some(found) = found {
                    known.add(found);
                }
            }
            wanted = intent.command.further_references(state.as_ref(), &known);
            wanted.retain(|one| !references.iter().any(|(known, _)| known.covers(one)));
        }
        let context = Context {
            id: intent.id,
            workspace: self.request.workspace,
            actor: self.request.actor,
            now: intent.occurred_at.unwrap_or(self.request.now),
            salt: self.request.salt,
            references: known,
        };
        Ok(match intent.command.decide(&state, &context) {
            Err(refusal) => Err(ItemError::Refused(refusal)),
            Ok(_) if !welcome => Err(stale),
            Ok(decision) if decision.events.is_empty() => match self.missing(looked, used, &references).await? {
                Some(refusal) => Err(ItemError::Refused(refusal)),
                None => Ok((decision, state, references)),
            },
            Ok(decision) => Ok((decision, state, references)),
        })
    }

    fn put_out(&mut self, index: usize, error: ItemError) -> Result<(), Error> {
        if self.mode == Mode::Atomic && !failpoint!("commits-half-a-batch") {
            return Err(Error::Item { index, error });
        }
        self.out.insert(index, error);
        Ok(())
    }

    /// The answer, or none if the command has to be decided again.
    async fn conclude(&mut self, verdict: Verdict, items: Vec<Item>, blame: &Blame) -> Result<Option<Answer>, Error> {
        match verdict {
            Verdict::Committed(_) if failpoint!("refuses-what-it-committed") => Err(Error::Contended),
            Verdict::Committed(done) => {
                Ok(Some(self.answer(Some(done.position), false, outcomes(items, &done.states))))
            }
            Verdict::Duplicate { position, memo } => {
                let items = recall(self.store, self.request, self.intents, &memo).await?;
                Ok(Some(self.answer(Some(position), true, items)))
            }
            Verdict::Conflict(ids) => {
                self.overtaken.extend(&ids);
                self.stale.extend(ids);
                Ok(None)
            }
            Verdict::Missing(ids) => {
                self.stale.extend(ids.iter().map(|(id, _)| id));
                self.put_all_out(blame.missing(&ids))
            }
            Verdict::Taken(found) => self.put_all_out(blame.taken(&found)),
            Verdict::Mismatch => Err(Error::KeyReused),
            Verdict::Revoked => Err(Error::Revoked),
            Verdict::Failed(why) => Err(Error::Bug(why)),
        }
    }

    /// The stored answer, if this very request was carried out before.
    async fn earlier_answer(&self) -> Result<Option<Answer>, Error> {
        let earlier = recall_earlier(self.store, self.request, self.intents).await?;
        Ok(earlier.map(|(position, items)| self.answer(Some(position), true, items)))
    }

    fn put_all_out(&mut self, concerned: Vec<(usize, Refusal)>) -> Result<Option<Answer>, Error> {
        for (index, refusal) in concerned {
            self.put_out(index, ItemError::Refused(refusal))?;
        }
        Ok(None)
    }

    fn answer(&self, position: Option<i64>, replayed: bool, items: Vec<Result<Outcome, ItemError>>) -> Answer {
        let partition = envelope::partition_of(self.request.workspace, self.store.partitions());
        Answer { partition, position, replayed, items }
    }
}
