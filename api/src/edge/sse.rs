//! Server-sent events: messages from the log, as they come, until the caller goes or is no longer welcome. Each has its
//! position as its id, so that whoever was cut off goes on where they were.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use docket_domain::ids::KeyId;
use docket_domain::message::Message;
use docket_projections::Follower;
use futures::stream;
use tokio::time::{Instant, sleep_until};

use super::position;
use crate::app::App;
use crate::auth::{Caller, Watched, Welcome};
use crate::problem::{Problem, ROLE_CHANGED};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// So many streams a key may have open, on each node.
pub const MOST: usize = 5;
/// What a client does first: come back soon, should it be cut off.
const HELLO: &str = "retry: 1000\n\n";

/// The streams that are open, and after how much silence each sends a sign of life. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
    silence: Duration,
}

/// The place of one stream; free again when this is dropped.
struct Slot {
    streams: Streams,
    key: KeyId,
}

impl Streams {
    /// None yet.
    pub fn new(silence: Duration) -> Self {
        Self { open: Arc::default(), silence }
    }

    fn take(&self, key: KeyId) -> Result<Slot, Problem> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key).or_default();
        if *count >= MOST {
            let detail = format!("A key may have {MOST} streams open; close one.");
            return Err(Problem { detail: detail.into(), ..Problem::too_many_requests(1) });
        }
        *count += 1;
        Ok(Slot { streams: self.clone(), key })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

/// Where to begin: after `Last-Event-ID`, else after the parameter `after`, else now. A position that is not one of this
/// workspace's partition is 400.
pub fn begin(app: &App, caller: &Caller, headers: &HeaderMap, after: Option<&str>) -> Result<Option<i64>, Problem> {
    let partition = app.reads.partition_of(caller.workspace);
    let mut sent = headers.get_all(LAST_EVENT_ID).iter();
    match (sent.next(), sent.next()) {
        (None, _) => after.map(|after| position::after(after, partition)).transpose(),
        (Some(id), None) => {
            let id = id.to_str().ok().and_then(|id| position::parse(id, partition));
            id.map(Some).ok_or_else(bad_id)
        }
        _ => Err(bad_id()),
    }
}

fn bad_id() -> Problem {
    let detail =
        "Last-Event-ID is the id of a message of this workspace, once; leave it out to begin with what is new.";
    Problem::bad_request("invalid-last-event-id", detail)
}

/// What a stream shows of a message.
type Shows = Box<dyn Fn(&Message) -> bool + Send>;

struct Stream {
    app: App,
    welcome: Welcome,
    follower: Follower,
    shows: Shows,
    partition: i16,
    watched: Watched,
    silent_since: Instant,
    greeted: bool,
    _slot: Slot,
}

/// The messages after a position that `shows` lets through, for as long as the caller may see them.
pub async fn respond(
    app: App,
    caller: &Caller,
    welcome: Welcome,
    after: Option<i64>,
    shows: Shows,
) -> Result<Response, Problem> {
    // The guard may have known the key for a second.
    app.reads.check(&caller.reader()).await?;
    let slot = app.streams.take(caller.key)?;
    let follower = app.reads.follow(caller.workspace, after).await?.ok_or_else(bad_id)?;
    let stream = Stream {
        partition: app.reads.partition_of(caller.workspace),
        watched: app.vigil.watch(caller),
        silent_since: Instant::now(),
        greeted: false,
        _slot: slot,
        app,
        welcome,
        follower,
        shows,
    };
    let body = stream::unfold(stream, |mut stream| async {
        let piece = stream.next().await?;
        stream.silent_since = Instant::now();
        Some((Ok::<_, Infallible>(Bytes::from(piece)), stream))
    });
    let mut response = Response::new(Body::from_stream(body));
    response.headers_mut().insert(header::CONTENT_TYPE, EVENT_STREAM);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

impl Stream {
    /// What is sent next; none, if this is the end. A client that takes nothing is not waited for: the connection is
    /// closed, and nothing is skipped.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(HELLO.to_owned());
        }
        loop {
            tokio::select! {
                stretch = self.follower.next() => {
                    let stretch = stretch.inspect_err(|error| tracing::debug!(%error, "a stream ends")).ok()?;
                    let shown = stretch.events.iter().filter(|message| (self.shows)(message));
                    let text: String = shown.map(|message| written(message)).collect();
                    if !text.is_empty() {
                        return Some(text);
                    }
                }
                () = self.watched.doubt() => match self.welcome.lasts(&self.app).await {
                    Ok(()) => {}
                    // Nobody knows yet.
                    Err(why) if why.status == StatusCode::SERVICE_UNAVAILABLE && why.code != ROLE_CHANGED => {
                        self.watched.remain_in_doubt();
                    }
                    Err(why) => {
                        tracing::debug!(why = %why.code, "a stream ends");
                        return None;
                    }
                },
                () = sleep_until(self.silent_since + self.app.streams.silence) => {
                    // Nothing to show, and still further: whoever comes back need not begin so far back.
                    return Some(format!(": alive\nid: {}-{}\n\n", self.partition, self.follower.position()));
                }
            }
        }
    }
}

fn written(message: &Message) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", message.id, message.event_type, message.text)
}
