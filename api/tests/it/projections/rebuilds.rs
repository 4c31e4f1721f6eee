//! A rebuilt model is the live one, row for row, and comes into its place unnoticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket_projections::{Error, ModelState, Reads, Stage};

use super::ask::{Ask, TaskQuery};

use super::laws::{assert_same, dump, everything};
use super::random::Scene;
use super::{World, projector};

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_makes_what_projecting_made() {
    let mut world = World::new().await;
    let (mut one, mut two) = (Scene::set(&mut world, 11).await, Scene::set(&mut world, 12).await);
    for _ in 0..5 {
        one.play(&world, 40).await;
        two.play(&world, 40).await;
        world.catch_up().await;
    }
    let live = everything(&world).await;
    let admin = world.admin().await;
    let stages = std::sync::Mutex::new(Vec::new());
    admin.rebuild(None, &|progress| stages.lock().unwrap().push(progress.stage)).await.unwrap();
    assert_same(&everything(&world).await, &live);
    assert_same(&dump(&world, "^read_[a-z]+_old_1$").await, &live);
    assert_eq!(stages.lock().unwrap().last(), Some(&Stage::Live));
    assert!(admin.list().await.unwrap().iter().all(|one| one.state == ModelState::OldKept && one.lag() == 0));

    assert_eq!(admin.drop_old().await.unwrap().len(), docket_projections::NAMES.len());
    assert!(admin.list().await.unwrap().iter().all(|one| one.state == ModelState::Live));
    one.play(&world, 40).await;
    world.catch_up().await;
    let live = everything(&world).await;
    admin.rebuild(Some(&["tasks".to_owned()]), &|_| ()).await.unwrap();
    assert_same(&everything(&world).await, &live);
    assert_eq!(admin.drop_old().await.unwrap(), ["read_tasks_old_1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_holds_after_a_rebuild() {
    let mut world = World::new().await;
    let (a, b) = (world.tenant().await, world.tenant().await);
    let project = world.project(b, "P").await;
    world.task(b, project, "secret").await;
    world.catch_up().await;
    world.admin().await.rebuild(None, &|_| ()).await.unwrap();
    world.admin().await.drop_old().await.unwrap();
    let open = "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                join pg_attribute t on t.attrelid = c.oid and t.attname = 'workspace' \
                where n.nspname like 'read\\_%' and c.relkind = 'r' and not c.relforcerowsecurity";
    assert_eq!(world.count(open).await, 0);
    let search = TaskQuery { q: Some("secret".to_owned()), ..TaskQuery::default() };
    assert_eq!(world.tasks(a, search.clone()).await.total, 0);
    assert_eq!(world.tasks(b, search).await.total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_writers_notice_nothing() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 21).await;
    scene.play(&world, 100).await;
    // One task that nothing happens to.
    let project = world.project(scene.tenant, "calm").await;
    world.task(scene.tenant, project, "calm").await;
    world.catch_up().await;
    let done = Arc::new(AtomicBool::new(false));

    let projecting = tokio::spawn({
        let (done, mut projector) = (done.clone(), projector(&world.db, &world.reads).await);
        async move {
            while !done.load(Ordering::Relaxed) {
                if projector.step().await.expect("projecting goes on").events == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    let reading = tokio::spawn({
        let (done, reads, reader) = (done.clone(), world.reads.clone(), scene.tenant.reader());
        let elsewhere = Reads::connect(&world.db.url, 2).await.unwrap();
        async move {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                for reads in [&reads, &elsewhere] {
                    let page = match reads.tasks(&reader, &TaskQuery::default()).await {
                        // On a busy machine what was written is late.
                        Err(Error::NotFresh) => continue,
                        page => page.expect("reading goes on"),
                    };
                    assert!(page.total > 0 && !page.docs.is_empty(), "half a rebuild was seen");
                    count += 1;
                }
            }
            count
        }
    });
    let admin = world.admin().await;
    for _ in 0..3 {
        let rebuilding = admin.rebuild(None, &|_| ());
        let (rebuilt, ()) = tokio::join!(rebuilding, scene.play(&world, 60));
        rebuilt.unwrap();
        admin.drop_old().await.unwrap();
    }
    // What was written last is read by the same key, so everything has been taken in.
    world.tasks(scene.tenant, TaskQuery::default()).await;
    done.store(true, Ordering::Relaxed);
    projecting.await.unwrap();
    assert!(reading.await.unwrap() > 10);

    world.catch_up().await;
    let live = everything(&world).await;
    admin.rebuild(None, &|_| ()).await.unwrap();
    assert_same(&everything(&world).await, &live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_fails_as_a_whole() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    let task = world.task(tenant, project, "T").await;
    world.catch_up().await;
    let live = everything(&world).await;
    world.sql(&format!("update log.events set payload = '{{\"type\":\"nonsense\"}}' where stream = '{task}'")).await;
    let admin = world.admin().await;
    let error = admin.rebuild(None, &|_| ()).await.unwrap_err().to_string();
    assert!(error.contains(&task.to_string()), "{error}");
    assert_same(&everything(&world).await, &live);
    assert!(admin.list().await.unwrap().iter().all(|one| one.state == ModelState::Live));
    let unknown = admin.rebuild(Some(&["nonsense".to_owned()]), &|_| ()).await.unwrap_err().to_string();
    assert!(unknown.contains("trail"), "{unknown}");
}
