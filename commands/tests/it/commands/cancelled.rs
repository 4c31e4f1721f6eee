//! Callers that go away: what they began is carried out or not, and nobody else notices.

use std::time::Duration;

use docket_domain::task::Task;
use uuid::Uuid;

use super::{Desk, change_task, done, new_task, retitle, snapshot, task_of};

/// Drops the future after some polls of the runtime, or after a moment.
async fn cut_short(desk: &Desk, intent: docket_domain::Intent, nth: u32) {
    let patience = async {
        for _ in 0..nth % 7 {
            tokio::task::yield_now().await;
        }
        if nth % 3 != 0 {
            tokio::time::sleep(Duration::from_micros(u64::from(nth * 37 % 1_500))).await;
        }
    };
    tokio::select! {
        biased;
        _ = desk.send(desk.request(), vec![intent]) => {}
        () = patience => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cache_is_never_behind_the_log() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = desk.task(project).await;
    for nth in 0..150 {
        cut_short(&desk, retitle(task, &format!("Cut short {nth}")), nth).await;
        if nth % 5 == 4 {
            // Comes after all that were cut short, and sees what they did.
            let next = task_of(&desk.make(retitle(task, &format!("Carried out {nth}"))).await);
            assert_eq!(next.version, in_log(&desk, task).await);
            let read = desk.elsewhere().await.make(change_task(task, docket_domain::task::Changes::default())).await;
            assert_eq!(snapshot::<Task>(done(&read, 0).state.as_ref()), next);
        }
    }
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_aggregates_are_whole_or_not_there() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let mut begun = Vec::new();
    for nth in 0..100 {
        let task = Uuid::new_v4();
        begun.push(task);
        cut_short(&desk, new_task(task, project), nth).await;
    }
    desk.task(project).await;
    let carried_out = desk.audit().await.iter().filter(|event| begun.contains(&event.stream)).count();
    assert_eq!(carried_out, begun.len(), "what was begun is carried out: a task of its own owns it");
}

async fn in_log(desk: &Desk, stream: Uuid) -> i64 {
    let version = sqlx::query_scalar("select max(version) from log.events where stream = $1").bind(stream);
    version.fetch_one(&desk.pool).await.expect("a version")
}
