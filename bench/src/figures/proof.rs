//! How far the signed checkpoint is behind the log while tasks are created.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::create::create;
use crate::database::Database;
use crate::report::Figure;
use crate::stage::Stage;

const CONNECTIONS: usize = 32;
/// What is promised, in seconds.
const PROMISED: f64 = 5.0;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How old the oldest event is that is in no tree yet, in microseconds.
const BEHIND: &str = "select coalesce(max(extract(epoch from clock_timestamp() - e.recorded_at)) * 1000000, 0)::int8 \
                      from log.heads h left join audit.witnessed w on w.partition = h.partition \
                      join log.events e on e.partition = h.partition and e.position = coalesce(w.position, 0) + 1";

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let unsigned = "select count(*) from audit.trees where checkpoint = ''";
    ensure!(stage.database.number(unsigned).await? == 0, "the server signs nothing: it needs --audit-key");
    let database = stage.database.another().await?;
    let supplies = stage.supplies.clone();
    let (mut most, mut looks) = (0, 0_u32);
    let created = tokio::select! {
        created = create(stage, &supplies, CONNECTIONS) => created?,
        failed = watch(&database, &mut most, &mut looks) => return failed,
    };
    let note = format!("{looks} looks while {} tasks were created, {:.0} a second", created.count, created.load.rate());
    let name = format!("the checkpoint is behind, at most, while {CONNECTIONS} connections create");
    stage.report.add(Figure::new(name, most as f64 / 1e6, "s").at_most(PROMISED).noting(note));
    Ok(())
}

/// Looks, again and again, how far behind it is.
async fn watch(database: &Database, most: &mut i64, looks: &mut u32) -> Result<()> {
    loop {
        *most = database.number(BEHIND).await?.max(*most);
        *looks += 1;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
