//! Who was erased is not in the past either: what `past_members` says of them is made what the log says now.

use docket_domain::member::Member;
use docket_domain::personal::NOBODY;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::Tally;
use crate::fold::Entry;
use crate::rows::{Rows, Table, Value, Verb};
use crate::words::Words;

static FORGET: Table = Table {
    name: "read.forget_member",
    columns: &[("workspace", Type::UUID), ("id", Type::UUID), ("name", Type::TEXT), ("words", Type::TS_VECTOR)],
    key: 2,
    aside: false,
};

/// Those who were erased just now.
#[derive(Default)]
pub(super) struct Forgotten(Vec<(Uuid, Uuid)>);

impl Tally<Member> for Forgotten {
    fn change(&mut self, entry: &Entry<Member>) {
        let known = entry.before.as_ref().is_none_or(|before| before.state.erased_at.is_none());
        if known && entry.now.state.erased_at.is_some() {
            self.0.push((entry.workspace, entry.now.id));
        }
    }

    fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&FORGET, Verb::Call);
        for (workspace, id) in self.0.drain(..) {
            let words = Value::Words(Words::of(&[NOBODY, ""]));
            rows.push([Value::Uuid(workspace), Value::Uuid(id), Value::Text(NOBODY.to_owned()), words]);
        }
        rows
    }
}
