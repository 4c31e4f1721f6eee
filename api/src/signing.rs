//! The file with the keys that sign checkpoints: secret, readable by its owner only.

use std::path::Path;

use anyhow::Context;
use docket_domain::audit::{Keyring, SigningKey};

use crate::cli::private::write_private;

/// What an installation is called unless it is told otherwise.
pub const NAME: &str = "docket";

/// Reads a key file.
pub fn read(file: &Path) -> anyhow::Result<Keyring> {
    let text = std::fs::read_to_string(file).with_context(|| format!("can't read the key file {}", file.display()))?;
    let hint = "make one with `docket audit key new`";
    Keyring::parse(&text).with_context(|| format!("{} is not a key file: {hint}", file.display()))
}

/// Reads a key file, making it first if it is not there.
pub fn read_or_make(file: &Path) -> anyhow::Result<Keyring> {
    if !file.exists() {
        let key = SigningKey::new(NAME, rand::random()).context("a key")?;
        write(file, &Keyring::of(key))?;
    }
    read(file)
}

/// Writes a key file, whole or not at all.
pub fn write(file: &Path, keys: &Keyring) -> anyhow::Result<()> {
    write_private(file, &keys.to_secret()).with_context(|| format!("can't write {}", file.display()))
}
