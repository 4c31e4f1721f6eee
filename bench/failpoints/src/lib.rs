//! Places in Docket where a bug can be planted, so that it is seen that whoever checks Docket notices it.
//!
//! `if failpoint!("name") { … }` does something wrong when the bug of that name strikes. Without the feature `armed` it is
//! `if false { … }`: still checked by the compiler, and gone from the program, name and all. Only `make planted` builds
//! with the feature, a program of another name, and never a release.

#[cfg(all(feature = "armed", not(debug_assertions)))]
compile_error!("failpoints are for builds that nobody serves with: leave the feature out of a release");

/// What every failpoint's name begins with in a program that has any, so that it can be told from others.
#[cfg(feature = "armed")]
pub const MARK: &str = "failpoint:";

/// Whether the bug of this name strikes here and now.
#[cfg(feature = "armed")]
#[macro_export]
macro_rules! failpoint {
    ($name:literal) => {
        $crate::strikes(concat!("failpoint:", $name))
    };
}

/// Whether the bug of this name strikes here and now: never.
#[cfg(not(feature = "armed"))]
#[macro_export]
macro_rules! failpoint {
    ($name:literal) => {
        false
    };
}

#[cfg(feature = "armed")]
pub use armed::{plant, strikes};

#[cfg(feature = "armed")]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// The bug that is planted in this process.
    static PLANTED: OnceLock<Planted> = OnceLock::new();

    struct Planted {
        name: String,
        every: u64,
        met: AtomicU64,
    }

    /// Plants a bug: `name`, or `name/7` for one that strikes every seventh time only.
    pub fn plant(bug: &str) {
        let (name, every) = bug.split_once('/').unwrap_or((bug, "1"));
        let every = every.parse().unwrap_or(1).max(1);
        let _ = PLANTED.set(Planted { name: format!("{}{name}", super::MARK), every, met: AtomicU64::new(0) });
    }

    /// Whether the bug of this name strikes now.
    pub fn strikes(name: &str) -> bool {
        let planted = PLANTED.get().filter(|planted| planted.name == name);
        planted.is_some_and(|planted| (planted.met.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(planted.every))
    }
}
