//! Receivers that do not behave: each gets what the documents say, and nobody else notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::receiver::Receiver;
use super::{server, webhook};

/// What a receiver does with whoever sends to it.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Hangs up.
    Closes,
    /// Answers a byte a second.
    Drips,
    /// Says yes, and then goes on for 10 GB.
    NeverEnds,
    /// Says yes after so many seconds.
    Waits(u64),
}

const YES: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

impl Manner {
    async fn answer(self, mut stream: TcpStream, sent: &AtomicU64) -> std::io::Result<()> {
        if matches!(self, Self::Closes) {
            return Ok(());
        }
        let _ = stream.read(&mut [0; 8_192]).await?;
        match self {
            Self::Closes => {}
            Self::Drips => {
                for byte in YES.bytes() {
                    stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Self::NeverEnds => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n").await?;
                loop {
                    stream.write_all(&[b'x'; 8_192]).await?;
                    sent.fetch_add(8_192, Ordering::SeqCst);
                }
            }
            Self::Waits(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                stream.write_all(YES.as_bytes()).await?;
            }
        }
        Ok(())
    }
}

/// A receiver of this manner: its port, and how many bytes it got rid of.
async fn wild(manner: Manner) -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (port, sent) = (listener.local_addr().expect("an address").port(), Arc::<AtomicU64>::default());
    let counted = sent.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sent = counted.clone();
            tokio::spawn(async move { manner.answer(stream, &sent).await });
        }
    });
    (port, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_behave_gets_what_is_documented_and_nobody_else_notices() {
    let (server, quick) = (server().await, Receiver::start().await);
    let types = json!({"event_types": ["project.*"]});
    webhook(&server, "Quick", &quick.url(), types.clone()).await;
    // What is said of an attempt: the status, and why it counts as failed.
    let late = json!("no answer within 15 seconds");
    let cases = [
        (Manner::Closes, "http", None, None),
        (Manner::Drips, "http", None, Some(late.clone())),
        (Manner::NeverEnds, "http", Some(200), Some(Value::Null)),
        (Manner::Waits(12), "http", Some(200), Some(Value::Null)),
        (Manner::Waits(25), "http", None, Some(late)),
        // It speaks no TLS.
        (Manner::Waits(0), "https", None, None),
    ];
    let mut tries = Vec::new();
    let mut sizes = Vec::new();
    for (nth, (manner, scheme, status, error)) in cases.into_iter().enumerate() {
        let (port, sent) = wild(manner).await;
        let id = webhook(&server, &format!("{nth}"), &format!("{scheme}://127.0.0.1:{port}/"), types.clone()).await;
        sizes.push(sent);
        let server = &server;
        tries.push(async move {
            let tried = server.post(&format!("/v1/webhooks/{id}/test"), json!({})).await.json();
            assert_eq!(tried["status"], json!(status), "{manner:?}: {tried}");
            match error {
                Some(error) => assert_eq!(tried["error"], error, "{manner:?}"),
                None => assert!(tried["error"].is_string(), "{manner:?}: {tried}"),
            }
        });
    }
    let others = async {
        server.project("One").await;
        quick.take(1).await;
        Instant::now()
    };
    let (_, taken) = tokio::join!(join_all(tries), others);
    // The slowest took 15 seconds.
    assert!(taken.elapsed() > Duration::from_secs(1), "{:?}", taken.elapsed());
    // What it says besides is not read: there is no more of it than what the network holds.
    assert!(sizes[2].load(Ordering::SeqCst) < 100_000_000);
}
