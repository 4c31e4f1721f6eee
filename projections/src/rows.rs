//! Rows on their way into a table: column by column, so that one statement carries a whole batch. The same rows are
//! written by UNNEST when projecting live, and by COPY when rebuilding.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::ids::Ids;
use crate::words::Words;

/// What writing a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verb {
    /// It is new: cheaper than [`Verb::Put`] by a third. That nothing is taken in twice is the checkpoint's work.
    Insert,
    /// It is there, as given, whatever was there before.
    Put,
    /// It is added to what is there, column by column.
    Add,
    /// The greater of it and what is there stays, column by column.
    Raise,
    /// It is not there (only the key columns are given).
    Remove,
    /// The function that is named instead of a table is called with it. Not in a rebuild: see [`crate::rebuild`].
    Call,
}

/// A table as a model writes it. The key columns come first.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// Names and types of its columns.
    pub(crate) columns: &'static [(&'static str, Type)],
    /// How many of them are the key.
    pub(crate) key: usize,
    /// Whether its rows may be written before the rest of their batch, see [`crate::write`].
    pub(crate) aside: bool,
}

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Uuid(Uuid),
    Big(i64),
    Small(i16),
    Bool(bool),
    Text(String),
    Date(NaiveDate),
    Time(DateTime<Utc>),
    Words(Words),
    Ids(Ids),
    /// No value, in a column of any type.
    Null,
}

impl Table {
    /// The table beside it that has what its rows were before: each as it was since some position.
    pub(crate) const fn past(self, name: &'static str) -> Self {
        Self { name, key: self.key + 1, ..self }
    }
}

impl Value {
    /// The value, if there is one.
    pub(crate) fn maybe<T>(value: Option<T>, some: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, some)
    }

    /// The ids, if there are any.
    pub(crate) fn ids(ids: impl Iterator<Item = Uuid>) -> Self {
        let ids: Vec<_> = ids.collect();
        if ids.is_empty() { Self::Null } else { Self::Ids(Ids(ids)) }
    }
}

#[derive(Debug)]
enum Column {
    Uuid(Vec<Option<Uuid>>),
    Big(Vec<Option<i64>>),
    Small(Vec<Option<i16>>),
    Bool(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
    Date(Vec<Option<NaiveDate>>),
    Time(Vec<Option<DateTime<Utc>>>),
    Words(Vec<Option<Words>>),
    Ids(Vec<Option<Ids>>),
}

/// Rows of one table, all written in the same way.
#[derive(Debug)]
pub(crate) struct Rows {
    table: &'static Table,
    verb: Verb,
    columns: Vec<Column>,
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(table: &'static Table, verb: Verb) -> Self {
        let width = if verb == Verb::Remove { table.key } else { table.columns.len() };
        Self { table, verb, columns: table.columns[..width].iter().map(|(_, kind)| Column::of(kind)).collect() }
    }

    /// The table they belong to.
    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }

    /// What writing them means.
    pub(crate) fn verb(&self) -> Verb {
        self.verb
    }

    /// Adds one; its values are in the order of the table's columns.
    pub(crate) fn push(&mut self, values: impl IntoIterator<Item = Value>) {
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
    }

    /// Adds some.
    pub(crate) fn extend(&mut self, rows: impl IntoIterator<Item = Vec<Value>>) {
        for row in rows {
            self.push(row);
        }
    }

    /// All of them; none are left.
    pub(crate) fn take(&mut self) -> Self {
        let none = Self::new(self.table, self.verb);
        std::mem::replace(self, none)
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same, whether or not they are there already.
    #[must_use]
    pub(crate) fn carefully(mut self) -> Self {
        if self.verb == Verb::Insert {
            self.verb = Verb::Put;
        }
        self
    }

    /// The columns as arrays, in order: the parameters of [`Rows::sql`].
    pub(crate) fn arrays(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.columns.iter().map(Column::array).collect()
    }

    /// One row's values: what COPY wants.
    pub(crate) fn row(&self, index: usize) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
        self.columns.iter().map(move |column| column.at(index))
    }

    /// The statement that writes them all.
    pub(crate) fn sql(&self) -> String {
        let Table { name, columns, key, .. } = self.table;
        let width = self.columns.len();
        let names = |range: std::ops::Range<usize>| columns[range].iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let arrays: Vec<_> = (0..width).map(|at| format!("${}::{}[]", at + 1, columns[at].1.name())).collect();
        let (all, keys, arrays) = (names(0..width).join(", "), names(0..*key).join(", "), arrays.join(", "));
        // Several set-returning functions in the select list go side by side; in the from clause they would be stored.
        let each = (0..width).map(|at| match columns[at].1 {
            // Lists of lists would be taken apart to their ends.
            Type::UUID_ARRAY => format!("unnest(${}::text[])::uuid[]", at + 1),
            ref kind => format!("unnest(${}::{}[])", at + 1, kind.name()),
        });
        let each: Vec<_> = each.collect();
        let insert = format!("insert into {name} as t ({all}) select {}", each.join(", "));
        let set = |value: fn(&str) -> String| {
            let set: Vec<_> = names(*key..width).into_iter().map(|name| format!("{name} = {}", value(name))).collect();
            let action = if set.is_empty() { "nothing".to_owned() } else { format!("update set {}", set.join(", ")) };
            format!("{insert} on conflict ({keys}) do {action}")
        };
        match self.verb {
            Verb::Call => format!("select {name}({})", each.join(", ")),
            Verb::Remove => format!("delete from {name} where ({keys}) in (select * from unnest({arrays}))"),
            Verb::Insert => insert,
            Verb::Put => set(|name| format!("excluded.{name}")),
            Verb::Add => set(|name| format!("t.{name} + excluded.{name}")),
            Verb::Raise => set(|name| format!("greatest(t.{name}, excluded.{name})")),
        }
    }
}

/// The same for a column of every type.
macro_rules! every {
    ($column:expr, $name:ident => $what:expr) => {
        match $column {
            Column::Uuid($name) => $what,
            Column::Big($name) => $what,
            Column::Small($name) => $what,
            Column::Bool($name) => $what,
            Column::Text($name) => $what,
            Column::Date($name) => $what,
            Column::Time($name) => $what,
            Column::Words($name) => $what,
            Column::Ids($name) => $what,
        }
    };
}

impl Column {
    fn of(kind: &Type) -> Self {
        match *kind {
            Type::UUID => Self::Uuid(Vec::new()),
            Type::INT8 => Self::Big(Vec::new()),
            Type::INT2 => Self::Small(Vec::new()),
            Type::BOOL => Self::Bool(Vec::new()),
            Type::DATE => Self::Date(Vec::new()),
            Type::TIMESTAMPTZ => Self::Time(Vec::new()),
            Type::TS_VECTOR => Self::Words(Vec::new()),
            Type::UUID_ARRAY => Self::Ids(Vec::new()),
            _ => Self::Text(Vec::new()),
        }
    }

    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Uuid(column), Value::Uuid(value)) => column.push(Some(value)),
            (Self::Big(column), Value::Big(value)) => column.push(Some(value)),
            (Self::Small(column), Value::Small(value)) => column.push(Some(value)),
            (Self::Bool(column), Value::Bool(value)) => column.push(Some(value)),
            (Self::Text(column), Value::Text(value)) => column.push(Some(value)),
            (Self::Date(column), Value::Date(value)) => column.push(Some(value)),
            (Self::Time(column), Value::Time(value)) => column.push(Some(value)),
            (Self::Words(column), Value::Words(value)) => column.push(Some(value)),
            (Self::Ids(column), Value::Ids(value)) => column.push(Some(value)),
            (column, Value::Null) => every!(column, column => column.push(None)),
            (column, value) => unreachable!("{value:?} in {column:?}"),
        }
    }

    fn len(&self) -> usize {
        every!(self, column => column.len())
    }

    fn array(&self) -> &(dyn ToSql + Sync) {
        every!(self, column => column)
    }

    fn at(&self, index: usize) -> &(dyn ToSql + Sync) {
        every!(self, column => &column[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LABELS: Table = Table {
        name: "task_labels",
        columns: &[("workspace", Type::UUID), ("label_id", Type::UUID), ("n", Type::INT8)],
        key: 2,
        aside: false,
    };

    #[test]
    fn one_statement_for_any_number_of_rows() {
        assert_eq!(
            Rows::new(&LABELS, Verb::Put).sql(),
            "insert into task_labels as t (workspace, label_id, n) select unnest($1::uuid[]), unnest($2::uuid[]), \
             unnest($3::int8[]) on conflict (workspace, label_id) do update set n = excluded.n"
        );
        assert_eq!(
            Rows::new(&LABELS, Verb::Remove).sql(),
            "delete from task_labels where (workspace, label_id) in (select * from unnest($1::uuid[], $2::uuid[]))"
        );
    }
}
