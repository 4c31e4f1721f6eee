//! Values that cannot be wrong once parsed: ids, dates, instants and bounded text, in one spelling each.
//!
//! An error's text ends in its code in brackets (`at most 200 characters [too-long]`); the readers of bodies and
//! queries turn that into a field error. Other types whose errors end so are read the same way.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
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

/// One line of `MIN` to `MAX` characters, as sent: no control characters, and not blank unless `MIN` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line<const MIN: usize, const MAX: usize>(String);

/// Like [`Line`], of any number of lines: tabs and line ends are allowed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

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
    Line<MIN, MAX>: "a string";
    Text<MIN, MAX>: "a string";
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
mod tests {
    use super::*;

    fn refused<T: FromStr<Err = Fault> + fmt::Debug>(text: &str, code: &str) {
        let fault = text.parse::<T>().expect_err(text);
        assert!(fault.ends_with(&format!(" [{code}]")), "{text}: {fault}");
    }

    #[test]
    fn an_id_has_one_spelling() {
        assert!("7d444840-9dc0-41d1-b245-5ffdce74fad2".parse::<Id>().is_ok());
        for text in [
            "",
            "1",
            "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
            "7d4448409dc041d1b2455ffdce74fad2",
            "{7d444840-9dc0-41d1-b245-5ffdce74fad2}",
            "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2",
            " 7d444840-9dc0-41d1-b245-5ffdce74fad2",
            "7d444840-9dc0-41d1-b245-5ffdce74fad2 ",
            "7d444840-9dc0-41d1-b245-5ffdce74fadg",
            "7d444840-9dc041d1-b245-5ffdce74fad2-",
            "7d444840-9dc0-41d1-b245-5ffdce74fad\u{e9}",
        ] {
            refused::<Id>(text, "invalid-id");
        }
    }

    #[test]
    fn a_date_has_one_spelling_and_a_window() {
        for text in ["2024-02-29", "2000-02-29", "1970-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().expect(text).to_string(), text);
        }
        for text in [
            "0000-00-00",
            "2023-02-29",
            "2024-02-30",
            "1900-02-29",
            "2024-2-9",
            " 2024-02-29",
            "2024-02-29 ",
            "2024-W09-4",
            "20240229",
            "2024-060",
            "0000-01-01",
            "-0001-01-01",
            "+10000-01-01",
            "10000-01-01",
            "1969-12-31",
            "infinity",
            "-infinity",
            "now",
            "tomorrow",
            "epoch",
            "2024-00-01",
            "2024-13-01",
            "2024-01-32",
            "2024-01-00",
            "2024/01/01",
            "2024-01-01T00:00:00Z",
            "٢٠٢٤-٠١-٠١",
            "",
            "2024-01-1a",
            "2024-01-+1",
        ] {
            refused::<Date>(text, "invalid-date");
        }
    }

    #[test]
    fn an_instant_has_one_grammar_and_a_window() {
        for (text, shown) in [
            ("2026-02-28T09:30:00Z", "2026-02-28T09:30:00.000000Z"),
            ("2026-02-28T09:30:00.1Z", "2026-02-28T09:30:00.100000Z"),
            ("2026-02-28T09:30:00.123456789Z", "2026-02-28T09:30:00.123456Z"),
            ("2026-08-20T17:32:23+02:00", "2026-08-20T15:32:23.000000Z"),
            ("2026-02-28T00:10:00-05:30", "2026-02-28T05:40:00.000000Z"),
            ("2026-02-28T00:00:00+00:00", "2026-02-28T00:00:00.000000Z"),
            ("2026-02-28T23:59:59+23:59", "2026-02-28T00:00:59.000000Z"),
            ("1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00.000000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(text.parse::<Instant>().expect(text).to_string(), shown);
        }
        for text in [
            "2016-12-31T23:59:60Z",
            "2026-02-28T24:00:00Z",
            "2026-02-28T23:60:00Z",
            "2026-02-28T09:30:00",
            "2026-02-28T09:30:00-00:00",
            "2026-02-28T09:30:00+24:00",
            "2026-02-28T09:30:00+01:60",
            "2026-02-28T09:30:00+0100",
            "2026-02-28T09:30:00+01",
            "2026-02-28 09:30:00Z",
            "2026-02-28t09:30:00Z",
            "2026-02-28T09:30:00z",
            "2026-02-28T09:30:00.Z",
            "2026-02-28T09:30:00,5Z",
            "2026-02-28T09:30:00.1234567890Z",
            "2026-02-28T09:30Z",
            "2026-02-30T09:30:00Z",
            "2026-02-28",
            " 2026-02-28T09:30:00Z",
            "2026-02-28T09:30:00Z ",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "now",
            "infinity",
            "",
            "2026-02-28T09:30:0éZ",
            "0000-00-00T00:00:00Z",
            "2026-02-28T-1:30:00Z",
        ] {
            refused::<Instant>(text, "invalid-date-time");
        }
    }

    #[test]
    fn text_is_bounded_in_characters_and_kept_as_sent() {
        type Title = Line<1, 200>;
        let emoji = "\u{1f600}".repeat(200);
        let marks = format!("e{}", "\u{301}".repeat(199));
        for text in ["x", &"x".repeat(200), &emoji, &marks, " x ", "\u{202e}abc", "\u{feff}x", "\u{ffff}", "e\u{301}"] {
            assert_eq!(text.parse::<Title>().expect(text).as_str(), text);
        }
        for (text, code) in [
            ("", "blank"),
            ("   ", "blank"),
            ("\u{a0}\u{2003}\n", "blank"),
            (&"x".repeat(201), "too-long"),
            (&"\u{301}".repeat(10_000), "too-long"),
            ("a\0b", "nul-not-allowed"),
            ("a\nb", "control-character"),
            ("a\tb", "control-character"),
            ("a\u{7f}b", "control-character"),
            ("a\u{85}b", "control-character"),
            ("a\u{1b}[31m", "control-character"),
        ] {
            refused::<Title>(text, code);
        }
    }

    #[test]
    fn many_lines_may_have_line_ends_and_tabs() {
        type Description = Text<0, 10>;
        for text in ["", "  ", "a\nb", "a\r\n\tb"] {
            assert_eq!(text.parse::<Description>().expect(text).as_str(), text);
        }
        refused::<Description>("a\u{8}", "control-character");
        refused::<Description>("12345678901", "too-long");
        refused::<Text<3, 10>>("ab", "too-short");
        refused::<Text<1, 10>>("\n", "blank");
    }

    #[test]
    fn the_schemas_say_the_same() {
        let schema = |schema: RefOr<Schema>| serde_json::to_value(schema).expect("JSON");
        assert_eq!(schema(Id::schema()), serde_json::json!({"type": "string", "format": "uuid"}));
        let line = serde_json::json!({"type": "string", "minLength": 1, "maxLength": 200});
        assert_eq!(schema(Line::<1, 200>::schema()), line);
        assert_eq!(Line::<1, 200>::name(), "Line1To200");
    }

    /// What an endpoint declares.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is read")]
    struct Wire {
        id: Id,
        #[schema(inline)]
        title: Line<1, 200>,
        #[schema(inline)]
        due: Option<Date>,
        #[schema(inline, value_type = Text<0, 9>, required = false)]
        change: super::super::patch::Change<Text<0, 9>>,
        #[schema(inline, value_type = Option<Text<0, 9>>)]
        patch: super::super::patch::Patch<Text<0, 9>>,
    }

    #[test]
    fn derived_schemas_contain_them() {
        let schema = serde_json::to_value(Wire::schema()).expect("JSON");
        assert_eq!(schema["required"], serde_json::json!(["id", "title"]));
        let fields = &schema["properties"];
        assert_eq!(fields["id"]["$ref"], "#/components/schemas/Id");
        assert_eq!(fields["title"]["maxLength"], 200);
        assert_eq!(fields["change"]["maxLength"], 9);
        for nullable in ["due", "patch"] {
            assert!(fields[nullable].to_string().contains("null"), "{fields:#}");
        }
    }
}
