//! How much this process takes on at a time, whoever asks. What is beyond that is refused at once, before anything is
//! looked at: so what was taken on is answered as fast as ever, and whoever was refused asks again.
//!
//! Counted is where work piles up: writes that are under way, and reads that wait for a connection. A read that waits to
//! show what its key has written holds neither, so one lagging read model does not turn everybody away.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use clap::Args;
use docket_commands::Commands;

use crate::app::App;
use crate::problem::Problem;

/// Who asks whether this process is well has to hear it, above all when there is much to do.
const ALWAYS_ANSWERED: [&str; 2] = ["/healthz", "/readyz"];

/// What a problem is called that only says that there is too much to do.
pub const OVERLOADED: &str = "overloaded";

/// After how many seconds it is worth asking again.
const RETRY_AFTER: u64 = 1;

/// How much there is room for.
#[derive(Args, Clone, Copy, Debug)]
pub struct Room {
    /// Writes under way in this process before more are refused with 503.
    #[arg(long, env = "DOCKET_WRITES_AT_ONCE", default_value_t = Self::default().writes_at_once, value_name = "N")]
    pub writes_at_once: usize,

    /// Reads that wait for a connection in this process before more are refused with 503.
    #[arg(long, env = "DOCKET_READS_WAITING", default_value_t = Self::default().reads_waiting, value_name = "N")]
    pub reads_waiting: usize,
}

impl Default for Room {
    fn default() -> Self {
        // After a restart all who listen come again at once, and some of them take a refusal for the end.
        Self { writes_at_once: 128, reads_waiting: 4_096 }
    }
}

impl Room {
    /// Whether as many writes are under way as there is room for.
    pub fn has_none_to_write(&self, commands: &Commands) -> bool {
        commands.under_way() >= self.writes_at_once
    }
}

/// What is said to whom there is no room for.
pub fn refusal() -> Problem {
    metrics::counter!("docket_http_refused_total").increment(1);
    let detail = "There is more to do than there is room for just now; see Retry-After.";
    Problem { code: OVERLOADED.into(), ..Problem::unavailable(RETRY_AFTER).with_detail(detail) }
}

/// Refuses what there is no room for, as soon as its head is there. Its mount says so in its own shape. Who comes with many
/// others at once may get past this, and is refused where the work would begin.
pub async fn hold(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let is_full =
        if request.method().is_safe() { app.reads.are_crowded() } else { app.room.has_none_to_write(&app.commands) };
    if is_full && !ALWAYS_ANSWERED.contains(&request.uri().path()) {
        *request.body_mut() = Body::empty();
        request.extensions_mut().insert(refusal());
    }
    next.run(request).await
}
