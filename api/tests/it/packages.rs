//! Programs of others that tests need, pinned by hash and installed once.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use docket_api::dev::provide_packages;

/// Where the pins and scripts are.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools")
}

/// The folder with the packages that `fixtures/tools/<name>.txt` pins. Without a network they cannot be had the first
/// time: then there is nothing to test with, which only a build server must not let pass.
pub async fn packages(name: &str) -> Option<PathBuf> {
    let pins = std::fs::read_to_string(tools().join(name).with_extension("txt")).expect(name);
    let name = format!("{name}-{:08x}", crc32fast::hash(pins.as_bytes()));
    match provide_packages(&name, &pins, &|message| eprintln!("{message}")).await {
        Ok(folder) => Some(folder),
        Err(error) => missing(&format!("{error:#}")),
    }
}

/// Says that something cannot be tested here.
pub fn missing<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("NOT TESTED: {why}");
    None
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// All that a program said.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
