//! A key lets nobody in after its end.

use chrono::TimeDelta;
use docket_commands::{Error, Request};
use docket_domain::{Actor, KeyId};
use futures::future::join_all;

use super::{Desk, id, new_key, new_project, new_task, retitle, revoke, with_key};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_committed_with_a_key_after_its_revocation() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    let (project, key) = (here.project().await, id());
    here.make(new_key(key, None)).await;
    let writers = (0..200).map(|n| {
        let desk = [&here, &there][n % 2].clone();
        tokio::spawn(async move { desk.send(with_key(desk.request(), key), vec![new_task(id(), project)]).await })
    });
    let writers: Vec<_> = writers.collect();
    let revoked = there.make(revoke(key)).await.position.expect("a position");
    let answers: Vec<_> = join_all(writers).await.into_iter().map(|writer| writer.expect("a writer")).collect();
    let late = here.send(with_key(here.request(), key), vec![new_task(id(), project)]).await;
    assert!(matches!(late, Err(Error::Revoked)));

    let log = here.audit().await;
    let with_key: Vec<i64> =
        log.iter().filter(|event| event.metadata.key_id == Some(KeyId(key))).map(|event| event.position).collect();
    assert!(with_key.iter().all(|position| *position < revoked));
    assert_eq!(with_key.len(), answers.iter().filter(|answer| answer.is_ok()).count());
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Revoked))));
}

#[tokio::test]
async fn a_key_that_ends_itself_can_do_so_once() {
    let desk = Desk::new().await;
    let key = id();
    desk.make(new_key(key, None)).await;
    let request = || with_key(desk.request(), key);
    desk.send(request(), vec![revoke(key)]).await.expect("its end");
    assert!(matches!(desk.send(request(), vec![new_project(id(), "P")]).await, Err(Error::Revoked)));
    desk.audit().await;
}

#[tokio::test]
async fn a_key_expires_by_the_databases_clock() {
    let desk = Desk::new().await;
    let (expired, valid) = (id(), id());
    desk.make(new_key(expired, Some(TimeDelta::seconds(1)))).await;
    desk.make(new_key(valid, Some(TimeDelta::days(365 * 200)))).await;
    let with = |key| with_key(desk.request(), key);
    assert!(matches!(desk.send(with(expired), vec![new_project(id(), "P")]).await, Err(Error::Revoked)));
    desk.send(with(valid), vec![new_project(id(), "P")]).await.expect("a project");
    // Ending an expired key is still possible, and replaces one end by another.
    desk.make(revoke(expired)).await;
    desk.audit().await;
}

#[tokio::test]
async fn unknown_and_foreign_keys_let_nobody_in() {
    let desk = Desk::new().await;
    let foreign = desk.neighbour();
    let theirs = id();
    foreign.make(new_key(theirs, None)).await;
    let member = desk.member().await;
    for key in [id(), theirs, member] {
        let answer = desk.send(with_key(desk.request(), key), vec![new_project(id(), "P")]).await;
        assert!(matches!(answer, Err(Error::Revoked)));
    }
    let stranger = Request { actor: Actor::Member(id().into()), ..desk.request() };
    assert!(matches!(desk.send(stranger, vec![new_project(id(), "P")]).await, Err(Error::Revoked)));
    desk.audit().await;
}

#[tokio::test]
async fn a_key_knows_the_last_position_it_wrote() {
    let desk = Desk::new().await;
    let key = id();
    desk.make(new_key(key, None)).await;
    let mark = async || -> i64 {
        let mark = sqlx::query_scalar("select mark from log.streams where id = $1").bind(key);
        mark.fetch_one(&desk.pool).await.expect("a mark")
    };
    assert_eq!(mark().await, 0);
    let project = id();
    let answer = desk.send(with_key(desk.request(), key), vec![new_project(project, "P")]).await.expect("a project");
    assert_eq!(Some(mark().await), answer.position);
    let task = desk.task(project).await;
    assert_eq!(Some(mark().await), answer.position, "another's write is not its own");
    let refused = desk.send(with_key(desk.request(), key), vec![new_task(id(), id())]).await;
    assert!(refused.is_err());
    let answer = desk.send(with_key(desk.request(), key), vec![retitle(task, "Mine")]).await.expect("a title");
    assert_eq!(Some(mark().await), answer.position);
    desk.audit().await;
}
