//! Events → rows of `activity`.

use std::borrow::Cow;

use docket_domain::snapshot::{Unreadable, micros};
use docket_domain::{Actor, KeyId, Recorded};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::types::Type;

use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

static ACTIVITY: Table = Table {
    name: "activity",
    columns: &[("workspace", Type::UUID), ("stream", Type::UUID), ("version", Type::INT8), ("doc", Type::TEXT)],
    key: 3,
    aside: true,
};

/// One event as clients see it.
#[derive(Serialize)]
struct Shown<'a> {
    version: i64,
    #[serde(rename = "type")]
    event_type: &'a str,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    request_id: &'a str,
    dialect: &'a str,
    #[serde(with = "micros")]
    occurred_at: chrono::DateTime<chrono::Utc>,
    #[serde(with = "micros")]
    recorded_at: chrono::DateTime<chrono::Utc>,
    position: i64,
    data: Cow<'a, RawValue>,
}

/// The model: a row per event, for ever as it is.
pub(crate) struct Activity {
    rows: Rows,
}

impl Default for Activity {
    fn default() -> Self {
        Self { rows: Rows::new(&ACTIVITY, Verb::Insert) }
    }
}

impl ReadModel for Activity {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, _: &Recorded) -> bool {
        true
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        self.rows.push([
            Value::Uuid(event.workspace.0),
            Value::Uuid(event.stream),
            Value::Big(event.version),
            Value::Text(shown(event)),
        ]);
        Ok(())
    }

    fn settled(&mut self) -> Vec<Rows> {
        vec![std::mem::replace(&mut self.rows, Rows::new(&ACTIVITY, Verb::Insert))]
    }
}

fn shown(event: &Recorded) -> String {
    let shown = Shown {
        version: event.version,
        event_type: &event.event_type,
        actor: event.metadata.actor,
        key_id: event.metadata.key_id,
        request_id: &event.metadata.request_id,
        dialect: &event.metadata.dialect,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        position: event.position,
        data: without_secrets(event),
    };
    serde_json::to_string(&shown).unwrap_or_default()
}

/// What changed, but for hashes of secrets: those are nobody's business.
fn without_secrets(event: &Recorded) -> Cow<'_, RawValue> {
    if event.kind != "api_key" {
        return Cow::Borrowed(&event.payload);
    }
    let mut data: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(event.payload.get()).unwrap_or_default();
    data.remove("sha256");
    let shown = serde_json::value::to_raw_value(&data).unwrap_or_default();
    Cow::Owned(shown)
}
