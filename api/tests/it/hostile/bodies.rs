//! Bodies that are no JSON, the wrong JSON, or too much of it.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{Expected, World, header};
use crate::server::Server;

/// What no operation takes for a body, and the answer to it: what is too deep, too long or too wide; what is no text in
/// UTF-8, or of half characters; what is almost JSON; what is JSON and no object.
fn malformed() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let text = |text: &str| text.as_bytes().to_vec();
    let keys = (0..300).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let within = |bytes: &[u8]| [&b"{\"a\":\""[..], bytes, &b"\"}"[..]].concat();
    let mut all: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("200 arrays deep", text(&"[".repeat(200)), &[400]),
        ("40,000 arrays deep", text(&"[".repeat(40_000)), &[400]),
        ("500 objects deep", text(&"{\"a\":".repeat(500)), &[400]),
        ("17 objects deep", text(&format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17))), &[400]),
        ("300 keys", text(&format!("{{{keys}}}")), &[400]),
        ("300 keys within", text(&format!("{{\"a\":{{{keys}}}}}")), &[400]),
        ("not UTF-8", within(&[0xff]), &[400]),
        ("half a character", within(&[0xe2, 0x82]), &[400]),
        ("overlong UTF-8", within(&[0xc0, 0x80]), &[400]),
        ("surrogates in UTF-8", within(&[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]), &[400]),
        ("a byte order mark", text("\u{feff}{}"), &[400]),
        ("UTF-16", "{}".encode_utf16().flat_map(u16::to_be_bytes).collect(), &[400]),
        ("a raw control character", within(&[1]), &[400]),
        ("a raw line end", within(b"\n"), &[400]),
        ("U+0000", text("{\"a\":\"\\u0000\"}"), &[422]),
        ("U+0000 in a key", text("{\"\\u0000\":1}"), &[422]),
        ("U+0000 within", text("{\"a\":[{\"b\":\"x\\u0000y\"}]}"), &[422]),
        ("a raw U+0000", within(&[0]), &[400]),
        ("a duplicate key", text("{\"a\":1,\"a\":2}"), &[400]),
        ("a duplicate key, escaped", text("{\"a\":1,\"\\u0061\":2}"), &[400]),
        ("a duplicate key within", text("{\"a\":[{\"b\":1,\"b\":2}]}"), &[400]),
        ("a huge integer", text(&format!("{{\"a\":{}}}", "9".repeat(5_000))), &[400, 422]),
    ];
    for empty in ["", " ", "\r\n\t"] {
        all.push(("nothing", text(empty), &[400]));
    }
    for other in ["null", "\"x\"", "42", "true", "[]", "[\"a\"]", "[{}]"] {
        all.push((other, text(other), &[400, 422]));
    }
    for value in [
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "-01",
        "+1",
        ".5",
        "1.",
        "1e",
        "0x1",
        "1_000",
        "True",
        "undefined",
        "'a'",
        "\"a",
    ] {
        all.push((value, text(&format!("{{\"a\":{value}}}")), &[400]));
    }
    for escape in
        ["\\ud800", "\\udc00", "\\ud800\\u0041", "\\udc00\\ud800", "\\ud83d\\ud83d", "\\x41", "\\u12", "\\u{41}"]
    {
        all.push((escape, text(&format!("{{\"a\":\"{escape}\"}}")), &[400]));
    }
    for almost in [
        "{} x",
        "{}{}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":[1,]}",
        "{/* */}",
        "{} // x",
        "# x\n{}",
        "{'a':1}",
        "{a:1}",
        "{\"a\" 1}",
        "{",
    ] {
        all.push((almost, text(almost), &[400]));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_refused() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body() {
        // Where nothing has to be said, saying nothing is no mistake.
        let needs_one = place.api.needs_body(&place.operation);
        for (what, body, statuses) in malformed().into_iter().filter(|(_, body, _)| needs_one || !body.is_empty()) {
            cases.push(world.case(&place, what, Expected::Status(statuses)).saying(body));
        }
        if place.operation.is_batch() {
            let deep = world.case(&place, "a million arrays deep", Expected::Status(&[400]));
            cases.push(deep.saying("[".repeat(1 << 20)));
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_is_sent() {
    let world = World::new().await;
    let address = world.server.url.trim_start_matches("http://");
    for place in world.with_body() {
        let (operation, target) = (&place.operation, place.asked(&world.own, "").target);
        let most: u64 = if operation.is_batch() { 4 << 20 } else { 64 << 10 };
        let status = match place.api.mount {
            "" | "/krokanti" => "413",
            _ => "400",
        };
        for size in [most + 1, 10 << 30] {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            let head = format!(
                "{} {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
                 Content-Length: {size}\r\n\r\n",
                operation.method,
                world.server.key()
            );
            stream.write_all(head.as_bytes()).await.expect("written");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.expect("an answer");
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert_eq!(answer, format!("HTTP/1.1 {status}"), "{} {target}", operation.method);
        }
    }
}

/// A body that comes byte by byte is waited for as long as a body may take, and no longer, however steadily it comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_is_408_and_the_end() {
    let server = Server::start().await;
    // The key can be read: nothing is refused before its body is waited for.
    server.get("/v1/me").await;
    let stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("connected");
    let (mut read, mut write) = stream.into_split();
    let head = format!(
        "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: 60000\r\n\r\n",
        server.key()
    );
    write.write_all(head.as_bytes()).await.expect("written");
    let begun = Instant::now();
    // It ends when nobody takes it any more.
    let drip = async {
        while write.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let listen = async {
        let (mut all, mut piece) = (Vec::new(), [0; 4_096]);
        while let Ok(size @ 1..) = read.read(&mut piece).await {
            all.extend_from_slice(&piece[..size]);
        }
        (String::from_utf8_lossy(&all).into_owned(), begun.elapsed())
    };
    let both = async { tokio::join!(listen, drip) };
    let ((answer, took), ()) = timeout(Duration::from_secs(40), both).await.expect("the connection ends");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"request-timeout\""), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!((8..20).contains(&took.as_secs()), "{took:?}");
}

/// One type for bodies, one character set, no coding, said once. ikreo's clients say that they send a form, or nothing.
#[tokio::test(flavor = "multi_thread")]
async fn only_json_in_utf_8_is_taken() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body() {
        let refused = |what: &str| world.case(&place, what, Expected::Code(415, "unsupported-media-type"));
        for kind in [
            "text/plain",
            "application/json;charset=utf-7",
            "application/problem+json",
            "multipart/form-data",
            "application/xml",
            "json",
        ] {
            let mut case = refused(kind);
            case.headers.extend([header("content-type", kind)]);
            cases.push(case);
        }
        let mut twice = refused("two content types");
        twice.headers.append("content-type", "application/json".parse().expect("a type"));
        let mut coded = refused("gzip");
        coded.headers.extend([header("content-encoding", "gzip")]);
        cases.extend([twice, coded]);
        if place.api.mount != "/ikreo" {
            let mut none = refused("no content type");
            none.headers.remove("content-type");
            cases.push(none);
        }
    }
    world.hold(cases).await;
}
