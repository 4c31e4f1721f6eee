//! Heads that take their time over HTTP/2. They have no more of it than those of HTTP/1.1, however they are cut into frames
//! and whatever else the connection is used for.

use futures::future::join_all;

use super::heads::{LAST, WHOLE, head};
use super::http2::{CONTINUATION, HEADERS, frame, hello};
use super::*;

/// Bytes that a frame may bring, unless the server takes more.
const LARGEST: usize = 16_384;

async fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    stream
}

/// Somebody else asks, over HTTP/1.1, and is answered.
async fn ask_beside(stream: &mut TcpStream) {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
    assert!(stream.read(&mut [0; 1_024]).await.expect("an answer") > 0, "an answer");
}

#[tokio::test]
async fn a_head_that_is_never_whole_ends_the_connection() {
    let server = hurried().await;
    let asked = [(":method", "GET"), (":scheme", "http"), (":path", "/stuck"), (":authority", "a")];
    let under_way = frame(HEADERS, WHOLE | LAST, 1, &head(&asked));
    let begun = frame(HEADERS, LAST, 3, &head(&[("a", "b")]));
    let more = frame(CONTINUATION, 0, 3, &head(&[("c", "d")]));
    let cases = [
        ("only its beginning", begun.clone()),
        ("a beginning that is cut off", begun[..begun.len() - 1].to_vec()),
        ("more, but not the last", [begun.clone(), more.clone()].concat()),
        ("more that is cut off", [begun.clone(), more[..more.len() - 1].to_vec()].concat()),
        ("its beginning beside a request that is under way", [under_way, begun].concat()),
    ];
    let tried = cases.map(async |(what, bytes)| {
        let mut stream = connect(&server).await;
        stream.write_all(&[hello(&[]), bytes].concat()).await.expect("sent");
        let end = async { while stream.read(&mut [0; 100]).await.is_ok_and(|size| size > 0) {} };
        timeout(PATIENCE, end).await.unwrap_or_else(|_| panic!("{what}: it is still waited for"));
    });
    join_all(tried).await;
}

/// Each byte comes as soon as somebody else was answered: never long after the one before, and all of them too late.
#[tokio::test]
async fn a_head_that_comes_byte_by_byte_ends_the_connection() {
    let server = hurried().await;
    let (mut slow, mut beside) = (connect(&server).await, connect(&server).await);
    let begun = frame(HEADERS, LAST, 1, &head(&[("a", "b")]));
    let more = frame(CONTINUATION, 0, 1, &b"\0".repeat(LARGEST));
    slow.write_all(&[hello(&[]), begun].concat()).await.expect("sent");
    for byte in more {
        if slow.write_all(&[byte]).await.is_err() {
            return;
        }
        ask_beside(&mut beside).await;
    }
    panic!("every byte was waited for");
}
