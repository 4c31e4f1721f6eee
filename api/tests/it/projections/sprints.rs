//! What a sprint's tasks come to, and a task's parts, are what counting finds, whatever has happened.

use docket_domain::project::{self, Project};
use docket_domain::sprint::{self, Sprint};
use docket_projections::{ListQuery, Op, SPRINTS, SortBy, TASKS, Value as Asked, View};
use serde_json::{Value, json};

use super::ask::Ask;
use super::random::Scene;
use super::{World, first, value};

/// What the tasks of a sprint come to, counted one by one.
fn counted(tasks: &[Value]) -> Value {
    let open = |task: &&Value| !["done", "cancelled", "duplicate"].contains(&task["status"].as_str().unwrap());
    let done = |task: &&Value| task["status"] == "done";
    let points = |tasks: Vec<&Value>| tasks.iter().filter_map(|task| task["estimate_points"].as_i64()).sum::<i64>();
    json!({
        "tasks": tasks.len(), "open_tasks": tasks.iter().filter(open).count(),
        "done_tasks": tasks.iter().filter(done).count(), "points": points(tasks.iter().collect()),
        "open_points": points(tasks.iter().filter(open).collect()),
        "done_points": points(tasks.iter().filter(done).collect()),
    })
}

/// Tasks in the order of their numbers, with this id in a field.
fn theirs_by(field: &str, id: uuid::Uuid) -> ListQuery {
    let number = TASKS.field("number").expect("a number");
    let sort = vec![SortBy { field: number, descending: false }];
    ListQuery { sort, page: first(200), ..ListQuery::default() }.with(&TASKS, field, Op::Is, vec![Asked::Id(id)])
}

#[tokio::test(flavor = "multi_thread")]
async fn sprints_and_parents_count_what_is_theirs() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 21).await;
    for _ in 0..4 {
        scene.play(&world, 150).await;
        world.catch_up().await;
    }
    for id in [0, 1] {
        world.tell::<Project>(scene.tenant, scene.projects[id].0, project::Command::Restore).await;
        world.tell::<Sprint>(scene.tenant, scene.sprints[id].0, sprint::Command::Restore).await;
    }
    world.catch_up().await;

    let reader = scene.tenant.reader();
    let mut all = Vec::new();
    for id in &scene.tasks {
        all.extend(world.reads.task(&reader, *id).await.unwrap().map(|doc| value(&doc.json)));
    }
    for id in &scene.sprints[..2] {
        let doc =
            value(&world.reads.get(&reader, &SPRINTS, id.0, &View::default()).await.unwrap().expect("a sprint").json);
        let theirs: Vec<Value> = all.iter().filter(|task| task["sprint_id"] == id.to_string()).cloned().collect();
        assert!(!theirs.is_empty());
        for (name, number) in counted(&theirs).as_object().unwrap() {
            assert_eq!(&doc[name], number, "{name} of {doc}");
        }
        let page = world.reads.list(&reader, &TASKS, &theirs_by("sprint_id", id.0)).await.unwrap();
        assert_eq!(page.docs.iter().map(value).collect::<Vec<_>>(), theirs);
        assert_eq!(page.total, theirs.len() as i64);
        let closing = world.reads.closing(&reader, *id, 1_000).await.unwrap();
        assert_eq!(doc["open_tasks"], closing.open.len());
        assert_eq!(closing.sprint.as_deref().map(value), Some(doc));
    }
    let mut families = 0;
    for id in &scene.tasks {
        let parts: Vec<_> = all.iter().filter(|task| task["parent_id"] == id.to_string()).cloned().collect();
        let page = world.reads.list(&reader, &TASKS, &theirs_by("parent_id", id.0)).await.unwrap();
        assert_eq!((page.docs.iter().map(value).collect::<Vec<_>>(), page.total), (parts.clone(), parts.len() as i64));
        families += usize::from(!parts.is_empty());
        let mut above = std::iter::successors(Some(id.0.to_string()), |id| {
            all.iter().find(|task| task["id"] == *id).and_then(|task| Some(task["parent_id"].as_str()?.to_owned()))
        });
        assert!(above.by_ref().take(40).count() < 40, "a circle at {id}");
    }
    assert!(families > 5, "{families}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sprints_are_hidden_with_their_project() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let (here, there) = (world.project(tenant, "here").await, world.project(tenant, "there").await);
    world.sprint(tenant, here, "1").await;
    let hidden = world.sprint(tenant, there, "2").await;
    world.tell::<Project>(tenant, there.0, project::Command::Delete).await;
    world.catch_up().await;
    let page = world.reads.list(&tenant.reader(), &SPRINTS, &ListQuery::default()).await.unwrap();
    assert_eq!((page.docs.len(), page.total), (1, 1));
    assert!(world.reads.get(&tenant.reader(), &SPRINTS, hidden.0, &View::default()).await.unwrap().is_none());
}
