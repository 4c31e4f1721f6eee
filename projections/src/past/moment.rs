//! What a resource was at some moment, and what differs between two.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use docket_domain::changes::{self, Change};
use docket_domain::ids::WorkspaceId;
use docket_domain::{AnySnapshot, Recorded, kinds};
use serde::Serialize;
use serde_json::Map;
use uuid::Uuid;

use crate::guard::ReadAs;
use crate::model::NAMES;
use crate::{Error, Reads};

/// A moment of a history. One that lies ahead is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// What was committed up to this time.
    Time(DateTime<Utc>),
    /// What was committed up to this position.
    Position(i64),
}

impl Moment {
    /// When a day was over, in UTC.
    pub fn end_of(day: NaiveDate) -> Self {
        Self::Time(day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1) - TimeDelta::microseconds(1))
    }

    /// Whether an event had happened by then.
    pub(crate) fn includes(self, event: &Recorded) -> bool {
        match self {
            Self::Time(time) => event.recorded_at <= time,
            Self::Position(position) => event.position <= position,
        }
    }
}

/// A resource at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct Then {
    /// How many events it had.
    pub version: i64,
    /// The position of the last of them; none if it was not there yet.
    pub position: Option<i64>,
    /// When that was committed.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// What differs between two moments of a resource.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The earlier one.
    pub from: Then,
    /// The later one.
    pub to: Then,
    /// Field by field.
    pub changes: Vec<Change>,
}

/// An aggregate after the events that had happened by a moment.
fn folded(kind: &str, id: Uuid, events: &[Recorded], moment: Moment) -> Result<(Box<dyn AnySnapshot>, Then), Error> {
    let mut state = kinds::blank(kind, id).ok_or_else(|| Error::Bug(format!("there is no kind {kind:?}")))?;
    let mut then = Then { version: 0, position: None, recorded_at: None };
    for event in events.iter().take_while(|event| moment.includes(event)) {
        state.fold(event).map_err(|error| Error::Bug(error.to_string()))?;
        then = Then { version: event.version, position: Some(event.position), recorded_at: Some(event.recorded_at) };
    }
    Ok((state, then))
}

impl Reads {
    /// The last position that had been committed by a moment; that of the log, if the moment lies ahead.
    pub(crate) async fn position_of(&self, workspace: WorkspaceId, moment: Moment) -> Result<i64, Error> {
        let partition = self.partition_of(workspace);
        // Whatever the read models are known to have, the log has.
        if let Moment::Position(position) = moment
            && position <= self.positions().known(partition, &NAMES)
        {
            return Ok(position);
        }
        let mut session = self.session().await?;
        let rows = match moment {
            Moment::Time(time) => {
                session.rows("select log.position_at($1::int2, $2::timestamptz)", &[&partition, &time]).await?
            }
            Moment::Position(position) => {
                let sql = "select least(h.position, $2::int8) from log.heads h where h.partition = $1::int2";
                session.rows(sql, &[&partition, &position]).await?
            }
        };
        Ok(rows.first().map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// What differs between two moments of the aggregate of this kind with this id; none, if there is no such aggregate.
    pub async fn difference(
        &self,
        reader: &ReadAs,
        (kind, id): (&str, Uuid),
        from: Moment,
        to: Option<Moment>,
    ) -> Result<Option<Difference>, Error> {
        let (total, events) = self.stream(reader, (kind, id), i64::MAX).await?;
        if total == 0 {
            return Ok(None);
        }
        let (before, from) = folded(kind, id, &events, from)?;
        let (after, to) = folded(kind, id, &events, to.unwrap_or(Moment::Position(i64::MAX)))?;
        let (before, after): (Map<_, _>, Map<_, _>) =
            (changes::members(before.as_ref()), changes::members(after.as_ref()));
        Ok(Some(Difference { changes: changes::between(&before, &after), from, to }))
    }
}
