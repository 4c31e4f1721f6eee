//! Threads that speak HTTP ([ADR 32](../../docs/adr/0032-threads.md)): they read requests, turn them away and write answers.
//! All else is done on those that the program begins with. Whoever is let in has threads, then, that whoever is turned away
//! does not have to share.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// After so many steps they look for what the others have done: usually all they do is their own.
const LOOKS: u32 = 3;

/// The threads that speak HTTP; they end when this is dropped.
pub struct Http(Option<Runtime>);

impl Http {
    /// As many as there are processors.
    ///
    /// # Errors
    ///
    /// If there can't be more threads.
    pub fn start() -> io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        Ok(Self(Some(threads.thread_name("docket-http").global_queue_interval(LOOKS).enable_all().build()?)))
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
