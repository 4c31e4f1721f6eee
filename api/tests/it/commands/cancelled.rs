//! Callers that go away: what they began is carried out or not, and nobody else notices.

use std::time::Duration;

use docket_domain::task::{Changes, Task};
use uuid::Uuid;

use super::{Desk, change_task, done, new_task, retitle, snapshot, task_of};

/// Drops the future after some polls of the runtime, or after a moment.
async fn cut_short(desk: &Desk, intent: docket_domain::Intent, nth: u32) {
    let patience = async {
        for _ in 0..nth % 7 {
            tokio::task::yield_now().await;
        }
        if !nth.is_multiple_of(3) {
            tokio::time::sleep(Duration::from_micros(u64::from(nth * 37 % 1_500))).await;
        }
    };
    tokio::select! {
        biased;
        _ = desk.send(desk.request(), vec![intent]) => {}
        () = patience => {}
    }
}

/// Waits until the stream has this version: what was begun is carried out, soon.
async fn until(desk: &Desk, stream: Uuid, version: i64) {
    let all = async {
        while in_log(desk, stream).await < version {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("everything that was begun");
}

async fn in_log(desk: &Desk, stream: Uuid) -> i64 {
    let version = sqlx::query_scalar("select coalesce(max(version), 0) from log.events where stream = $1").bind(stream);
    version.fetch_one(&desk.pool).await.expect("a version")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_command_stands_on_what_was_cut_short() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = desk.task(project).await;
    let mut version = 1;
    for nth in 0..100 {
        cut_short(&desk, retitle(task, &format!("Cut short {nth}")), nth).await;
        version += 1;
        if nth % 5 == 4 {
            until(&desk, task, version).await;
            // Were the cache behind, this would be refused, or the state another than the log's.
            let next = retitle(task, &format!("Carried out {nth}")).expecting(Some(vec![version]));
            let next = task_of(&desk.make(next).await);
            version += 1;
            let read = desk.elsewhere().await.make(change_task(task, Changes::default())).await;
            assert_eq!(snapshot::<Task>(done(&read, 0).state.as_ref()), next);
        }
    }
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_is_carried_out() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let mut begun = Vec::new();
    for nth in 0..100 {
        let task = Uuid::new_v4();
        begun.push(task);
        cut_short(&desk, new_task(task, project), nth).await;
    }
    for task in begun {
        until(&desk, task, 1).await;
    }
    assert_eq!(desk.audit().await.len(), 101);
}
