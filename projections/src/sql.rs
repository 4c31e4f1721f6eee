//! A statement being put together: fixed pieces of text, and values that only ever travel as parameters.

use tokio_postgres::types::ToSql;

/// A value of a parameter.
pub(crate) type Parameter = Box<dyn ToSql + Sync + Send>;

/// The parameters of a statement, in order. The first three are always the same, see [`crate::guard`].
#[derive(Default)]
pub(crate) struct Binds {
    values: Vec<Parameter>,
}

impl Binds {
    /// Takes a value in; answers how the text names it.
    pub(crate) fn bind(&mut self, value: impl ToSql + Sync + Send + 'static, kind: &str) -> String {
        self.values.push(Box::new(value));
        format!("${}::{kind}", self.values.len() + crate::guard::FIXED)
    }

    /// The values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as &(dyn ToSql + Sync))
    }
}
