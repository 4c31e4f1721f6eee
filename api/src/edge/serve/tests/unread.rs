//! Heads that hyper can't read: whoever sends one is told why, in the way of their mount, and the connection ends.

use serde_json::Value;
use tokio::io::{duplex, split};

use super::*;

/// An answer as it came: the lines of its head, and its body.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    lines: Vec<String>,
    body: Vec<u8>,
}

impl Told {
    /// What the one header of this name says.
    fn header(&self, name: &str) -> &str {
        let mut found = self.lines.iter().filter_map(|line| line.split_once(": ")).filter(|(one, _)| *one == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            _ => panic!("not one {name}: {self:?}"),
        }
    }

    /// Without what is another every time.
    fn lasting(mut self) -> Self {
        self.lines.retain(|line| !line.starts_with("date: ") && !line.starts_with("x-request-id: "));
        self
    }
}

/// Answers, one right behind the other.
fn answers(mut bytes: &[u8]) -> Vec<Told> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let lines = String::from_utf8_lossy(&bytes[..end]).split("\r\n").map(str::to_owned).collect();
        let told = Told { lines, body: Vec::new() };
        let length = told.header("content-length").parse().expect("a length");
        let (body, rest) = bytes[end + 4..].split_at_checked(length).expect("a whole body");
        all.push(Told { body: body.to_vec(), ..told });
        bytes = rest;
    }
    all
}

/// One path of our own, and one of each mount.
const PATHS: [&str; 6] = [
    "/said/x",
    "/ikreo/api.php",
    "/krokanti/api/projects",
    "/pike/projects",
    "/projekt/api/projects",
    "/generic/v1/projects",
];

/// Heads that are none, with the status and the code that they get.
fn unreadable(path: &str) -> Vec<(String, u16, &'static str)> {
    let with = |lines: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
    let many: Vec<String> = (0..101).map(|n| format!("X-{n}: 1")).collect();
    let long = |size: usize| with(&format!("X: {}", "x".repeat(size)));
    let mut all = vec![
        (with(&many.join("\r\n")), 431, "too-many-headers"),
        (long(17 << 10), 431, "head-too-large"),
        (long(100 << 10), 431, "head-too-large"),
    ];
    let lines = [
        "X : a",
        "X: a\0b",
        "X\0: a",
        "X: a\rb",
        "X: a\r\n b",
        "X",
        "Content-Length: +2",
        "Content-Length: 18446744073709551615",
        "Content-Length: 2\r\nContent-Length: 3",
        "Transfer-Encoding: gzip",
    ];
    all.extend(lines.map(|line| (with(line), 400, "invalid-request")));
    let heads = [
        with("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0"),
        with("X: a").replace("HTTP/1.1", "HTTP/3.0"),
        with("X: a").replace(" HTTP", "?q=<b> HTTP"),
        with("X: a").replace(" HTTP", "/<b> HTTP"),
        with("X: a").replace(" HTTP", "/\0 HTTP"),
        with("X: a").replace(" HTTP", " x HTTP"),
    ];
    all.extend(heads.map(|head| (head, 400, "invalid-request")));
    all
}

fn start_of(head: &str) -> String {
    head.escape_debug().take(120).collect()
}

fn assert_told(told: &Told, path: &str, status: u16, code: &str) {
    let mount = path.split('/').nth(1).unwrap_or_default();
    // The other mounts have fewer statuses.
    let status = if ["said", "krokanti"].contains(&mount) { status } else { 400 };
    assert!(told.lines[0].starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {told:?}");
    assert_eq!((told.header("connection"), told.header("date").len()), ("close", 29), "{path}: {told:?}");
    let (id, body) = (told.header("x-request-id"), serde_json::from_slice::<Value>(&told.body).expect("JSON"));
    assert_eq!(id.len(), 36, "{path}: {told:?}");
    let kind = if mount == "said" { "application/problem+json" } else { "application/json" };
    assert_eq!(told.header("content-type"), kind, "{path}: {body}");
    match mount {
        "said" => {
            assert_eq!((&body["status"], &body["code"]), (&status.into(), &code.into()), "{body}");
            assert_eq!(body["request_id"], id, "{body}");
            assert!(body["detail"].is_string(), "{body}");
        }
        "ikreo" => assert_eq!((&body["code"], &body["docs"]), (&400.into(), &"http://a/ikreo/docs".into()), "{body}"),
        "pike" => {
            let error = &body["error"];
            assert_eq!((&error["code"], &error["requestId"]), (&"invalid_request".into(), &id.into()), "{body}");
        }
        "generic" => assert_eq!(body["error"]["code"], "VALIDATION_ERROR", "{body}"),
        _ => assert!(body["error"].is_string(), "{body}"),
    }
}

/// What comes back, and whether that was the end, as it is to be where it `closes`.
async fn ask(server: &Server, text: &str, closes: bool) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let _ = stream.write_all(text.as_bytes()).await;
    listen(&mut stream, closes).await
}

fn service() -> Service {
    Service { front: front(), limits: Arc::new(Limits::default()), peer: SocketAddr::from(([127, 0, 0, 1], 4_000)) }
}

/// What comes back until the end, if there is room for a few bytes at a time on the way there and on the way back.
async fn ask_through_a_straw(text: &str) -> Vec<u8> {
    let (near, far) = duplex(7);
    let (service, word) = (service(), watch::Sender::new(Word::MakeRoom(0)));
    let (mut read, mut write) = split(near);
    let mut heard = Vec::new();
    let all = async {
        tokio::join!(
            speak_http1(far, &service, word.subscribe()),
            async { drop(write.write_all(text.as_bytes()).await) },
            read.read_to_end(&mut heard),
        )
    };
    timeout(Duration::from_secs(20), all).await.expect("it ends").2.expect("read");
    heard
}

#[tokio::test]
async fn they_are_refused_in_the_way_of_their_mount() {
    let server = start(Limits::default()).await;
    for path in PATHS {
        let no_method = (format!("G@T {path} HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "invalid-request");
        for (head, status, code) in unreadable(path).into_iter().chain([no_method]) {
            let (heard, closed) = ask(&server, &head, true).await;
            let told = answers(&heard);
            assert_eq!((told.len(), closed), (1, true), "{}: {told:?}", start_of(&head));
            assert_told(&told[0], path, status, code);
        }
    }
}

#[tokio::test]
async fn they_are_refused_however_they_are_cut() {
    for path in ["/said/x", "/pike/projects"] {
        for (head, status, code) in unreadable(path) {
            let told = answers(&ask_through_a_straw(&head).await);
            assert_eq!(told.len(), 1, "{}: {told:?}", start_of(&head));
            assert_told(&told[0], path, status, code);
        }
    }
}

#[tokio::test]
async fn what_was_asked_before_is_answered_as_ever() {
    let server = start(Limits::default()).await;
    let good = [get(""), post("Content-Length: 2\r\n", "{}"), get("X: a\r\n")];
    let mut alone = Vec::new();
    for text in &good {
        let (heard, closed) = ask(&server, text, false).await;
        assert!(!closed, "{text}");
        alone.extend(answers(&heard).into_iter().map(Told::lasting));
    }
    assert_eq!(alone.len(), good.len());
    for (head, status, code) in unreadable("/pike/projects") {
        let text = good.concat() + &head;
        let (heard, closed) = ask(&server, &text, true).await;
        assert!(closed, "{}", start_of(&head));
        for heard in [heard, ask_through_a_straw(&text).await] {
            let mut told = answers(&heard);
            assert_told(&told.pop().expect("an answer"), "/pike/projects", status, code);
            assert_eq!(told.into_iter().map(Told::lasting).collect::<Vec<_>>(), alone, "{}", start_of(&head));
        }
    }
}

#[tokio::test]
async fn who_is_slow_to_read_is_told_behind_the_rest() {
    let server = start(Limits::default()).await;
    let mut stream =
        connect(&server, "GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /said/x HTTP/1.1\r\nX : a\r\n\r\n").await;
    sleep(SHORT).await;
    let (heard, closed) = listen(&mut stream, true).await;
    let told = answers(&heard);
    assert_eq!((told.len(), closed), (2, true));
    assert!(told[0].body.len() == 64 << 20 && told[0].body.iter().all(|byte| *byte == b'x'));
    assert_told(&told[1], "/said/x", 400, "invalid-request");
}

#[tokio::test]
async fn what_can_be_read_of_them_counts() {
    let server = start(Limits::default()).await;
    let (heard, _) = ask(&server, "GET / HTTP/1.1\r\nX-Request-Id: mine\r\nX : a\r\n\r\n", true).await;
    assert_eq!(answers(&heard)[0].header("x-request-id"), "mine");
    let (heard, _) = ask(&server, "GET http://a/generic/x?y HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", true).await;
    assert_told(&answers(&heard)[0], "/generic/x", 400, "invalid-request");
    // Nobody waits for the rest of what is none already.
    let told = answers(&ask_through_a_straw("G@T /pike/projects HTTP/1.1\r\nHost: a\r\n\r\n").await);
    assert_told(&told[0], "/said", 400, "invalid-request");
    // Who asks for a head gets no more than that.
    let (heard, closed) = ask(&server, "HEAD / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", true).await;
    let head = String::from_utf8_lossy(&heard);
    assert!(closed && head.ends_with("\r\n\r\n") && head.matches("\r\n\r\n").count() == 1, "{head}");
    assert!(head.contains("content-length: ") && !head.contains("content-length: 0\r\n"), "{head}");
    // What is no request at all is nobody's but ours.
    for text in ["\x16\x03\x01\x02\x00\x01\x00", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "GET /\r\nHost: a\r\n\r\n"] {
        let (heard, closed) = ask(&server, text, true).await;
        assert!(closed, "{text:?}");
        assert_told(&answers(&heard)[0], "/said", 400, "invalid-request");
    }
}

/// The same bytes in an answer of ours are left alone, until all of it is written.
#[tokio::test]
async fn nothing_else_is_replaced() {
    const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";
    let automatic =
        format!("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: {DATE}\r\n\r\n");
    let (mut near, far) = duplex(1 << 12);
    let (service, watch) = (service(), Watch::new(100));
    let wire = Wire::new(far, watch.clone(), service.limits.patience());
    let mut worded = Worded::new(wire, watch.clone(), &service);
    watch.begin();
    worded.write_all(automatic.as_bytes()).await.expect("written");
    worded.flush().await.expect("flushed");
    worded.write_all(automatic.as_bytes()).await.expect("written");
    drop(Answer::new(Body::empty(), watch));
    worded.write_all(automatic.as_bytes()).await.expect("written");
    worded.flush().await.expect("flushed");
    worded.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("written");
    worded.write_all(automatic.as_bytes()).await.expect("written");
    worded.shutdown().await.expect("closed");
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await.expect("read");
    let told = answers(&heard);
    let empty: Vec<bool> = told.iter().map(|told| told.body.is_empty()).collect();
    assert_eq!(empty, [true, true, true, true, false]);
    assert_told(&told[4], "/said", 400, "invalid-request");
    assert_eq!(told[4].header("date"), DATE);
}
