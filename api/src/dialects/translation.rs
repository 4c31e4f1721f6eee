//! What every dialect makes of a body by itself, for those who try what holds of it.
//!
//! Nothing is looked up, so no number is the id of anything. What is served goes the same way (`inbound.rs`), with what
//! is known.

use serde_json::{Map, Value};

use super::DIALECTS;
use super::dialect::{Act, Dialect, Operation, Resource};
use super::field::Codec;
use super::ids::Known;
use super::inbound::{in_their_words, translated};
use crate::problem::Problem;

/// What one operation of a dialect makes of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// Whose operation, by its mount, and what that is called there.
    pub operation: (&'static str, &'static str),
    /// The members that it understands.
    pub terms: Vec<Term>,
    /// The native body, as far as there is one.
    pub native: Map<String, Value>,
    /// Why there is no whole one, in their words.
    pub problem: Option<Problem>,
}

/// A member that an operation understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// What they call it.
    pub theirs: &'static str,
    /// What we call it.
    pub ours: &'static str,
    /// Whether its values are the same for both.
    pub same: bool,
    /// What it is for us if they say nothing of it.
    pub usual: Option<&'static str>,
}

/// What each operation that takes a body makes of this one.
pub fn translations(body: &Map<String, Value>) -> Vec<Translation> {
    let mut all = Vec::new();
    for dialect in DIALECTS {
        for operation in dialect.operations {
            if let Some((resource, creating)) = taken(operation) {
                all.push(translation(dialect, operation, resource, creating, body));
            }
        }
    }
    all
}

/// What an operation takes, and whether for something new, as everything is that operations of their own take.
fn taken(operation: &Operation) -> Option<(&'static Resource, bool)> {
    match &operation.act {
        Act::Create(resource) => Some((*resource, true)),
        Act::Update(resource) => Some((*resource, false)),
        Act::Do(own) => own.takes.map(|resource| (resource, true)),
        _ => None,
    }
}

fn translation(
    dialect: &Dialect,
    operation: &Operation,
    resource: &'static Resource,
    creating: bool,
    body: &Map<String, Value>,
) -> Translation {
    let fields = resource.fields.iter().filter(|field| field.written.is_now(creating));
    let terms = fields.map(|field| Term {
        theirs: field.theirs,
        ours: field.ours,
        same: !matches!(field.codec, Codec::Words(_) | Codec::Flag(..) | Codec::Id(_) | Codec::Ids(_)),
        usual: field.usual.filter(|_| creating),
    });
    let made = translated(resource, body, creating, &Known::none(dialect.ids));
    Translation {
        operation: (dialect.mount, operation.id),
        terms: terms.collect(),
        native: made.native.clone(),
        problem: made.read(|_| Ok(())).err().map(|problem| in_their_words(problem, resource)),
    }
}
