//! Nobody reads less than they have written, and a revoked key reads nothing.

use std::time::{Duration, Instant};

use docket_domain::api_key::{self, ApiKey};
use docket_projections::{Error, PageQuery, ReadAs, Reads};

use super::ask::{Ask, TaskQuery};
use uuid::Uuid;

use super::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_read_waits_for_what_its_key_has_written_on_any_node() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    // Another node: no projector tells it anything.
    let elsewhere = Reads::connect(&world.db.url, 2).await.unwrap();
    for n in 1..=5 {
        let task = world.task(tenant, project, &format!("T{n}")).await;
        let (reads, reader) = (elsewhere.clone(), tenant.reader());
        let page = tokio::spawn(async move { reads.tasks(&reader, &TaskQuery::default()).await });
        let (reads, reader) = (world.reads.clone(), tenant.reader());
        let one = tokio::spawn(async move { reads.task(&reader, task).await });
        world.catch_up().await;
        assert_eq!(page.await.unwrap().unwrap().total, n);
        assert!(one.await.unwrap().unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_cannot_be_fresh_says_so_after_two_seconds() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    world.project(tenant, "never projected").await;
    let begun = Instant::now();
    let answer = world.reads.tasks(&tenant.reader(), &TaskQuery::default()).await;
    assert!(matches!(answer, Err(Error::NotFresh)), "{answer:?}");
    assert!((1_900..20_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_can_be_insisted_on() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.catch_up().await;
    let other_key = world.reads.find_key(&tenant.sha256()).await.unwrap().expect("a key").id;
    let position = world.system::<docket_domain::task::Task>(
        tenant.workspace,
        Uuid::new_v4(),
        docket_domain::task::Command::Create(super::plain(project, "T")),
    );
    let position = position.await.unwrap();
    let reader = ReadAs { min_position: Some(position), key: other_key, ..tenant.reader() };
    let reads = world.reads.clone();
    let read = tokio::spawn(async move { reads.tasks(&reader, &TaskQuery::default()).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!read.is_finished());
    world.catch_up().await;
    assert_eq!(read.await.unwrap().unwrap().total, 1);
    world.reads.await_position(tenant.workspace, position).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_reads_nothing_though_nothing_is_projected() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    assert_eq!(world.tasks(tenant, TaskQuery::default()).await.total, 0);
    world
        .system::<ApiKey>(
            tenant.workspace,
            tenant.key.0,
            api_key::Command::Revoke { by: docket_domain::member::Role::Owner },
        )
        .await;
    let reader = tenant.reader();
    assert!(matches!(world.reads.tasks(&reader, &TaskQuery::default()).await, Err(Error::Revoked)));
    assert!(matches!(world.reads.keys(&reader, &PageQuery::default()).await, Err(Error::Revoked)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_counts_until_it_expires_and_only_for_its_workspace() {
    let mut world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let crossed = ReadAs { key: other.key, ..tenant.reader() };
    assert!(matches!(world.reads.tasks(&crossed, &TaskQuery::default()).await, Err(Error::Revoked)));
    world.sql(&format!("update log.streams set expires_at = now() where id = '{}'", tenant.key)).await;
    assert!(matches!(world.reads.tasks(&tenant.reader(), &TaskQuery::default()).await, Err(Error::Revoked)));
    assert_eq!(world.tasks(other, TaskQuery::default()).await.total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_found_as_soon_as_it_is_minted() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let mint = api_key::Mint {
        label: "new".to_owned(),
        member_id: None,
        role: docket_domain::member::Role::Viewer,
        scopes: vec!["tasks:read".to_owned()],
        format: "native".to_owned(),
        kid: "fresh".to_owned(),
        sha256: "ff".to_owned(),
        expires_at: None,
    };
    world.tell::<ApiKey>(tenant, Uuid::new_v4(), api_key::Command::Mint(mint)).await;
    let reads = world.reads.clone();
    let found = tokio::spawn(async move { reads.find_key("ff").await });
    world.catch_up().await;
    let found = found.await.unwrap().unwrap().expect("the new key");
    assert_eq!((found.workspace, found.key.state.label.as_str()), (tenant.workspace, "new"));
    assert!(world.reads.find_key("unknown").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_before_the_database_crashed_is_not_believed_after() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.task(tenant, project, "T").await;
    world.catch_up().await;
    assert_eq!(world.tasks(tenant, TaskQuery::default()).await.total, 1);
    // A crash ends all connections, and takes with it what was committed without waiting for the disk.
    let lost = "with rows as (delete from read_tasks.tasks), counts as (delete from read_tasks.task_counts) \
                update read_tasks.tasks_at set position = 0";
    sqlx::query(lost).execute(&world.pool).await.unwrap();
    let ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                 where datname = current_database() and pid <> pg_backend_pid()";
    assert!(sqlx::query_scalar::<_, i64>(ended).fetch_one(&world.pool).await.unwrap() > 0);
    loop {
        match world.reads.tasks(&tenant.reader(), &TaskQuery::default()).await {
            // The connections that were open before say so.
            Err(Error::Unavailable(_)) => {}
            Err(Error::NotFresh) => break,
            other => panic!("{other:?}"),
        }
    }
}
