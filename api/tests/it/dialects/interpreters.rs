//! What runs the scripts and programs of clients: as it is on PATH, or else as it is pinned.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::packages::{self, Node, missing, packages, run, said, tools};

/// How long a script may take; a compiler may come first.
const PATIENCE: Duration = Duration::from_mins(5);

/// What runs scripts, and the folder it lives in, if that goes with it.
pub struct Interpreter {
    /// Its program, to be told what to run.
    pub command: Command,
    _home: Option<Node>,
}

impl From<Command> for Interpreter {
    fn from(command: Command) -> Self {
        Self { command, _home: None }
    }
}

/// A shell, with curl.
pub fn shell() -> Option<Interpreter> {
    on_path("sh", &["-c", "curl --version"]).or_else(|| missing("there is no curl on PATH"))
}

/// Python.
pub fn python() -> Option<Interpreter> {
    let mut python = on_path("python3", &["--version"]).or_else(|| missing("there is no python3 on PATH"))?;
    python.command.env("PYTHONDONTWRITEBYTECODE", "1");
    Some(python)
}

/// Python, with `requests`.
pub async fn python_with_requests() -> Option<Interpreter> {
    let (mut python, requests) = (python()?, packages("fuzz").await?);
    python.command.env("PYTHONPATH", requests);
    Some(python)
}

/// Node.
pub async fn node() -> Option<Interpreter> {
    if let Some(node) = on_path("node", &["-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"]) {
        return Some(node);
    }
    Some(Command::new(packages::node().await?.0).into())
}

/// PHP, with curl; the pinned one runs in Node.
pub async fn php() -> Option<Interpreter> {
    if let Some(php) = on_path("php", &["-r", "exit(function_exists('curl_init') ? 0 : 1);"]) {
        return Some(php);
    }
    let node = Node::with("php").await?;
    let mut command = node.command();
    command.arg("php.mjs");
    Some(Interpreter { command, _home: Some(node) })
}

/// Go.
pub async fn go() -> Option<Interpreter> {
    let mut go = match on_path("go", &["version"]) {
        Some(go) => go,
        None => Command::new(packages("go").await?.join("go/bin/go")).into(),
    };
    // What it compiled stays for the next time; it fetches nothing, not even a newer Go.
    let home = std::env::temp_dir().join("docket-go");
    go.command.env("GOPATH", &home).env("GOCACHE", home.join("cache")).env("GOTOOLCHAIN", "local");
    go.command.env("GOPROXY", "off").env("GOFLAGS", "-mod=readonly").env("CGO_ENABLED", "0");
    Some(go)
}

/// Ruby; out of Debian's packages, where there is none.
pub fn ruby() -> Option<Interpreter> {
    let can = ["-e", "exit RUBY_VERSION >= '3'"];
    let of_ours = || {
        let folder = std::env::temp_dir().join("docket-ruby");
        let made = run(Command::new("sh").arg(tools().join("ruby.sh")).arg(&folder));
        let ruby = on_path(folder.join("ruby"), &can);
        if ruby.is_none() {
            // Past what the test runner keeps to itself.
            let _ = writeln!(std::io::stderr(), "!!! NOT TESTED: THE CLIENT IN RUBY. Install ruby.\n{}", said(&made));
        }
        ruby
    };
    on_path("ruby", &can).or_else(of_ours)
}

fn on_path(program: impl AsRef<Path>, can: &[&str]) -> Option<Interpreter> {
    let program = program.as_ref();
    let tried = Command::new(program).args(can).output();
    tried.is_ok_and(|output| output.status.success()).then(|| Command::new(program).into())
}

/// Runs it to its end, which must be a good one.
pub async fn is_content(interpreter: Interpreter, what: &Path) {
    let mut command = tokio::process::Command::from(interpreter.command);
    let output = tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output()).await.expect("it ends in time");
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", what.display()));
    assert!(output.status.success(), "{}:\n{}", what.display(), said(&output));
    println!("{} is content", what.display());
}
