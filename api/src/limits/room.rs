//! How much this process takes on at a time, whoever asks. What is beyond that is refused at once, before anything is
//! looked at: so what was taken on is answered as fast as ever, and whoever was refused asks again.
//!
//! Counted is where work piles up: writes that are under way, and reads that wait for a connection. A read that waits to
//! show what its key has written holds neither, so one lagging read model does not turn everybody away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use clap::Args;
use docket_commands::Commands;

use super::queue::Queue;
use crate::app::App;
use crate::problem::Problem;

/// Who asks whether this process is well has to hear it, above all when there is much to do.
const ALWAYS_ANSWERED: [&str; 2] = ["/healthz", "/readyz"];

/// How the paths of those end who listen from now on. After a restart all of them come again at once, each for one read,
/// and some take a refusal for the end.
const STREAM: &str = "/stream";

/// Bursts may be as long as this.
pub const MOST: usize = 4_096;

/// What a problem is called that only says that there is too much to do.
pub const OVERLOADED: &str = "overloaded";

/// After how many seconds it is worth asking again.
const RETRY_AFTER: u64 = 1;

/// How much there is room for.
#[derive(Args, Clone, Copy, Debug)]
pub struct Room {
    /// Writes under way in this process before more are refused with 503, unless it is a burst.
    #[arg(long, env = "DOCKET_WRITES_AT_ONCE", default_value_t = Self::default().writes_at_once, value_name = "N")]
    pub writes_at_once: usize,

    /// Reads that wait for a connection in this process before more are refused with 503, unless it is a burst.
    #[arg(long, env = "DOCKET_READS_WAITING", default_value_t = Self::default().reads_waiting, value_name = "N")]
    pub reads_waiting: usize,

    /// For how many milliseconds there may be more of them without anybody being refused: a burst.
    #[arg(long, env = "DOCKET_BURST_MILLIS", default_value_t = Self::default().burst_millis, value_name = "MS")]
    pub burst_millis: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self { writes_at_once: 32, reads_waiting: 24, burst_millis: 100 }
    }
}

/// The room of a process, and who came for it.
#[derive(Clone, Debug)]
pub struct Doors {
    queues: Arc<[Queue; 2]>,
    opened: Instant,
}

impl Doors {
    /// Lets in as much as there is room for.
    pub fn new(room: &Room) -> Self {
        let queue = |stands| Queue::new(stands, Duration::from_millis(room.burst_millis));
        Self { queues: Arc::new([queue(room.writes_at_once), queue(room.reads_waiting)]), opened: Instant::now() }
    }

    /// Whether there is room for one more.
    fn admit(&self, app: &App, method: &Method) -> bool {
        let [writes, reads] = &*self.queues;
        let now = self.opened.elapsed();
        if method.is_safe() {
            reads.admits(app.reads.waiting(), now)
        } else {
            writes.admits(app.commands.under_way(), now)
        }
    }
}

/// Refuses a write if no burst is as long as what is under way: who comes with many others gets past the door.
pub fn hold_write(commands: &Commands) -> Result<(), Problem> {
    if commands.under_way() < MOST { Ok(()) } else { Err(refusal()) }
}

/// What is said to whom there is no room for.
pub fn refusal() -> Problem {
    metrics::counter!("docket_http_refused_total").increment(1);
    let detail = "There is more to do than there is room for just now; see Retry-After.";
    Problem { code: OVERLOADED.into(), ..Problem::unavailable(RETRY_AFTER).with_detail(detail) }
}

/// Refuses what there is no room for, as soon as its head is there. Its mount says so in its own shape.
pub async fn hold(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_spared = ALWAYS_ANSWERED.contains(&path) || path.ends_with(STREAM);
    if !is_spared && !app.doors.admit(&app, request.method()) {
        *request.body_mut() = Body::empty();
        request.extensions_mut().insert(refusal());
    }
    next.run(request).await
}
