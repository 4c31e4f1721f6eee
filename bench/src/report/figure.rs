//! One figure: what was measured, against which limit, and whether it is good enough.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::load::Outcome;

/// What a figure should be: its ratio to the limit if it has one, else its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what: `/s`, `ms`, `MB` …
    pub unit: &'static str,
    /// The limit's name and value, in the same unit.
    pub limit: Option<(String, f64)>,
    /// What it should be.
    pub goal: Option<Goal>,
    /// Where the time went, or what else a reader should know.
    pub note: String,
}

impl Figure {
    /// A figure without limit or target.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, limit: None, goal: None, note: String::new() }
    }

    /// Answers per second of a load, with its latencies and where the processors' time went.
    pub fn rate(name: impl Into<String>, outcome: &Outcome) -> Self {
        Self::new(name, outcome.rate(), "/s").noting(outcome.describe())
    }

    /// The same, compared with a limit.
    #[must_use]
    pub fn against(mut self, name: impl Into<String>, value: f64) -> Self {
        self.limit = Some((name.into(), value));
        self
    }

    /// The same, to be no less than this (as a ratio to the limit, if there is one).
    #[must_use]
    pub fn at_least(mut self, goal: f64) -> Self {
        self.goal = Some(Goal::AtLeast(goal));
        self
    }

    /// The same, to be no more than this (as a ratio to the limit, if there is one).
    #[must_use]
    pub fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some(Goal::AtMost(goal));
        self
    }

    /// The same with a remark.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Value over limit.
    pub fn ratio(&self) -> Option<f64> {
        self.limit.as_ref().map(|(_, limit)| self.value / limit)
    }

    /// Whether the target is met, if there is one.
    pub fn met(&self) -> Option<bool> {
        let judged = self.ratio().unwrap_or(self.value);
        self.goal.map(|goal| match goal {
            Goal::AtLeast(least) => judged >= least,
            Goal::AtMost(most) => judged <= most,
        })
    }

    /// `ok`, `short` or nothing.
    pub fn verdict(&self) -> &'static str {
        self.met().map_or("", |met| if met { "ok" } else { "short" })
    }

    /// The target in words.
    pub fn target(&self) -> String {
        let times = if self.limit.is_some() { " ×" } else { "" };
        match self.goal {
            None => String::new(),
            Some(Goal::AtLeast(least)) => format!("≥ {least}{times}"),
            Some(Goal::AtMost(most)) => format!("≤ {most}{times}"),
        }
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut figure = serializer.serialize_struct("Figure", 9)?;
        figure.serialize_field("figure", &self.name)?;
        figure.serialize_field("value", &self.value)?;
        figure.serialize_field("unit", self.unit)?;
        figure.serialize_field("limit_name", &self.limit.as_ref().map(|(name, _)| name))?;
        figure.serialize_field("limit", &self.limit.as_ref().map(|(_, value)| value))?;
        figure.serialize_field("ratio", &self.ratio())?;
        figure.serialize_field("target", &self.target())?;
        figure.serialize_field("verdict", self.verdict())?;
        figure.serialize_field("note", &self.note)?;
        figure.end()
    }
}

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn a_target_is_about_the_ratio_where_there_is_a_limit() {
        let figure = Figure::new("create", 30.0, "/s").against("L1", 20.0).at_least(1.2);
        assert_eq!((figure.met(), figure.target().as_str()), (Some(true), "≥ 1.2 ×"));
        let figure = Figure::new("lag", 2.0, "s").at_most(1.0);
        assert_eq!((figure.met(), figure.verdict()), (Some(false), "short"));
    }
}
