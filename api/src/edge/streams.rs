//! The streams of an HTTP/2 connection, with a clock: one whose reader takes nothing for too long, though the connection
//! itself is well, is what the times of the wire do not see.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

/// The streams of one connection.
#[derive(Clone)]
pub struct Streams(Arc<Mutex<Open>>);

struct Open {
    /// How many are being answered.
    count: usize,
    /// Since when there are that many.
    since: Instant,
    /// Those with something to send that is not taken, and since when.
    waiting: HashMap<u64, Instant>,
    next: u64,
}

impl Default for Streams {
    fn default() -> Self {
        let waiting = HashMap::new();
        Self(Arc::new(Mutex::new(Open { count: 0, since: Instant::now(), waiting, next: 0 })))
    }
}

impl Streams {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come.
    pub fn begin(&self) -> Stream {
        let mut open = self.lock();
        open.count += 1;
        open.since = Instant::now();
        open.next += 1;
        Stream { streams: self.clone(), id: open.next }
    }

    /// Whether no request has been under way for so long.
    pub fn are_quiet_for(&self, time: Duration) -> bool {
        let open = self.lock();
        open.count == 0 && open.since.elapsed() >= time
    }

    /// Whether the reader of any has taken nothing for so long.
    pub fn is_any_stuck_for(&self, time: Duration) -> bool {
        self.lock().waiting.values().any(|since| since.elapsed() >= time)
    }
}

/// One request and its answer; over when this is dropped.
pub struct Stream {
    streams: Streams,
    id: u64,
}

impl Stream {
    /// The answer's body.
    pub fn answer(self, body: Body) -> Flow {
        self.waits(true);
        Flow { body, stream: self }
    }

    fn waits(&self, waits: bool) {
        let waiting = &mut self.streams.lock().waiting;
        if waits {
            waiting.insert(self.id, Instant::now());
        } else {
            waiting.remove(&self.id);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        open.count -= 1;
        open.since = Instant::now();
        open.waiting.remove(&self.id);
    }
}

/// A body that notes when it is asked for more: hyper asks only when the reader has room.
pub struct Flow {
    body: Body,
    stream: Stream,
}

impl HttpBody for Flow {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.stream.waits(matches!(polled, Poll::Ready(Some(Ok(_)))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
