//! Clients as their users write them, with curl, Python's `requests`, Node's `fetch` and PHP's curl, against a started
//! server.
//!
//! `fixtures/clients/<dialect>/client.<language>` gets `BASE_URL` (with the mount), `API_KEY` and `ORG_ID`, and fails if
//! anything is not as it expects. Only where an interpreter can't be had is its script left out, and that is said.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use docket_api::auth::token::Format;
use tokio::process::Command;

use crate::packages::packages;
use crate::server::Server;

/// How long a script may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A language: how its scripts end, what runs them, and what must succeed for that.
struct Language {
    end: &'static str,
    program: &'static str,
    can: &'static [&'static str],
}

const LANGUAGES: [Language; 4] = [
    Language { end: "sh", program: "sh", can: &["-c", "curl --version"] },
    Language { end: "py", program: "python3", can: &["--version"] },
    Language { end: "mjs", program: "node", can: &["-e", "fetch"] },
    Language { end: "php", program: "php", can: &["-r", "exit(function_exists('curl_init') ? 0 : 1);"] },
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients").join(name)
}

async fn run(command: &mut Command) -> std::io::Result<Output> {
    tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output()).await.expect("it ends in time")
}

async fn succeeds(program: &str, args: &[&str]) -> bool {
    run(Command::new(program).args(args)).await.is_ok_and(|output| output.status.success())
}

/// Runs all scripts of a dialect.
async fn play(dialect: &str, format: Format) {
    let server = Server::start().await;
    let home = server.workspace_with(&[format]).await;
    // `requests` is among them.
    let python = packages("fuzz").await;
    let mut played = 0;
    for language in LANGUAGES {
        let script = folder(dialect).join("client").with_extension(language.end);
        if !script.is_file() {
            continue;
        }
        let can = succeeds(language.program, language.can).await && (language.end != "py" || python.is_some());
        if !can {
            eprintln!("!!! SKIPPED: no usable {} to run {}", language.program, script.display());
            continue;
        }
        let mut command = Command::new(language.program);
        command.arg(&script).env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs(python.iter().map(|folder| ("PYTHONPATH", folder)));
        command.env("BASE_URL", format!("{}/{dialect}", server.url)).env("API_KEY", &home.keys[0].token);
        command.env("ORG_ID", home.workspace_id.0.to_string());
        let output = run(&mut command).await.expect("it runs");
        let (told, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}:\n{told}\n{complained}", script.display());
        println!("{dialect}: {} is content", language.program);
        played += 1;
    }
    assert!(played > 0, "there is no client of {dialect} that could be run");
}

macro_rules! clients {
    ($($name:ident: $format:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            play(stringify!($name), Format::$format).await;
        }
    )*};
}

clients! {
    ikreo: Ikreo,
    krokanti: Krokanti,
    pike: Pike,
    generic: Generic,
    projekt: Projekt,
}
