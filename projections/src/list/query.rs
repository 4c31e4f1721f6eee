//! What a list is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::field::DELETED;
use super::{Expand, Field, List, Op};
use crate::page::PageQuery;
use crate::past::Moment;

/// A value of a filter; it fits the field's kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A UUID.
    Id(Uuid),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// A word, as its place among the words.
    Word(i16),
    /// How well a search fits.
    Rank(f32),
}

/// One condition; all of a query's must hold.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of which field.
    pub field: &'static Field,
    /// What it asks.
    pub op: Op,
    /// Of which values: any of them will do.
    pub values: Vec<Value>,
}

/// One key of an order.
#[derive(Clone, Copy, Debug)]
pub struct SortBy {
    /// By which field.
    pub field: &'static Field,
    /// Whether from most to least.
    pub descending: bool,
}

/// How much of each resource is shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Only these members, if any are named.
    pub fields: Option<Vec<&'static str>>,
    /// With these other resources in it.
    pub expand: Vec<&'static Expand>,
    /// As it was then.
    pub as_of: Option<Moment>,
}

/// Which resources of a list, in which order, which page of them, and how much of each.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// What all of them fulfil.
    pub filters: Vec<Filter>,
    /// Words that all of them have.
    pub q: Option<String>,
    /// The order; none named: the list's own.
    pub sort: Vec<SortBy>,
    /// Which page.
    pub page: PageQuery,
    /// How much of each.
    pub view: View,
}

impl ListQuery {
    /// Whether it asks for what was deleted.
    pub fn is_of_deleted(&self) -> bool {
        self.filters.iter().any(|filter| filter.field.name == DELETED && filter.values == [Value::Bool(true)])
    }

    /// Adds a condition on a field of this list; a name that it does not have is a mistake of the program and finds
    /// nothing.
    #[must_use]
    pub fn with(mut self, list: &'static List, name: &str, op: Op, values: Vec<Value>) -> Self {
        match list.field(name) {
            Some(field) => self.filters.push(Filter { field, op, values }),
            None => self.q = Some(String::new()),
        }
        self
    }
}
