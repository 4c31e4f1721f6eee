//! What a client speaks, told by the first bytes of a connection: HTTP/2 begins with a preface that no HTTP/1.1 request
//! has (RFC 9113 §3.4), so both are served on one port, and neither is upgraded to the other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Instant, timeout_at};

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first bytes of a connection, at most as many as tell what is spoken.
pub struct First {
    bytes: Vec<u8>,
    /// When the connection was there, or else its first byte.
    since: Instant,
}

impl First {
    /// None yet, from now on.
    pub fn now() -> Self {
        Self { bytes: Vec::new(), since: Instant::now() }
    }

    /// Reads on until it is told, `idle` until the first byte and `head` until the last; may be dropped and called again.
    pub async fn read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        idle: Duration,
        head: Duration,
    ) -> io::Result<()> {
        while !self.is_told() {
            let mut piece = [0; PREFACE.len()];
            let room = &mut piece[..PREFACE.len() - self.bytes.len()];
            let patience = if self.is_empty() { idle } else { head };
            let read = timeout_at(self.since + patience, stream.read(room)).await;
            let size = read.map_err(|_| io::ErrorKind::TimedOut)??;
            if size == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.is_empty() {
                self.since = Instant::now();
            }
            self.bytes.extend_from_slice(&piece[..size]);
        }
        Ok(())
    }

    fn is_told(&self) -> bool {
        self.bytes.len() == PREFACE.len() || !PREFACE.starts_with(&self.bytes)
    }

    /// Whether nothing has come yet.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether it is HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.bytes == PREFACE
    }

    /// The stream from its beginning.
    pub fn before<S>(self, stream: S) -> Whole<S> {
        Whole { first: self.bytes, read: 0, stream }
    }
}

/// A stream whose first bytes have been read already.
pub struct Whole<S> {
    first: Vec<u8>,
    read: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Whole<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let rest = &self.first[self.read..];
        if rest.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let size = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..size]);
        self.read += size;
        if buf.remaining() > 0 {
            // What has come behind them: a head is read at once, not in two pieces. If that fails, it will again.
            let _ = Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Whole<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
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
