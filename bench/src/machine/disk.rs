//! How long the disk takes to keep its word.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

const BLOCK: [u8; 8192] = [7; 8192];

/// The median of 400 times writing over the same 8 KiB and calling `fdatasync`, in microseconds.
pub fn fdatasync_micros(folder: &Path) -> Result<f64> {
    let path = folder.join(format!("docket-bench-{}.fsync", std::process::id()));
    let measured = measure(&path);
    let _ = std::fs::remove_file(&path);
    measured.with_context(|| format!("cannot measure the disk under {}", folder.display()))
}

fn measure(path: &Path) -> std::io::Result<f64> {
    let mut file = File::create(path)?;
    file.write_all(&BLOCK)?;
    file.sync_all()?;
    let mut micros = Vec::with_capacity(400);
    for _ in 0..micros.capacity() {
        let start = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    Ok(micros[micros.len() / 2])
}
