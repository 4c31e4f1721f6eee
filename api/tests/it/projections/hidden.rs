//! A deleted project takes its tasks with it, and brings them back.

use docket_domain::project::{Command, Project};
use docket_domain::task::{self, Status, Task};

use super::ask::{Ask, ProjectQuery, TaskQuery};

use super::{World, value};

#[tokio::test(flavor = "multi_thread")]
async fn tasks_come_and_go_with_their_project() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let (kept, gone) = (world.project(tenant, "kept").await, world.project(tenant, "gone").await);
    world.task(tenant, kept, "stays here").await;
    let hidden = world.task(tenant, gone, "goes away").await;
    world.tell::<Project>(tenant, gone.0, Command::Delete).await;
    world.catch_up().await;

    let all = TaskQuery::default();
    let of_gone = TaskQuery { project_id: Some(gone), ..all.clone() };
    let found = TaskQuery { q: Some("goes".to_owned()), ..all.clone() };
    let todo = TaskQuery { status: vec![Status::Todo], ..all.clone() };
    assert_eq!(world.titles(tenant, all.clone()).await, ["stays here"]);
    assert_eq!(world.tasks(tenant, all.clone()).await.total, 1);
    for query in [of_gone.clone(), found.clone()] {
        let page = world.tasks(tenant, query).await;
        assert_eq!((page.docs.len(), page.total), (0, 0));
    }
    assert_eq!(world.tasks(tenant, todo.clone()).await.total, 1);
    assert!(world.reads.task(&tenant.reader(), hidden).await.unwrap().is_none());
    let projects = world.reads.projects(&tenant.reader(), &ProjectQuery::default()).await.unwrap();
    assert_eq!((projects.docs.len(), projects.total), (1, 1));

    world.tell::<Project>(tenant, gone.0, Command::Restore).await;
    world.catch_up().await;
    for (query, total) in [(all, 2), (of_gone, 1), (found, 1), (todo, 2)] {
        let page = world.tasks(tenant, query).await;
        assert_eq!((page.docs.len() as i64, page.total), (total, total));
    }
    assert!(world.reads.task(&tenant.reader(), hidden).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_says_how_many_tasks_are_open() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P {\"}").await;
    let (one, two) = (world.task(tenant, project, "1").await, world.task(tenant, project, "2").await);
    world.task(tenant, project, "3").await;
    let done = task::Changes { status: Some(Status::Done), ..task::Changes::default() };
    world.tell::<Task>(tenant, one.0, task::Command::Update(done)).await;
    world.tell::<Task>(tenant, two.0, task::Command::Delete).await;
    world.catch_up().await;
    let doc = world.reads.project(&tenant.reader(), project).await.unwrap().expect("a project");
    assert_eq!(value(&doc.json)["open_tasks"], 1);
    assert_eq!(value(&doc.json)["name"], "P {\"}");
    let page = world.reads.projects(&tenant.reader(), &ProjectQuery::default()).await.unwrap();
    assert_eq!(page.docs.iter().collect::<Vec<_>>(), [doc.json]);
    let archived = |archived| ProjectQuery { archived: Some(archived), ..ProjectQuery::default() };
    assert_eq!(world.reads.projects(&tenant.reader(), &archived(true)).await.unwrap().total, 0);
    assert_eq!(world.reads.projects(&tenant.reader(), &archived(false)).await.unwrap().total, 1);
}
