//! Values of filters, each in its one spelling.

use docket_projections::{Field, Kind, Value};

use crate::edge::json::Mistake;
use crate::edge::scalars::{Date, Id, Instant};
use crate::problem::Problem;

/// Whether a comma stands between two values; in a text it is part of it.
pub fn splits(field: &Field) -> bool {
    field.keys || !matches!(field.kind, Kind::Text | Kind::Name | Kind::Bool)
}

/// One value.
pub fn read(name: &str, kind: Kind, text: &str) -> Result<Value, Problem> {
    let invalid = |fault: &str| {
        let detail = Mistake::of(fault).detail;
        Problem::parameter(name.to_owned(), "invalid-parameter", detail)
    };
    Ok(match kind {
        Kind::Id => Value::Id(text.parse::<Id>().map_err(|fault| invalid(&fault))?.0),
        Kind::Date => Value::Date(text.parse::<Date>().map_err(|fault| invalid(&fault))?.0),
        Kind::Instant => Value::Instant(text.parse::<Instant>().map_err(|fault| invalid(&fault))?.0),
        Kind::Integer => {
            let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
            Value::Integer(number.ok_or_else(|| invalid("must be a whole number"))?)
        }
        Kind::Bool => Value::Bool(yes_or_no(name, text)?),
        Kind::Text | Kind::Name if text.is_empty() => return Err(invalid("must not be empty")),
        Kind::Text | Kind::Name => Value::Text(text.to_owned()),
        Kind::Word(words) => {
            let place = words.iter().position(|word| *word == text).ok_or_else(|| {
                let detail = format!("{name} is one or more of {}.", words.join(", "));
                Problem::parameter(name.to_owned(), "unknown-value", detail)
            })?;
            Value::Word(place as i16)
        }
        Kind::Rank | Kind::Other => return Err(Problem::internal()),
    })
}

/// `true` or `false`.
pub fn yes_or_no(name: &str, text: &str) -> Result<bool, Problem> {
    text.parse().map_err(|_| Problem::parameter(name.to_owned(), "invalid-parameter", "must be true or false"))
}
