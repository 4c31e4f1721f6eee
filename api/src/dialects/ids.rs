//! What ids look like: a UUID, a prefix and base62, or a number of the workspace.

#![allow(dead_code, reason = "a dialect speaks of what it needs")]

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::ids::WorkspaceId;
use docket_projections::{List, ListQuery, Op, PageQuery, Start, Value, View};
use serde_json::Value as Json;
use uuid::Uuid;

use super::outbound::Doc;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars;
use crate::problem::Problem;

/// What a dialect's ids look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// The UUID.
    Uuid,
    /// A prefix that says of what, and the UUID in base62: `task_6zYJ…`.
    Prefixed,
    /// The dense number in the workspace.
    Number,
}

/// What an id is of.
pub struct Kind {
    /// The list of all there are.
    pub list: &'static List,
    /// What its prefixed ids begin with.
    pub prefix: &'static str,
}

use docket_projections as lists;

/// Tasks.
pub static TASK: Kind = Kind { list: &lists::TASKS, prefix: "task_" };
/// Projects.
pub static PROJECT: Kind = Kind { list: &lists::PROJECTS, prefix: "proj_" };
/// Members.
pub static MEMBER: Kind = Kind { list: &lists::MEMBERS, prefix: "user_" };
/// Sprints.
pub static SPRINT: Kind = Kind { list: &lists::SPRINTS, prefix: "sprint_" };
/// Labels.
pub static LABEL: Kind = Kind { list: &lists::LABELS, prefix: "label_" };
/// Teams.
pub static TEAM: Kind = Kind { list: &lists::TEAMS, prefix: "team_" };
/// Spaces.
pub static SPACE: Kind = Kind { list: &lists::SPACES, prefix: "space_" };
/// Positions.
pub static POSITION: Kind = Kind { list: &lists::POSITIONS, prefix: "pos_" };
/// Customers.
pub static CUSTOMER: Kind = Kind { list: &lists::CUSTOMERS, prefix: "cust_" };
/// Workspaces.
pub static WORKSPACE: Kind = Kind { list: &lists::WORKSPACES, prefix: "ws_" };
/// Keys.
pub static KEY: Kind = Kind { list: &lists::KEYS, prefix: "key_" };
/// Timelogs.
pub static TIMELOG: Kind = Kind { list: &lists::TIMELOGS, prefix: "time_" };
/// Notifications.
pub static NOTIFICATION: Kind = Kind { list: &lists::NOTIFICATIONS, prefix: "note_" };

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of 128 bits.
const LENGTH: usize = 22;

/// Adds a UUID in base62.
fn push_base62(text: &mut String, id: Uuid) {
    // Ten digits at once fit a word, and dividing words is what processors do.
    const TEN: u128 = 62_u128.pow(10);
    let (ten, some) = (id.as_u128() / TEN, id.as_u128() % TEN);
    let words = [(ten / TEN) as u64, (ten % TEN) as u64, some as u64];
    let mut digits = [b'0'; LENGTH];
    let (first, rest) = digits.split_at_mut(2);
    let (second, third) = rest.split_at_mut(10);
    for (mut word, digits) in words.into_iter().zip([first, second, third]) {
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(word % 62) as usize];
            word /= 62;
        }
    }
    text.extend(digits.into_iter().map(char::from));
}

/// The UUID behind base62.
fn from_base62(text: &str) -> Option<Uuid> {
    let digit = |byte| DIGITS.iter().position(|digit| *digit == byte).map(|place| place as u128);
    let add = |sum: u128, byte| sum.checked_mul(62)?.checked_add(digit(byte)?);
    (text.len() == LENGTH).then(|| text.bytes().try_fold(0, add)).flatten().map(Uuid::from_u128)
}

/// The numbers of resources, once they are known: no resource ever gets another. Cheap to clone.
#[derive(Clone)]
pub struct Numbers {
    ids: Arc<moka::sync::Cache<(WorkspaceId, &'static str, i64), Uuid>>,
    numbers: Arc<moka::sync::Cache<(WorkspaceId, Uuid), i64>>,
}

impl Default for Numbers {
    fn default() -> Self {
        const MOST: u64 = 200_000;
        Self { ids: Arc::new(moka::sync::Cache::new(MOST)), numbers: Arc::new(moka::sync::Cache::new(MOST)) }
    }
}

/// What ids of theirs stand for: most say it themselves, a number has to be known.
pub struct Known {
    /// What they look like.
    pub form: IdForm,
    by_number: HashMap<(&'static str, i64), Uuid>,
}

impl Known {
    /// No number yet.
    pub fn none(form: IdForm) -> Self {
        Self { form, by_number: HashMap::new() }
    }

    /// The UUID behind an id of theirs, as text.
    pub fn read(&self, kind: &Kind, text: &str) -> Option<Uuid> {
        match self.form {
            IdForm::Uuid => text.parse::<scalars::Id>().ok().map(|id| id.0),
            IdForm::Prefixed => text.strip_prefix(kind.prefix).and_then(from_base62),
            IdForm::Number => {
                let number = number(text)?;
                self.by_number.get(&(kind.list.name, number)).copied()
            }
        }
    }

    /// The UUID behind an id of theirs, as JSON: a number or a string, whichever they are.
    pub fn read_json(&self, kind: &Kind, id: &Json) -> Option<Uuid> {
        match id {
            Json::String(text) if self.form != IdForm::Number => self.read(kind, text),
            Json::Number(number) if self.form == IdForm::Number => self.read(kind, &number.to_string()),
            _ => None,
        }
    }
}

/// The ids that a request and its answer speak of.
pub struct Ids<'a> {
    /// What is known of them.
    pub known: Known,
    app: &'a App,
    caller: &'a Caller,
    numbers: &'a Numbers,
    by_id: HashMap<Uuid, i64>,
}

impl<'a> Ids<'a> {
    /// None known yet.
    pub fn new(form: IdForm, app: &'a App, caller: &'a Caller, numbers: &'a Numbers) -> Self {
        Self { known: Known::none(form), app, caller, numbers, by_id: HashMap::new() }
    }

    /// Whose they are.
    pub fn workspace(&self) -> WorkspaceId {
        self.caller.workspace
    }

    /// Where the caller's history is.
    pub fn partition(&self) -> i16 {
        self.caller.partition
    }

    /// Finds out whose these numbers are. Those of nothing stay unknown.
    pub async fn learn_numbers(&mut self, kind: &'static Kind, numbers: Vec<i64>) -> Result<(), Problem> {
        if self.known.form != IdForm::Number {
            return Ok(());
        }
        let mut missing = Vec::new();
        for number in numbers {
            match self.numbers.ids.get(&(self.caller.workspace, kind.list.name, number)) {
                Some(id) => self.name(kind, id, number),
                None => missing.push(Value::Integer(number)),
            }
        }
        self.look_up(kind, "number", missing).await
    }

    /// Finds out the numbers of these ids. What can't be seen stays unknown; answers whether nothing does.
    pub async fn learn_ids(&mut self, kind: &'static Kind, mut ids: Vec<Uuid>) -> Result<bool, Problem> {
        ids.sort_unstable();
        ids.dedup();
        let mut missing = Vec::new();
        for id in &ids {
            match self.numbers.numbers.get(&(self.caller.workspace, *id)) {
                Some(number) => self.name(kind, *id, number),
                None => missing.push(Value::Id(*id)),
            }
        }
        self.look_up(kind, "id", missing).await?;
        Ok(ids.iter().all(|id| self.by_id.contains_key(id)))
    }

    async fn look_up(&mut self, kind: &'static Kind, by: &'static str, missing: Vec<Value>) -> Result<(), Problem> {
        for some in missing.chunks(100) {
            let page = PageQuery { limit: 200, start: Start::First };
            let view = View { fields: Some(vec!["id", "number"]), ..View::default() };
            let query = ListQuery { page, view, ..ListQuery::default() };
            let query = query.with(kind.list, by, Op::Is, some.to_vec());
            let found = self.app.reads.list(&self.caller.reader(), kind.list, &query).await?;
            for doc in found.docs.iter() {
                let doc = Doc::read(doc)?;
                if let (Some(id), Some(number)) = (doc.uuid("id"), doc.integer("number")) {
                    self.know(kind, id, number);
                }
            }
        }
        Ok(())
    }

    fn know(&mut self, kind: &'static Kind, id: Uuid, number: i64) {
        self.name(kind, id, number);
        self.numbers.ids.insert((self.caller.workspace, kind.list.name, number), id);
        self.numbers.numbers.insert((self.caller.workspace, id), number);
    }

    /// From now on one stands for the other, both ways.
    fn name(&mut self, kind: &'static Kind, id: Uuid, number: i64) {
        self.known.by_number.insert((kind.list.name, number), id);
        self.by_id.insert(id, number);
    }

    /// An id as JSON in their form.
    pub fn show(&self, kind: &Kind, id: Uuid) -> String {
        match self.known.form {
            IdForm::Uuid => format!("\"{id}\""),
            IdForm::Prefixed => {
                let mut text = ["\"", kind.prefix].concat();
                push_base62(&mut text, id);
                text.push('"');
                text
            }
            IdForm::Number => self.by_id.get(&id).map_or_else(|| "null".to_owned(), i64::to_string),
        }
    }
}

/// The number that a text is, in its one spelling.
pub fn number(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| *number > 0 && number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_goes_both_ways() {
        for id in [0, 1, 61, 62, u128::from(u64::MAX), u128::MAX] {
            let id = Uuid::from_u128(id);
            let mut text = String::new();
            push_base62(&mut text, id);
            assert_eq!(from_base62(&text), Some(id));
        }
        for wrong in ["", "123", "zzzzzzzzzzzzzzzzzzzzzz", "000000000000000000000é", "00000000000000000000-1"] {
            assert_eq!(from_base62(wrong), None, "{wrong}");
        }
    }
}
