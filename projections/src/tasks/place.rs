//! A task's place in an ordered list: its value of what the list is ordered by, and its number. It is what a cursor
//! holds, as `value|number`; an absent value is empty.

use chrono::{DateTime, NaiveDate, Utc};
use docket_domain::task::Priority;
use serde::Deserialize;

use super::query::SortKey;
use crate::Error;
use crate::sql::Binds;

#[derive(Deserialize)]
struct Keys {
    number: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    due_date: Option<NaiveDate>,
    priority: Priority,
}

/// The place of a document, as text.
pub(super) fn of(doc: &str, by: SortKey) -> Result<String, Error> {
    let keys: Keys = serde_json::from_str(doc).map_err(|error| Error::Bug(format!("a stored document: {error}")))?;
    let value = match by {
        SortKey::Number => String::new(),
        SortKey::CreatedAt => keys.created_at.timestamp_micros().to_string(),
        SortKey::UpdatedAt => keys.updated_at.timestamp_micros().to_string(),
        SortKey::DueDate => keys.due_date.map(|date| date.to_string()).unwrap_or_default(),
        SortKey::Priority => (keys.priority as i16).to_string(),
    };
    Ok(format!("{value}|{}", keys.number))
}

/// A place whose parts are bound as parameters.
pub(super) struct Place {
    /// The value's parameter; none when it is absent (or when the number alone is the place).
    pub(super) value: Option<String>,
    /// The number's parameter.
    pub(super) number: String,
}

/// Binds the parts of a place.
pub(super) fn bind(place: &str, by: SortKey, binds: &mut Binds) -> Result<Place, Error> {
    let (value, number) = place.split_once('|').ok_or(Error::BadCursor)?;
    let number: i64 = number.parse().map_err(|_| Error::BadCursor)?;
    let number = binds.bind(number, "int8");
    let value = match by {
        _ if value.is_empty() => None,
        SortKey::Number => None,
        SortKey::CreatedAt | SortKey::UpdatedAt => {
            let micros = value.parse().map_err(|_| Error::BadCursor)?;
            let time = DateTime::<Utc>::from_timestamp_micros(micros).ok_or(Error::BadCursor)?;
            Some(binds.bind(time, "timestamptz"))
        }
        SortKey::DueDate => {
            let date: NaiveDate = value.parse().map_err(|_| Error::BadCursor)?;
            Some(binds.bind(date, "date"))
        }
        SortKey::Priority => {
            let priority: i16 = value.parse().map_err(|_| Error::BadCursor)?;
            Some(binds.bind(priority, "int2"))
        }
    };
    Ok(Place { value, number })
}
