//! Where requests begin and end in the bytes of a connection, read beside hyper to be stricter than it is.
//!
//! hyper takes lines that end in a bare LF, drops a `Content-Length` beside `Transfer-Encoding`, and takes other codings
//! before `chunked`: ways for a proxy and this server to disagree about where a request ends. Such requests are refused.
//! What hyper refuses by itself, nobody takes: it is still here when whoever sent it is told so (see `serve/unread.rs`).

use std::collections::VecDeque;

/// What is wrong with a request's head.
pub type Fault = &'static str;

/// hyper has other uses for the numbers beyond this one, and would say of them that the head is too large.
const LARGEST: u64 = u64::MAX - 2;

/// So many bytes stay set aside for heads while there is none.
const SPARE: usize = 4 * 1024;

/// The place in a connection's bytes, and the heads that have gone by and that nobody has taken.
pub struct Framing {
    at: At,
    longest: usize,
    judged: VecDeque<Judged>,
    /// The bytes of those heads, behind `taken` bytes of others.
    bytes: Vec<u8>,
    taken: usize,
}

/// A whole head: what is wrong with it, if anything, and how many bytes it has.
struct Judged {
    fault: Option<Fault>,
    length: usize,
}

enum At {
    /// In a head, of which so much came earlier.
    Head(Vec<u8>),
    /// In a body that has so many bytes left.
    Body(u64),
    /// Behind so much of a head that it is too long to be one: the connection ends with it.
    TooLong(Vec<u8>),
    /// In a chunked body, or behind a head that is refused: the connection ends with this request.
    Lost,
}

impl Framing {
    /// The beginning of a connection whose heads have at most `longest` bytes.
    pub fn new(longest: usize) -> Self {
        Self { at: At::Head(Vec::new()), longest, judged: VecDeque::new(), bytes: Vec::new(), taken: 0 }
    }

    /// Takes note of bytes that came.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match &mut self.at {
                At::TooLong(_) | At::Lost => return,
                At::Body(left) => {
                    let some = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= some as u64;
                    if *left == 0 {
                        self.at = At::Head(Vec::new());
                    }
                    &bytes[some..]
                }
                At::Head(before) => {
                    if before.is_empty() {
                        // Empty lines before a request are skipped, as they always were.
                        bytes = &bytes[bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count()..];
                    }
                    if before.is_empty()
                        && let Some(end) = end_of_head(bytes, 0)
                    {
                        let (head, rest) = bytes.split_at(end);
                        self.judge(head);
                        bytes = rest;
                        continue;
                    }
                    let seen = before.len();
                    before.extend_from_slice(bytes);
                    if let Some(end) = end_of_head(before, seen) {
                        let head = std::mem::take(before);
                        self.judge(&head[..end]);
                        &bytes[end - seen..]
                    } else {
                        if before.len() > self.longest {
                            self.at = At::TooLong(std::mem::take(before));
                        }
                        return;
                    }
                }
            }
        }
    }

    /// The verdict on the next head: what is wrong with it, if anything.
    pub fn verdict(&mut self) -> Option<Fault> {
        let next = self.judged.pop_front()?;
        self.taken += next.length;
        if self.judged.is_empty() {
            self.taken = 0;
            self.bytes.clear();
            self.bytes.shrink_to(SPARE);
        }
        next.fault
    }

    /// The next head, as far as it has come, and what is wrong with it, if that is known. It stays the next.
    pub fn untaken(&self) -> (&[u8], Option<Fault>) {
        match (self.judged.front(), &self.at) {
            (Some(next), _) => (&self.bytes[self.taken..self.taken + next.length], next.fault),
            (None, At::Head(begun) | At::TooLong(begun)) => (begun, None),
            (None, At::Body(_) | At::Lost) => (&[], None),
        }
    }

    /// Whether a part of a head, or all of one, has come that nobody has taken.
    pub fn has_more(&self) -> bool {
        !self.judged.is_empty() || matches!(&self.at, At::Head(before) if !before.is_empty())
    }

    fn judge(&mut self, head: &[u8]) {
        let (mut lengths, mut length, mut codings) = (0, 0, 0);
        let mut fault = None;
        for line in head.split_inclusive(|b| *b == b'\n') {
            let Some(line) = line.strip_suffix(b"\r\n") else {
                fault = Some("a line ends in LF without CR");
                continue;
            };
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = (&line[..colon], &line[colon + 1..]);
            let value = value.strip_prefix(b" ").unwrap_or(value);
            // The names are told apart by their length first: most lines are neither.
            if name.len() == 14 && name.eq_ignore_ascii_case(b"content-length") {
                lengths += 1;
                let number = std::str::from_utf8(value).ok().filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
                match number.and_then(|number| number.parse::<u64>().ok()) {
                    Some(number @ ..=LARGEST) => length = number,
                    _ => fault = Some("Content-Length is not a plain number"),
                }
            } else if name.len() == 17 && name.eq_ignore_ascii_case(b"transfer-encoding") {
                codings += 1;
                if !value.eq_ignore_ascii_case(b"chunked") {
                    fault = Some("Transfer-Encoding is not exactly chunked");
                }
            }
        }
        if lengths + codings > 1 {
            fault = Some("Content-Length or Transfer-Encoding is sent more than once, or both are sent");
        }
        self.bytes.extend_from_slice(head);
        self.judged.push_back(Judged { fault, length: head.len() });
        self.at = match length {
            _ if codings > 0 || fault.is_some() => At::Lost,
            0 => At::Head(Vec::new()),
            length => At::Body(length),
        };
    }
}

/// Where a head ends whose first `seen` bytes have been searched already: after an empty line.
fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let mut from = seen.saturating_sub(2);
    while let Some(line) = bytes[from..].iter().position(|b| *b == b'\n') {
        let next = from + line + 1;
        match &bytes[next..] {
            [b'\n', ..] => return Some(next + 1),
            [b'\r', b'\n', ..] => return Some(next + 2),
            _ => from = next,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    fn verdicts(text: &str, piece: usize) -> Vec<Option<Fault>> {
        let mut framing = Framing::new(1_000);
        for piece in text.as_bytes().chunks(piece) {
            framing.feed(piece);
        }
        framing.judged.iter().map(|judged| judged.fault).collect()
    }

    #[test]
    fn requests_are_told_apart_however_they_are_cut() {
        let post = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\n\ncd";
        let text = [GET, "\r\n", &post[..post.len() - 1], GET, post, GET].concat();
        // `post` has one byte more than its length says: it begins the next head, as it would for hyper.
        for piece in [1, 2, 3, 7, 40, 1_000] {
            assert_eq!(verdicts(&text, piece).len(), 5, "in pieces of {piece}");
            assert!(verdicts(&text, piece).iter().all(Option::is_none));
        }
    }

    #[test]
    fn ambiguous_heads_are_refused() {
        for (head, good) in [
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            ("POST / HTTP/1.1\r\ntransfer-encoding: x\r\ncontent-length: 5\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false),
            ("GET / HTTP/1.1\nHost: a\n\n", false),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", false),
            ("GET / HTTP/1.1\r\nHost: a\r\n\n", false),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("POST / HTTP/1.1\r\nX-Content-Length: 5\r\nContent-Length: 5\r\n\r\n", true),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nTransfer-Encoding:\tchunked\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length:  5\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nContent-Length:5\r\n\r\n", true),
            (GET, true),
        ] {
            for piece in [1, 3, 1_000] {
                let verdicts = verdicts(head, piece);
                assert_eq!((verdicts.len(), verdicts[0].is_none()), (1, good), "{head:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_has_come_of_the_next_head_is_known() {
        let mut framing = Framing::new(100);
        framing.feed(GET.as_bytes());
        assert!(framing.has_more());
        assert_eq!(framing.verdict(), None);
        assert!(!framing.has_more());
        framing.feed(b"GE");
        assert!(framing.has_more());
        framing.feed(&[b'x'; 200]);
        assert!(!framing.has_more(), "too long to be a head");
        assert!(framing.untaken().0.starts_with(b"GExxx"));
    }

    #[test]
    fn heads_are_kept_until_they_are_taken() {
        let post = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
        let bad = "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n";
        let text = [GET, "\r\n", post, "12345", GET, bad, GET].concat();
        for piece in [1, 3, 40, 1_000] {
            let mut framing = Framing::new(1_000);
            text.as_bytes().chunks(piece).for_each(|piece| framing.feed(piece));
            for head in [GET, post, GET] {
                assert_eq!(framing.untaken(), (head.as_bytes(), None), "in pieces of {piece}");
                assert_eq!(framing.verdict(), None);
            }
            let (head, fault) = framing.untaken();
            assert_eq!((head, fault.is_some()), (bad.as_bytes(), true), "in pieces of {piece}");
            assert_eq!(framing.verdict(), fault);
            // Nobody knows where it ends.
            assert_eq!(framing.untaken(), (&[][..], None), "in pieces of {piece}");
        }
        let mut framing = Framing::new(1_000);
        framing.feed(b"GET / HT");
        assert_eq!(framing.untaken(), (&b"GET / HT"[..], None));
    }
}
