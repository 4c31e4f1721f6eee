//! The accept loop: HTTP/1.1 and HTTP/2 over TCP on one port, with limits on time, size and number that `axum::serve`
//! does not have.
//!
//! HTTP/2 is spoken with those who begin with it (h2c with prior knowledge, as proxies do); nothing is upgraded.
//! An HTTP/1.1 request with a chunked body is answered and then the connection is closed, so that nothing behind such a
//! body is ever taken for a request (see `head`).

mod unread;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, Method, StatusCode, Version, header, uri::Authority};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use unread::Worded;

use super::head::Fault;
use super::preface::{First, Whole};
use super::proxies::Proxies;
use super::streams::Streams;
use super::wire::{Answer, Patience, Watch, Wire};
use crate::front::Front;
use crate::problem::Problem;

/// What a connection may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// Without any byte between requests.
    pub idle_timeout: Duration,
    /// Until a client takes at least one byte of its answer.
    pub write_timeout: Duration,
    /// For what is being answered when the server stops.
    pub drain_timeout: Duration,
    /// Requests at a time on one connection, where they can be.
    pub streams: u32,
    /// The names in `Host` that are answered, without ports; any, if there are none.
    pub hosts: Vec<String>,
    /// Who may ask for others.
    pub proxies: Proxies,
}

impl Limits {
    fn patience(&self) -> Patience {
        Patience { head: self.head_timeout, idle: self.idle_timeout, write: self.write_timeout }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            headers: 64,
            head_bytes: 16 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            write_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(3),
            streams: 100,
            hosts: Vec::new(),
            proxies: Proxies::default(),
        }
    }
}

/// How many connections may wait to be accepted, as far as the kernel lets them (`net.core.somaxconn`).
const WAITING: u32 = 4_096;

/// Listens. In a crowd more wait than the 128 that is usual; who finds no place among them tries again a second later.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// When all connections are taken, those that have been quiet for so long make room.
const QUIET: Duration = Duration::from_secs(1);

/// What the accept loop tells the connections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Others are waiting: go, if you are not in use. The number makes each call a new one.
    MakeRoom(u64),
    /// Finish what you are doing.
    Finish,
}

/// Serves what is behind the front on the listener until `shutdown`; then stops accepting, lets requests end, and closes
/// the rest.
pub async fn serve(listener: TcpListener, front: Front, shutdown: impl Future<Output = ()>, limits: Limits) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let limits = Arc::new(limits);
    let word = watch::Sender::new(Word::MakeRoom(0));
    let connections = TaskTracker::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async { (find_room(&room, &word).await, accept(&listener).await) };
        let (permit, (stream, peer)) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next => next,
        };
        let service = Service { front: front.clone(), limits: limits.clone(), peer };
        let heard = word.subscribe();
        connections.spawn(async move {
            connection(stream, service, heard).await;
            drop(permit);
        });
    }
    drop(listener);
    word.send_replace(Word::Finish);
    connections.close();
    // Dropping `word` then ends what has not ended by itself.
    let _ = tokio::time::timeout(limits.drain_timeout, connections.wait()).await;
    drop(word);
    connections.wait().await;
}

async fn find_room(room: &Arc<Semaphore>, word: &watch::Sender<Word>) -> OwnedSemaphorePermit {
    let mut calls = 0;
    loop {
        if let Ok(Ok(permit)) = tokio::time::timeout(QUIET, room.clone().acquire_owned()).await {
            return permit;
        }
        calls += 1;
        tracing::warn!(calls, "all connections are taken; closing idle ones");
        word.send_replace(Word::MakeRoom(calls));
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Of one connection, which is gone: the next may be well.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::ConnectionAborted) => {}
            Err(error) => {
                tracing::error!(%error, "can't accept connections; trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(mut stream: TcpStream, service: Service, mut heard: watch::Receiver<Word>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    metrics::gauge!("docket_http_connections").increment(1);
    if let Some(first) = first_bytes(&mut stream, &service.limits, &mut heard).await {
        let is_http2 = first.is_http2();
        let stream = first.before(stream);
        if is_http2 {
            Box::pin(speak_http2(stream, &service, heard)).await;
        } else {
            speak_http1(stream, &service, heard).await;
        }
    }
    metrics::gauge!("docket_http_connections").decrement(1);
}

/// What tells the protocol; none if the connection is over before that.
async fn first_bytes(stream: &mut TcpStream, limits: &Limits, heard: &mut watch::Receiver<Word>) -> Option<First> {
    let (mut first, since) = (First::now(), Instant::now());
    loop {
        tokio::select! {
            read = first.read(stream, limits.idle_timeout, limits.head_timeout) => return read.ok().map(|()| first),
            word = heard.changed() => match word.map(|()| *heard.borrow_and_update()) {
                Ok(Word::MakeRoom(_)) if !first.is_empty() || since.elapsed() < QUIET => {}
                _ => return None,
            },
        }
    }
}

async fn speak_http1(stream: impl AsyncRead + AsyncWrite + Unpin, service: &Service, mut heard: watch::Receiver<Word>) {
    let limits = &service.limits;
    let watch = Watch::new(limits.head_bytes);
    let wire = Wire::new(stream, watch.clone(), limits.patience());
    let wire = Worded::new(wire, watch.clone(), service);
    let answer = service_fn(|request: Request<Incoming>| {
        let (fault, watch) = (watch.begin(), watch.clone());
        async move {
            let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
            let mut response = service.answer(request, fault).await;
            if chunked || fault.is_some() {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response.map(|body| Answer::new(body, watch)))
        }
    });
    let mut http = pin!(
        http1::Builder::new()
            .max_header_size(limits.head_bytes)
            .max_buf_size(limits.head_bytes.max(64 * 1024))
            .serve_connection(TokioIo::new(wire), answer)
    );
    loop {
        tokio::select! {
            ended = http.as_mut() => return log_end(ended),
            word = heard.changed() => match word.map(|()| *heard.borrow_and_update()) {
                Ok(Word::MakeRoom(_)) if !watch.is_quiet_for(QUIET) => {}
                Ok(_) => http.as_mut().graceful_shutdown(),
                Err(_) => return,
            },
        }
    }
}

/// How often the streams of an HTTP/2 connection are looked at, as a part of the shortest time they may take.
const LOOKS: u32 = 4;

async fn speak_http2(stream: Whole<TcpStream>, service: &Service, mut heard: watch::Receiver<Word>) {
    let (limits, streams) = (&service.limits, Streams::default());
    let wire = Wire::new(stream, Watch::of_frames(), limits.patience());
    let (asked, begun) = (service.clone(), streams.clone());
    let answer = service_fn(move |request: Request<Incoming>| {
        let (service, stream) = (asked.clone(), begun.begin());
        async move { Ok::<_, Infallible>(service.answer(request, None).await.map(|body| stream.answer(body))) }
    });
    let mut http = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(limits.head_bytes as u32)
            .max_send_buf_size(256 * 1024)
            .keep_alive_interval(limits.idle_timeout / 2)
            .keep_alive_timeout(limits.write_timeout)
            .serve_connection(TokioIo::new(wire), answer)
    );
    let mut looks = tokio::time::interval(limits.write_timeout.min(limits.idle_timeout) / LOOKS);
    loop {
        tokio::select! {
            ended = http.as_mut() => return log_end(ended),
            word = heard.changed() => match word.map(|()| *heard.borrow_and_update()) {
                Ok(Word::MakeRoom(_)) if !streams.are_quiet_for(QUIET) => {}
                Ok(Word::MakeRoom(_)) | Err(_) => return,
                Ok(Word::Finish) if streams.are_quiet_for(Duration::ZERO) => return,
                Ok(Word::Finish) => http.as_mut().graceful_shutdown(),
            },
            _ = looks.tick() => {
                if streams.are_quiet_for(limits.idle_timeout) || streams.is_any_stuck_for(limits.write_timeout) {
                    return;
                }
            }
        }
    }
}

fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// What answers the requests of one connection.
#[derive(Clone)]
struct Service {
    front: Front,
    limits: Arc<Limits>,
    peer: SocketAddr,
}

impl Service {
    async fn answer(&self, request: Request<Incoming>, fault: Option<Fault>) -> Response {
        let mut request = request.map(Body::new);
        let client = self.limits.proxies.client(self.peer, request.headers_mut());
        request.extensions_mut().insert(ConnectInfo(client));
        if let Err(problem) = self.check(&request, fault) {
            // Its mount says so in its own shape; nothing else is done with it.
            *request.body_mut() = Body::empty();
            request.extensions_mut().insert(problem);
        }
        self.front.answer(request).await
    }

    /// The answer to what nobody takes for a request, given what can be read of it.
    fn refuse(&self, mut request: Request, problem: &Problem) -> Response {
        self.limits.proxies.client(self.peer, request.headers_mut());
        self.front.refuse(request, problem)
    }

    fn check(&self, request: &Request, fault: Option<Fault>) -> Result<(), Problem> {
        if let Some(fault) = fault {
            return Err(ambiguous(fault));
        }
        if request.headers().len() > self.limits.headers {
            return Err(too_many_headers(self.limits.headers));
        }
        if request.method() == Method::CONNECT {
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "not-implemented", "This is not a proxy."));
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) && !request.body().is_end_stream() {
            return Err(Problem::bad_request("body-not-allowed", "GET and HEAD take no body."));
        }
        let host = host(request)?;
        if self.limits.hosts.is_empty() || self.limits.hosts.iter().any(|name| host.host().eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected-request", "This host is not served here."))
    }
}

fn ambiguous(fault: Fault) -> Problem {
    Problem::bad_request("invalid-request", format!("The request is ambiguous: {fault}."))
}

fn too_many_headers(limit: usize) -> Problem {
    let detail = format!("A request may have at most {limit} headers.");
    Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too-many-headers", detail)
}

/// The one `Host` of a request, which its target must not contradict. HTTP/2 has the target's instead.
fn host(request: &Request) -> Result<Authority, Problem> {
    let refused = || Problem::bad_request("invalid-host", "Send exactly one Host, that of the request's target.");
    let target = request.uri().authority();
    let mut sent = request.headers().get_all(header::HOST).iter();
    let host: Authority = match (sent.next(), sent.next(), target) {
        (Some(host), None, _) => host.as_bytes().try_into().map_err(|_| refused())?,
        (None, None, Some(target)) if request.version() == Version::HTTP_2 => target.clone(),
        _ => return Err(refused()),
    };
    let contradicted = target.is_some_and(|target| *target != host);
    if contradicted || host.host().is_empty() || host.as_str().contains('@') { Err(refused()) } else { Ok(host) }
}

#[cfg(test)]
mod tests;
