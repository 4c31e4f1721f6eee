//! Values that cannot be wrong once parsed: ids, dates, instants and bounded text, in one spelling each.
//!
//! An error's text ends in its code in brackets (`at most 200 characters [too-long]`); the readers of bodies and
//! queries turn that into a field error. Other types whose errors end so are read the same way.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use docket_domain::timelog::Zone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};
use uuid::Uuid;

/// Why a text is not the value: ends in a code in brackets.
pub type Fault = Cow<'static, str>;

/// A UUID in its one spelling: 36 characters, lower case, hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub Uuid);

/// A day from 1970-01-01 to 9999-12-31, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// An instant of RFC 3339 with upper-case `T` and `Z` or an offset, no leap second, from 1970 to 9999, to microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(pub DateTime<Utc>);

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(pub Zone);

/// One line of `MIN` to `MAX` characters, as sent: no control characters, and not blank unless `MIN` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line<const MIN: usize, const MAX: usize>(String);

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

/// Like [`Line`], of any number of lines: tabs and line ends are allowed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// At most `MAX` ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ids<const MAX: usize>(pub Vec<Id>);

/// Shows an instant as every answer does: UTC, `Z`, six digits of a second.
pub fn show_instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    let digit = |b: &u8| b.is_ascii_digit().then(|| u32::from(b - b'0'));
    bytes.iter().try_fold(0_u32, |number, b| number.checked_mul(10)?.checked_add(digit(b)?))
}

fn date(bytes: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    let year = digits(&[y1, y2, y3, y4]).filter(|year| *year >= 1970)?;
    NaiveDate::from_ymd_opt(year as i32, digits(&[m1, m2])?, digits(&[d1, d2])?)
}

fn instant(text: &[u8]) -> Option<DateTime<Utc>> {
    let (head, rest) = text.split_at_checked(19)?;
    // An offset may bring the first hours of a year that is too early, or the last of one too late, into the window.
    let (day, b'T') = (&head[..10], head[10]) else { return None };
    let [h1, h2, b':', m1, m2, b':', s1, s2] = head[11..] else { return None };
    let (fraction, zone) = match rest {
        [b'.', tail @ ..] => {
            let count = tail.iter().take_while(|b| b.is_ascii_digit()).count();
            ((1..=9).contains(&count).then(|| &tail[..count])?, &tail[count..])
        }
        zone => (&b""[..], zone),
    };
    let micros = (0..6).fold(0, |micros, at| micros * 10 + fraction.get(at).map_or(0, |b| u32::from(b - b'0')));
    let offset = match *zone {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = digits(&[h1, h2]).filter(|hours| *hours < 24)?;
            let minutes = digits(&[m1, m2]).filter(|minutes| *minutes < 60)?;
            let offset = i64::from(hours * 60 + minutes);
            match sign {
                b'+' => offset,
                _ if offset == 0 => return None,
                _ => -offset,
            }
        }
        _ => return None,
    };
    let time = NaiveTime::from_hms_micro_opt(digits(&[h1, h2])?, digits(&[m1, m2])?, digits(&[s1, s2])?, micros)?;
    let local = date_near(day)?.and_time(time);
    let utc = local.checked_sub_signed(TimeDelta::minutes(offset))?;
    (1970..=9999).contains(&utc.year()).then(|| utc.and_utc())
}

/// A date of the window, or the day before it.
fn date_near(bytes: &[u8]) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    date(bytes).or_else(|| (bytes == b"1969-12-31").then(|| first.checked_sub_days(Days::new(1)))?)
}

fn bounded(text: &str, min: usize, max: usize, control: fn(char) -> bool) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err("the character U+0000 is not allowed in any text [nul-not-allowed]".into());
    }
    // No text of `max` characters has more bytes than this: a cheap way out before counting.
    if text.len() > max.saturating_mul(4) || text.chars().count() > max {
        return Err(format!("at most {max} characters [too-long]").into());
    }
    if text.is_empty() && min > 0 {
        return Err("must not be empty [blank]".into());
    }
    if min > 0 && text.chars().all(char::is_whitespace) {
        return Err("must not be only white space [blank]".into());
    }
    if min > 1 && text.chars().count() < min {
        return Err(format!("at least {min} characters [too-short]").into());
    }
    match text.chars().find(|c| control(*c)) {
        Some(c) => Err(format!("control character U+{:04X} is not allowed [control-character]", c as u32).into()),
        None => Ok(()),
    }
}

impl FromStr for Id {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let spelled = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-');
        let id = (text.len() == 36 && text.bytes().all(|b| spelled(&b))).then(|| Uuid::try_parse(text).ok());
        id.flatten().map(Self).ok_or(Cow::Borrowed("must be a UUID: 36 characters, lower case, hyphens [invalid-id]"))
    }
}

impl FromStr for Date {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = "must be a day YYYY-MM-DD from 1970-01-01 to 9999-12-31 [invalid-date]";
        date(text.as_bytes()).map(Self).ok_or(Cow::Borrowed(fault))
    }
}

impl FromStr for Instant {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = "must be an RFC 3339 date-time such as 2026-02-28T09:30:00Z, from 1970 to 9999 [invalid-date-time]";
        instant(text.as_bytes()).map(Self).ok_or(Cow::Borrowed(fault))
    }
}

impl FromStr for TimeZone {
    type Err = Fault;

    fn from_str(name: &str) -> Result<Self, Fault> {
        name.parse().map(Self).map_err(Cow::Borrowed)
    }
}

impl<const MIN: usize, const MAX: usize> FromStr for Line<MIN, MAX> {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        bounded(text, MIN, MAX, char::is_control).map(|()| Self(text.to_owned()))
    }
}

impl<const MIN: usize, const MAX: usize> FromStr for Text<MIN, MAX> {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        bounded(text, MIN, MAX, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show_instant(self.0))
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(json)?;
        let fault = || serde::de::Error::custom(format!("must be {MIN} to {MAX} [out-of-range]"));
        (MIN..=MAX).contains(&number).then_some(Self(number)).ok_or_else(fault)
    }
}

/// Reads any scalar out of a JSON string.
struct Reader<T>(std::marker::PhantomData<T>, &'static str);

impl<T: FromStr<Err = Fault>> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! from_json_string {
    ($($type:ident $(<$($size:ident),+>)?: $expecting:literal;)+) => {$(
        impl<'de $($(, const $size: usize)+)?> Deserialize<'de> for $type $(<$($size),+>)? {
            fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
                json.deserialize_str(Reader(std::marker::PhantomData, $expecting))
            }
        }
    )+};
}

from_json_string! {
    Id: "a UUID as a string";
    Date: "a day as a string";
    Instant: "a date-time as a string";
    TimeZone: "a time zone as a string";
    Line<MIN, MAX>: "a string";
    Text<MIN, MAX>: "a string";
}

impl<'de, const MAX: usize> Deserialize<'de> for Ids<MAX> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let ids = Vec::<Id>::deserialize(json)?;
        if ids.len() > MAX {
            return Err(serde::de::Error::custom(format!("at most {MAX} ids [too-many]")));
        }
        Ok(Self(ids))
    }
}

macro_rules! to_json_string {
    ($($type:ident, $format:ident;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
                json.collect_str(self)
            }
        }

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let format = SchemaFormat::KnownFormat(KnownFormat::$format);
                ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
            }
        }

        impl ToSchema for $type {}
    )+};
}

to_json_string! {
    Id, Uuid;
    Date, Date;
    Instant, DateTime;
}

macro_rules! text {
    ($($type:ident: $name:literal;)+) => {$(
        impl<const MIN: usize, const MAX: usize> $type<MIN, MAX> {
            /// The text as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text as it was sent.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl<const MIN: usize, const MAX: usize> PartialSchema for $type<MIN, MAX> {
            fn schema() -> RefOr<Schema> {
                let min = Some(MIN).filter(|min| *min > 0);
                ObjectBuilder::new().schema_type(Type::String).min_length(min).max_length(Some(MAX)).into()
            }
        }

        impl<const MIN: usize, const MAX: usize> ToSchema for $type<MIN, MAX> {
            fn name() -> Cow<'static, str> {
                format!(concat!($name, "{}To{}"), MIN, MAX).into()
            }
        }
    )+};
}

text! {
    Line: "Line";
    Text: "Text";
}

#[cfg(test)]
mod tests;
