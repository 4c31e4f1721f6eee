//! Two sets of threads ([ADR 32](../../docs/adr/0032-threads.md)). Those that speak HTTP read requests, turn them away and
//! write answers; all else is done on those that work, which the program begins with. Whoever is let in has threads, then,
//! that whoever is turned away does not have to share.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// By how much the threads that work give way to those that speak HTTP: to turn somebody away is short, and waited for.
#[cfg(target_os = "linux")]
const GIVES_WAY: i32 = 5;

/// After so many steps those that speak HTTP look for what the others have done: usually all they do is their own.
const LOOKS: u32 = 3;

/// The threads that work: the program's.
///
/// # Errors
///
/// If there can't be more threads.
pub fn work() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().on_thread_start(give_way).build()
}

fn give_way() {
    // Elsewhere it would be of the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(GIVES_WAY) {
        tracing::debug!(%error, "the threads that work do not give way");
    }
}

/// The threads that speak HTTP; they end when this is dropped.
pub struct Http(Option<Runtime>);

impl Http {
    /// As many as there are processors.
    ///
    /// # Errors
    ///
    /// If there can't be more threads.
    pub fn start() -> io::Result<Self> {
        let threads =
            Builder::new_multi_thread().thread_name("docket-http").global_queue_interval(LOOKS).enable_all().build()?;
        Ok(Self(Some(threads)))
    }

    /// Does something that belongs to them from then on.
    pub fn open<T>(&self, what: impl FnOnce() -> T) -> T {
        let _entered = self.0.as_ref().map(Runtime::enter);
        what()
    }

    /// Lets them do something.
    pub fn spawn(&self, what: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.open(|| tokio::spawn(what))
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        // Whoever drops it may be one who must not wait.
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}
