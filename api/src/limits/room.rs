//! How much this process takes on at a time, whoever asks. What is beyond that is refused at once, before anything is
//! looked at: so what was taken on is answered as fast as ever, and whoever was refused asks again.
//!
//! Counted is where work piles up: writes that are under way, and reads that wait for a connection. A read that waits to
//! show what its key has written holds neither, so one lagging read model does not turn everybody away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use clap::Args;
use docket_commands::Commands;

use super::queue::Queue;
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

/// How soon whoever is let in where a queue is cut down is to be done.
const SOON: Duration = Duration::from_millis(4);

/// Or a write after as many appends as this. Where there is little to do it may take two: one that it has to wait for, and
/// one that it shares with all that came meanwhile. So it takes no more than twice as long, and however long a commit takes,
/// as many share it as ever.
const APPENDS: u32 = 4;

/// After how many seconds it is worth asking again.
const RETRY_AFTER: u64 = 1;

/// How much there is room for.
#[derive(Args, Clone, Copy, Debug)]
pub struct Room {
    /// Writes under way in this process, for longer than a burst, before more are refused with 503.
    #[arg(long, env = "DOCKET_WRITES_AT_ONCE", default_value_t = Self::default().writes_at_once, value_name = "N")]
    pub writes_at_once: usize,

    /// Reads that wait for a connection in this process, for longer than a burst, before more are refused with 503.
    #[arg(long, env = "DOCKET_READS_WAITING", default_value_t = Self::default().reads_waiting, value_name = "N")]
    pub reads_waiting: usize,

    /// For how many milliseconds there may be more of them without anybody being refused: a burst.
    #[arg(long, env = "DOCKET_BURST_MILLIS", default_value_t = Self::default().burst_millis, value_name = "MS")]
    pub burst_millis: u64,

    /// To how many either is cut down then, unless more get done within 4 ms, or writes while four batches are appended.
    #[arg(long, env = "DOCKET_CUT_TO", default_value_t = Self::default().cut_to, value_name = "N")]
    pub cut_to: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { writes_at_once: 128, reads_waiting: 128, burst_millis: 100, cut_to: 24 }
    }
}

/// The room of a process, and who came for it.
#[derive(Clone)]
pub struct Doors(Arc<Both>);

struct Both {
    writes: Door,
    reads: Door,
    opened: Instant,
}

/// A queue, and how long it is just now.
struct Door {
    queue: Queue,
    length: Box<dyn Fn() -> usize + Send + Sync>,
    /// How soon whoever is in it is to be done, where it is cut down.
    soon: Box<dyn Fn() -> Duration + Send + Sync>,
    /// Who was let in and has not come as far as to be counted by that holds one more of these.
    coming: Arc<()>,
}

impl Door {
    fn admit(&self, now: Duration) -> Option<Turn> {
        let coming = Arc::strong_count(&self.coming) - 1;
        self.queue
            .admits(coming + (self.length)(), (self.soon)(), now)
            .then(|| Turn { _coming: Some(self.coming.clone()) })
    }
}

/// Says of somebody that they were let in; to be dropped when what they ask for is begun.
pub struct Turn {
    _coming: Option<Arc<()>>,
}

impl Doors {
    /// Lets in as much as there is room for, given how many writes are under way, how long an append takes at least, and
    /// how many reads wait.
    pub fn new(
        room: &Room,
        writes: impl Fn() -> usize + Send + Sync + 'static,
        append: impl Fn() -> Duration + Send + Sync + 'static,
        reads: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Self {
        let queue = |stands| Queue::new(stands, room.cut_to, Duration::from_millis(room.burst_millis));
        let writes = Door {
            queue: queue(room.writes_at_once),
            length: Box::new(writes),
            soon: Box::new(move || SOON.max(append() * APPENDS)),
            coming: Arc::default(),
        };
        let reads = Door {
            queue: queue(room.reads_waiting),
            length: Box::new(reads),
            soon: Box::new(|| SOON),
            coming: Arc::default(),
        };
        Self(Arc::new(Both { writes, reads, opened: Instant::now() }))
    }

    /// Lets one more in, who asks for this, if there is room.
    pub fn admit(&self, method: &Method, path: &str) -> Option<Turn> {
        // What may be asked of a path is known without looking anything up.
        if method == Method::OPTIONS || ALWAYS_ANSWERED.contains(&path) || path.ends_with(STREAM) {
            return Some(Turn { _coming: None });
        }
        let door = if method.is_safe() { &self.0.reads } else { &self.0.writes };
        door.admit(self.0.opened.elapsed())
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
