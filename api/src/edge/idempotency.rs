//! `Idempotency-Key`: the client's name for one attempt to change something, however often it is sent.

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// SHA-256 of the key, if one is sent: 1 to 255 visible ASCII characters without quotes, once; else 400.
pub fn key(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Problem> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), second) = (sent.next(), sent.next()) else { return Ok(None) };
    let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`');
    if second.is_none() && (1..=255).contains(&value.len()) && value.as_bytes().iter().all(plain) {
        return Ok(Some(Sha256::digest(value.as_bytes()).into()));
    }
    Err(Problem::bad_request(
        "invalid-idempotency-key",
        "Send at most one Idempotency-Key of 1 to 255 visible ASCII characters without quotes.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(values: &[&[u8]]) -> Result<Option<[u8; 32]>, Problem> {
        let values = values.iter().map(|value| HeaderValue::from_bytes(value).expect("a value"));
        key(&values.map(|value| (IDEMPOTENCY_KEY, value)).collect())
    }

    #[test]
    fn a_sane_key_is_read() {
        assert_eq!(read(&[]), Ok(None));
        let longest = [b'k'; 255];
        for key in [&b"0"[..], b"7d444840-9dc0-41d1-b245-5ffdce74fad2", b"a/b:c=d,e;f", &longest] {
            assert_eq!(read(&[key]), Ok(Some(Sha256::digest(key).into())));
        }
    }

    #[test]
    fn any_other_key_is_400() {
        let too_long = [b'k'; 256];
        let cases: [&[&[u8]]; 10] = [
            &[b""],
            &[&too_long],
            &["é".as_bytes()],
            &[b"\xff"],
            &[b"\"quoted\""],
            &[b"it's"],
            &[b"a b"],
            &[b"a\tb"],
            &[b"a", b"a"],
            &[b"a", b"b"],
        ];
        for values in cases {
            let problem = read(values).expect_err("refused");
            assert_eq!((problem.status.as_u16(), &*problem.code), (400, "invalid-idempotency-key"), "{values:?}");
        }
    }
}
