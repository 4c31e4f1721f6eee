//! Query strings: each parameter known, once, in valid UTF-8, and of its type; else 400 naming it.
//!
//! The wire type lists what is known: with `deny_unknown_fields` an unknown parameter is an error. A list is one
//! parameter with commas (`status=todo,done`). Numbers have one spelling; `+` and `%20` are spaces.

use std::{borrow::Cow, fmt, str::FromStr};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer},
    },
};
use serde_path_to_error::Segment;

use super::json::Mistake;
use crate::problem::Problem;

/// The query string as a wire type.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads one query string (what follows the `?`), strictly.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    of(&pairs(query)?)
}

/// Reads some parameters, strictly.
pub fn of<T: DeserializeOwned>(pairs: &[Pair<'_>]) -> Result<T, Problem> {
    let parameters = pairs.iter().map(|(name, value)| (name.as_ref(), Value(value)));
    let parameters = MapDeserializer::<_, Error>::new(parameters);
    serde_path_to_error::deserialize(parameters).map_err(|error| {
        let named = error.path().iter().find_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        let mistake = Mistake::of(&error.inner().to_string());
        let name = mistake.field.or(named).unwrap_or_default();
        let code = match mistake.code.as_str() {
            "unknown-field" => "unknown-parameter",
            "required" => "missing-parameter",
            _ => "invalid-parameter",
        };
        let detail = mistake.detail.replace("unknown field `", "unknown parameter `");
        Problem::parameter(name, code, detail)
    })
}

/// A parameter's name and value, decoded.
pub type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

/// The parameters in order; 400 for one sent twice and for what is not UTF-8, 422 for NUL.
pub fn pairs(query: &str) -> Result<Vec<Pair<'_>>, Problem> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let malformed = || Problem::bad_request("invalid-query", "The query is not valid percent-encoded UTF-8.");
        let name = decode(name).ok_or_else(malformed)?;
        let value = decode(value).ok_or_else(malformed)?;
        if name.contains('\0') || value.contains('\0') {
            let detail = "the character U+0000 is not allowed in any text";
            let nul = Problem::parameter(name.into_owned(), "nul-not-allowed", detail);
            return Err(Problem { status: StatusCode::UNPROCESSABLE_ENTITY, ..nul });
        }
        if pairs.iter().any(|(seen, _)| *seen == name) {
            return Err(Problem::parameter(name.into_owned(), "duplicate-parameter", "is sent more than once"));
        }
        if pairs.len() == 64 {
            return Err(Problem::bad_request("invalid-query", "The query has more than 64 parameters."));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|b| matches!(b, b'%' | b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// One parameter's text, to be read as whatever the wire type says.
#[derive(Clone, Copy)]
struct Value<'q>(&'q str);

impl IntoDeserializer<'_, Error> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Value<'_> {
    fn number<N: FromStr + fmt::Display>(self) -> Result<N, Error> {
        let number = self.0.parse::<N>().ok().filter(|number| number.to_string() == self.0);
        number.ok_or_else(|| de::Error::custom("must be a whole number"))
    }
}

macro_rules! numbers {
    ($($read:ident $visit:ident;)+) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number()?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    numbers! {
        deserialize_i8 visit_i8; deserialize_i16 visit_i16; deserialize_i32 visit_i32; deserialize_i64 visit_i64;
        deserialize_u8 visit_u8; deserialize_u16 visit_u16; deserialize_u32 visit_u32; deserialize_u64 visit_u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(de::Error::custom("must be true or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.split(',').map(Value)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::scalars::{Date, Id, Line};
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        Todo,
        InProgress,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct List {
        limit: Option<u32>,
        q: Option<Line<1, 20>>,
        status: Vec<Status>,
        project: Option<Id>,
        since: Option<Date>,
        archived: Option<bool>,
        number: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    struct Lenient {
        endpoint: String,
    }

    #[test]
    fn good_queries_are_read() {
        let read = |query| parse::<List>(query).expect(query);
        assert_eq!(read(""), List::default());
        assert_eq!(read("&"), List::default());
        assert_eq!((read("limit=0").limit, read("limit=4294967295").limit), (Some(0), Some(u32::MAX)));
        assert_eq!(read("status=todo,in_progress").status, [Status::Todo, Status::InProgress]);
        assert_eq!(read("status=todo%2Cin_progress").status.len(), 2);
        assert_eq!(read("q=a+b%20c%C3%A9").q.map(Line::into_string).as_deref(), Some("a b c\u{e9}"));
        assert_eq!(read("q=%25_%5C").q.map(Line::into_string).as_deref(), Some("%_\\"));
        assert_eq!(read("archived=true&number=-3&since=2024-02-29").number, Some(-3));
        assert_eq!(parse::<Lenient>("endpoint=tasks&other=1").expect("read").endpoint, "tasks");
    }

    #[test]
    fn bad_queries_are_400_naming_the_parameter() {
        for (query, code, name) in [
            ("limit=4294967296", "invalid-parameter", "limit"),
            ("limit=-1", "invalid-parameter", "limit"),
            ("limit=1.5", "invalid-parameter", "limit"),
            ("limit=", "invalid-parameter", "limit"),
            ("limit", "invalid-parameter", "limit"),
            ("limit=+5", "invalid-parameter", "limit"),
            ("limit=%2B5", "invalid-parameter", "limit"),
            ("limit=05", "invalid-parameter", "limit"),
            ("limit=1e1", "invalid-parameter", "limit"),
            ("limit=1&limit=1", "duplicate-parameter", "limit"),
            ("limit=1&li%6Dit=1", "duplicate-parameter", "limit"),
            ("limit[]=1", "unknown-parameter", "limit[]"),
            ("status=", "invalid-parameter", "status"),
            ("status=todo,", "invalid-parameter", "status"),
            ("status=Todo", "invalid-parameter", "status"),
            ("project=1", "invalid-parameter", "project"),
            ("since=tomorrow", "invalid-parameter", "since"),
            ("archived=1", "invalid-parameter", "archived"),
            ("archived=True", "invalid-parameter", "archived"),
            ("number=9223372036854775808", "invalid-parameter", "number"),
            ("number=-0", "invalid-parameter", "number"),
            ("q=", "invalid-parameter", "q"),
            ("fields=secret_hash", "unknown-parameter", "fields"),
            ("include=workspace.api_keys", "unknown-parameter", "include"),
            ("Limit=1", "unknown-parameter", "Limit"),
            ("=1", "unknown-parameter", ""),
            ("q=%ff", "", ""),
            ("q=%C0%80", "", ""),
            ("q=%", "", ""),
            ("q=%2", "", ""),
            ("q=%zz", "", ""),
            ("q=%+1", "", ""),
        ] {
            let problem = parse::<List>(query).expect_err(query);
            assert_eq!(problem.status, 400, "{query}");
            let Some(error) = problem.errors.first() else {
                assert_eq!((&*problem.code, code), ("invalid-query", ""), "{query}");
                continue;
            };
            assert_eq!(problem.code, code, "{query}");
            assert_eq!(error.at, crate::problem::At::Parameter(name.into()), "{query}");
        }
    }

    #[test]
    fn nul_is_422() {
        for query in ["q=%00", "limit=5%00", "a%00b=1"] {
            let problem = parse::<List>(query).expect_err(query);
            assert_eq!((problem.status.as_u16(), &*problem.code), (422, "nul-not-allowed"), "{query}");
        }
    }

    #[test]
    fn the_answer_says_what_is_possible() {
        let detail = |query| parse::<List>(query).expect_err(query).detail;
        assert_eq!(detail("limit=x"), "limit: must be a whole number");
        assert_eq!(detail("status=x"), "status: unknown variant `x`, expected `todo` or `in_progress`");
        assert!(detail("x=1").starts_with("x: unknown parameter `x`, expected one of `limit`, `q`, "));
        let missing = parse::<Lenient>("").expect_err("missing");
        assert_eq!((&*missing.code, &*missing.detail), ("missing-parameter", "endpoint: is required"));
        let many: Vec<String> = (0..65).map(|n| format!("p{n}=1")).collect();
        assert_eq!(parse::<Lenient>(&many.join("&")).expect_err("too many").code, "invalid-query");
    }
}
