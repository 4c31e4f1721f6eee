//! The wrong workspace. What the code asks for and what PostgreSQL has been told whose the session is are two walls: whichever
//! is mistaken, the other one holds.
//!
//! That somebody forgets to say whose rows they want can't be tried: [`ReadAs`] can't be made without a workspace, and no
//! other id passes for one.

use std::collections::BTreeMap;

use docket_api::bootstrap::Founding;
use docket_domain::Recorded;
use docket_domain::ids::WorkspaceId;
use docket_projections::{Error, LISTS, List, ListQuery, Moment, PROJECTS, ReadAs, Reads, TRAIL, View};
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::hostile::things::{Things, settled};
use crate::server::Server;

/// In everything that the other workspace has, and nowhere else.
const SECRET: &str = "zebrafish";

/// Two workspaces with one of everything, and all that the other one sees of itself.
struct Pair {
    server: Server,
    own: ReadAs,
    theirs: ReadAs,
    /// What there is to be found of theirs: ids and a position.
    names: Vec<(&'static List, Uuid)>,
    position: i64,
}

fn owner_of(workspace: &Founding) -> ReadAs {
    ReadAs { workspace: workspace.workspace_id, key: workspace.keys[0].id, member: None, min_position: None }
}

fn payloads(events: impl IntoIterator<Item = Recorded>) -> Vec<String> {
    events.into_iter().map(|event| event.payload.to_string()).collect()
}

impl Pair {
    async fn new() -> Self {
        let server = Server::start().await;
        let other = server.neighbour(SECRET).await;
        Things::make(&server, &server.workspace, "own").await;
        Things::make(&server, &other, SECRET).await;
        settled(&server).await;
        let (own, theirs) = (owner_of(&server.workspace), owner_of(&other));
        let mut pair = Self { server, own, theirs, names: Vec::new(), position: 0 };
        let all = pair.shown(&theirs).await;
        for list in LISTS {
            pair.names.extend(all[&format!("{}, now", list.name)].iter().filter_map(|doc| {
                let doc: Value = serde_json::from_str(doc).ok()?;
                Some((list, doc["id"].as_str()?.parse().ok()?))
            }));
        }
        let first = pair.reads().await.next(theirs.workspace, 0).await.expect("an event").expect("a first one");
        pair.position = first.position;
        let all = pair.shown(&theirs).await;
        for (place, found) in &all {
            assert!(found.iter().any(|text| text.contains('{')), "{place} proves nothing: {found:?}");
        }
        assert!(pair.shown(&own).await.values().flatten().all(|text| !text.contains(SECRET)));
        pair
    }

    /// A read side of its own: what another one remembers would prove nothing.
    async fn reads(&self) -> Reads {
        Reads::connect(&self.server.db.url, 2).await.expect("the read side")
    }

    /// Whatever a reader is shown, by where it was found: lists as they are, as they were and searched, and by the other
    /// workspace's ids; what has happened, and what is told of it.
    async fn shown(&self, reader: &ReadAs) -> BTreeMap<String, Vec<String>> {
        let reads = self.reads().await;
        let now = Moment::Position(reads.head(reader.workspace).await.expect("a head"));
        let mut shown = BTreeMap::new();
        for list in LISTS.iter().copied().chain([&TRAIL]) {
            let mut queries = vec![("now", ListQuery::default())];
            if list.searched.is_some() {
                let then = View { as_of: Some(now), ..View::default() };
                queries.push(("then", ListQuery { view: then, ..ListQuery::default() }));
                queries.push(("searched", ListQuery { q: Some(SECRET.to_owned()), ..ListQuery::default() }));
            }
            for (how, query) in queries {
                let place = format!("{}, {how}", list.name);
                let page = reads.list(reader, list, &query).await.unwrap_or_else(|error| panic!("{place}: {error}"));
                let mut found: Vec<String> = page.docs.iter().map(str::to_owned).collect();
                found.extend((page.total > 0).then(|| format!("{} in all", page.total)));
                shown.insert(place, found);
            }
        }
        for &(list, id) in &self.names {
            let doc = reads.get(reader, list, id, &View::default()).await.expect("an answer");
            shown.insert(format!("{} {id}", list.name), doc.into_iter().map(|doc| doc.json).collect());
        }
        if self.position > 0 {
            let ids: Vec<Uuid> = self.names.iter().map(|(_, id)| *id).collect();
            let command = reads.whole_command(reader, self.position).await.expect("a command");
            shown.insert("a command".to_owned(), payloads(command));
            let histories = reads.events_of(reader, &ids).await.expect("histories");
            shown.insert("histories".to_owned(), payloads(histories.into_values().flatten()));
        }
        let next = reads.next(reader.workspace, 0).await.expect("an answer");
        shown.insert("the first event".to_owned(), payloads(next));
        let told = reads.told(reader.workspace, 0, 1_000).await.expect("messages").events;
        shown.insert("told".to_owned(), told.iter().map(|message| message.text.clone()).collect());
        shown
    }

    /// From now on PostgreSQL takes every session for this workspace's, whatever that says.
    async fn mistake_all_for(&self, workspace: WorkspaceId) {
        let statement = format!(
            "create or replace function log.tenant() returns uuid language sql stable parallel safe \
             as $$ select '{workspace}'::uuid $$"
        );
        self.carry_out(&statement).await;
    }

    async fn carry_out(&self, statement: &str) {
        let mut owner = PgConnection::connect(&self.server.db.url).await.expect("the database");
        owner.execute(statement).await.expect(statement);
    }

    /// No key is looked for in the log any more: else nothing would be asked at all.
    async fn let_every_key_pass(&self) {
        self.carry_out("alter table log.streams disable row level security").await;
    }

    /// Every session is taken for this workspace's, and this reader asks as somebody of the other one: first with a key that
    /// is not found, then with one that is.
    async fn nothing_is_shown_in_sessions_of(&self, workspace: WorkspaceId, reader: &ReadAs) {
        self.mistake_all_for(workspace).await;
        let read = self.reads().await.list(reader, &PROJECTS, &ListQuery::default()).await;
        assert!(matches!(read, Err(Error::Revoked)), "{:?}", read.map(|page| page.total));
        self.let_every_key_pass().await;
        let shown = self.shown(reader).await;
        let leaks: Vec<_> = shown.iter().filter(|(_, found)| !found.is_empty()).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_another_workspace_and_even_a_key_of_it_is_shown_nothing_in_a_session_of_their_own() {
    let pair = Pair::new().await;
    pair.nothing_is_shown_in_sessions_of(pair.own.workspace, &pair.theirs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_taken_for_another_workspaces_shows_nothing_of_that() {
    let pair = Pair::new().await;
    pair.nothing_is_shown_in_sessions_of(pair.theirs.workspace, &pair.own).await;
}
