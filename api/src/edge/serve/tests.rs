//! Raw bytes against a real listener.

mod floods;
mod framing;
mod heads;
mod http2;
mod slow;
mod unread;

use axum::middleware::from_fn;
use axum::{Router, routing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::edge::cors::Origins;
use crate::edge::json;
use crate::limits::{Doors, Room};
use crate::problem;

const SHORT: Duration = Duration::from_millis(300);
/// Far more than what is short takes on a busy machine, and far less than what is not.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<()>,
}

fn short() -> Limits {
    Limits {
        head_timeout: SHORT,
        idle_timeout: 3 * SHORT,
        write_timeout: SHORT,
        drain_timeout: 6 * SHORT,
        ..Limits::default()
    }
}

/// Heads have to hurry, and everything else has as long as ever.
async fn hurried() -> Server {
    start(Limits { head_timeout: SHORT, ..Limits::default() }).await
}

fn front() -> Front {
    let router = Router::new()
        .route("/", routing::get(async || "ok"))
        .route("/said/{word}", routing::get(async |request: Request| request.uri().path().to_owned()))
        .route("/slow", routing::get(async || sleep(SHORT).await))
        .route("/stuck", routing::get(async || sleep(Duration::from_mins(1)).await))
        .route("/big", routing::get(async || vec![b'x'; 64 << 20]))
        .route(
            "/forever",
            routing::get(async || {
                Body::from_stream(futures::stream::repeat_with(|| Ok::<_, Infallible>(vec![b'x'; 1 << 16])))
            }),
        )
        .route(
            "/events",
            routing::get(async || {
                let stream = futures::stream::unfold(0, |n| async move {
                    sleep(SHORT).await;
                    (n < 8).then(|| (Ok::<_, Infallible>(format!("event {n}\n")), n + 1))
                });
                Body::from_stream(stream)
            }),
        )
        .route("/json", routing::post(async |request: Request| json::body(request, &[json::JSON], json::LIMIT).await));
    let router = problem::around(router.layer(from_fn(problem::refused)));
    Front::new(router, Origins::new(&[]), Doors::new(&Room::default(), || 0, || Duration::ZERO, || 0))
}

async fn start(limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async { drop(stopped.await) };
    let done = tokio::spawn(serve(listener, front(), shutdown, limits));
    Server { address, stop: Some(stop), done }
}

/// What came back: the statuses in order, and whether the server closed the connection.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    statuses: Vec<u16>,
    closed: bool,
}

/// What comes back, and whether the server closed the connection, which is waited for where it `closes`.
async fn listen(stream: &mut TcpStream, closes: bool) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        // A busy machine may take its time to begin an answer, and to close; what has begun goes on at once.
        let patience = Duration::from_millis(if closes || all.is_empty() { 5_000 } else { 500 });
        match timeout(patience, stream.read(&mut piece)).await {
            Err(_) => return (all, false),
            Ok(Ok(0) | Err(_)) => return (all, true),
            Ok(Ok(size)) => all.extend_from_slice(&piece[..size]),
        }
    }
}

async fn say(server: &Server, text: impl AsRef<[u8]>, closes: bool) -> Heard {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let _ = stream.write_all(text.as_ref()).await;
    hear(&mut stream, closes).await
}

async fn hear(stream: &mut TcpStream, closes: bool) -> Heard {
    let (answer, closed) = listen(stream, closes).await;
    let answer = String::from_utf8_lossy(&answer);
    let statuses = answer.split("HTTP/1.").skip(1).filter_map(|rest| rest.get(2..5)?.parse().ok());
    Heard { statuses: statuses.collect(), closed }
}

fn get(extra: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{extra}\r\n")
}

fn post(extra: &str, body: &str) -> String {
    format!("POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{extra}\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", body)
}

async fn assert_answers(cases: Vec<(String, &[u16], bool)>) {
    let server = start(Limits::default()).await;
    let asked = cases.iter().map(|(text, _, closed)| say(&server, text, *closed));
    for (heard, (text, statuses, closed)) in futures::future::join_all(asked).await.into_iter().zip(&cases) {
        assert_eq!(heard, Heard { statuses: statuses.to_vec(), closed: *closed }, "{:.120}", format!("{text:?}"));
    }
}

#[tokio::test]
async fn the_host_is_one_and_the_targets() {
    let to = |line: &str, hosts: &str| format!("GET {line}\r\n{hosts}\r\n");
    assert_answers(vec![
        (get(""), &[200], false),
        (to("/ HTTP/1.1", ""), &[400], false),
        (to("/ HTTP/1.1", "Host:\r\n"), &[400], false),
        (to("/ HTTP/1.1", "Host: a\r\nHost: a\r\n"), &[400], false),
        (to("/ HTTP/1.1", "Host: a b\r\n"), &[400], false),
        (to("/ HTTP/1.1", "Host: x@a\r\n"), &[400], false),
        (to("/ HTTP/1.1", "Host: a/b\r\n"), &[400], false),
        (to("http://a/ HTTP/1.1", "Host: a\r\n"), &[200], false),
        (to("http://b/ HTTP/1.1", "Host: a\r\n"), &[400], false),
        (to("/ HTTP/1.0", "Host: a\r\n"), &[200], true),
        (to("/ HTTP/1.0", ""), &[400], true),
        (to("/ HTTP/2.0", "Host: a\r\n"), &[400], true),
        (to("/", ""), &[400], true),
    ])
    .await;
    let server = start(Limits { hosts: vec!["docket.test".into()], ..Limits::default() }).await;
    for (host, status) in [("docket.test", 200), ("DOCKET.test:8080", 200), ("evil", 421), ("docket.test.evil", 421)] {
        let heard = say(&server, to("/ HTTP/1.1", &format!("Host: {host}\r\n")), false).await;
        assert_eq!(heard.statuses, [status], "{host}");
    }
}

#[tokio::test]
async fn ambiguous_framing_is_400_and_the_end() {
    let smuggled = format!("2\r\n{{}}\r\n0\r\n\r\n{}", get(""));
    let te = |value: &str| post(&format!("Transfer-Encoding:{value}\r\n"), "2\r\n{}\r\n0\r\n\r\n");
    let cl = |value: &str| post(&format!("Content-Length:{value}\r\n"), "{}");
    let mut cases: Vec<(String, &[u16], bool)> = vec![
        (post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", &smuggled), &[400], true),
        (post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", &smuggled), &[400], true),
        (post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), &[400], true),
        (post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), &[400], true),
        (te(" chunked\r\nTransfer-Encoding: chunked"), &[400], true),
        (te(" chunked").replace("HTTP/1.1", "HTTP/1.0"), &[400], true),
        // Nothing behind a chunked body is ever a request.
        (chunked(&smuggled), &[200], true),
        (te(" Chunked"), &[200], true),
        (cl(" 2"), &[200], false),
        (cl("2"), &[200], false),
    ];
    for value in [" chunked, chunked", " xchunked", " gzip, chunked", "\tchunked", " \x0bchunked", " identity", ""] {
        cases.push((te(value), &[400], true));
    }
    for value in [" +2", " -1", "  2", " 2 ", " 0x2", " 2, 2", " 2;", "", " 99999999999999999999"] {
        cases.push((cl(value), &[400], true));
    }
    assert_answers(cases).await;
}

#[tokio::test]
async fn bad_chunks_are_400_and_the_end() {
    let long_extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(1 << 20));
    let bad = ["FFFFFFFFFFFFFFFF0\r\n{}", &long_extension, "2\r\n{}0\r\n\r\n", "2\n{}\n0\n\n", "-2\r\n{}\r\n0\r\n\r\n"];
    let mut cases: Vec<(String, &[u16], bool)> = bad.iter().map(|body| (chunked(body), &[400][..], true)).collect();
    cases.push((chunked("2\r\n{}\r\n0\r\nAuthorization: x\r\n\r\n"), &[200], true));
    assert_answers(cases).await;
}

#[tokio::test]
async fn bad_heads_are_400_and_long_ones_431() {
    let many = |count: usize| get(&(0..count).map(|n| format!("X-{n}: 1\r\n")).collect::<Vec<_>>().concat());
    let long = |size: usize| get(&format!("X: {}\r\n", "x".repeat(size)));
    let mut cases: Vec<(String, &[u16], bool)> = vec![
        (many(63), &[200], false),
        (many(64), &[431], false),
        (many(101), &[431], true),
        (long(15 << 10), &[200], false),
        (long(17 << 10), &[431], true),
        (long(100 << 10), &[431], true),
        (long(400 << 10), &[431], true),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(70 << 10)), &[431], true),
        (format!("\r\n\r\n{}", get("")), &[200], false),
        ("\x16\x03\x01\x02\x00\x01\x00".into(), &[400], true),
        ("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".into(), &[400], true),
    ];
    for head in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\rHost: a\r\r",
        "GET  /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\x01\x02\r\n\r\n",
    ] {
        cases.push((head.into(), &[400], true));
    }
    for line in ["X: a\rb", "X: a\r\n b", "X : a", "X: a\0b", "X\0: a", "X: a\x01b", "X", ": x", "X: a\nY: b"] {
        cases.push((get(&format!("{line}\r\n")), &[400], true));
    }
    assert_answers(cases).await;
}

#[tokio::test]
async fn odd_methods_and_headers_do_nothing_odd() {
    let method = |line: &str| format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_answers(vec![
        (method("HEAD /"), &[200], false),
        (method("get /"), &[405], false),
        (method("TRACE /"), &[405], false),
        (method("PROPFIND /"), &[405], false),
        (method("CONNECT a"), &[501], false),
        (method("OPTIONS /"), &[204], false),
        (method("OPTIONS *"), &[404], false),
        (method("GET /%00"), &[404], false),
        (get("Content-Length: 2\r\n") + "{}", &[400], false),
        (get("Content-Length: 0\r\n"), &[200], false),
        (get("X-HTTP-Method-Override: DELETE\r\n"), &[200], false),
        (get("Range: bytes=0-0\r\n"), &[200], false),
        (get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), &[200], false),
        (get("Connection: Upgrade\r\nUpgrade: websocket\r\n"), &[200], false),
        (post("Content-Length: 10737418240\r\n", "{}"), &[413], true),
        (post("Content-Length: 10737418240\r\nExpect: 100-continue\r\n", ""), &[413], true),
        (post("Content-Length: 2\r\nExpect: 100-continue\r\n", "{}"), &[100, 200], false),
    ])
    .await;
}

async fn connect(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(text.as_bytes()).await.expect("written");
    stream
}

/// Waits for the end of a connection and tells how long it took.
async fn ended(stream: &mut TcpStream) -> Duration {
    let start = Instant::now();
    let mut piece = [0; 1 << 10];
    let end = async { while stream.read(&mut piece).await.is_ok_and(|size| size > 0) {} };
    timeout(PATIENCE, end).await.expect("the connection ends");
    start.elapsed()
}

#[tokio::test]
async fn a_slow_head_ends_the_connection() {
    let server = hurried().await;
    for before in [String::new(), get("")] {
        let mut stream = connect(&server, &before).await;
        let start = Instant::now();
        while stream.write_all(b"G").await.is_ok() {
            assert!(start.elapsed() < PATIENCE, "every byte is waited for");
            sleep(SHORT / 10).await;
        }
        assert!(start.elapsed() >= SHORT, "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_quiet_connection_ends_after_a_while() {
    let server = start(short()).await;
    for before in [String::new(), get("")] {
        let took = ended(&mut connect(&server, &before).await).await;
        assert!(took >= 2 * SHORT, "{took:?}");
    }
    let server = start(Limits { idle_timeout: 10 * SHORT, ..short() }).await;
    let mut busy = connect(&server, "").await;
    for _ in 0..12 {
        sleep(SHORT).await;
        busy.write_all(get("").as_bytes()).await.expect("still open");
        assert!(busy.read(&mut [0; 1 << 10]).await.is_ok_and(|size| size > 0), "still open");
    }
}

#[tokio::test]
async fn a_long_answer_is_not_silence() {
    let server = start(short()).await;
    let mut stream = connect(&server, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut all = String::new();
    while !all.contains("event 7") {
        let mut piece = [0; 1 << 10];
        let size = stream.read(&mut piece).await.expect("open");
        assert!(size > 0, "ended after {all}");
        all.push_str(&String::from_utf8_lossy(&piece[..size]));
    }
}

/// Whether two clients are answered beside each other, on connections that both stay.
async fn are_two_answered(server: &Server) -> bool {
    let mut both = [connect(server, "").await, connect(server, "").await];
    for _ in 0..2 {
        for stream in &mut both {
            let mut piece = [0; 1 << 10];
            let asked = stream.write_all(get("").as_bytes()).await;
            let read = timeout(5 * SHORT, stream.read(&mut piece)).await;
            if asked.is_err() || !matches!(read, Ok(Ok(size)) if piece[..size].starts_with(b"HTTP/1.1 200 ")) {
                return false;
            }
        }
    }
    true
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let server = start(Limits { connections: 2, ..short() }).await;
    let stuck = [
        connect(&server, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await,
        connect(&server, "GET /forever HTTP/1.1\r\nHost: a\r\n\r\n").await,
    ];
    // Both places become free, though neither client has gone; one alone would go from one to the other.
    let begun = Instant::now();
    while !are_two_answered(&server).await {
        assert!(begun.elapsed() < PATIENCE, "not both places are free");
    }
    drop(stuck);
}

#[tokio::test]
async fn idle_connections_make_room_and_busy_ones_do_not() {
    let server = start(Limits { connections: 3, ..Limits::default() }).await;
    let mut busy = connect(&server, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut idle = [connect(&server, &get("")).await, connect(&server, "").await];
    let mut waiting = connect(&server, &get("")).await;
    let mut piece = [0; 100];
    let answered = timeout(PATIENCE, waiting.read(&mut piece)).await;
    assert!(answered.is_ok_and(|read| read.is_ok_and(|size| size > 0)), "room was made");
    for stream in &mut idle {
        ended(stream).await;
    }
    assert!(busy.read(&mut piece).await.is_ok_and(|size| size > 0), "the busy one goes on");
}

#[tokio::test]
async fn stopping_lets_requests_end_and_closes_the_rest() {
    let mut server = start(Limits { drain_timeout: 20 * SHORT, ..Limits::default() }).await;
    let mut slow = connect(&server, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut stuck = connect(&server, "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut idle = connect(&server, &get("")).await;
    let mut fresh = connect(&server, "").await;
    // Who came before has been heard, too.
    assert!(idle.read(&mut [0; 1 << 10]).await.is_ok_and(|size| size > 0), "an answer");
    sleep(SHORT / 3).await;
    let start = Instant::now();
    server.stop.take().expect("running").send(()).expect("running");
    ended(&mut fresh).await;
    ended(&mut idle).await;
    assert!(start.elapsed() < 15 * SHORT, "those at rest end at once: {:?}", start.elapsed());
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody is accepted any more");
    ended(&mut stuck).await;
    server.done.await.expect("ended");
    assert!((18 * SHORT..100 * SHORT).contains(&start.elapsed()), "{:?}", start.elapsed());
}
