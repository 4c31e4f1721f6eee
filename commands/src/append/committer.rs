//! One task per partition: drains whatever queued while its last commit ran, and commits it in one call.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_failpoints::failpoint;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::sync::{Notify, mpsc, oneshot};

use super::batch::{Batch, MOST_COMMANDS};
use super::pace::Pace;
use super::{Append, Verdict, sql};

/// A command waiting for its verdict.
pub struct Pending {
    /// The command.
    pub append: Append,
    /// Where the verdict goes.
    pub reply: oneshot::Sender<Verdict>,
}

/// How long to wait for an answer: longer than the server lets a call run, for a connection may die without a word.
const PATIENCE: Duration = Duration::from_secs(40);

/// The committer of one partition.
pub struct Committer {
    partition: i16,
    options: PgConnectOptions,
    queue: mpsc::Receiver<Pending>,
    committed: Arc<Notify>,
    pace: Arc<Pace>,
    connection: Option<PgConnection>,
    /// Received, but not yet part of a batch.
    waiting: VecDeque<Pending>,
    /// A position that everything sent from now on will come after.
    head: i64,
}

/// Plans must not depend on what the tables held when they were made: every join here is a few keys into an index.
const SESSION: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; \
    set enable_hashjoin = off; set enable_mergejoin = off; set statement_timeout = '30s'; set jit = off";

impl Committer {
    /// A committer that reads `queue` until all its senders are gone.
    pub fn new(
        partition: i16,
        options: PgConnectOptions,
        queue: mpsc::Receiver<Pending>,
        committed: Arc<Notify>,
        pace: Arc<Pace>,
    ) -> Self {
        Self { partition, options, queue, committed, pace, connection: None, waiting: VecDeque::new(), head: 0 }
    }

    /// Commits until nobody can send any more.
    pub async fn run(mut self) {
        while self.step().await {}
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
    }

    /// Waits for a command and commits it with all that wait beside it. False when there will be none.
    async fn step(&mut self) -> bool {
        if self.waiting.is_empty() {
            match self.queue.recv().await {
                Some(pending) => self.waiting.push_back(pending),
                None => return false,
            }
        }
        let (appends, replies): (Vec<Append>, Vec<_>) =
            self.next_batch().into_iter().map(|pending| (pending.append, pending.reply)).unzip();
        let started = Instant::now();
        let verdicts = self.commit(&appends).await;
        let took = started.elapsed();
        self.pace.note(took, started + took);
        metrics::histogram!("docket_append_seconds").record(took.as_secs_f64());
        metrics::histogram!("docket_append_commands").record(appends.len() as f64);
        self.publish(&appends, &verdicts);
        for (reply, verdict) in replies.into_iter().zip(verdicts) {
            let _ = reply.send(verdict);
        }
        true
    }

    /// Everything that is there and can be judged together, in order.
    fn next_batch(&mut self) -> Vec<Pending> {
        while self.waiting.len() < MOST_COMMANDS {
            match self.queue.try_recv() {
                Ok(pending) => self.waiting.push_back(pending),
                Err(_) => break,
            }
        }
        let mut batch = Batch::default();
        let together = self.waiting.iter().take_while(|pending| batch.admit(&pending.append)).count();
        self.waiting.drain(..together).collect()
    }

    /// Takes the new states into the cache and wakes whoever carries events on, before anybody is answered.
    fn publish(&mut self, appends: &[Append], verdicts: &[Verdict]) {
        for (append, verdict) in appends.iter().zip(verdicts) {
            if let Verdict::Committed(done) = verdict {
                self.head = self.head.max(done.position);
                for (write, state) in append.writes.iter().zip(&done.states) {
                    write.entry.put(state.clone());
                }
            }
        }
        self.committed.notify_one();
    }

    /// A verdict for every command. One that can't be written does not fail its neighbours: they go singly.
    async fn commit(&mut self, appends: &[Append]) -> Vec<Verdict> {
        let all: Vec<&Append> = appends.iter().collect();
        let mut since = None;
        match self.deliver(&mut since, &all).await {
            Ok(verdicts) => verdicts,
            Err(violation) if all.len() == 1 => vec![Verdict::Failed(violation)],
            Err(_) => {
                let mut verdicts = Vec::with_capacity(all.len());
                for one in all {
                    let verdict = self.deliver(&mut since, &[one]).await;
                    verdicts.extend(verdict.unwrap_or_else(|violation| vec![Verdict::Failed(violation)]));
                }
                verdicts
            }
        }
    }

    /// Sends a batch until there is an answer. A lost answer is unknown, never failed: the same commands are sent
    /// again, to be found in the log if they had landed. An error says that the batch itself can't be written.
    async fn deliver(&mut self, since: &mut Option<i64>, batch: &[&Append]) -> Result<Vec<Verdict>, String> {
        let mut pause = Duration::from_millis(5);
        loop {
            let attempt = tokio::time::timeout(PATIENCE, self.attempt(since, batch)).await;
            let error = match attempt.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))) {
                Ok(verdicts) => return Ok(verdicts),
                Err(error) => error,
            };
            if is_its_own_fault(&error) {
                return Err(error.to_string());
            }
            tracing::warn!(partition = self.partition, %error, "append: no answer, will send again");
            metrics::counter!("docket_append_resent_total").increment(1);
            self.connection = None;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// Sends a batch once; from then on `since` says after which position it may have landed.
    async fn attempt(&mut self, since: &mut Option<i64>, batch: &[&Append]) -> Result<Vec<Verdict>, sqlx::Error> {
        if self.connection.is_none() {
            // Whatever keeps it from connecting, which may be called an internal error, is not the batch's fault.
            let connected = self.connect().await;
            let (connection, head) = connected.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
            self.connection = Some(connection);
            if since.is_none() {
                self.head = head;
            }
        }
        let Some(connection) = self.connection.as_mut() else {
            return Err(sqlx::Error::PoolClosed);
        };
        let sent_before = *since;
        *since = Some(self.head);
        sql::call(connection, self.partition, sent_before, batch).await
    }

    async fn connect(&self) -> Result<(PgConnection, i64), sqlx::Error> {
        let mut connection = self.options.connect().await?;
        connection.execute(SESSION).await?;
        if failpoint!("answers-before-the-commit") {
            connection.execute("set synchronous_commit = off").await?;
        }
        let head = sqlx::query_scalar("select position from log.heads where partition = $1")
            .bind(self.partition)
            .fetch_one(&mut connection)
            .await?;
        Ok((connection, head))
    }
}

/// Whether the batch can never be written, as opposed to: not now, or nobody knows. A batch that is sent in vain for
/// ever would jam its partition, so of the database's own errors only those that pass by themselves are waited for:
/// connection, read-only after a failover, login, rollback, resources, object state, an operator's hand, the disk.
fn is_its_own_fault(error: &sqlx::Error) -> bool {
    const PASSING: [&str; 9] = ["08", "25", "28", "3D", "40", "53", "55", "57", "58"];
    match error {
        sqlx::Error::Encode(_) => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| !PASSING.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}
