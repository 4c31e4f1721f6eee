//! Files that only their owner can read.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Writes the file as a whole or not at all, for its owner alone.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension("tmp");
    // A draft that was left behind may have been made readable by others.
    let _ = std::fs::remove_file(&draft);
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(&draft, file)
}
