//! A history as a stream of lines (NDJSON), read and sent piece by piece.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use docket_projections::{ListQuery, Start, TRAIL};
use futures::stream;
use serde::Serialize;

use super::{Checkpoint, latest};
use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// The type of such a stream.
pub const NDJSON: &str = "application/x-ndjson";
/// Events that are read at a time.
const PIECE: i64 = 1_000;

/// The last line: who has it has all of it.
#[derive(Serialize)]
struct Ending {
    end: End,
}

#[derive(Serialize)]
struct End {
    events: usize,
    checkpoint: Option<Checkpoint>,
}

struct Export {
    app: App,
    caller: Caller,
    /// What to read next; none: all is read.
    next: Option<ListQuery>,
    events: usize,
}

/// 200 with all that a query finds. What fails half way breaks the connection off, and the last line is not there.
pub async fn respond(app: App, caller: Caller, mut query: ListQuery) -> Result<Response, Problem> {
    query.page.limit = PIECE;
    let mut export = Export { app, caller, next: Some(query), events: 0 };
    // What can be refused is refused before anything is sent.
    let first = export.piece().await?;
    let pieces = stream::try_unfold((Some(first), export), async |(ready, mut export)| {
        let piece = match ready {
            Some(piece) => piece,
            None => export.piece().await.map_err(|problem| std::io::Error::other(problem.detail.to_string()))?,
        };
        Ok::<_, std::io::Error>(piece.map(|piece| (piece, (None, export))))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

impl Export {
    /// The next lines; none after the last.
    async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(query) = &mut self.next else { return Ok(None) };
        let page = self.app.reads.list(&self.caller.reader(), &TRAIL, query).await?;
        self.events += page.docs.len();
        let mut lines = String::with_capacity(page.docs.joined().len() + page.docs.len());
        for doc in page.docs.iter() {
            lines.push_str(doc);
            lines.push('\n');
        }
        match page.next_cursor {
            Some(cursor) => query.page.start = Start::After(cursor),
            None => {
                self.next = None;
                let end = End { events: self.events, checkpoint: latest(&self.app, &self.caller).await? };
                lines.push_str(&serde_json::to_string(&Ending { end }).map_err(|_| Problem::internal())?);
                lines.push('\n');
            }
        }
        Ok(Some(lines.into()))
    }
}
