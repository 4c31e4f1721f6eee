//! The states that a workspace's projects can be in: its own words, each for one of five that everybody understands.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Changes, Error, Event};
use crate::words::is_color;

/// What a state means, whatever it is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProjectStatusCategory))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Some day, perhaps.
    #[default]
    Backlog,
    /// It will be done.
    Planned,
    /// It is being done.
    InProgress,
    /// It is done.
    Completed,
    /// It will not be done.
    Cancelled,
}

impl Category {
    /// The words on the wire, in the order of a project's life.
    pub const WORDS: [&'static str; 5] = ["backlog", "planned", "in_progress", "completed", "cancelled"];
}

/// A state that projects can be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectStatus {
    /// By what it is known, for ever: lower-case letters, digits and underscores.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What it means; the same for ever.
    pub category: Category,
    /// `#rrggbb`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub color: Option<String>,
}

/// So many states may there be.
const MOST: usize = 50;
const LONGEST_KEY: usize = 50;

impl ProjectStatus {
    /// What every workspace has at first: a state for each category.
    pub fn defaults() -> Vec<Self> {
        let status = |key: &str, name: &str, category| Self {
            key: key.to_owned(),
            name: name.to_owned(),
            category,
            color: None,
        };
        vec![
            status("backlog", "Backlog", Category::Backlog),
            status("planned", "Planned", Category::Planned),
            status("in_progress", "In progress", Category::InProgress),
            status("completed", "Completed", Category::Completed),
            status("cancelled", "Cancelled", Category::Cancelled),
        ]
    }

    fn has_good_key(&self) -> bool {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        (1..=LONGEST_KEY).contains(&self.key.len()) && self.key.bytes().all(good)
    }
}

/// The events that give these states back, as the last; those that are there are left alone.
pub(super) fn brought_back(now: &[ProjectStatus], states: &[ProjectStatus]) -> Vec<Event> {
    let is_missing = |status: &&ProjectStatus| !now.iter().any(|known| known.key == status.key);
    states.iter().filter(is_missing).cloned().map(Event::StatusAdded).collect()
}

/// No state is removed while projects are in it, unless it is said where they go.
pub(super) fn check_use(now: &[ProjectStatus], changes: &Changes, next: &[ProjectStatus]) -> Result<(), Error> {
    let has = |states: &[ProjectStatus], key: &str| states.iter().any(|status| status.key == key);
    match &changes.replace_with {
        Some(key) if has(next, key) => Ok(()),
        Some(_) => Err(Error::UnknownReplacement),
        None => match changes.in_use.iter().find(|(key, _)| has(now, key) && !has(next, key)) {
            Some((key, projects)) => Err(Error::InUse { key: key.clone(), projects: *projects }),
            None => Ok(()),
        },
    }
}

/// The events that make `next` of `now`.
pub(super) fn changes(now: &[ProjectStatus], next: &[ProjectStatus]) -> Result<Vec<Event>, Error> {
    check(now, next)?;
    let mut events = Vec::new();
    let mut kept: Vec<&str> = Vec::new();
    for status in now {
        match next.iter().find(|other| other.key == status.key) {
            None => events.push(Event::StatusRemoved { key: status.key.clone() }),
            Some(other) => {
                kept.push(&status.key);
                if other != status {
                    events.push(Event::StatusChanged(other.clone()));
                }
            }
        }
    }
    for status in next.iter().filter(|status| !now.iter().any(|old| old.key == status.key)) {
        kept.push(&status.key);
        events.push(Event::StatusAdded(status.clone()));
    }
    if next.iter().map(|status| status.key.as_str()).ne(kept) {
        events.push(Event::StatusesOrdered { keys: next.iter().map(|status| status.key.clone()).collect() });
    }
    Ok(events)
}

fn check(now: &[ProjectStatus], next: &[ProjectStatus]) -> Result<(), Error> {
    if !(1..=MOST).contains(&next.len()) {
        return Err(Error::HowManyStatuses);
    }
    let (mut keys, mut names) = (HashSet::new(), HashSet::new());
    for (index, status) in next.iter().enumerate() {
        if !status.has_good_key() {
            return Err(Error::BadKey(index));
        }
        if !keys.insert(&status.key) {
            return Err(Error::SameKey(index));
        }
        if !names.insert(status.name.to_lowercase()) {
            return Err(Error::SameName(index));
        }
        if !status.color.as_deref().is_none_or(is_color) {
            return Err(Error::NotAColor(index));
        }
        if now.iter().any(|old| old.key == status.key && old.category != status.category) {
            return Err(Error::OtherCategory(index));
        }
    }
    Ok(())
}
