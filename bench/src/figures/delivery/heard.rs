//! What somebody has heard, and whether that is all, once, and in order.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::text;

/// What one listener has heard.
#[derive(Default)]
pub struct Heard {
    ids: HashSet<String>,
    /// The version of each resource that was heard last.
    versions: HashMap<String, i64>,
    /// Messages whose id had been heard before.
    pub repeated: u64,
    /// Messages of a resource that came after a later one, or twice under another id.
    pub disordered: u64,
    /// When the last one came.
    pub last: Option<Instant>,
}

impl Heard {
    /// Takes in a message, unless its id was heard before.
    pub fn take(&mut self, message: &Value) {
        self.last = Some(Instant::now());
        if !self.ids.insert(text(message, "/id").to_owned()) {
            self.repeated += 1;
            return;
        }
        let version = message.pointer("/data/resource/version").and_then(Value::as_i64).unwrap_or_default();
        let last = self.versions.entry(text(message, "/partitionkey").to_owned()).or_default();
        if version <= *last {
            self.disordered += 1;
        }
        *last = version.max(*last);
    }

    /// How many different ones.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// How many of these were not heard.
    pub fn missing(&self, all: &HashSet<String>) -> usize {
        all.difference(&self.ids).count()
    }

    /// How many were heard that are none of these.
    pub fn strange(&self, all: &HashSet<String>) -> usize {
        self.ids.difference(all).count()
    }

    /// For how long nothing came.
    pub fn silence(&self) -> Duration {
        self.last.map_or(Duration::MAX, |last| last.elapsed())
    }
}
