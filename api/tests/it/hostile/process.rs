//! A process is started and stopped as people do that are in a hurry, or mistaken.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::dev::signal;
use crate::node::{answers, free, serve};
use crate::server::Server;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

/// A node that is told so.
fn told(server: &Server, arguments: &[&str]) -> Child {
    let metrics = ["--metrics-listen", "127.0.0.1:0"];
    serve(server).args(metrics).args(arguments).stderr(Stdio::piped()).spawn().expect("a process")
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

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_signals_end_it_once_and_well() {
    let server = Server::start().await;
    for signals in [&["TERM", "TERM", "INT"][..], &["HUP"]] {
        let address = free();
        let child = told(&server, &["--roles", "api", "--listen", &address]);
        answers(&address).await;
        for name in signals {
            signal(name, child.id());
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
        let child = told(&server, &["--roles", "api", "--listen", "127.0.0.1:0"]);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        signal("TERM", child.id());
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
        (["--webhook-authorities", "/nowhere/at/all"], "--webhook-authorities"),
        (["--stream-silence=0", "--no-limits"], "--stream-silence"),
        (["--limit", "native key many/1m"], "--limit"),
        (["--cache-entries=-1", "--no-limits"], "--cache-entries"),
    ] {
        // Who keeps the trees is the only one to need the key.
        let roles: &[&str] = if arguments[0] == "--audit-key" { &["--roles", "projector"] } else { &[] };
        let child = told(&server, &[roles, &arguments].concat());
        let (code, said) = ended(child);
        assert!(code.is_some_and(|code| code != 0), "{arguments:?}: {code:?} {said}");
        assert!(said.contains(words) && !said.contains("panicked"), "{arguments:?}: {said}");
        assert!(!said.contains(&server.db.url), "a password is shown: {said}");
    }
}
