//! Whether all that was answered under load is true.

mod fold;
mod shown;

use anyhow::{Context, Result};
use futures::pin_mut;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use crate::database::Database;
use crate::report::Figure;
use crate::stage::Stage;

/// Positions that are missing, doubled or beyond the head, over all partitions.
const HOLES: &str =
    "select coalesce(sum(abs(h.position - coalesce(e.found, 0)) + abs(h.position - coalesce(e.last, 0))), 0)::bigint
    from log.heads h
    left join (select partition, count(*) as found, max(position) as last from log.events group by partition) e
    using (partition)";

/// Aggregates whose events are not 1, 2, 3 … up to the version in `log.streams`.
const GAPS: &str = "select count(*) from log.streams s
    full join (select partition, stream, count(*) as found, max(version) as last from log.events group by 1, 2) e
    on e.partition = s.partition and e.stream = s.id
    where s.version is distinct from e.found or s.version is distinct from e.last";

/// Numbers given twice or never, per workspace and kind.
const NUMBERS: &str = "select coalesce(sum(abs(c.last - coalesce(s.found, 0)) + abs(c.last - coalesce(s.last, 0))), 0)::bigint
    from log.counters c
    left join (select workspace, kind, count(distinct number) as found, max(number) as last from log.streams group by 1, 2) s
    using (workspace, kind) where c.series = ''";

const LOST: &str = "select count(*) from acknowledged a where not exists (select from log.streams s where s.id = a.id)";

/// Checks and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    stage.progress.caught_up().await?;
    let events = stage.database.number("select count(*) from log.events").await?;
    for (name, query) in [
        ("positions: holes or doubles", HOLES),
        ("versions: aggregates with holes or doubles", GAPS),
        ("numbers: holes or doubles", NUMBERS),
    ] {
        let wrong = stage.database.number(query).await?;
        stage.report.add(Figure::new(name, wrong as f64, "").at_most(0.0).noting(format!("of {events} events")));
    }
    let lost = lost(&stage.database, &stage.acknowledged).await?;
    let note = format!("of {} answered with 201", stage.acknowledged.len());
    stage
        .report
        .add(Figure::new("acknowledged tasks that are not in the log", lost as f64, "").at_most(0.0).noting(note));
    let tasks = fold::tasks(&stage.database).await?;
    let wrong = shown::compare(&stage.database, &tasks).await?;
    let note = format!("of {}; {}", tasks.len(), wrong.first().map_or("", String::as_str));
    stage.report.add(
        Figure::new("tasks that differ from a fold of their events", wrong.len() as f64, "").at_most(0.0).noting(note),
    );
    let wrong = shown::compare_counts(stage, &tasks).await?;
    let note = wrong.first().cloned().unwrap_or_default();
    stage.report.add(
        Figure::new("totals that differ from a fold of the events", wrong.len() as f64, "").at_most(0.0).noting(note),
    );
    Ok(())
}

async fn lost(database: &Database, acknowledged: &[uuid::Uuid]) -> Result<i64> {
    let database = database.another().await?;
    database.batch("create temporary table acknowledged (id uuid)").await?;
    let sink = database.copy_in("copy acknowledged from stdin (format binary)").await?;
    let writer = BinaryCopyInWriter::new(sink, &[Type::UUID]);
    pin_mut!(writer);
    for id in acknowledged {
        writer.as_mut().write(&[id]).await?;
    }
    let written = writer.finish().await?;
    anyhow::ensure!(written == acknowledged.len() as u64, "only {written} ids were copied");
    database.number(LOST).await.context("cannot look for acknowledged tasks")
}
