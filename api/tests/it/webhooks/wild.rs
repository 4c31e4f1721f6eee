//! Receivers that do not behave: each gets what the documents say, and nobody else notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::receiver::Receiver;
use super::tls::Authority;
use super::{server, server_with, webhook};
use crate::harness::scratch_file;
use crate::server::Server;

/// So long a receiver has to answer, in milliseconds.
const PATIENCE: u64 = 15_000;

/// What a receiver does with whoever sends to it.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Hangs up.
    Closes,
    /// Answers a byte a second.
    Drips,
    /// Says yes, and then goes on for 10 GB.
    NeverEnds,
    /// Says yes after so many milliseconds.
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
            Self::Waits(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
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

/// The first attempt to tell a webhook what happened, as its log has it, once it is known what is to come of it.
async fn attempted(server: &Server, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let log = server.get(&format!("/v1/webhooks/{id}/deliveries?limit=200")).await.json();
        let first = log["data"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        let (is_taken, is_failing) = (first["error"].is_null(), log["failing_since"].is_string());
        if first["attempt"] == 1 && is_taken != is_failing {
            return first;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_behave_gets_what_is_documented_and_nobody_else_notices() {
    let (server, quick) = (server().await, Receiver::start().await);
    let types = json!({"event_types": ["project.*"]});
    webhook(&server, "Quick", &quick.url(), types.clone()).await;
    // What is said of an attempt: the status, and why it counts as failed.
    let late = json!("no answer within 15 seconds");
    let cases = [
        (Manner::Closes, None, None),
        (Manner::Drips, None, Some(late.clone())),
        (Manner::NeverEnds, Some(200), Some(Value::Null)),
        (Manner::Waits(PATIENCE - 7_000), Some(200), Some(Value::Null)),
        (Manner::Waits(PATIENCE + 10_000), None, Some(late)),
    ];
    let (mut tries, mut sizes) = (Vec::new(), Vec::new());
    for (nth, (manner, status, error)) in cases.into_iter().enumerate() {
        let (port, sent) = wild(manner).await;
        let id = webhook(&server, &format!("{nth}"), &format!("http://127.0.0.1:{port}/"), types.clone()).await;
        sizes.push(sent);
        let server = &server;
        tries.push(async move {
            let tried = attempted(server, &id).await;
            assert_eq!(tried["status"], json!(status), "{manner:?}: {tried}");
            match error {
                Some(error) => assert_eq!(tried["error"], error, "{manner:?}"),
                None => assert!(tried["error"].is_string(), "{manner:?}: {tried}"),
            }
        });
    }
    let (port, _) = wild(Manner::Waits(PATIENCE - 100)).await;
    let last = webhook(&server, "Last", &format!("http://127.0.0.1:{port}/"), types).await;
    server.project("One").await;
    let others = async {
        quick.take(1).await;
        Instant::now()
    };
    let (_, last, taken) = tokio::join!(join_all(tries), attempted(&server, &last), others);
    // The slowest took 15 seconds.
    assert!(taken.elapsed() > Duration::from_secs(1), "{:?}", taken.elapsed());
    // Whoever answers at the last moment is in time, unless the machine was not.
    let took = last["took_ms"].as_u64().expect("a time");
    assert!(took >= PATIENCE - 100 && last["error"].is_null() == (took < PATIENCE), "{last}");
    // What it says besides is not read: there is no more of it than what the network holds.
    assert!(sizes[2].load(Ordering::SeqCst) < 100_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_who_cannot_prove_who_they_are() {
    let [ours, others, forged] = ["Ours", "Others", "Ours"].map(Authority::new);
    let file = scratch_file("authorities.pem", &ours.certificate);
    let server = server_with(|config| config.webhook_authorities = Some(file)).await;
    let (plain, _) = wild(Manner::Waits(0)).await;
    let cases = [
        ("good", ours.receiver("127.0.0.1", 4_000).await, None),
        ("untrusted", others.receiver("127.0.0.1", 4_000).await, Some("unknownissuer")),
        ("forged", forged.receiver("127.0.0.1", 4_000).await, Some("badsignature")),
        ("expired", ours.receiver("127.0.0.1", 2_020).await, Some("expired")),
        ("another's", ours.receiver("example.org", 4_000).await, Some("not valid for name")),
        ("no TLS", plain, Some("corrupt message")),
    ];
    let mut ids = Vec::new();
    for (name, port, wrong) in cases {
        let url = format!("https://127.0.0.1:{port}/");
        ids.push((webhook(&server, name, &url, json!({"event_types": ["project.*"]})).await, name, wrong));
    }
    server.project("One").await;
    for (id, name, wrong) in ids {
        let tried = attempted(&server, &id).await;
        let said = tried["error"].as_str().map(str::to_lowercase);
        match wrong {
            None => assert_eq!((&tried["status"], said), (&json!(204), None), "{name}"),
            Some(wrong) => {
                assert!(tried["status"].is_null() && said.is_some_and(|said| said.contains(wrong)), "{name}: {tried}");
            }
        }
    }
}
