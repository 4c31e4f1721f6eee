//! A receiver of webhooks that answers as it is told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// What was received.
#[derive(Clone, Debug)]
pub struct Got {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
    pub event: Value,
}

impl Got {
    /// What it happened to.
    pub fn resource(&self) -> &str {
        self.event["partitionkey"].as_str().expect("a key")
    }

    /// Where in the log it happened.
    pub fn position(&self) -> i64 {
        self.id.split_once('-').and_then(|(_, position)| position.parse().ok()).expect("a position")
    }
}

/// What is being answered, and what was so far.
#[derive(Default)]
struct Traffic {
    /// How often each thing is on its way at the moment.
    now: HashMap<String, usize>,
    /// How many messages were at most at a time, of all and of one thing.
    most: (usize, usize),
}

impl Traffic {
    fn begin(&mut self, resource: &str) {
        *self.now.entry(resource.to_owned()).or_default() += 1;
        let (all, one) = (self.now.values().sum::<usize>(), self.now[resource]);
        self.most = (self.most.0.max(all), self.most.1.max(one));
    }

    fn end(&mut self, resource: &str) {
        *self.now.get_mut(resource).expect("begun") -= 1;
    }
}

pub struct Receiver {
    port: u16,
    shared: Arc<Shared>,
    got: Mutex<mpsc::UnboundedReceiver<Got>>,
}

struct Shared {
    status: AtomicU16,
    hangs: AtomicBool,
    /// How long each answer takes, in milliseconds.
    takes: AtomicU64,
    /// A word in what is not taken.
    refuses: StdMutex<Option<String>>,
    traffic: StdMutex<Traffic>,
    connections: AtomicUsize,
    redirected: AtomicUsize,
    take: mpsc::UnboundedSender<Got>,
}

impl Receiver {
    pub async fn start() -> Self {
        let (take, got) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            status: AtomicU16::new(204),
            hangs: AtomicBool::new(false),
            takes: AtomicU64::new(0),
            refuses: StdMutex::default(),
            traffic: StdMutex::default(),
            connections: AtomicUsize::new(0),
            redirected: AtomicUsize::new(0),
            take,
        });
        let app = Router::new().fallback(receive).with_state(shared.clone());
        let counted = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.connections.fetch_add(1, Ordering::SeqCst);
                let service = hyper_util::service::TowerToHyperService::new(app.clone());
                tokio::spawn(async move {
                    let io = hyper_util::rt::TokioIo::new(stream);
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
                });
            }
        });
        Self { port, shared, got: Mutex::new(got) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Answers so from now on.
    pub fn answer(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// Takes everything and answers nothing.
    pub fn hang(&self) {
        self.shared.hangs.store(true, Ordering::SeqCst);
    }

    /// Takes so many milliseconds for each answer.
    pub fn take_time(&self, millis: u64) {
        self.shared.takes.store(millis, Ordering::SeqCst);
    }

    /// Does not take what has this word in it.
    pub fn refuse(&self, word: Option<&str>) {
        *self.shared.refuses.lock().expect("a lock") = word.map(str::to_owned);
    }

    /// How many messages were at most at a time, of all and of one thing.
    pub fn most(&self) -> (usize, usize) {
        self.shared.traffic.lock().expect("a lock").most
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub fn redirected(&self) -> usize {
        self.shared.redirected.load(Ordering::SeqCst)
    }

    /// The next messages.
    pub async fn take(&self, count: usize) -> Vec<Got> {
        let mut got = self.got.lock().await;
        let mut all = Vec::new();
        while all.len() < count {
            let one = tokio::time::timeout(Duration::from_mins(1), got.recv()).await;
            all.push(one.unwrap_or_else(|_| panic!("{} of {count} came", all.len())).expect("a message"));
        }
        all
    }
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    if uri.path() != "/hook" {
        shared.redirected.fetch_add(1, Ordering::SeqCst);
        return StatusCode::OK.into_response();
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let event = serde_json::from_str(&body).expect("JSON");
    let (id, timestamp, signature) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    let got = Got { id, timestamp, signature, body, event };
    let resource = got.resource().to_owned();
    shared.traffic.lock().expect("a lock").begin(&resource);
    let refused = shared.refuses.lock().expect("a lock").as_ref().is_some_and(|word| got.body.contains(word));
    let _ = shared.take.send(got);
    tokio::time::sleep(Duration::from_millis(shared.takes.load(Ordering::SeqCst))).await;
    shared.traffic.lock().expect("a lock").end(&resource);
    if refused {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if shared.hangs.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let status = StatusCode::from_u16(shared.status.load(Ordering::SeqCst)).expect("a status");
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}
