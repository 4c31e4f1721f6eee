//! Positions in the log, as clients carry them: `Docket-Position` of a write into `Docket-Min-Position` of a read.
//!
//! To clients a position is an opaque token; it is `<partition>-<position>`.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::Problem;

/// The header of a write's answer.
pub const DOCKET_POSITION: HeaderName = HeaderName::from_static("docket-position");
/// The header of a read that must show at least this.
pub const DOCKET_MIN_POSITION: HeaderName = HeaderName::from_static("docket-min-position");

/// The value of `Docket-Position`.
pub fn format(partition: i16, position: i64) -> HeaderValue {
    HeaderValue::try_from(format!("{partition}-{position}")).unwrap_or(HeaderValue::from_static(""))
}

/// Reads `Docket-Min-Position`, if sent; 400 if it is malformed, sent twice or of another partition.
pub fn min_position(headers: &HeaderMap, partition: i16) -> Result<Option<i64>, Problem> {
    let mut sent = headers.get_all(DOCKET_MIN_POSITION).iter();
    let (Some(value), second) = (sent.next(), sent.next()) else { return Ok(None) };
    let position = value.to_str().ok().and_then(|value| value.split_once('-')?.1.parse().ok());
    // One spelling only: what the answer to a write said, with no sign and no leading zero.
    let told = |position: &i64| *position >= 0 && second.is_none() && format(partition, *position) == value;
    position.filter(told).map(Some).ok_or_else(|| {
        let detail = "Send in Docket-Min-Position, once, what a Docket-Position of this workspace said.";
        Problem::bad_request("invalid-position", detail)
    })
}

/// Reads a position that was told: a `Docket-Position`, or its number alone.
pub fn parse(sent: &str, partition: i16) -> Option<i64> {
    let digits = sent.strip_prefix(&format!("{partition}-")).unwrap_or(sent);
    digits.parse().ok().filter(|position: &i64| *position >= 0 && position.to_string() == digits)
}

/// The parameter `after`: 0, or a position that was told.
pub fn after(sent: &str, partition: i16) -> Result<i64, Problem> {
    let refused = || Problem::parameter("after", "invalid-parameter", "must be 0, or a position of this workspace");
    parse(sent, partition).ok_or_else(refused)
}

/// A position that lies ahead.
pub fn not_there(name: &'static str) -> Problem {
    Problem::parameter(name, "out-of-range", "lies ahead of everything that has happened")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<i64>, Problem> {
        let values = values.iter().map(|value| (DOCKET_MIN_POSITION, value.parse().expect("a value")));
        min_position(&values.collect(), 1)
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(read(&[]), Ok(None));
        for position in [0, 12_345, i64::MAX] {
            assert_eq!(read(&[format(1, position).to_str().expect("ASCII")]), Ok(Some(position)));
        }
    }

    #[test]
    fn anything_else_is_400() {
        for values in [
            &[""][..],
            &["1"],
            &["-"],
            &["1-"],
            &["-1"],
            &["+1-1"],
            &["1-+1"],
            &["01-1"],
            &["1-01"],
            &["1--1"],
            &["1-2-3"],
            &["1-1 "],
            &["a-1"],
            &["1-9223372036854775808"],
            &["65537-1"],
            &["1-1", "1-1"],
            &["1.0-1"],
            &["é"],
            &["2-1"],
        ] {
            let problem = read(values).expect_err("refused");
            assert_eq!((problem.status.as_u16(), &*problem.code), (400, "invalid-position"), "{values:?}");
        }
    }
}
