//! Building all read models anew from the whole log, against copying the same data out and in.

use std::time::Instant;

use anyhow::Result;

use crate::limits::Copies;
use crate::report::Figure;
use crate::stage::Stage;

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let events = stage.database.number("select sum(position)::bigint from log.heads").await?;
    let start = Instant::now();
    stage.docket.run(&["projections", "rebuild"]).await?;
    let seconds = start.elapsed().as_secs_f64();
    stage.progress.caught_up().await?;
    let copies = Copies::take(&stage.database, &stage.progress.models).await?;
    let rate = |seconds: f64| events as f64 / seconds;
    let note = format!(
        "{events} events in {seconds:.1} s; the limit: {:.1} s to copy them out and {:.1} s to copy the rows of all read \
         models in, without their indexes",
        copies.out, copies.back
    );
    let figure = Figure::new("rebuild of all read models", rate(seconds), "/s").noting(note);
    stage.report.add(figure.against("COPY", rate(copies.out + copies.back)).at_least(0.4));
    Ok(())
}
