//! Rows into bare tables, by COPY.

use std::collections::BTreeMap;
use std::pin::pin;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use crate::Error;
use crate::rows::{Rows, Table, Verb};

/// How many chunks may wait to be written: the fold goes on while PostgreSQL copies.
const WAITING: usize = 4;

/// Tables whose rows are to be put together, by name, and how.
pub(super) type Sums = BTreeMap<&'static str, (&'static Table, Verb)>;

/// Writes whatever it is given, in a task of its own.
pub(super) struct Copier {
    chunks: mpsc::Sender<Rows>,
    work: JoinHandle<Result<Sums, Error>>,
}

impl Copier {
    /// Writes over this connection.
    pub(super) fn start(client: Client) -> Self {
        let (chunks, mut waiting) = mpsc::channel::<Rows>(WAITING);
        let work = tokio::spawn(async move {
            let mut sums = Sums::new();
            while let Some(rows) = waiting.recv().await {
                // What is called only catches up with what a rebuild reads from the log.
                if rows.verb() == Verb::Call {
                    continue;
                }
                copy(&client, &rows).await?;
                if matches!(rows.verb(), Verb::Add | Verb::Raise) {
                    sums.insert(rows.table().name, (rows.table(), rows.verb()));
                }
            }
            Ok(sums)
        });
        Self { chunks, work }
    }

    /// Writes these rows, sooner or later.
    pub(super) async fn write(&self, rows: Rows) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        // It is gone only after a failure, which `finish` tells.
        let _ = self.chunks.send(rows).await;
        Ok(())
    }

    /// Waits until all is written.
    pub(super) async fn finish(self) -> Result<Sums, Error> {
        drop(self.chunks);
        self.work.await.map_err(|gone| Error::Bug(format!("a copy ended early: {gone}")))?
    }
}

async fn copy(client: &Client, rows: &Rows) -> Result<(), Error> {
    let Table { name, columns, .. } = rows.table();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let types: Vec<Type> = columns.iter().map(|(_, kind)| kind.clone()).collect();
    let sql = format!("copy {name} ({}) from stdin (format binary)", names.join(", "));
    let mut writer = pin!(BinaryCopyInWriter::new(client.copy_in(&sql).await?, &types));
    for index in 0..rows.len() {
        writer.as_mut().write_raw(rows.row(index)).await?;
    }
    writer.finish().await?;
    Ok(())
}

/// Makes one row of all that have the same key, as their verb says.
pub(super) async fn add_up(client: &Client, table: &Table, verb: Verb) -> Result<(), Error> {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let (key, values) = names.split_at(table.key);
    let together =
        |name: &&str| if verb == Verb::Raise { format!("max({name})") } else { format!("sum({name})::int8") };
    let sums: Vec<_> = values.iter().map(together).collect();
    let (name, all, key) = (table.name, names.join(", "), key.join(", "));
    let sql = format!(
        "with parts as (delete from {name} returning {all}) insert into {name} ({all}) \
         select {key}, {} from parts group by {key}",
        sums.join(", ")
    );
    client.batch_execute(&sql).await?;
    Ok(())
}
