//! The decisions of one try, gathered into one append.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use docket_domain::{Actor, AnySnapshot, Claim, Decision, Effects, Intent, Metadata, Reference, Refusal, refusal};
use docket_failpoints::failpoint;
use uuid::Uuid;

use crate::append::{Append, Require, Write};
use crate::receipt::remember;
use crate::store::Store;
use crate::{Error, ItemError, Request};

/// What is decided so far. Later items see the states that earlier ones made.
#[derive(Default)]
pub struct Plan {
    standing: Option<i64>,
    writes: Vec<Write>,
    at: HashMap<Uuid, usize>,
    claimed: HashSet<(&'static str, String)>,
    claims: Vec<(Uuid, &'static str, usize, &'static str)>,
    requires: Vec<(Require, usize, Refusal)>,
    items: Vec<Item>,
    dated: bool,
}

/// What is decided of one item.
pub enum Item {
    /// It writes: the index of its write.
    Written(usize),
    /// There is nothing to change in what an earlier item writes: the index of that write.
    Same(usize),
    /// There is nothing to change.
    Unchanged(Arc<dyn AnySnapshot>),
    /// It is out.
    Out(ItemError),
}

/// Which item needed what, to know whom the log's findings concern.
pub struct Blame {
    requires: Vec<(Require, usize, Refusal)>,
    claims: Vec<(Uuid, &'static str, usize, &'static str)>,
}

impl Blame {
    /// The items that needed one of these aggregates, with what to answer them.
    pub fn missing(&self, found: &[(Uuid, String)]) -> Vec<(usize, Refusal)> {
        let is_found = |require: &Require| found.iter().any(|(id, kind)| *id == require.id && kind == require.kind);
        let concerned = self.requires.iter().filter(|(require, ..)| is_found(require));
        concerned.map(|(_, index, refusal)| (*index, refusal.clone())).collect()
    }

    /// The items whose aggregates claimed one of these values.
    pub fn taken(&self, found: &[(Uuid, String)]) -> Vec<(usize, Refusal)> {
        let is_found = |id: Uuid, scope: &str| found.iter().any(|(stream, taken)| *stream == id && taken == scope);
        let concerned = self.claims.iter().filter(|(id, scope, ..)| is_found(*id, scope));
        concerned.map(|(.., index, pointer)| (*index, taken(pointer))).collect()
    }
}

fn taken(pointer: &'static str) -> Refusal {
    Refusal::new(refusal::Kind::Conflict, "already-taken", "Another resource of this workspace has this value.")
        .at(pointer)
}

/// What must be unique about a claim.
fn value(claim: &Claim) -> (&'static str, String) {
    (claim.scope, claim.value.clone())
}

impl Plan {
    /// Nothing yet, for who has the role that let them in as of this version of theirs.
    pub fn of(standing: Option<i64>) -> Self {
        Self { standing, ..Self::default() }
    }

    /// The state an earlier item made of an aggregate.
    pub fn state(&self, id: Uuid) -> Option<Arc<dyn AnySnapshot>> {
        self.at.get(&id).map(|&at| self.writes[at].after.clone())
    }

    /// Notes that an item is out.
    pub fn put_out(&mut self, error: ItemError) {
        self.items.push(Item::Out(error));
    }

    /// A claim of this decision that an earlier item has made already, and that it doesn't itself give back.
    pub fn claimed_before(&self, Decision { effects, .. }: &Decision) -> Option<Refusal> {
        let is_taken = |claim: &&Claim| {
            self.claimed.contains(&value(claim)) && !effects.frees.iter().any(|free| free.is_same(claim))
        };
        effects.takes.iter().find(is_taken).map(|claim| taken(claim.pointer))
    }

    /// Takes in the next item's decision: what it writes, and what it rests on.
    pub fn take_in(
        &mut self,
        store: &Store,
        request: &Request,
        (index, intent): (usize, &Intent),
        (decision, before, references): (Decision, Arc<dyn AnySnapshot>, Vec<(Reference, Option<i64>)>),
    ) {
        for (reference, version) in references {
            if !self.at.contains_key(&reference.id) {
                let require = Require { kind: reference.kind, id: reference.id, version, guard: false };
                self.requires.push((require, index, reference.missing));
            }
        }
        if decision.events.is_empty() {
            self.items.push(self.at.get(&intent.id).map_or(Item::Unchanged(before), |&at| Item::Same(at)));
            return;
        }
        decision.effects.frees.iter().for_each(|claim| _ = self.claimed.remove(&value(claim)));
        self.claimed.extend(decision.effects.takes.iter().map(value));
        self.claims.extend(decision.effects.takes.iter().map(|claim| (intent.id, claim.scope, index, claim.pointer)));
        let at = *self.at.entry(intent.id).or_insert_with(|| {
            self.writes.push(Write {
                kind: intent.command.kind(),
                id: intent.id,
                expected: before.version(),
                events: Vec::new(),
                effects: Effects::default(),
                after: before,
                entry: store.entry(request.workspace, intent.id),
            });
            self.writes.len() - 1
        });
        let occurred_at = intent.occurred_at.unwrap_or(request.now);
        self.dated |= intent.occurred_at.is_some();
        let write = &mut self.writes[at];
        write.events.extend(decision.events.into_iter().map(|event| (event, occurred_at)));
        write.effects.merge(decision.effects);
        write.after = decision.after;
        self.items.push(Item::Written(at));
    }

    /// Whether there is nothing to tell the log.
    pub fn is_idle(&self, request: &Request) -> bool {
        self.writes.is_empty() && request.idempotency.is_none()
    }

    /// The items alone.
    pub fn into_items(self) -> Vec<Item> {
        self.items
    }

    /// The append of these decisions, the items it answers, and whom its findings concern.
    pub fn into_append(self, request: &Request) -> Result<(Append, Vec<Item>, Blame), Error> {
        let after: Vec<_> = self.writes.iter().map(|write| write.after.clone()).collect();
        let receipt = match request.idempotency {
            Some(sent) if !failpoint!("forgets-receipts") => Some((sent, remember(&self.items, &after)?)),
            _ => None,
        };
        let metadata = Metadata { dated: self.dated, ..request.metadata() };
        let metadata = serde_json::to_string(&metadata).map_err(|error| Error::Bug(error.to_string()))?;
        let requires = self.all_requires(request);
        let blame = Blame { claims: self.claims, requires: self.requires };
        let append = Append {
            command: request.command,
            workspace: request.workspace,
            principal: if failpoint!("commits-again") { request.command } else { request.principal() },
            receipt,
            writes: self.writes,
            requires,
            metadata: metadata.into(),
        };
        Ok((append, self.items, blame))
    }

    /// First what lets the caller in; then the references, each once and as strictly as any item needs it; then the
    /// unchanged, so that an answer of "nothing to change" is true at the moment its receipt is stored.
    fn all_requires(&self, request: &Request) -> Vec<Require> {
        let guard = |kind, id, version| Require { kind, id, version, guard: true };
        let mut all: Vec<Require> = request.key.map(|id| guard("api_key", id.0, None)).into_iter().collect();
        if let Actor::Member(id) = request.actor {
            all.push(guard("member", id.0, self.standing));
        }
        let unchanged = self.items.iter().filter_map(|item| match item {
            Item::Unchanged(state) if state.alive() && !self.at.contains_key(&state.id()) => {
                Some(Require { kind: state.kind(), id: state.id(), version: Some(state.version()), guard: false })
            }
            _ => None,
        });
        let mut seen: HashMap<(&str, Uuid), usize> = HashMap::new();
        for require in self.requires.iter().map(|(require, ..)| require.clone()).chain(unchanged) {
            match seen.get(&(require.kind, require.id)) {
                Some(&at) => all[at].version = all[at].version.or(require.version),
                None => {
                    seen.insert((require.kind, require.id), all.len());
                    all.push(require);
                }
            }
        }
        all
    }
}
