//! JSON bodies, read twice: once for what is no acceptable JSON at all (`scan`), once into the wire type (`strict`).
//!
//! Refused: another content type or any coding (415), more than the limit (413) or too slow (408), what is not JSON, a
//! duplicate key, depth and key limits (400); NUL, unknown, missing and wrong fields (422, by JSON pointer).

use std::{marker::PhantomData, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use serde_path_to_error::Segment;
use tokio::time::{Instant, timeout_at};

use super::{
    scan::{pointer, scan},
    strict::Strict,
};
use crate::problem::{FieldError, Problem};

/// Bytes of a usual body.
pub const LIMIT: usize = 64 * 1024;
/// Bytes of a batch.
pub const LARGE_LIMIT: usize = 4 * 1024 * 1024;
/// How long a body may take; what has arrived buys a second more for each [`BYTES_PER_SECOND`].
const PATIENCE: Duration = Duration::from_secs(9);
/// The least rate, after [`PATIENCE`].
const BYTES_PER_SECOND: usize = 64 * 1024;

/// The content type of a JSON body.
pub const JSON: &str = "application/json";
/// The content type of a merge patch (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// The bytes of a body of one of these content types, uncoded, within the limit and in time.
pub async fn body(request: Request, types: &[&str], limit: usize) -> Result<Bytes, Problem> {
    check_type(request.headers(), types)?;
    check_length(request.headers(), limit)?;
    read(request.into_body(), limit, PATIENCE).await
}

/// Reads one JSON object, strictly.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("The body is not UTF-8."))?;
    if text.starts_with('\u{feff}') {
        return Err(invalid("The body starts with a byte order mark."));
    }
    if text.trim_ascii_start().is_empty() {
        return Err(invalid("The body is empty; a JSON object is expected."));
    }
    scan(text)?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Problem::field("", "wrong-type", "the body must be a JSON object"));
    }
    value(text)
}

/// Reads a value that has passed the scan.
fn value<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    T::deserialize(Strict(&mut serde_json::Deserializer::from_str(text))).map_err(|_| explain::<T>(text))
}

/// A part of a body that is read by itself, so that its faults are its own.
pub struct Part<T> {
    text: Box<RawValue>,
    kind: PhantomData<T>,
}

impl<'de, T> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(body: D) -> Result<Self, D::Error> {
        Ok(Self { text: Deserialize::deserialize(body)?, kind: PhantomData })
    }
}

impl<T: DeserializeOwned> Part<T> {
    /// Reads it. The pointers of a problem start at the part.
    pub fn read(&self) -> Result<T, Problem> {
        value(self.text.get())
    }
}

fn invalid(detail: &'static str) -> Problem {
    Problem::bad_request("invalid-json", detail)
}

/// Reads what has failed once more, slower, for the place of the failure.
fn explain<T: DeserializeOwned>(text: &str) -> Problem {
    let json = &mut serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(Strict(json)) else {
        return Problem::internal();
    };
    let mut steps: Vec<String> = error.path().iter().filter_map(step).collect();
    let cause = error.into_inner();
    let text = cause.to_string();
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    let mistake = Mistake::of(text.strip_suffix(&place).unwrap_or(&text));
    if let Some(field) = mistake.field
        && steps.last() != Some(&field)
    {
        steps.push(field);
    }
    let at = pointer(steps.iter().map(String::as_str));
    Problem::fields(vec![FieldError::new(at, mistake.code, mistake.detail)])
}

fn step(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

/// What serde says, in our words.
pub(super) struct Mistake {
    pub(super) code: String,
    pub(super) detail: String,
    /// The field it names, if it is about one that is missing or unknown.
    pub(super) field: Option<String>,
}

impl Mistake {
    pub(super) fn of(text: &str) -> Self {
        let named = |rest: &str| rest.split('`').next().map(ToOwned::to_owned);
        let mistake = |code: &str, detail: &str, field| Self { code: code.into(), detail: detail.into(), field };
        if let Some((detail, code)) = text.strip_suffix(']').and_then(|text| text.rsplit_once(" [")) {
            mistake(code, detail, None)
        } else if let Some(rest) = text.strip_prefix("unknown field `") {
            mistake("unknown-field", text, named(rest))
        } else if let Some(rest) = text.strip_prefix("missing field `") {
            mistake("required", "is required", named(rest))
        } else if text.starts_with("duplicate field") {
            mistake("duplicate-key", text, None)
        } else if text.starts_with("invalid type") {
            mistake("wrong-type", &in_plain_words(text), None)
        } else {
            mistake("invalid-value", &in_plain_words(text), None)
        }
    }
}

/// What is expected, as somebody says it who does not know what it is read into.
fn in_plain_words(text: &str) -> String {
    let number = |kind: &str| match kind {
        "i8" | "i16" | "i32" | "i64" | "isize" => Some("a whole number".to_owned()),
        "u8" => Some(whole_up_to(u8::MAX.into())),
        "u16" => Some(whole_up_to(u16::MAX.into())),
        "u32" => Some(whole_up_to(u32::MAX.into())),
        "u64" | "usize" => Some(whole_up_to(u64::MAX)),
        "f32" | "f64" => Some("a number".to_owned()),
        _ => None,
    };
    let found = text.rsplit_once(", expected ").and_then(|(found, kind)| Some((found, number(kind)?)));
    found.map_or_else(|| text.to_owned(), |(found, number)| format!("{found}, expected {number}"))
}

fn whole_up_to(most: u64) -> String {
    format!("a whole number from 0 to {most}")
}

fn check_type(headers: &HeaderMap, types: &[&str]) -> Result<(), Problem> {
    let mut sent = headers.get_all(header::CONTENT_TYPE).iter();
    let good = match (sent.next().and_then(|value| value.to_str().ok()), sent.next()) {
        (Some(value), None) => is_one_of(value, types),
        _ => false,
    };
    if !good {
        let detail = format!("Send exactly one Content-Type: {}.", types.join(" or "));
        return Err(Problem::unsupported_media_type(detail));
    }
    let coded = |value: &header::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().any(coded) {
        return Err(Problem::unsupported_media_type("Send the body without Content-Encoding."));
    }
    Ok(())
}

fn is_one_of(value: &str, types: &[&str]) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let named = |part: &str| types.iter().any(|one| part.eq_ignore_ascii_case(one));
    let utf8 = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    };
    parts.next().is_some_and(named) && parts.next().is_none_or(utf8) && parts.next().is_none()
}

fn check_length(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > limit as u64 => Err(Problem::payload_too_large(limit)),
        _ => Ok(()),
    }
}

async fn read(mut body: Body, limit: usize, patience: Duration) -> Result<Bytes, Problem> {
    let start = Instant::now();
    let mut first = Bytes::new();
    let mut all = Vec::new();
    loop {
        let received = first.len() + all.len();
        let deadline = start + patience + Duration::from_secs(1) * (received / BYTES_PER_SECOND) as u32;
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(Problem::request_timeout()),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Problem::bad_request("incomplete-body", "The body did not arrive whole.")),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if received + data.len() > limit {
            return Err(Problem::payload_too_large(limit));
        }
        // A body that comes in one piece, as most do, is not copied.
        if received == 0 {
            first = data;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

#[cfg(test)]
mod tests;
