//! Cursors are good for the list that gave them, and for nothing else.

use docket_projections::{Error, PageQuery, Start};

use super::ask::{Ask, ProjectQuery, Sort, TaskQuery};

use super::{World, first};

fn after(cursor: &str) -> PageQuery {
    PageQuery { limit: 2, start: Start::After(cursor.to_owned()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_list_is_refused() {
    let mut world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let project = world.project(tenant, "P").await;
    for n in 0..5 {
        world.task(tenant, project, &format!("T{n}")).await;
    }
    world.catch_up().await;
    let query = TaskQuery { page: first(2), ..TaskQuery::default() };
    let cursor = world.tasks(tenant, query.clone()).await.next_cursor.expect("more");

    let next = TaskQuery { page: after(&cursor), ..query.clone() };
    assert_eq!(world.titles(tenant, next.clone()).await, ["T2", "T1"]);

    let foreign = world.reads.tasks(&other.reader(), &next).await;
    assert!(matches!(foreign, Err(Error::BadCursor)));
    for other in [
        TaskQuery { sort: Sort::parse("number").unwrap(), ..next.clone() },
        TaskQuery { sort: Sort::parse("-updated_at").unwrap(), ..next.clone() },
        TaskQuery { project_id: Some(project), ..next.clone() },
        TaskQuery { q: Some("T1".to_owned()), ..next.clone() },
    ] {
        assert!(matches!(world.reads.tasks(&tenant.reader(), &other).await, Err(Error::BadCursor)), "{other:?}");
    }
    let projects = ProjectQuery { archived: None, page: after(&cursor) };
    assert!(matches!(world.reads.projects(&tenant.reader(), &projects).await, Err(Error::BadCursor)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_cursor_is_refused() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    for n in 0..3 {
        world.task(tenant, project, &format!("T{n}")).await;
    }
    world.catch_up().await;
    let cursor = world.tasks(tenant, TaskQuery { page: first(2), ..TaskQuery::default() }).await.next_cursor.unwrap();
    for at in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'Q' } else { b'A' };
        let tampered = String::from_utf8(bytes).unwrap();
        let query = TaskQuery { page: after(&tampered), ..TaskQuery::default() };
        assert!(matches!(world.reads.tasks(&tenant.reader(), &query).await, Err(Error::BadCursor)), "{tampered}");
    }
    for nonsense in ["", "x", "====", "\u{0}", &"A".repeat(10_000)] {
        let query = TaskQuery { page: after(nonsense), ..TaskQuery::default() };
        assert!(matches!(world.reads.tasks(&tenant.reader(), &query).await, Err(Error::BadCursor)));
    }
}
