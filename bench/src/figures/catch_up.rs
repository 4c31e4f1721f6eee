//! How fast the relay, JetStream and the projectors of all read models take in what has piled up: the log is filled in
//! one commit, as another node might, and the clock runs until every read model has it.

use std::time::Instant;

use anyhow::Result;

use crate::limits::Inserts;
use crate::machine::CpuUse;
use crate::prefill;
use crate::report::Figure;
use crate::stage::Stage;

/// Fills the log up to many tasks, then measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let have = stage
        .database
        .number("select coalesce(sum(last), 0)::bigint from log.counters where kind = 'task' and series = ''")
        .await?;
    // Enough to measure by, however many there are already.
    let count = (stage.options.many() - have).max(stage.options.many() / 4);
    let inserts = stage.database.another().await?;
    let l1 = Inserts::prepare(&inserts).await?.run(32, stage.span()).await?;
    eprintln!("        filling the log with {count} more tasks");
    prefill::fill(&stage.database, stage.workspace, stage.big, &stage.supplies, count).await?;
    let (start, before) = (Instant::now(), CpuUse::now());
    stage.progress.caught_up().await?;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = CpuUse::now().since(&before);
    let (shares, idle, complaint) = (cpu.per_request(count as u64), cpu.idle() * 100.0, cpu.complaint());
    let note = format!("{count} events in {seconds:.1} s; µs per event: {shares}, idle {idle:.0} %{complaint}");
    let figure = Figure::new("catching up, all read models together", count as f64 / seconds, "/s");
    stage.report.add(figure.against("L1", l1.rate()).at_least(1.5).noting(note));
    // What is measured next is to have the machine.
    stage.progress.settled().await?;
    stage.database.batch("vacuum (analyze)").await
}
