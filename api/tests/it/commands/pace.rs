//! How long an append takes is known, however far away the disk is.

use std::time::Duration;

use sqlx::Executor;

use super::Desk;

/// As if each commit took a while.
const SLOW_DISK: &str = "create function slow() returns trigger language plpgsql as \
    'begin perform pg_sleep(0.05); return null; end'; \
    create trigger slow after insert on log.events for each statement execute function slow()";

#[tokio::test]
async fn the_shortest_append_is_no_shorter_than_a_commit() {
    let desk = Desk::new().await;
    assert_eq!(desk.commands.shortest_append(), Duration::ZERO, "nothing is known");
    desk.project().await;
    let quick = desk.commands.shortest_append();
    assert!(quick > Duration::ZERO);

    desk.pool.execute(SLOW_DISK).await.expect("a slow disk");
    let node = desk.elsewhere().await;
    node.project().await;
    let slow = node.commands.shortest_append();
    assert!(slow >= Duration::from_millis(50), "{slow:?}");
    node.project().await;
    assert!(node.commands.shortest_append() <= slow, "one that takes longer changes nothing");

    desk.project().await;
    assert!(desk.commands.shortest_append() <= quick);
    desk.audit().await;
}
