//! Reading the log: the truth that everything here is derived from.

use docket_domain::ids::WorkspaceId;
use docket_domain::{Metadata, Recorded};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use crate::Error;
use crate::db::Session;

/// The columns of an event, in the order in which [`recorded`] reads them.
pub(crate) const COLUMNS: &str = "partition, position, workspace, kind, stream, version, event_type, event_version, \
                                  number, series, command, occurred_at, recorded_at, payload, metadata, personal";

/// Their types, which binary copies have to be told.
pub(crate) const TYPES: [Type; 16] = [
    Type::INT2,
    Type::INT8,
    Type::UUID,
    Type::TEXT,
    Type::UUID,
    Type::INT8,
    Type::TEXT,
    Type::INT2,
    Type::INT8,
    Type::TEXT,
    Type::UUID,
    Type::TIMESTAMPTZ,
    Type::TIMESTAMPTZ,
    Type::JSON,
    Type::JSON,
    Type::JSON,
];

/// The text of a json column as it is.
pub(crate) struct Json<'a>(pub(crate) &'a str);

impl<'a> FromSql<'a> for Json<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }
}

/// The events of a partition after position `after`, up to and with `to`, at most `limit`. They are contiguous: the
/// log has no holes, so anything else is an error.
pub(crate) async fn read(
    session: &mut Session,
    partition: i16,
    after: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<Recorded>, Error> {
    let sql = format!(
        "select {COLUMNS} from log.events where partition = $1 and position > $2 and position <= $3 \
         order by position limit $4"
    );
    let rows = session.rows(&sql, &[&partition, &after, &to, &limit]).await?;
    let events: Vec<_> = rows.iter().map(|row| recorded(row, 0)).collect::<Result<_, _>>()?;
    for (event, expected) in events.iter().zip(after + 1..) {
        if event.position != expected {
            return Err(Error::Bug(format!("the log of partition {partition} has a hole at {expected}")));
        }
    }
    Ok(events)
}

/// The last position of each partition.
pub(crate) async fn heads(session: &mut Session) -> Result<Vec<(i16, i64)>, Error> {
    let rows = session.rows("select partition, position from log.heads order by partition", &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Reads a row that has [`COLUMNS`] from this one on.
pub(crate) fn recorded(row: &Row, from: usize) -> Result<Recorded, Error> {
    let bad = |what: &str, error: serde_json::Error| Error::Bug(format!("{what} of a stored event: {error}"));
    let (payload, metadata): (Json<'_>, Json<'_>) = (row.try_get(from + 13)?, row.try_get(from + 14)?);
    let personal: Option<Json<'_>> = row.try_get(from + 15)?;
    Ok(Recorded {
        partition: row.try_get(from)?,
        position: row.try_get(from + 1)?,
        workspace: WorkspaceId(row.try_get(from + 2)?),
        kind: row.try_get(from + 3)?,
        stream: row.try_get(from + 4)?,
        version: row.try_get(from + 5)?,
        event_type: row.try_get(from + 6)?,
        event_version: row.try_get(from + 7)?,
        number: row.try_get(from + 8)?,
        series: row.try_get(from + 9)?,
        command: row.try_get(from + 10)?,
        occurred_at: row.try_get(from + 11)?,
        recorded_at: row.try_get(from + 12)?,
        payload: RawValue::from_string(payload.0.to_owned()).map_err(|error| bad("the payload", error))?,
        personal: aside(personal)?,
        metadata: serde_json::from_str::<Metadata>(metadata.0).map_err(|error| bad("the metadata", error))?,
    })
}

/// What is personal of an event, as it is stored.
pub(crate) fn aside(stored: Option<Json<'_>>) -> Result<Option<Box<RawValue>>, Error> {
    let aside = stored.map(|Json(text)| RawValue::from_string(text.to_owned())).transpose();
    aside.map_err(|error| Error::Bug(format!("what is personal of a stored event: {error}")))
}
