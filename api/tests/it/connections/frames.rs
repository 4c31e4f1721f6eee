//! HTTP/2 by hand (RFC 9113): frames as no client of good will sends them.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const CONTINUATION: u8 = 9;

/// On HEADERS and DATA: nothing follows. On PING: it answers one.
pub const LAST: u8 = 1;
/// On HEADERS and CONTINUATION: with this the head is whole.
pub const WHOLE: u8 = 4;

/// Bytes that a frame may bring, unless the server takes more.
pub const LARGEST: usize = 16_384;

/// How long anything may take on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_mins(1);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD: usize = 9;

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// How a connection begins.
pub fn hello(settings: &[u8]) -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()
}

/// The stream of a connection's nth request.
pub fn stream(nth: u32) -> u32 {
    2 * nth + 1
}

/// A head of these fields, each spelled out. None is as long as 127 bytes: those are written otherwise.
pub fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8][..], text.as_bytes()].concat();
    let field = |(name, value): &(&str, &str)| [vec![0], text(name), text(value)].concat();
    fields.iter().flat_map(field).collect()
}

/// Reads until what came is enough, or until the end; and tells the kinds of the frames that came, with their flags.
pub async fn hear(stream: &mut TcpStream, is_enough: impl Fn(&[(u8, u8)]) -> bool) -> Vec<(u8, u8)> {
    let (mut all, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let read = timeout(PATIENCE, stream.read(&mut piece)).await.expect("more, or the end");
        let Ok(size @ 1..) = read else { return kinds(&all) };
        all.extend_from_slice(&piece[..size]);
        let heard = kinds(&all);
        if is_enough(&heard) {
            return heard;
        }
    }
}

fn kinds(mut bytes: &[u8]) -> Vec<(u8, u8)> {
    let mut kinds = Vec::new();
    while bytes.len() >= FRAME_HEAD {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        kinds.push((bytes[3], bytes[4]));
        bytes = bytes.get(FRAME_HEAD + length..).unwrap_or_default();
    }
    kinds
}
