//! Walks through pages with a browser, where there is one: scripts that say what a person would do and see.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::scratch_file;
use crate::packages::{packages, run, said};
use crate::server::Server;

/// How a walk ends where no browser can be had.
const NO_BROWSER: i32 = 77;

/// Walks through a page of a server, as `fixtures/<page>/walk.py` says, which is told what there is.
pub async fn walk(page: &str, server: &Server, facts: &Value) {
    let Some(packages) = packages("browser").await else { return };
    let facts = scratch_file(&format!("{page}.json"), &facts.to_string());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let found = std::env::join_paths([packages, fixtures.join("explorer")]).expect("a path");
    let mut walk = Command::new("python3");
    walk.arg(fixtures.join(page).join("walk.py")).arg(&server.url).arg(&facts);
    walk.env("PYTHONPATH", found).env("PYTHONDONTWRITEBYTECODE", "1");
    let walked = tokio::task::spawn_blocking(move || run(&mut walk)).await.expect("it ends");
    if walked.status.code() == Some(NO_BROWSER) {
        // Not by `eprintln!`, which is not heard where a test passes.
        let told = writeln!(std::io::stderr(), "!!! NOT TESTED: {page}. Install chromium.\n{}", said(&walked));
        return told.expect("it is said");
    }
    assert!(walked.status.success(), "{}", said(&walked));
}
