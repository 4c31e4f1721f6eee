//! The accept loop: HTTP/1.1 over TCP, with limits on time, size and number that `axum::serve` does not have.
//!
//! HTTP/2 is not offered: behind a proxy it ends there, and without TLS nobody but such proxies would speak it.
//! A request with a chunked body is answered and then the connection is closed, so that nothing behind such a body is
//! ever taken for a request (see `head`).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, uri::Authority};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::wire::{Answer, Patience, Watch, Wire};
use crate::problem::{self, Problem};

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
    /// The names in `Host` that are answered, without ports; any, if there are none.
    pub hosts: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            headers: 64,
            head_bytes: 16 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            write_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(3),
            hosts: Vec::new(),
        }
    }
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

/// Serves the router on the listener until `shutdown`; then stops accepting, lets requests end, and closes the rest.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>, limits: Limits) {
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
        let service = Service { router: router.clone(), limits: limits.clone(), peer };
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
        tracing::warn!(connections = calls, "all connections are taken; closing idle ones");
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

async fn connection(stream: TcpStream, service: Service, mut heard: watch::Receiver<Word>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    metrics::gauge!("docket_http_connections").increment(1);
    let limits = service.limits.clone();
    let patience = Patience { head: limits.head_timeout, idle: limits.idle_timeout, write: limits.write_timeout };
    let watch = Watch::new(limits.head_bytes);
    let wire = Wire::new(stream, watch.clone(), patience);
    let answer = service_fn(|request| service.answer(request, watch.clone()));
    let mut http = pin!(
        http1::Builder::new()
            .max_header_size(limits.head_bytes)
            .max_buf_size(limits.head_bytes.max(64 * 1024))
            .serve_connection(TokioIo::new(wire), answer)
    );
    loop {
        tokio::select! {
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended badly");
                }
                break;
            }
            word = heard.changed() => match word.map(|()| *heard.borrow_and_update()) {
                Ok(Word::MakeRoom(_)) if !watch.is_quiet_for(QUIET) => {}
                Ok(_) => http.as_mut().graceful_shutdown(),
                Err(_) => break,
            },
        }
    }
    metrics::gauge!("docket_http_connections").decrement(1);
}

/// What answers the requests of one connection.
struct Service {
    router: Router,
    limits: Arc<Limits>,
    peer: SocketAddr,
}

impl Service {
    async fn answer(&self, request: Request<Incoming>, watch: Watch) -> Result<Response<Answer>, Infallible> {
        let fault = watch.begin();
        let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let mut request = request.map(Body::new);
        let mut response = match self.check(&request, fault) {
            Ok(()) => {
                request.extensions_mut().insert(ConnectInfo(self.peer));
                let Ok(response) = self.router.clone().oneshot(request).await;
                response
            }
            Err(problem) => problem::answer(&request, &problem),
        };
        if chunked || fault.is_some() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Answer::new(body, watch)))
    }

    fn check(&self, request: &Request, fault: Option<&'static str>) -> Result<(), Problem> {
        if let Some(fault) = fault {
            return Err(Problem::bad_request("invalid-request", format!("The request is ambiguous: {fault}.")));
        }
        if request.headers().len() > self.limits.headers {
            let detail = format!("A request may have at most {} headers.", self.limits.headers);
            return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too-many-headers", detail));
        }
        if request.method() == Method::CONNECT {
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "not-implemented", "This is not a proxy."));
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) && !request.body().is_end_stream() {
            return Err(Problem::bad_request("body-not-allowed", "GET and HEAD take no body."));
        }
        let host = host(request.headers(), request.uri())?;
        if self.limits.hosts.is_empty() || self.limits.hosts.iter().any(|name| host.host().eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected-request", "This host is not served here."))
    }
}

/// The one `Host` of a request, which its target must not contradict.
fn host(headers: &HeaderMap, target: &Uri) -> Result<Authority, Problem> {
    let refused = || Problem::bad_request("invalid-host", "Send exactly one Host, that of the request's target.");
    let mut sent = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (sent.next(), sent.next()) else { return Err(refused()) };
    let host: Authority = host.as_bytes().try_into().map_err(|_| refused())?;
    let contradicted = target.authority().is_some_and(|target| *target != host);
    if contradicted || host.host().is_empty() || host.as_str().contains('@') { Err(refused()) } else { Ok(host) }
}

#[cfg(test)]
mod tests;
