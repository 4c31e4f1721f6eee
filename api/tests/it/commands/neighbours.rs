//! One command that can't be written fails alone.

use chrono::{DateTime, Utc};
use docket_commands::Error;
use futures::future::join_all;
use uuid::Uuid;

use super::claims::seat::Change;
use super::{Desk, id, new_task, retitle};

/// Many good commands at once, with bad ones among them; the good ones all succeed and each bad one fails.
async fn among_good_ones(desk: &Desk, bad: impl Fn() -> docket_domain::Intent) {
    let project = desk.project().await;
    let hot = desk.task(project).await;
    let all = (0..120).map(|n| {
        let intent = match n % 12 {
            5 => bad(),
            7 => retitle(hot, &format!("Title {n}")),
            _ => new_task(id(), project),
        };
        let desk = desk.clone();
        tokio::spawn(async move { (n % 12 == 5, desk.send(desk.request(), vec![intent]).await) })
    });
    for sent in join_all(all).await {
        let (bad, answer) = sent.expect("a sender");
        match answer {
            Ok(_) => assert!(!bad, "a bad command was carried out"),
            Err(Error::Bug(why)) => assert!(bad, "a good command failed: {why}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_the_database_refuses() {
    let desk = Desk::new().await;
    among_good_ones(&desk, || Change::new("window").in_series("no\0text").seat(id(), true)).await;
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_that_the_database_does_not_know() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    among_good_ones(&desk, || new_task(id(), project).at(Some(DateTime::<Utc>::MIN_UTC))).await;
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_there_already() {
    let desk = Desk::new().await;
    let clash = id();
    // A damaged log: an event of an aggregate that the log knows nothing else of.
    put_event(&desk, clash).await;
    let project = desk.project().await;
    among_good_ones(&desk, || new_task(clash, project)).await;
    sqlx::query("delete from log.events where stream = $1").bind(clash).execute(&desk.pool).await.expect("no event");
    desk.audit().await;
}

async fn put_event(desk: &Desk, stream: Uuid) {
    let sql = "insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, \
               command, occurred_at, recorded_at, payload, metadata) \
               values ($1, 1000000, $2, 'task', $3, 1, 'task.deleted', 1, $3, now(), now(), '{}', '{}')";
    let put = sqlx::query(sql).bind(desk.partition()).bind(desk.workspace.0).bind(stream);
    put.execute(&desk.pool).await.expect("an event");
}
