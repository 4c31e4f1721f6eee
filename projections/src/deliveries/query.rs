//! Questions about what webhooks were sent → answers.

use docket_domain::snapshot::micros;
use serde::Serialize;
use uuid::Uuid;

use chrono::{DateTime, Utc};

use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::{Error, Reads};

/// One attempt to send a message.
#[derive(Clone, Debug, Serialize)]
pub struct Attempted {
    /// The message's id.
    pub message_id: String,
    /// What happened.
    pub event_type: String,
    /// Which attempt it was: 1, 2, 3 …
    pub attempt: i32,
    /// When.
    #[serde(with = "micros")]
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: i32,
    /// The status that was answered, if any.
    pub status: Option<i16>,
    /// Why it counts as failed; null: it was taken.
    pub error: Option<String>,
}

/// How far a webhook is, and its last attempts, the newest first.
#[derive(Clone, Debug)]
pub struct Attempts {
    /// Everything up to here was sent, or is not wanted.
    pub position: i64,
    /// Since when the next one is tried in vain.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_at: Option<DateTime<Utc>>,
    /// The last attempts.
    pub attempts: Vec<Attempted>,
}

impl Reads {
    /// What a webhook was sent; none, if it is not known (yet).
    pub async fn attempts(&self, reader: &ReadAs, webhook: Uuid, limit: i64) -> Result<Option<Attempts>, Error> {
        let mut binds = Binds::default();
        let (webhook, limit) = (binds.bind(webhook, "uuid"), binds.bind(limit, "int8"));
        let shape = self.shapes().get(("attempts", Vec::new()), || {
            let sql = format!(
                "select c.position, c.failing_since, case when c.failing_since is not null and isfinite(c.next_at) \
                 then c.next_at end, d.message, d.event_type, d.attempt, d.at, d.took_ms, d.status, d.error \
                 from webhooks.cursors c left join lateral (select * from webhooks.deliveries d \
                 where d.workspace = $1::uuid and d.webhook = {webhook} order by d.id desc limit {limit}) d on true \
                 where c.workspace = $1::uuid and c.webhook = {webhook}"
            );
            guarded("", "", &sql)
        });
        let rows = self.ask(reader, &[], &shape, &binds).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let Some(position) = first.try_get(COLUMNS)? else { return Ok(None) };
        let (failing_since, next_at) = (first.try_get(COLUMNS + 1)?, first.try_get(COLUMNS + 2)?);
        let mut attempts = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(message_id) = row.try_get(COLUMNS + 3)? else { continue };
            attempts.push(Attempted {
                message_id,
                event_type: row.try_get(COLUMNS + 4)?,
                attempt: row.try_get(COLUMNS + 5)?,
                at: row.try_get(COLUMNS + 6)?,
                took_ms: row.try_get(COLUMNS + 7)?,
                status: row.try_get(COLUMNS + 8)?,
                error: row.try_get(COLUMNS + 9)?,
            });
        }
        Ok(Some(Attempts { position, failing_since, next_at, attempts }))
    }
}
