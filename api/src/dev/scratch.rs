//! Folders for servers that live as long as one test process, and no longer.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::account::Account;
use super::folder::Folder;
use super::stale;

const PREFIX: &str = "docket-test-";

/// A name for a new folder among the system's temporary ones; removes what processes that are gone left there.
pub async fn scratch_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = std::env::temp_dir();
    for entry in fs::read_dir(&base).into_iter().flatten().flatten() {
        if is_abandoned(&entry.file_name().to_string_lossy()) {
            remove(&entry.path()).await;
        }
    }
    base.join(format!("{PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Whether the process that a folder is named after is gone.
fn is_abandoned(name: &str) -> bool {
    let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
    process.is_some_and(|process| Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists())
}

async fn remove(path: &Path) {
    let Ok(account) = Account::current() else { return };
    if let Ok(folder) = Folder::open(path, &account)
        && stale::clear(&folder, &|_| ()).await.is_ok()
    {
        let _ = fs::remove_dir_all(path);
    }
}
