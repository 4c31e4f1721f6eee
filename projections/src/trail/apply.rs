//! Events → rows of `trail`.

use docket_domain::Recorded;
use docket_domain::snapshot::Unreadable;
use tokio_postgres::types::Type;

use super::blocks;
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

static TRAIL: Table = Table {
    name: "trail",
    columns: &[
        ("workspace", Type::UUID),
        ("position", Type::INT8),
        ("kind", Type::INT2),
        ("stream", Type::UUID),
        ("event_type", Type::TEXT),
        ("actor", Type::UUID),
        ("key_id", Type::UUID),
        ("command", Type::UUID),
        ("causation", Type::UUID),
        ("request_id", Type::TEXT),
        ("dialect", Type::TEXT),
        ("recorded_at", Type::TIMESTAMPTZ),
    ],
    key: 2,
    aside: true,
};

/// The model: a row per event, for ever as it is.
pub(crate) struct Trail {
    rows: Rows,
}

impl Default for Trail {
    fn default() -> Self {
        Self { rows: Rows::new(&TRAIL, Verb::Insert) }
    }
}

impl ReadModel for Trail {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, _: &Recorded) -> bool {
        true
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        let by = &event.metadata;
        self.rows.push([
            Value::Uuid(event.workspace.0),
            Value::Big(event.position),
            Value::maybe(blocks::kind(event), Value::Small),
            Value::Uuid(event.stream),
            Value::Text(event.event_type.clone()),
            Value::maybe(by.actor.id(), Value::Uuid),
            Value::maybe(by.key_id.map(|id| id.0), Value::Uuid),
            Value::Uuid(event.command),
            Value::Uuid(by.causation_id),
            Value::Text(by.request_id.clone()),
            Value::Text(by.dialect.clone()),
            Value::Time(event.recorded_at),
        ]);
        Ok(())
    }

    fn settled(&mut self) -> Vec<Rows> {
        vec![self.rows.take()]
    }
}
