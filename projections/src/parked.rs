//! Events that a model could not take in. Such an event is set aside together with all later ones of its aggregate, in
//! order; everything else goes on. When the reason is gone, `retry` takes them in.

use docket_domain::Recorded;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::Error;
use crate::batch::ParkedStreams;
use crate::db::Session;
use crate::model::NAMES;
use crate::rows::{Rows, Table, Value, Verb};

static PARKED: Table = Table {
    name: "read.parked",
    columns: &[
        ("model", Type::TEXT),
        ("partition", Type::INT2),
        ("position", Type::INT8),
        ("workspace", Type::UUID),
        ("stream", Type::UUID),
        ("version", Type::INT8),
        ("error", Type::TEXT),
        ("event", Type::TEXT),
    ],
    key: 3,
    aside: false,
};

/// No parked events yet.
pub(crate) fn rows() -> Rows {
    Rows::new(&PARKED, Verb::Insert)
}

/// One event, parked for a model; without an error it only waits behind an earlier one.
pub(crate) fn row(model: &str, event: &Recorded, error: Option<&str>) -> [Value; 8] {
    [
        Value::Text(model.to_owned()),
        Value::Small(event.partition),
        Value::Big(event.position),
        Value::Uuid(event.workspace.0),
        Value::Uuid(event.stream),
        Value::Big(event.version),
        Value::Text(error.unwrap_or_default().to_owned()),
        Value::Text(serde_json::to_string(event).unwrap_or_default()),
    ]
}

/// The aggregates that have parked events in a partition.
pub(crate) async fn streams(session: &mut Session, partition: i16) -> Result<ParkedStreams, Error> {
    let sql = "select distinct model, stream from read.parked where partition = $1";
    let mut streams = ParkedStreams::new();
    for row in session.rows(sql, &[&partition]).await? {
        let (name, stream): (&str, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        if let Some(model) = NAMES.into_iter().find(|model| *model == name) {
            streams.insert((model, stream));
        }
    }
    Ok(streams)
}
