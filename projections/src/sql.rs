//! A statement being put together: fixed pieces of text, and values that only ever travel as parameters.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use tokio_postgres::types::ToSql;

/// A value of a parameter.
pub(crate) type Parameter = Box<dyn ToSql + Sync + Send>;

/// The parameters of a statement, in order. The first four are always the same, see [`crate::guard`].
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

/// What tells the texts of statements apart: a question, and which of its forms.
pub(crate) type Form = (&'static str, Vec<u8>);

/// A statement's text, put together once.
pub(crate) struct Shape {
    pub(crate) form: Form,
    pub(crate) text: String,
}

/// How many texts are kept. A workload uses a few dozen; whoever asks for thousands only makes them be put together anew.
const KEPT: usize = 2_000;

/// The texts that were put together.
#[derive(Default)]
pub(crate) struct Shapes(RwLock<HashMap<Form, Arc<Shape>>>);

impl Shapes {
    /// The text of this form, put together if it is the first of its kind.
    pub(crate) fn get(&self, form: Form, text: impl FnOnce() -> String) -> Arc<Shape> {
        if let Some(shape) = self.0.read().ok().and_then(|known| known.get(&form).cloned()) {
            return shape;
        }
        let shape = Arc::new(Shape { form: form.clone(), text: text() });
        if let Ok(mut known) = self.0.write() {
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(form, shape.clone());
        }
        shape
    }
}
