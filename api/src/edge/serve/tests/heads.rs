//! Heads and bodies over HTTP/2 that are not what they say (RFC 9113, 8).

use super::http2::{GOAWAY, HEADERS, RESET, frame, hello, say, statuses};
use super::*;

const DATA: u8 = 0;
/// On HEADERS and DATA: nothing follows. On HEADERS: this is all of the head.
pub(super) const LAST: u8 = 1;
pub(super) const WHOLE: u8 = 4;

/// A text as HPACK has it, of any length.
fn text(text: &[u8]) -> Vec<u8> {
    let mut coded = match text.len() {
        short @ 0..127 => vec![short as u8],
        long => {
            let mut rest = long - 127;
            let mut length = vec![127];
            while rest >= 128 {
                length.push((rest % 128) as u8 | 128);
                rest /= 128;
            }
            length.push(rest as u8);
            length
        }
    };
    coded.extend(text);
    coded
}

/// A head of whatever fields, in this order.
pub(super) fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let field = |(name, value): &(&str, &str)| [&[0_u8][..], &text(name.as_bytes()), &text(value.as_bytes())].concat();
    fields.iter().flat_map(field).collect()
}

const USUAL: [(&str, &str); 4] = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")];

#[tokio::test]
async fn heads_that_no_request_has_are_refused() {
    let server = start(Limits::default()).await;
    let usual = frame(HEADERS, WHOLE | LAST, 1, &head(&USUAL));
    assert_eq!(statuses(&say(&server, &[hello(&[]), usual].concat()).await.0), [0x88]);
    let more = |field| [&USUAL[..], &[field]].concat();
    let mut heads: Vec<Vec<u8>> = [
        ("X-A", "1"),
        ("x", "a\r\nb: c"),
        ("x", "a\nb"),
        ("x", "a\0b"),
        ("x y", "1"),
        ("", "1"),
        ("keep-alive", "1"),
        ("upgrade", "h2c"),
        ("proxy-connection", "close"),
        ("te", "gzip"),
        (":path", "/big"),
        (":x", "1"),
    ]
    .map(|field| head(&more(field)))
    .to_vec();
    heads.extend([head(&USUAL[1..]), head(&[&USUAL[..2], &USUAL[3..]].concat()), head(&[("x", "1")]), vec![0xff; 20]]);
    let tried = heads.iter().map(async |bad| {
        let (frames, _) = say(&server, &[hello(&[]), frame(HEADERS, WHOLE | LAST, 1, bad)].concat()).await;
        let refused = frames.iter().any(|(kind, ..)| [RESET, GOAWAY].contains(kind)) || !statuses(&frames).is_empty();
        assert!(refused && !statuses(&frames).contains(&0x88), "{:?}: {frames:?}", String::from_utf8_lossy(bad));
    });
    futures::future::join_all(tried).await;
}

#[tokio::test]
async fn a_body_is_as_long_as_it_says() {
    let server = start(Limits::default()).await;
    let lengths = [("2", true), ("1", false), ("3", false), ("-2", false), ("+2", false), ("2, 2", false)];
    let tried = lengths.map(async |(length, fits)| {
        let fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/json"),
            (":authority", "a"),
            ("content-type", "application/json"),
            ("content-length", length),
        ];
        let request = [frame(HEADERS, WHOLE, 1, &head(&fields)), frame(DATA, LAST, 1, b"{}")].concat();
        let (frames, _) = say(&server, &[hello(&[]), request].concat()).await;
        assert_eq!(statuses(&frames).contains(&0x88), fits, "{length}: {frames:?}");
    });
    futures::future::join_all(tried).await;
}
