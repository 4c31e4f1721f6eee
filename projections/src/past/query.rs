//! Questions about the history of a resource → answers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use docket_domain::changes::{self, Change};
use docket_domain::snapshot::Unreadable;
use docket_domain::{AnySnapshot, Recorded, kinds};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use uuid::Uuid;

use super::entry;
use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::list::{View, shown};
use crate::page::{Docs, Page, PageQuery, Start};
use crate::sql::Binds;
use crate::{Error, Reads, log};

/// Which part of a resource's history.
#[derive(Clone, Debug, Default)]
pub struct HistoryQuery {
    /// Which page; without offsets.
    pub page: PageQuery,
    /// Newest first.
    pub descending: bool,
    /// Which events of it.
    pub only: Only,
    /// Only these members of each, if any are named.
    pub fields: Option<Vec<&'static str>>,
}

/// Which events: those that fulfil all that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Of any of these types.
    pub types: Vec<String>,
    /// By any of these: members, or keys that act for none.
    pub actors: Vec<Uuid>,
    /// With any of these keys.
    pub keys: Vec<Uuid>,
    /// Committed at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Committed later than this.
    pub after: Option<DateTime<Utc>>,
    /// Committed at this time or before.
    pub to: Option<DateTime<Utc>>,
    /// Committed before this.
    pub before: Option<DateTime<Utc>>,
}

impl Only {
    fn includes(&self, event: &Recorded) -> bool {
        let (at, by) = (event.recorded_at, &event.metadata);
        (self.types.is_empty() || self.types.contains(&event.event_type))
            && (self.actors.is_empty() || by.actor.id().is_some_and(|id| self.actors.contains(&id)))
            && (self.keys.is_empty() || by.key_id.is_some_and(|id| self.keys.contains(&id.0)))
            && self.from.is_none_or(|from| at >= from)
            && self.after.is_none_or(|after| at > after)
            && self.to.is_none_or(|to| at <= to)
            && self.before.is_none_or(|before| at < before)
    }
}

/// So many events of a command are read at once: no statement takes long.
const AT_ONCE: usize = 1_000;

/// An aggregate being folded, event by event.
pub(super) struct Fold {
    state: Box<dyn AnySnapshot>,
    /// Its members after the last event.
    pub(super) members: Map<String, Value>,
}

impl Fold {
    /// Before its first event.
    pub(super) fn new(kind: &str, id: Uuid) -> Result<Self, Error> {
        let state = kinds::blank(kind, id).ok_or_else(|| Error::Bug(format!("there is no kind {kind:?}")))?;
        Ok(Self { state, members: Map::new() })
    }

    /// Takes in the next event; answers what it changed.
    pub(super) fn step(&mut self, event: &Recorded) -> Result<Vec<Change>, Unreadable> {
        self.state.fold(event)?;
        let members = changes::members(self.state.as_ref());
        let before = std::mem::replace(&mut self.members, members);
        Ok(changes::between(&before, &self.members))
    }
}

/// The events in guarded rows that have some columns before them.
fn events(rows: &[Row], from: usize) -> Result<Vec<Recorded>, Error> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        if row.try_get::<_, Option<i64>>(from + 1)?.is_some() {
            events.push(log::recorded(row, from)?);
        }
    }
    Ok(events)
}

impl Reads {
    /// How many events an aggregate has, and those of them up to a version.
    pub(crate) async fn stream(
        &self,
        reader: &ReadAs,
        (kind, id): (&str, Uuid),
        to: i64,
    ) -> Result<(i64, Vec<Recorded>), Error> {
        let mut binds = Binds::default();
        let (kind, id) = (binds.bind(kind.to_owned(), "text"), binds.bind(id, "uuid"));
        let to = binds.bind(to.saturating_add(1), "int8");
        let shape = self.shapes().get(("stream", Vec::new()), || {
            let count = format!(
                ", (select k.version from log.streams k where k.partition = $2::int2 and k.id = {id} \
                 and k.workspace = $1::uuid and k.kind = {kind})"
            );
            let answer = format!(
                "select {} from log.events_before($2::int2, array[{id}], array[{to}]) \
                 where workspace = $1::uuid and kind = {kind}",
                log::COLUMNS
            );
            guarded(&count, "", &answer)
        });
        let rows = self.ask(reader, &[], &shape, &binds).await?;
        let Some(first) = rows.first() else { return Err(Error::Revoked) };
        Ok((first.try_get::<_, Option<i64>>(COLUMNS)?.unwrap_or(0), events(&rows, COLUMNS + 1)?))
    }

    /// All events of the aggregates with these ids, of each in order.
    pub async fn events_of(&self, reader: &ReadAs, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Recorded>>, Error> {
        let mut binds = Binds::default();
        let (ids, to) = (binds.bind(ids.to_vec(), "uuid[]"), binds.bind(vec![i64::MAX; ids.len()], "int8[]"));
        let shape = self.shapes().get(("streams", Vec::new()), || {
            let answer = format!(
                "select {} from log.events_before($2::int2, {ids}, {to}) where workspace = $1::uuid",
                log::COLUMNS
            );
            guarded("", "", &answer)
        });
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for event in events(&self.ask(reader, &[], &shape, &binds).await?, COLUMNS)? {
            all.entry(event.stream).or_default().push(event);
        }
        Ok(all)
    }

    /// All events of the command that wrote the one at a position, in order.
    pub async fn whole_command(&self, reader: &ReadAs, position: i64) -> Result<Vec<Recorded>, Error> {
        let mut all: Vec<Recorded> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last.position);
            let some = self.command(reader, position, (after, AT_ONCE)).await?;
            let is_last = some.len() < AT_ONCE;
            all.extend(some);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The same, as clients see them.
    pub async fn command_of(&self, reader: &ReadAs, position: i64) -> Result<Docs, Error> {
        let mut docs = Docs::default();
        let events = self.whole_command(reader, position).await?;
        for event in &events {
            docs.push(&entry::text(event, None)?, events.len());
        }
        Ok(docs)
    }

    /// The events of the command that wrote the one at a position, in order: those after a position, at most so many.
    pub(super) async fn command(
        &self,
        reader: &ReadAs,
        position: i64,
        (after, most): (i64, usize),
    ) -> Result<Vec<Recorded>, Error> {
        let mut binds = Binds::default();
        let [position, after, most] = [position, after, most as i64].map(|number| binds.bind(number, "int8"));
        let shape = self.shapes().get(("command", Vec::new()), || {
            let answer = format!(
                "select {} from audit.command($2::int2, {position}) where workspace = $1::uuid and position > {after} \
                 order by position limit {most}",
                log::COLUMNS
            );
            guarded("", "", &answer)
        });
        events(&self.ask(reader, &[], &shape, &binds).await?, COLUMNS)
    }

    /// One page of what happened to the aggregate of this kind with this id: who did it, when, with what, and what it
    /// changed. Nothing, if there is none; what happened to a deleted one can still be seen.
    pub async fn history_of(
        &self,
        reader: &ReadAs,
        (kind, id): (&str, Uuid),
        query: &HistoryQuery,
    ) -> Result<Option<Page>, Error> {
        let name = format!("history {kind} {id} {} {:?}", query.descending, query.only);
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        let after: Option<i64> = match &query.page.start {
            Start::After(cursor) => Some(cursors.open(cursor)?.parse().map_err(|_| Error::BadCursor)?),
            Start::First => None,
            Start::Offset(_) => return Err(Error::Bug("a history has no offsets".to_owned())),
        };
        let limit = query.page.limit;
        let chosen = query.only != Only::default();
        // One more than the page has says whether there is another. Of some, how many there are is only known of all.
        let to = match after {
            None if !chosen && !query.descending => limit + 1,
            Some(after) if !chosen && !query.descending => after.saturating_add(limit + 1),
            Some(after) if !chosen => after - 1,
            _ => i64::MAX,
        };
        let (versions, events) = self.stream(reader, (kind, id), to).await?;
        // Whatever exists was created, and that is in its history.
        if versions == 0 {
            return Ok(None);
        }
        let mut fold = Fold::new(kind, id)?;
        let mut found = Vec::new();
        for event in &events {
            // What can't be read is shown, though nobody can say what it changed; nor can it be said of what came after.
            let changed = fold.step(event).ok();
            if query.only.includes(event) {
                found.push((event, changed));
            }
        }
        let total = if chosen { found.len() as i64 } else { versions };
        if query.descending {
            found.reverse();
        }
        let is_beyond = |version: i64| match after {
            Some(after) if query.descending => version < after,
            Some(after) => version > after,
            None => true,
        };
        let mut rest = found.into_iter().filter(|(event, _)| is_beyond(event.version));
        let page: Vec<_> = rest.by_ref().take(usize::try_from(limit).unwrap_or(0)).collect();
        let has_more = rest.next().is_some();
        let next_cursor = page.last().filter(|_| has_more).map(|(event, _)| cursors.seal(&event.version.to_string()));
        let (mut docs, expected) = (Docs::default(), page.len());
        let view = View { fields: query.fields.clone(), ..View::default() };
        for (event, changed) in page {
            docs.push(&shown(&entry::text(event, changed)?, &view)?, expected);
        }
        Ok(Some(Page { docs, next_cursor, has_more, total, total_is_exact: true, ranks: Vec::new() }))
    }
}
