//! What the clients did and what they were told: all that the checker believes besides the database.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Everything that happened on the clients' side.
#[derive(Clone, Default)]
pub struct History {
    /// Every write, once, however often it was sent.
    pub calls: Vec<Rc<Call>>,
    /// What reads showed that they should not have.
    pub stale: Vec<String>,
    /// What was refused and should not have been, or the other way round.
    pub wrong: Vec<String>,
    /// Repeats that were answered otherwise than the first time.
    pub otherwise: Vec<String>,
    /// Since when members listen over NATS.
    pub listening: BTreeMap<Uuid, DateTime<Utc>>,
    /// What they heard, in that order.
    pub heard: BTreeMap<Uuid, Vec<Heard>>,
    /// Checkpoints as somebody has kept them while things went wrong: whose, and the notes.
    pub witnessed: BTreeSet<(Uuid, Rc<str>)>,
    /// How many reads were looked at.
    pub reads: u64,
    /// How many repeats of an answered call were sent on purpose.
    pub repeats: u64,
    /// How often something was sent in all.
    pub sent: u64,
    /// How many calls were sent more than once, because there was no answer or on purpose.
    pub sent_again: u64,
    /// How many commands were acknowledged.
    pub acknowledged: u64,
}

/// A message about a resource.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its id, which is where in the log it happened.
    pub id: String,
    /// The resource.
    pub resource: Uuid,
    /// The resource's version after it.
    pub version: i64,
}

impl Heard {
    /// What a message is about, if it is as it should be.
    pub fn of(message: &Value) -> Option<Self> {
        let (id, resource) = (message["id"].as_str()?.to_owned(), message["partitionkey"].as_str()?.parse().ok()?);
        Some(Self { id, resource, version: message["data"]["resource"]["version"].as_i64()? })
    }
}

/// One thing that a client wanted to happen.
#[derive(Clone, Debug)]
pub struct Call {
    /// The workspace.
    pub workspace: Uuid,
    /// Both its idempotency key and its request id.
    pub key: Uuid,
    /// Method and path.
    pub what: String,
    /// Only at this version.
    pub if_match: Option<i64>,
    /// How many commands it is: those of a batch are one commit.
    pub commands: usize,
    /// Whether it may come to nothing, as restoring what is there does.
    pub idle: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// 2xx.
    Done(Value),
    /// 4xx.
    Refused(u16),
    /// The client gave up before there was an answer.
    Unknown,
}

impl Outcome {
    /// What the checker needs of it: of all resources in an answer, which they are, their versions and their numbers.
    pub fn essence(&self) -> Self {
        let of = |resource: &Value| json!({ "id": resource["id"], "version": resource["version"], "number": resource["number"] });
        match self {
            Self::Done(answer) => Self::Done(match answer["results"].as_array() {
                Some(results) => {
                    json!({ "results": results.iter().map(|one| json!({ "task": of(&one["task"]) })).collect::<Vec<_>>() })
                }
                None => of(answer),
            }),
            other => other.clone(),
        }
    }
}

impl History {
    /// Writes down a call that was sent so often.
    pub fn note(&mut self, call: Call, attempts: u32) {
        self.sent += u64::from(attempts);
        self.sent_again += u64::from(attempts > 1);
        if matches!(call.outcome, Outcome::Done(_)) {
            self.acknowledged += call.commands as u64;
        }
        self.calls.push(Rc::new(call));
    }

    /// Calls that were acknowledged.
    pub fn done(&self) -> impl Iterator<Item = (&Call, &Value)> {
        self.calls.iter().filter_map(|call| match &call.outcome {
            Outcome::Done(answer) => Some((&**call, answer)),
            _ => None,
        })
    }
}
