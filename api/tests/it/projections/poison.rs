//! An event that can't be taken in stops its aggregate, in its model, and nothing else.

use docket_domain::task::{Changes, Command, Status, Task};
use docket_projections::HistoryQuery;

use super::ask::{Ask, TaskQuery};

use super::laws::{assert_same, everything};
use super::{World, value};

fn status(status: Status) -> Command {
    Command::Update(Changes { status: Some(status), ..Changes::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_event_stops_its_aggregate_only() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    let (sick, sound) = (world.task(tenant, project, "sick").await, world.task(tenant, project, "sound").await);
    world.catch_up().await;
    let bad = world.tell::<Task>(tenant, sick.0, status(Status::Done)).await;
    world.tell::<Task>(tenant, sound.0, status(Status::Done)).await;
    world.tell::<Task>(tenant, sick.0, status(Status::Backlog)).await;
    let spoil = format!(
        "create table spoiled as select * from log.events where position = {bad} and stream = '{sick}'; \
         update log.events set payload = '{{\"type\":\"task.status_changed\",\"status\":7}}' \
         where position = {bad} and stream = '{sick}'"
    );
    world.sql(&spoil).await;
    world.catch_up().await;

    let doc = |json: &str| (value(json)["status"].clone(), value(json)["version"].clone());
    let reader = tenant.reader();
    let read = world.reads.task(&reader, sick).await.unwrap().unwrap();
    assert_eq!(doc(&read.json), ("todo".into(), 1.into()));
    let read = world.reads.task(&reader, sound).await.unwrap().unwrap();
    assert_eq!(doc(&read.json), ("done".into(), 2.into()));
    // The history shows what nobody understands, too.
    let history = world.reads.history_of(&reader, ("task", sick.0), &HistoryQuery::default()).await.unwrap().unwrap();
    assert_eq!((history.total, history.docs.len()), (3, 3));
    let changes: Vec<_> = history.docs.iter().map(|doc| value(doc)["changes"].is_array()).collect();
    assert_eq!(changes, [true, false, false]);

    let admin = world.admin().await;
    let parked = admin.parked().await.unwrap();
    let seen: Vec<_> = parked.iter().map(|one| (one.model.as_str(), one.version, one.error.is_empty())).collect();
    assert_eq!(seen, [("tasks", 2, false), ("tasks", 3, true)]);
    assert_eq!(admin.list().await.unwrap().iter().map(|one| one.parked).sum::<i64>(), 2);

    // Still broken: it stays. A later event waits behind it.
    assert!(admin.retry(None).await.unwrap()[0].failed.is_some());
    world.tell::<Task>(tenant, sick.0, status(Status::InReview)).await;
    world.catch_up().await;
    assert_eq!(admin.parked().await.unwrap().len(), 3);

    // Mended: all of it is taken in, in order, and projecting goes on from there.
    world.sql("update log.events e set payload = s.payload from spoiled s where (e.partition, e.position) = (s.partition, s.position); drop table spoiled").await;
    let retried = admin.retry(Some(sick.0)).await.unwrap();
    assert_eq!((retried.len(), retried[0].events, &retried[0].failed), (1, 3, &None));
    world.tell::<Task>(tenant, sick.0, status(Status::Duplicate)).await;
    world.catch_up().await;
    let read = world.reads.task(&reader, sick).await.unwrap().unwrap();
    assert_eq!(doc(&read.json), ("duplicate".into(), 5.into()));
    assert!(admin.parked().await.unwrap().is_empty());

    let live = everything(&world).await;
    admin.rebuild(None, &|_| ()).await.unwrap();
    assert_same(&everything(&world).await, &live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_the_database_refuses_stops_its_aggregate_only() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.catch_up().await;
    world.sql("alter table read_tasks.tasks add constraint no_sick check (doc not like '%sick%')").await;
    for n in 0..5 {
        world.task(tenant, project, &format!("before {n}")).await;
    }
    let sick = world.task(tenant, project, "sick").await;
    for n in 0..5 {
        world.task(tenant, project, &format!("after {n}")).await;
    }
    world.catch_up().await;
    assert_eq!(world.tasks(tenant, TaskQuery::default()).await.total, 10);
    assert!(world.reads.task(&tenant.reader(), sick).await.unwrap().is_none());
    let admin = world.admin().await;
    let parked = admin.parked().await.unwrap();
    assert_eq!((parked.len(), parked[0].stream), (1, sick.0));
    assert!(parked[0].error.contains("no_sick"), "{}", parked[0].error);

    world.sql("alter table read_tasks.tasks drop constraint no_sick").await;
    admin.retry(None).await.unwrap();
    assert_eq!(world.tasks(tenant, TaskQuery::default()).await.total, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_succeeds_leaves_nothing_parked() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.catch_up().await;
    world.sql("alter table read_tasks.tasks add constraint no_sick check (doc not like '%sick%')").await;
    let sick = world.task(tenant, project, "sick").await;
    world.catch_up().await;
    let admin = world.admin().await;
    assert_eq!(admin.parked().await.unwrap().len(), 1);
    admin.rebuild(Some(&["tasks".to_owned()]), &|_| ()).await.unwrap();
    assert!(admin.parked().await.unwrap().is_empty());
    world.tell::<Task>(tenant, sick.0, status(Status::Done)).await;
    world.catch_up().await;
    let read = world.reads.task(&tenant.reader(), sick).await.unwrap().unwrap();
    assert_eq!(value(&read.json)["status"], "done");
}
