//! One connection's bytes, with a clock: slow heads, long silence and readers that do not read end the connection.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::frames::Frames;
use super::head::{Fault, Framing};

/// How long each state of a connection may last.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Without any byte between requests.
    pub idle: Duration,
    /// Until a reader takes at least one byte of what is written.
    pub write: Duration,
}

/// What the bytes, the requests and the responses of a connection know of each other.
#[derive(Clone)]
pub struct Watch(Arc<Mutex<Watched>>);

struct Watched {
    state: State,
    since: Instant,
    /// Whether a request has begun whose answer may not be written yet, all of it.
    owed: bool,
    spoken: Spoken,
    /// Whom to tell that no request is being answered any more: times run again.
    waiting: Option<Waker>,
}

enum Spoken {
    Http1(Framing),
    Http2(Frames),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between requests.
    Quiet,
    /// In the middle of a head.
    Head,
    /// A request is being answered.
    Busy,
}

impl Watch {
    /// The watch over a new connection.
    pub fn new(longest_head: usize) -> Self {
        Self::over(State::Quiet, Spoken::Http1(Framing::new(longest_head)))
    }

    /// The watch over a connection whose bytes are HTTP/2's: how long it is quiet is known to who looks after its streams.
    pub fn of_frames() -> Self {
        Self::over(State::Busy, Spoken::Http2(Frames::new()))
    }

    fn over(state: State, spoken: Spoken) -> Self {
        Self(Arc::new(Mutex::new(Watched { state, since: Instant::now(), owed: false, spoken, waiting: None })))
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins: its head is there. Tells what is wrong with the head, if anything.
    pub fn begin(&self) -> Option<Fault> {
        let mut watched = self.lock();
        (watched.state, watched.owed) = (State::Busy, true);
        match &mut watched.spoken {
            Spoken::Http1(framing) => framing.verdict(),
            Spoken::Http2(_) => None,
        }
    }

    fn end(&self) {
        let mut watched = self.lock();
        let has_more = matches!(&watched.spoken, Spoken::Http1(framing) if framing.has_more());
        watched.state = if has_more { State::Head } else { State::Quiet };
        watched.since = Instant::now();
        if let Some(waiting) = watched.waiting.take() {
            waiting.wake();
        }
    }

    /// Nothing waits to be written any more.
    pub fn written(&self) {
        let mut watched = self.lock();
        watched.owed &= watched.state == State::Busy;
    }

    /// The next head, as far as it has come, and what is wrong with it, if that is known; none while an answer to those
    /// before it is owed.
    pub fn untaken(&self) -> Option<(Vec<u8>, Option<Fault>)> {
        let watched = self.lock();
        match &watched.spoken {
            Spoken::Http1(framing) if !watched.owed => {
                let (head, fault) = framing.untaken();
                Some((head.to_vec(), fault))
            }
            _ => None,
        }
    }

    fn arrived(&self, bytes: &[u8]) {
        let watched = &mut *self.lock();
        let begins = match &mut watched.spoken {
            Spoken::Http1(framing) => {
                framing.feed(bytes);
                watched.state == State::Quiet
            }
            Spoken::Http2(frames) => {
                let begins = frames.feed(bytes);
                watched.state = if frames.is_in_head() { State::Head } else { State::Busy };
                begins
            }
        };
        if begins && watched.state != State::Busy {
            (watched.state, watched.since) = (State::Head, Instant::now());
        }
    }

    /// When the wait for bytes is over; while a request is being answered it is not even begun.
    fn deadline(&self, patience: &Patience, waker: &Waker) -> Option<Instant> {
        let mut watched = self.lock();
        match watched.state {
            State::Quiet => Some(watched.since + patience.idle),
            State::Head => Some(watched.since + patience.head),
            State::Busy => {
                // hyper may not read again by itself when the answer is done.
                watched.waiting = Some(waker.clone());
                None
            }
        }
    }

    /// Whether nothing has happened for so long.
    pub fn is_quiet_for(&self, time: Duration) -> bool {
        let watched = self.lock();
        watched.state == State::Quiet && watched.since.elapsed() >= time
    }
}

/// A stream under watch.
pub struct Wire<S> {
    stream: S,
    watch: Watch,
    patience: Patience,
    silence: Option<Pin<Box<Sleep>>>,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<S> Wire<S> {
    /// Puts a stream under watch.
    pub fn new(stream: S, watch: Watch, patience: Patience) -> Self {
        Self { stream, watch, patience, silence: None, stall: None }
    }

    /// Nothing came: has it taken too long?
    fn wait_for_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let Some(deadline) = self.watch.deadline(&self.patience, cx.waker()) else { return Poll::Pending };
            let sleep = self.silence.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // A timer that goes off too early is looked at again; it is only ever set back, so requests cost no timer.
            if sleep.deadline() > deadline || sleep.is_elapsed() {
                sleep.as_mut().reset(deadline);
            }
            match sleep.as_mut().poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) if Instant::now() < deadline => {}
                Poll::Ready(()) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            }
        }
    }

    /// What came of a write, unless the reader has taken nothing for too long.
    fn wrote(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.stall = None;
            return result;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + self.patience.write)));
        match stall.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let bytes = &buf.filled()[before..];
                if !bytes.is_empty() {
                    self.watch.arrived(bytes);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(error) => Poll::Ready(error),
            Poll::Pending => self.wait_for_bytes(cx),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.wrote(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A response's body; when hyper lets go of it, the request is over.
pub struct Answer {
    body: Body,
    watch: Watch,
}

impl Answer {
    /// The body of the answer to the request that began last.
    pub fn new(body: Body, watch: Watch) -> Self {
        Self { body, watch }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.watch.end();
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
