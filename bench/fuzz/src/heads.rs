//! What comes before a body: where requests begin and end, and the headers that say something of them.

use axum::http::{HeaderMap, HeaderValue, header};
use docket_api::edge::conditional::IfMatch;
use docket_api::edge::head::Framing;
use docket_api::edge::{idempotency, position};

/// So long may a head be here.
const LONGEST: usize = 256;

/// However a connection's bytes are cut, the same requests are found in them. The first byte says where.
pub fn framing(bytes: &[u8]) {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let whole = verdicts(bytes, bytes.len());
    // A head that is too long in one piece may be whole before that is noticed: then the connection ends all the same.
    if bytes.len() <= LONGEST {
        assert_eq!(verdicts(bytes, 1), whole);
        assert_eq!(verdicts(bytes, usize::from(*cut) + 1), whole);
    }
}

fn verdicts(bytes: &[u8], piece: usize) -> (Vec<Option<&'static str>>, bool) {
    let mut framing = Framing::new(LONGEST);
    bytes.chunks(piece.max(1)).for_each(|piece| framing.feed(piece));
    let mut verdicts = Vec::new();
    let more = framing.has_more();
    // One more than there can be heads.
    for _ in 0..=bytes.len() {
        verdicts.push(framing.verdict());
    }
    (verdicts, more)
}

/// Lines of headers: read, or refused with 400. A version that is named is one that an answer could have told.
pub fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let name = match which % 4 {
            0 => header::IF_MATCH,
            1 => idempotency::IDEMPOTENCY_KEY,
            2 => position::DOCKET_MIN_POSITION,
            _ => header::AUTHORIZATION,
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    match IfMatch::parse(&headers) {
        Ok(read) => assert!(read.versions().into_iter().flatten().all(|version| version >= 0)),
        Err(problem) => assert_eq!(problem.status, 400),
    }
    if let Err(problem) = idempotency::key(&headers) {
        assert_eq!(problem.status, 400);
    }
    match position::min_position(&headers, 3) {
        Ok(read) => assert!(read.is_none_or(|position| position >= 0)),
        Err(problem) => assert_eq!(problem.status, 400),
    }
    if let Err(problem) = docket_api::auth::token::bearer(&headers) {
        assert_eq!(problem.status, 401);
    }
}
