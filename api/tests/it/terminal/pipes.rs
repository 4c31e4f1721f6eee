//! Readers that have seen enough.

use std::process::Stdio;

use super::{Person, complaint};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_ends_every_command_quietly() {
    let server = Server::start().await;
    let mut person = Person::of(&server);
    let project = server.project("Website").await;
    server.task(&project, "Fix the login page").await;
    person.says(&["login"]).await;
    person.variables.push(("DATABASE_URL", server.db.url.clone()));
    for args in [
        &["tasks", "list"][..],
        &["tasks", "list", "--json"],
        &["tasks", "show", "1"],
        &["tasks", "done", "1"],
        &["projects", "list"],
        &["projects", "show", "1"],
        &["timer", "status"],
        &["tail"],
        &["export"],
        &["export", "--format", "csv"],
        &["profiles"],
        &["completions", "bash"],
        &["projections", "list"],
        &["projections", "parked", "--json"],
        &["projections", "drop-old"],
        &["migrate"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = person.command(args).stdout(writer).stderr(Stdio::piped()).spawn().expect("docket runs");
        let output = child.wait_with_output().await.expect("docket ends");
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {}", complaint(&output));
    }
    assert_eq!(server.get("/v1/tasks?status=done").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn complaints_that_nobody_reads_do_no_harm() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = Person::new().command(&["tasks", "list"]).stderr(writer).spawn().expect("docket runs");
    let output = child.wait_with_output().await.expect("docket ends");
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_are_taught_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = Person::new().says(&["completions", shell]).await;
        for word in ["login", "tasks", "timer", "work-history", "in_progress", "--dry-run"] {
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
