//! Where a request ends and the next begins: each is answered once, in order, and what is none is never answered.

use super::*;

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(Limits::default()).await;
    // Every tenth has a body, which comes back; the others are told where they went.
    let of = |n: i32| if n % 10 == 0 { format!("{{\"n\":{n}}}") } else { format!("/said/{n}") };
    let ask = |n: i32| match of(n) {
        body if n % 10 == 0 => post(&format!("Content-Length: {}\r\n", body.len()), &body),
        path => format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"),
    };
    let mut stream = connect(&server, &(0..1_000).map(ask).collect::<String>()).await;
    let (answers, closed) = listen(&mut stream, false).await;
    let answers = String::from_utf8_lossy(&answers).into_owned();
    let told = |answer: &str| {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
        format!("{} {body}", head.get(..3).unwrap_or_default())
    };
    let told: Vec<String> = answers.split("HTTP/1.1 ").skip(1).map(told).collect();
    assert_eq!(told, (0..1_000).map(|n| format!("200 {}", of(n))).collect::<Vec<_>>());
    assert!(!closed, "it stays");
}

/// The last line of a chunked body is an empty one: without it there is no body, and what stands there is no request.
#[tokio::test]
async fn a_chunked_body_without_its_last_line_is_400_and_the_end() {
    let server = start(Limits::default()).await;
    let (request, last) = (get(""), get("Connection: close\r\n"));
    // Whether the client says that nothing follows.
    for (rest, ends) in [
        ("", true),
        ("\r", true),
        ("X: 1\r\n", true),
        (&request, false),
        (&request, true),
        (&last, false),
        (&request.repeat(2), true),
    ] {
        let mut stream = connect(&server, &chunked(&format!("2\r\n{{}}\r\n0\r\n{rest}"))).await;
        if ends {
            stream.shutdown().await.expect("said");
        }
        let heard = hear(&mut stream, true).await;
        let refused = heard.statuses.is_empty() || heard.statuses == [400];
        assert!(refused && heard.closed, "{rest:?}, {ends}: {heard:?}");
    }
}
