//! The same port, spoken to in HTTP/2. Frames by hand (RFC 9113): as a client speaks that knows that the server does.

use super::*;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub(super) const SETTINGS: u8 = 4;
pub(super) const HEADERS: u8 = 1;
pub(super) const RESET: u8 = 3;
pub(super) const GOAWAY: u8 = 7;
pub(super) const CONTINUATION: u8 = 9;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The head of a GET, as literals without an index.
pub(super) fn get(stream: u32, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut head = vec![0x82, 0x86, 0x04, path.len() as u8];
    head.extend(path.as_bytes());
    head.extend([0x01, 1, b'a']);
    for (name, value) in more {
        head.extend([0x00, name.len() as u8]);
        head.extend(name.as_bytes());
        head.push(value.len() as u8);
        head.extend(value.as_bytes());
    }
    frame(HEADERS, 0x5, stream, &head)
}

pub(super) fn hello(settings: &[u8]) -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()
}

/// The frames that came back, as (kind, stream, payload).
pub(super) fn frames(mut bytes: &[u8]) -> Vec<(u8, u32, Vec<u8>)> {
    let mut frames = Vec::new();
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        let stream = u32::from_be_bytes([bytes[5], bytes[6], bytes[7], bytes[8]]);
        let end = (9 + length).min(bytes.len());
        frames.push((bytes[3], stream, bytes[9..end].to_vec()));
        bytes = &bytes[end..];
    }
    frames
}

pub(super) async fn say(server: &Server, bytes: &[u8]) -> (Vec<(u8, u32, Vec<u8>)>, bool) {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let _ = stream.write_all(bytes).await;
    let (answer, closed) = listen(&mut stream, false).await;
    (frames(&answer), closed)
}

pub(super) fn statuses(frames: &[(u8, u32, Vec<u8>)]) -> Vec<u8> {
    frames.iter().filter(|(kind, ..)| *kind == HEADERS).map(|(_, _, head)| head[0]).collect()
}

#[tokio::test]
async fn requests_are_answered_side_by_side() {
    let server = start(Limits::default()).await;
    let requests: Vec<u8> = (0..50).flat_map(|n| get(2 * n + 1, "/", &[])).collect();
    let (frames, closed) = say(&server, &[hello(&[]), requests].concat()).await;
    // 0x88 is `:status 200`.
    assert_eq!((statuses(&frames), closed), (vec![0x88; 50], false));
}

#[tokio::test]
async fn the_same_limits_hold() {
    let server = start(Limits::default()).await;
    let many: Vec<(String, &str)> = (0..65).map(|n| (format!("x-{n}"), "1")).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    for bad in [get(1, "/", &many), get(1, "/", &[("host", "b")])] {
        let (frames, closed) = say(&server, &[hello(&[]), bad].concat()).await;
        assert_eq!((statuses(&frames).len(), closed), (1, false), "{frames:?}");
        assert_ne!(statuses(&frames), [0x88]);
    }
    for bad in [get(1, "/", &[("connection", "close")]), get(1, "/", &[("transfer-encoding", "chunked")])] {
        let (frames, _) = say(&server, &[hello(&[]), bad].concat()).await;
        assert!(frames.iter().any(|(kind, ..)| [RESET, GOAWAY].contains(kind)), "{frames:?}");
    }
}

#[tokio::test]
async fn who_opens_no_window_is_cut_off() {
    let server = start(Limits { write_timeout: SHORT, ..Limits::default() }).await;
    // SETTINGS_INITIAL_WINDOW_SIZE = 0: the answer's head may come, its body never.
    let closed_window = hello(&[0, 4, 0, 0, 0, 0]);
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(&[closed_window, get(1, "/big", &[])].concat()).await.expect("written");
    ended(&mut stream).await;
}

#[tokio::test]
async fn a_quiet_connection_ends_after_a_while() {
    // Not because it does not answer a PING: for that it has a minute.
    let server = start(Limits { write_timeout: Duration::from_mins(1), ..short() }).await;
    for bytes in [hello(&[]), PREFACE[..10].to_vec()] {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(&bytes).await.expect("written");
        ended(&mut stream).await;
    }
}

/// Each byte comes soon after the one before, all of them too late.
#[tokio::test]
async fn a_slow_preface_ends_the_connection() {
    let server = hurried().await;
    let (mut read, mut write) = TcpStream::connect(server.address).await.expect("connected").into_split();
    let start = Instant::now();
    let drip = async {
        for byte in PREFACE {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(SHORT / 3).await;
        }
    };
    let end = async {
        while read.read(&mut [0; 100]).await.is_ok_and(|size| size > 0) {}
        start.elapsed()
    };
    let (took, ()) = tokio::join!(timeout(PATIENCE, end), drip);
    let took = took.expect("the connection ends");
    assert!(took >= SHORT, "{took:?}");
}
