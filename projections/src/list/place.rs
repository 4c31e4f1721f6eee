//! A resource's place in an ordered list: its values of what the list is ordered by. It is what a cursor holds, as a
//! JSON array; an absent value is null.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::value::RawValue;

use super::{Kind, SortBy, Value};
use crate::Error;

/// A place; a value is none where it is absent.
pub(crate) struct Place(pub(crate) Vec<Option<Value>>);

/// The place of a document, as text.
pub(crate) fn of(doc: &str, rank: Option<f32>, sort: &[SortBy]) -> Result<String, Error> {
    let bug = |error: serde_json::Error| Error::Bug(format!("a stored document: {error}"));
    let members: HashMap<&str, &RawValue> = serde_json::from_str(doc).map_err(bug)?;
    let value = |key: &SortBy| match key.field.kind {
        // Its bits, for no digit may get lost.
        Kind::Rank => rank.map_or_else(|| "null".to_owned(), |rank| rank.to_bits().to_string()),
        _ => members.get(key.field.name).map_or("null", |value| value.get()).to_owned(),
    };
    Ok(format!("[{}]", sort.iter().map(value).collect::<Vec<_>>().join(",")))
}

/// The place that this text says.
pub(crate) fn read(text: &str, sort: &[SortBy]) -> Result<Place, Error> {
    let values: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|_| Error::BadCursor)?;
    if values.len() != sort.len() {
        return Err(Error::BadCursor);
    }
    let read = |(value, key): (&serde_json::Value, &SortBy)| {
        if value.is_null() { Ok(None) } else { parse(value, key.field.kind).map(Some).ok_or(Error::BadCursor) }
    };
    Ok(Place(values.iter().zip(sort).map(read).collect::<Result<_, _>>()?))
}

fn parse(value: &serde_json::Value, kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Id => Value::Id(value.as_str()?.parse().ok()?),
        Kind::Date => Value::Date(value.as_str()?.parse::<NaiveDate>().ok()?),
        Kind::Instant => Value::Instant(value.as_str()?.parse::<DateTime<Utc>>().ok()?),
        Kind::Integer => Value::Integer(value.as_i64()?),
        Kind::Bool => Value::Bool(value.as_bool()?),
        Kind::Text | Kind::Name => Value::Text(value.as_str()?.to_owned()),
        Kind::Word(words) => Value::Word(words.iter().position(|word| Some(*word) == value.as_str())? as i16),
        Kind::Rank => Value::Rank(f32::from_bits(u32::try_from(value.as_u64()?).ok()?)),
        Kind::Other => return None,
    })
}
