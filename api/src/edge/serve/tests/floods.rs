//! HTTP/2 as an attack: frames that cost their sender little. Each flood comes to an end, and whoever
//! comes beside it, and after it, is answered.

use super::http2::{CONTINUATION, GOAWAY, HEADERS, RESET, SETTINGS, frame, frames, get, hello};
use super::*;

const DATA: u8 = 0;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;

/// So many frames: what a server would notice.
const MANY: u32 = 100_000;

/// What became of a flood.
#[derive(Debug)]
struct Flood {
    /// The kinds of what came back, with their streams.
    heard: Vec<(u8, u32)>,
    /// Whether the server ended the connection before all was sent, or in answer to it.
    closed: bool,
}

impl Flood {
    fn is_stopped(&self) -> bool {
        self.closed || self.heard.iter().any(|(kind, _)| *kind == GOAWAY)
    }
}

/// Sends it all while it reads what comes back; and has others ask meanwhile and afterwards.
async fn flood(what: &str, limits: Limits, bytes: Vec<u8>) -> Flood {
    let server = start(limits).await;
    let (mut read, mut write) = TcpStream::connect(server.address).await.expect("connected").into_split();
    let sending = async {
        let sent = write.write_all(&bytes).await.is_ok();
        // The other half stays open: that it ends is the server's doing.
        (sent, write)
    };
    let reading = async {
        let (mut all, mut piece) = (Vec::new(), vec![0; 1 << 16]);
        loop {
            // A busy machine may take its time; who does not answer a PING is let go later than that.
            match timeout(Duration::from_secs(8), read.read(&mut piece)).await {
                Err(_) => return (all, false),
                Ok(Ok(0) | Err(_)) => return (all, true),
                Ok(Ok(size)) => all.extend_from_slice(&piece[..size]),
            }
        }
    };
    let others = async {
        for _ in 0..3 {
            assert_eq!(say(&server, get_one(), true).await.statuses, [200], "beside {what}");
        }
    };
    let ((sent, _write), (heard, closed), ()) = tokio::join!(sending, reading, others);
    assert_eq!(say(&server, get_one(), true).await.statuses, [200], "after {what}");
    let heard = frames(&heard).into_iter().map(|(kind, stream, _)| (kind, stream)).collect();
    Flood { heard, closed: closed || !sent }
}

fn get_one() -> &'static str {
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
}

fn stream(nth: u32) -> u32 {
    2 * nth + 1
}

#[tokio::test]
async fn resets_by_the_hundred_thousand_end_the_connection() {
    for path in ["/stuck", "/"] {
        let mut bytes = hello(&[]);
        for nth in 0..MANY {
            bytes.extend(get(stream(nth), path, &[]));
            bytes.extend(frame(RESET, 0, stream(nth), &[0, 0, 0, 8]));
        }
        let flood = flood("rapid resets", Limits::default(), bytes).await;
        assert!(flood.is_stopped(), "{} frames came back", flood.heard.len());
    }
}

#[tokio::test]
async fn a_head_without_end_ends_the_connection() {
    let mut bytes = hello(&[]);
    let piece = [&[0x00, 1, b'a', 100][..], &[b'x'; 100]].concat();
    bytes.extend(frame(HEADERS, 0, 1, &piece));
    for _ in 0..MANY {
        bytes.extend(frame(CONTINUATION, 0, 1, &piece));
    }
    let flood = flood("CONTINUATION without end", Limits::default(), bytes).await;
    assert!(flood.is_stopped(), "{flood:?}");
    // Empty ones, too.
    let mut bytes = hello(&[]);
    bytes.extend(frame(HEADERS, 0, 1, &piece));
    bytes.extend((0..MANY).flat_map(|_| frame(CONTINUATION, 0, 1, &[])));
    let flood = self::flood("empty CONTINUATION", Limits::default(), bytes).await;
    assert!(flood.is_stopped(), "{flood:?}");
}

#[tokio::test]
async fn a_small_head_that_means_a_large_one_is_refused() {
    // A value of 4,000 bytes goes into the table of the connection, and is then named again and again, by one byte.
    let mut head = vec![0x82, 0x86, 0x04, 1, b'/', 0x01, 1, b'a', 0x40, 1, b'a', 0x7f];
    head.extend([0xa1, 0x1e]);
    head.extend([b'x'; 4_000]);
    head.extend([0xbe; 10_000]);
    let bytes = [hello(&[]), frame(HEADERS, 0x5, 1, &head)].concat();
    let flood = flood("a large head in a small one", Limits::default(), bytes).await;
    // 431, or the end of the stream, or of all of them: not an answer to something else.
    let answered = flood.heard.iter().any(|(kind, _)| *kind == HEADERS || *kind == RESET) || flood.is_stopped();
    assert!(answered, "{flood:?}");
}

#[tokio::test]
async fn frames_that_mean_nothing_are_no_work() {
    let floods: [(&str, Vec<u8>); 4] = [
        ("PING", frame(PING, 0, 0, &[0; 8])),
        ("SETTINGS", frame(SETTINGS, 0, 0, &[])),
        ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("an unknown frame", frame(0xfe, 0, 0, &[0; 8])),
    ];
    for (what, one) in floods {
        let bytes = [hello(&[]), one.repeat(MANY as usize)].concat();
        // Who asks for nothing is let go, whatever they say meanwhile.
        let flood = flood(what, Limits { idle_timeout: 3 * SHORT, ..Limits::default() }, bytes).await;
        assert!(flood.is_stopped(), "{what}: {} frames came back", flood.heard.len());
    }
}

#[tokio::test]
async fn a_body_of_nothing_ends() {
    let mut head = vec![0x83, 0x86, 0x04, 5];
    head.extend(b"/json");
    head.extend([0x01, 1, b'a', 0x0f, 0x10, 16]);
    head.extend(b"application/json");
    let bytes = [hello(&[]), frame(HEADERS, 0x4, 1, &head), frame(DATA, 0, 1, &[]).repeat(MANY as usize)].concat();
    let flood = flood("empty DATA", short(), bytes).await;
    let answered = flood.heard.iter().any(|(kind, stream)| *stream == 1 && [HEADERS, RESET].contains(kind));
    assert!(answered || flood.is_stopped(), "{} frames came back", flood.heard.len());
}

#[tokio::test]
async fn more_streams_than_allowed_are_refused_one_by_one() {
    let bytes = (0..1_000).flat_map(|nth| get(stream(nth), "/stuck", &[])).collect::<Vec<_>>();
    let flood = flood("1,000 streams", Limits { streams: 100, ..short() }, [hello(&[]), bytes].concat()).await;
    let refused = flood.heard.iter().filter(|(kind, _)| *kind == RESET).count();
    assert!(refused >= 900 || flood.is_stopped(), "{refused} of 1,000 refused");
}
