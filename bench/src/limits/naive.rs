//! B1: the naive server, as a process of its own.

use std::path::Path;

use anyhow::Result;
use uuid::Uuid;

use crate::database::Database;
use crate::load::{Outcome, Span, Target, closed};
use crate::peer::Peer;
use crate::scripts::{NaiveCreates, NaiveMoves};

/// Its tables exactly as in `db/init.sql` of postgres-es 0.5.0.
const TABLES: &str = "drop schema if exists naive cascade; create schema naive;
    create table naive.events (
        aggregate_type text not null, aggregate_id text not null, sequence bigint check (sequence >= 0) not null,
        event_type text not null, event_version text not null, payload json not null, metadata json not null,
        primary key (aggregate_type, aggregate_id, sequence));
    create table naive.task_view (
        view_id text not null, version bigint check (version >= 0) not null, payload json not null,
        primary key (view_id))";

/// The running server and the tasks it has.
pub struct Naive {
    target: Target,
    tasks: Vec<Uuid>,
    moves: Vec<NaiveMoves>,
    _peer: Peer,
}

impl Naive {
    /// Makes its tables and starts it.
    pub async fn start(database: &Database, program: &Path) -> Result<Self> {
        database.batch(TABLES).await?;
        let peer = Peer::start(program, &["serve-naive", "--database-url", database.url()]).await?;
        Ok(Self {
            target: Target { address: peer.address.clone(), key: None },
            tasks: Vec::new(),
            moves: Vec::new(),
            _peer: peer,
        })
    }

    /// Creates tasks over so many connections.
    pub async fn create(&mut self, connections: usize, span: Span) -> Result<Outcome> {
        let mut scripts: Vec<_> = (0..connections).map(|_| NaiveCreates::new()).collect();
        let outcome = closed(&self.target, &mut scripts, span).await?;
        self.tasks.extend(scripts.into_iter().flat_map(|script| script.created));
        Ok(outcome)
    }

    /// Changes the status of the first `among` tasks again and again, always to another one.
    pub async fn change_status(&mut self, connections: usize, among: usize, span: Span) -> Result<Outcome> {
        while self.tasks.len() < among {
            self.create(connections, Span::seconds(1.0)).await?;
        }
        if self.moves.len() != connections {
            let tasks = &self.tasks[..among];
            self.moves = (0..connections).map(|nth| NaiveMoves::new(tasks, nth, connections)).collect();
        }
        closed(&self.target, &mut self.moves, span).await
    }
}
