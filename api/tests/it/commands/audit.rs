//! A log that is sound: what must hold of every one, whatever was done to it.

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::api_key::ApiKey;
use docket_domain::label::Label;
use docket_domain::member::Member;
use docket_domain::project::Project;
use docket_domain::task::Task;
use docket_domain::{AnySnapshot, Metadata, Recorded, Snapshot, WorkspaceId};
use serde_json::value::RawValue;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Desk;

impl Desk {
    /// Every event of the partition, in order.
    pub async fn events(&self) -> Vec<Recorded> {
        let sql = "select *, payload::text as payload_text, metadata::text as metadata_text, \
                   personal::text as personal_text from log.events \
                   where partition = $1 order by position";
        let rows = sqlx::query(sql).bind(self.partition()).fetch_all(&self.pool).await.expect("the log");
        rows.iter().map(read).collect()
    }

    /// Finds the partition's log sound, and answers its events.
    pub async fn audit(&self) -> Vec<Recorded> {
        let events = self.events().await;
        let positions: Vec<i64> = events.iter().map(|event| event.position).collect();
        assert_eq!(positions, (1..=self.head().await).collect::<Vec<_>>(), "positions are 1..head");
        assert!(events.is_sorted_by_key(|event| event.recorded_at), "time never goes back");
        commands_are_whole(&events);
        let states = fold(&events);
        numbers_are_dense(&events);
        self.streams_say_what_happened(&events, &states).await;
        events
    }

    async fn streams_say_what_happened(&self, events: &[Recorded], states: &BTreeMap<Uuid, Box<dyn AnySnapshot>>) {
        type Stream = (Uuid, i64, bool, i64, Option<String>, Uuid, String);
        let sql = "select id, version, alive, number, series, workspace, kind from log.streams where partition = $1";
        let streams: Vec<Stream> =
            sqlx::query_as(sql).bind(self.partition()).fetch_all(&self.pool).await.expect("the streams");
        assert_eq!(streams.len(), states.len());
        let first: BTreeMap<Uuid, &Recorded> = events.iter().rev().map(|event| (event.stream, event)).collect();
        for (id, version, alive, number, series, workspace, kind) in streams {
            let (state, born) = (&states[&id], first[&id]);
            assert_eq!((version, alive), (state.version(), state.alive()), "{kind} {id}");
            assert_eq!((Some(number), series), (born.number, born.series.clone()), "{kind} {id}");
            assert_eq!((workspace, kind), (born.workspace.0, born.kind.clone()), "{id}");
        }
    }
}

fn read(row: &PgRow) -> Recorded {
    Recorded {
        partition: row.get("partition"),
        position: row.get("position"),
        workspace: WorkspaceId(row.get("workspace")),
        kind: row.get("kind"),
        stream: row.get("stream"),
        version: row.get("version"),
        event_type: row.get("event_type"),
        event_version: row.get("event_version"),
        number: row.get("number"),
        series: row.get("series"),
        command: row.get("command"),
        occurred_at: row.get("occurred_at"),
        recorded_at: row.get("recorded_at"),
        payload: RawValue::from_string(row.get("payload_text")).expect("JSON"),
        personal: row.get::<Option<String>, _>("personal_text").map(|text| RawValue::from_string(text).expect("JSON")),
        metadata: serde_json::from_str::<Metadata>(row.get("metadata_text")).expect("metadata"),
    }
}

/// The events of a command stand together, in one workspace and at one time.
fn commands_are_whole(events: &[Recorded]) {
    let mut seen = BTreeSet::new();
    for command in events.chunk_by(|one, next| one.command == next.command) {
        assert!(seen.insert(command[0].command), "a command is in the log twice");
        assert!(command.iter().all(|event| event.recorded_at == command[0].recorded_at));
        assert!(command.iter().all(|event| event.workspace == command[0].workspace));
        assert!(command.iter().all(|event| event.metadata.causation_id == event.command));
    }
}

/// Every aggregate folds, which finds any version that is missing or doubled.
fn fold(events: &[Recorded]) -> BTreeMap<Uuid, Box<dyn AnySnapshot>> {
    let mut states = BTreeMap::<Uuid, Box<dyn AnySnapshot>>::new();
    for event in events {
        let state = states.entry(event.stream).or_insert_with(|| blank(&event.kind, event.stream));
        state.fold(event).expect("the next event of its aggregate");
    }
    states
}

fn blank(kind: &str, id: Uuid) -> Box<dyn AnySnapshot> {
    match kind {
        "task" => Box::new(Snapshot::<Task>::blank(id)),
        "project" => Box::new(Snapshot::<Project>::blank(id)),
        "member" => Box::new(Snapshot::<Member>::blank(id)),
        "label" => Box::new(Snapshot::<Label>::blank(id)),
        "api_key" => Box::new(Snapshot::<ApiKey>::blank(id)),
        "seat" => Box::new(super::claims::seat::Seat::blank(id)),
        other => panic!("what is a {other}?"),
    }
}

/// Per workspace and kind the numbers are 1, 2, 3 … in the order of the log, and so are those of each series.
fn numbers_are_dense(events: &[Recorded]) {
    let mut last = BTreeMap::<(WorkspaceId, &str, &str), i64>::new();
    let mut next = move |event, series| {
        let Recorded { workspace, kind, .. }: &Recorded = event;
        let last = last.entry((*workspace, kind, series)).or_default();
        *last += 1;
        *last
    };
    for event in events {
        assert_eq!(event.number, (event.version == 1).then(|| next(event, "")), "{} {}", event.kind, event.stream);
        if let Some((series, number)) = event.series.as_deref().map(|series| series.rsplit_once('-').expect("a dash")) {
            assert_eq!(number.parse(), Ok(next(event, series)), "{} {}", event.kind, event.stream);
        }
    }
}
