//! Writing a batch: rows and checkpoints in one transaction, sent in one flight.
//!
//! A large batch keeps two connections busy. The rows of tables that are *aside* (writing one twice is the same as
//! writing it once, and nobody finds it before the rest is there) go in a transaction of their own, which must have been
//! committed before the other one may move the checkpoint. Should the other one fail, they are only written again.

use std::time::Duration;

use deadpool::managed::Timeouts;
use docket_failpoints::failpoint;
use futures::future::{BoxFuture, FutureExt, join, join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::batch::Fault;
use crate::checkpoint::{self, Checkpoint, Move};
use crate::db::{Pool, Session};
use crate::rows::Rows;

/// A batch of at least so many rows is worth two connections.
const LARGE: usize = 1_000;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It counts.
    Commit,
    /// It was only to see whether it would.
    Rollback,
}

/// A batch, ready to be written.
pub(crate) struct Batch {
    /// The checkpoints it moves.
    pub(crate) checkpoints: Vec<Checkpoint>,
    /// Where they go.
    pub(crate) to: Move,
    /// What it writes.
    pub(crate) rows: Vec<Rows>,
}

type Flight<'a> = Vec<BoxFuture<'a, Result<(), tokio_postgres::Error>>>;

impl Batch {
    /// Writes it, over two connections if it is large and there are any to spare.
    pub(crate) async fn write(self, pool: &Pool) -> Result<(), Fault> {
        let mut session = pool.get().await.map_err(crate::Error::from)?;
        if self.rows.iter().map(Rows::len).sum::<usize>() < LARGE {
            return self.write_with(&mut session, End::Commit).await;
        }
        // Never waits for a second connection while holding the first.
        let at_once = Timeouts { wait: Some(Duration::ZERO), ..pool.timeouts() };
        match pool.timeout_get(&at_once).await {
            Ok(mut second) => self.write_with_two(&mut session, &mut second).await,
            Err(_) => self.write_with(&mut session, End::Commit).await,
        }
    }

    /// Writes it, or only tries to, over one connection.
    pub(crate) async fn write_with(&self, session: &mut Session, end: End) -> Result<(), Fault> {
        let statements = prepare(session, self.rows.iter()).await?;
        let move_to = session.prepare(&checkpoint::move_sql(&self.checkpoints)).await?;
        let (client, moved) = (session.client(), self.to.params());
        let arrays: Vec<_> = self.rows.iter().map(Rows::arrays).collect();
        let mut flight: Flight<'_> = vec![client.batch_execute("begin").boxed()];
        flight.push(async { client.execute(&move_to, &moved).await.map(drop) }.boxed());
        if failpoint!("checkpoint-before-rows") {
            flight.push(client.batch_execute("commit; begin; do $$ begin raise sqlstate '57P01'; end $$").boxed());
        }
        writes(client, &statements, &arrays, &mut flight);
        flight.push(client.batch_execute(if end == End::Commit { "commit" } else { "rollback" }).boxed());
        fly(flight).await
    }

    async fn write_with_two(&self, session: &mut Session, second: &mut Session) -> Result<(), Fault> {
        let (aside, main): (Vec<&Rows>, Vec<&Rows>) = self.rows.iter().partition(|rows| rows.table().aside);
        let aside_statements = prepare(second, aside.iter().copied()).await?;
        let main_statements = prepare(session, main.iter().copied()).await?;
        let hold = second.prepare(&checkpoint::hold_sql(&self.checkpoints)).await?;
        let move_to = session.prepare(&checkpoint::move_sql(&self.checkpoints)).await?;
        let (client, other, moved, held) = (session.client(), second.client(), self.to.params(), self.to.holds());

        let main_arrays: Vec<_> = main.iter().map(|rows| rows.arrays()).collect();
        let aside_arrays: Vec<_> = aside.iter().map(|rows| rows.arrays()).collect();

        let mut first: Flight<'_> = vec![client.batch_execute("begin").boxed()];
        writes(client, &main_statements, &main_arrays, &mut first);

        let mut beside: Flight<'_> = vec![other.batch_execute("begin").boxed()];
        beside.push(async { other.execute(&hold, &held).await.map(drop) }.boxed());
        writes(other, &aside_statements, &aside_arrays, &mut beside);
        beside.push(other.batch_execute("commit").boxed());

        let (first, beside) = join(fly(first), fly(beside)).await;
        if let Err(fault) = first.and(beside) {
            client.batch_execute("rollback").await?;
            return Err(fault);
        }
        let last: Flight<'_> = vec![
            async { client.execute(&move_to, &moved).await.map(drop) }.boxed(),
            client.batch_execute("commit").boxed(),
        ];
        fly(last).await
    }
}

async fn prepare(
    session: &mut Session,
    rows: impl Iterator<Item = &Rows> + Send,
) -> Result<Vec<Statement>, tokio_postgres::Error> {
    let mut statements = Vec::new();
    for rows in rows {
        statements.push(session.prepare(&rows.sql()).await?);
    }
    Ok(statements)
}

fn writes<'a>(
    client: &'a Client,
    statements: &'a [Statement],
    arrays: &'a [Vec<&'a (dyn ToSql + Sync)>],
    flight: &mut Flight<'a>,
) {
    for (statement, params) in statements.iter().zip(arrays) {
        flight.push(async move { client.execute(statement, params).await.map(drop) }.boxed());
    }
}

/// Sends statements one after the other without waiting for answers: they are polled, and so sent, in this order. After
/// a failure the server refuses what follows, and a commit at the end becomes a rollback.
async fn fly(flight: Flight<'_>) -> Result<(), Fault> {
    for outcome in join_all(flight).await {
        outcome?;
    }
    Ok(())
}
