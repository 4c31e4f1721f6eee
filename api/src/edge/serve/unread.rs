//! Heads that hyper can't read. It answers them itself, with a status and nothing else, before there is a request that
//! anybody could be asked about. Whoever sent one is told here what is wrong, as with any other refusal: in the way of
//! their mount, as far as that can be read.
//!
//! hyper reads a head when all it had to say to those before is written: what it writes while no answer is owed is its
//! own, and another goes out instead. (It may read on sooner if nobody wanted the body of a request, and who sent it
//! takes nothing of the answer for a while. Then it mixes up both answers, and neither is touched.)

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use bytes::Buf as _;
use futures::FutureExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Service, ambiguous, too_many_headers};
use crate::edge::head::Fault;
use crate::edge::wire::{Watch, Wire};
use crate::problem::Problem;

/// Lines of such a head that are looked at.
const LINES: usize = 100;

/// A connection on which nothing is refused without a word.
pub(super) struct Worded<'a, S> {
    wire: Wire<S>,
    watch: Watch,
    service: &'a Service,
    /// What is still to be written in place of what hyper wrote.
    left: Bytes,
}

impl<'a, S: AsyncWrite + Unpin> Worded<'a, S> {
    /// A connection under watch, and what answers its requests.
    pub(super) fn new(wire: Wire<S>, watch: Watch, service: &'a Service) -> Self {
        Self { wire, watch, service, left: Bytes::new() }
    }

    fn write_left(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.left.is_empty() {
            let written = ready!(Pin::new(&mut self.wire).poll_write(cx, &self.left))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.left.advance(written);
        }
        Poll::Ready(Ok(()))
    }

    /// What is written instead of these bytes, if they are what hyper says of a head.
    fn instead_of(&self, bytes: &[u8]) -> Option<Bytes> {
        let (head, fault) = self.watch.untaken()?;
        let automatic = Automatic::read(bytes)?;
        let request = read(&head);
        let is_head = request.method() == Method::HEAD;
        let problem = self.problem(automatic.status, &head, fault);
        automatic.replaced_by(self.service.refuse(request, &problem), is_head)
    }

    fn problem(&self, status: StatusCode, head: &[u8], fault: Option<Fault>) -> Problem {
        let limits = &self.service.limits;
        // Neither its first line is one, nor the empty one at its end, nor what is behind that.
        let headers = head.split(|byte| *byte == b'\n').count().saturating_sub(3);
        match (fault, status) {
            (Some(fault), _) => ambiguous(fault),
            (None, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) if headers > limits.headers => {
                too_many_headers(limits.headers)
            }
            (None, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) => {
                let detail = format!("The head of a request may have at most {} bytes.", limits.head_bytes);
                Problem::new(status, "head-too-large", detail)
            }
            (None, _) => {
                let detail = "The request can't be read: its first line, or a header's name or value, is none.";
                Problem::new(status, "invalid-request", detail)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<'_, S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<'_, S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.write_left(cx))?;
        // It is a head and nothing else, in one piece.
        if let [automatic] = bytes
            && let Some(answer) = self.instead_of(automatic)
        {
            self.left = answer;
            return Poll::Ready(Ok(automatic.len()));
        }
        Pin::new(&mut self.wire).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_left(cx))?;
        // hyper asks for this when it has nothing left to write.
        self.watch.written();
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_left(cx))?;
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

/// What hyper says of a head that it can't read.
struct Automatic<'a> {
    version: &'a str,
    status: StatusCode,
    date: HeaderValue,
}

impl<'a> Automatic<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?.split("\r\n");
        let (version, status) = lines.next()?.split_once(' ')?;
        let status: StatusCode = status.get(..3)?.parse().ok()?;
        let date: HeaderValue = lines.find_map(|line| line.strip_prefix("date: "))?.parse().ok()?;
        status.is_client_error().then_some(Self { version, status, date })
    }

    /// The bytes of the answer that is given instead, if it is there as a whole.
    fn replaced_by(self, response: Response, is_head: bool) -> Option<Bytes> {
        let (mut parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).now_or_never()?.ok()?;
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
        parts.headers.insert(header::DATE, self.date);
        let (status, reason) = (parts.status.as_str(), parts.status.canonical_reason().unwrap_or_default());
        let mut answer = format!("{} {status} {reason}\r\n", self.version).into_bytes();
        for (name, value) in &parts.headers {
            answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        answer.extend(b"\r\n");
        if !is_head {
            answer.extend(body);
        }
        Some(answer.into())
    }
}

/// What can be read of a request: enough to say whose it is, what it is called and where its answer goes.
fn read(head: &[u8]) -> Request {
    let mut lines = head.split_inclusive(|byte| *byte == b'\n');
    let mut words = first_line(lines.next().unwrap_or_default()).split(|byte| *byte == b' ');
    let mut request = Request::new(Body::empty());
    *request.method_mut() = words.next().and_then(|method| Method::from_bytes(method).ok()).unwrap_or_default();
    *request.uri_mut() = words.next().map(path).unwrap_or_default();
    // What has not come as a whole may be something else.
    for line in lines.take(LINES).filter(|line| line.ends_with(b"\n")) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

/// The first line, without a word or a step that has only begun: it may become another.
fn first_line(line: &[u8]) -> &[u8] {
    if line.ends_with(b"\n") {
        return line.trim_ascii_end();
    }
    let end = line.iter().rposition(|byte| b" /?".contains(byte));
    end.map_or(&[], |end| &line[..=end])
}

/// The path of a target, or else its first step, which tells the mount. Not what is asked of it, which may have a key.
fn path(target: &[u8]) -> Uri {
    let path = target.split(|byte| b"?#".contains(byte)).next().unwrap_or_default();
    let first = path.split(|byte| *byte == b'/').nth(1).unwrap_or_default();
    Uri::try_from(path).or_else(|_| Uri::try_from([&b"/"[..], first].concat())).unwrap_or_default()
}
