//! A process is started and stopped as people do that are in a hurry, or mistaken.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::nats_url;
use crate::server::Server;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

/// `docket serve` over a server's database, with more arguments.
fn serve(server: &Server, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(["serve", "--roles", "api", "--no-limits", "--metrics-listen", "127.0.0.1:0"])
        .args(["--database-url", &server.db.url, "--nats-url", &nats_url(), "--nats-prefix", &server.prefix])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", r#"kill -s "$@""#, "sh", name, &child.id().to_string()]).status();
    assert!(sent.expect("a shell").success());
}

/// How it ended, and what it said.
fn ended(mut child: Child) -> (Option<i32>, String) {
    let begun = Instant::now();
    while child.try_wait().expect("a status").is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("its output");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// An address that is free just now.
fn free() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

async fn answers(address: &str) {
    let begun = Instant::now();
    while reqwest::get(format!("http://{address}/healthz")).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "it does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_signals_end_it_once_and_well() {
    let server = Server::start().await;
    for signals in [&["TERM", "TERM", "INT"][..], &["HUP"]] {
        let address = free();
        let child = serve(&server, &["--listen", &address]);
        answers(&address).await;
        for name in signals {
            signal(&child, name);
        }
        let (code, said) = ended(child);
        assert_eq!(code, Some(0), "{signals:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_it_starts_ends_it() {
    let server = Server::start().await;
    for milliseconds in [0, 5, 30, 120] {
        let child = serve(&server, &["--listen", "127.0.0.1:0"]);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        signal(&child, "TERM");
        // Before it listens to signals, the signal itself ends it: then there is no code.
        let (code, said) = ended(child);
        assert!([None, Some(0)].contains(&code), "after {milliseconds} ms: {code:?} {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistaken_configuration_is_named() {
    let server = Server::start().await;
    let taken = server.url.trim_start_matches("http://");
    for (arguments, words) in [
        (["--listen", taken], "DOCKET_LISTEN"),
        (["--listen", "nowhere"], "--listen"),
        (["--roles", "everything"], "--roles"),
        (["--audit-key", "/nowhere/at/all"], "/nowhere/at/all"),
        (["--consumers", "/nowhere/at/all"], "--consumers"),
        (["--limit", "native key many/1m"], "--limit"),
        (["--cache-entries=-1", "--no-limits"], "--cache-entries"),
    ] {
        // The last argument of a name counts.
        let roles: &[&str] = if arguments[0] == "--audit-key" { &["--roles", "projector"] } else { &[] };
        let child = Command::new(env!("CARGO_BIN_EXE_docket"))
            .args([
                "serve",
                "--database-url",
                &server.db.url,
                "--nats-url",
                &nats_url(),
                "--metrics-listen",
                "127.0.0.1:0",
            ])
            .args(roles)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let (code, said) = ended(child);
        assert!(code.is_some_and(|code| code != 0), "{arguments:?}: {code:?} {said}");
        assert!(said.contains(words) && !said.contains("panicked"), "{arguments:?}: {said}");
        assert!(!said.contains(&server.db.url), "a password is shown: {said}");
    }
}
