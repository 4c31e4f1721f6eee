//! The commands for people, as people and their scripts run them: the real binary against a real server.

mod account;
mod audit;
mod exports;
mod imports;
mod keys;
mod pipes;
mod tail;
mod tasks;
mod timer;

use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::harness::scratch_file;
use crate::server::Server;

/// Somebody with a home of their own, at no terminal.
struct Person {
    home: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Person {
    /// Somebody who has never logged in.
    fn new() -> Self {
        let home = scratch_file("nothing", "").parent().expect("a folder").to_owned();
        Self { home, variables: Vec::new() }
    }

    /// Somebody whose environment says which server and key to use.
    fn of(server: &Server) -> Self {
        let variables = vec![("DOCKET_URL", server.url.clone()), ("DOCKET_KEY", server.key().to_owned())];
        Self { variables, ..Self::new() }
    }

    /// `docket` with these arguments.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
        for name in ["DOCKET_URL", "DOCKET_KEY", "DOCKET_PROFILE"] {
            command.env_remove(name);
        }
        let variables = self.variables.iter().map(|(name, value)| (*name, value.as_str()));
        command.args(args).env("HOME", &self.home).env("XDG_CONFIG_HOME", self.home.join("config")).envs(variables);
        command.stdin(Stdio::null());
        command
    }

    /// What `docket` says.
    async fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().await.expect("docket runs")
    }

    /// What `docket` says on standard output, if all goes well.
    async fn says(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert!(output.status.success(), "{args:?}: {}", complaint(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What `docket` says on standard error, if something is wrong.
    async fn complains(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        complaint(&output)
    }

    /// What becomes of `docket` with this on standard input.
    async fn told(&self, args: &[&str], input: &str) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("docket runs");
        let mut stdin = child.stdin.take().expect("standard input");
        // It may end before it has read this.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        child.wait_with_output().await.expect("docket ends")
    }
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
