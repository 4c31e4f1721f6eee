//! Lists of the past are what the lists were: checked against what they showed then, against a fold of the log up to any
//! position, and against their own documents.

use std::collections::BTreeSet;

use docket_domain::member::{self, Member, Role};
use docket_domain::{Recorded, kinds};
use docket_projections::{
    Error, LISTS, List, ListQuery, MEMBERS, Moment, Op, PageQuery, SortBy, Start, TASKS, Value as Asked, View,
};
use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;

use super::declared::{all, filters_find_what_they_should, orders_hold, pages_at, scene, walk};
use super::laws::{assert_same, everything};
use super::random::Scene;
use super::{World, projector, value};

/// How many versions that have ended since, and how many that are there still, may be gathered, rather than that walks pass
/// over the others: none, or all of one kind.
const GATHERED: [(i64, i64); 3] = [(0, 0), (10_000, 0), (0, 10_000)];

/// What every list showed at some position; without what nobody knows of the past.
async fn shown(world: &World, scene: &Scene, as_of: Option<Moment>) -> Vec<(&'static str, Vec<Value>)> {
    let mut shown = Vec::new();
    for list in LISTS {
        let mut docs = all(world, scene, list, as_of).await;
        for doc in &mut docs {
            for fleeting in ["online", "last_seen_at", "last_used_at"] {
                doc.as_object_mut().expect("an object").remove(fleeting);
            }
        }
        shown.push((list.name, docs));
    }
    shown
}

async fn head(world: &World, scene: &Scene) -> i64 {
    world.reads.head(scene.tenant.workspace).await.expect("the head")
}

/// Throws all read models away and takes everything in at once.
async fn project_anew(world: &World) {
    for model in docket_projections::NAMES {
        let tables =
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables where schemaname = $1";
        let schema = format!("read_{model}");
        let tables: String = sqlx::query_scalar(tables).bind(schema).fetch_one(&world.pool).await.unwrap();
        world.sql(&format!("truncate {tables}")).await;
    }
    projector(&world.db, &world.reads).await.catch_up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_the_past_are_what_the_lists_were() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 31).await;
    let mut seen = Vec::new();
    for _ in 0..8 {
        scene.play(&world, 25).await;
        world.catch_up().await;
        seen.push((head(&world, &scene).await, shown(&world, &scene, None).await));
    }
    scene.play(&world, 60).await;
    world.catch_up().await;
    for anew in 0..3 {
        for ((ended, present), (position, then)) in seen.iter().flat_map(|seen| GATHERED.map(|most| (most, seen))) {
            world.reads.gather(ended, present);
            let found = shown(&world, &scene, Some(Moment::Position(*position))).await;
            for (found, then) in found.iter().zip(then) {
                assert_eq!(found, then, "at {position}, projected anew {anew} times, gathering {ended} and {present}");
            }
        }
        match anew {
            0 => project_anew(&world).await,
            _ => world.admin().await.rebuild(None, &|_| ()).await.expect("a rebuild"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_is_nobody_in_the_past_too() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let id = world.member(tenant, "quirin").await;
    for at_once in [false, true] {
        let renamed = member::Command::Update { name: Some(format!("Quirin {at_once}")), position_id: None };
        world.tell::<Member>(tenant, id.0, renamed).await;
        if !at_once {
            world.catch_up().await;
        }
    }
    let then = Some(Moment::Position(world.reads.head(tenant.workspace).await.expect("the head")));
    world.tell::<Member>(tenant, id.0, member::Command::Erase { by: Role::Owner }).await;
    world.catch_up().await;
    let query = pages_at(10, then);
    let page = world.reads.list(&tenant.reader(), &MEMBERS, &query).await.expect("a page");
    assert_eq!(value(page.docs.last().expect("a member"))["name"], "Former member");
    let live = everything(&world).await;
    assert!(!format!("{live:?}").to_lowercase().contains("quirin"), "{live:?}");
    world.admin().await.rebuild(None, &|_| ()).await.expect("a rebuild");
    assert_same(&everything(&world).await, &live);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_and_order_holds_in_the_past() {
    let mut world = World::new().await;
    let mut scene = scene(&mut world).await;
    let then = Some(Moment::Position(head(&world, &scene).await));
    scene.play(&world, 150).await;
    world.catch_up().await;
    for (ended, present) in GATHERED {
        world.reads.gather(ended, present);
        filters_find_what_they_should(&world, &scene, then).await;
        orders_hold(&world, &scene, then).await;
    }
}

/// All events of a workspace, in order.
async fn log(world: &World, scene: &Scene) -> Vec<Recorded> {
    let sql = "select row_to_json(e)::text from log.events e where workspace = $1 order by position";
    let rows = sqlx::query(sql).bind(scene.tenant.workspace.0).fetch_all(&world.pool).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row.get(0)).expect("an event")).collect()
}

/// The tasks that could be seen after these events, folded from the log.
fn tasks_after(events: &[Recorded]) -> BTreeSet<String> {
    let mut states = std::collections::BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == "task" || event.kind == "project") {
        let blank = || kinds::blank(&event.kind, event.stream).expect("a kind");
        let state = states.entry((event.kind.clone(), event.stream)).or_insert_with(blank);
        state.fold(event).expect("a fold");
    }
    let alive = |project: &Value| {
        let id: Uuid = project.as_str().unwrap().parse().unwrap();
        states.get(&("project".to_owned(), id)).is_some_and(|project| project.alive())
    };
    let tasks = states.iter().filter(|((kind, _), state)| kind == "task" && state.alive());
    tasks
        .map(|(_, state)| value(&state.to_json()))
        .filter(|doc| alive(&doc["project_id"]))
        .map(|doc| doc.to_string())
        .collect()
}

/// A world whose history goes on from a position, as if so much had happened to others.
async fn world_from(position: i64) -> World {
    let mut world = World::new().await;
    world.sql(&format!("update log.heads set position = {position}")).await;
    for model in docket_projections::NAMES {
        let sql = format!(
            "insert into read_{model}.{model}_at (partition, position) select partition, position from log.heads \
             on conflict (partition) do update set position = excluded.position"
        );
        world.sql(&sql).await;
    }
    world.projector = projector(&world.db, &world.reads).await;
    world
}

/// Of tasks in a status, what changed last comes first: here, the way through the list depends on counts and peaks.
fn changed_last(as_of: Option<Moment>) -> ListQuery {
    let sort = vec![SortBy { field: TASKS.field("updated_at").expect("a field"), descending: true }];
    ListQuery { sort, ..pages_at(30, as_of) }.with(&TASKS, "status", Op::Is, vec![Asked::Word(1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_a_fold_of_the_log_up_to_every_position() {
    // What is kept of the past is kept in blocks of 64, 1,024 and 16,384 positions: at the first of all, around the end of
    // the large one, and around that of a middle one.
    for (seed, before) in [(32, 0), (35, 16_350), (36, 17_374)] {
        let mut world = world_from(before).await;
        let mut scene = Scene::set(&mut world, seed).await;
        scene.play(&world, 160).await;
        // All in one batch, so that versions begin and end within it.
        world.catch_up().await;
        let events = log(&world, &scene).await;
        assert!(
            events[0].position > before && events.last().expect("events").position > before + 45,
            "{}",
            events.len()
        );
        for count in 1..=events.len() {
            let as_of = Some(Moment::Position(events[count - 1].position));
            let (ended, present) = GATHERED[count % 3];
            world.reads.gather(ended, present);
            let found = walk(&world, &scene, &TASKS, pages_at(30, as_of)).await;
            let found: BTreeSet<_> = found.iter().map(Value::to_string).collect();
            let expected = tasks_after(&events[..count]);
            assert_eq!(found, expected, "after {count} events");
            let found = walk(&world, &scene, &TASKS, changed_last(as_of)).await;
            assert!(found.is_sorted_by(|one, next| one["updated_at"].as_str() >= next["updated_at"].as_str()));
            let found: BTreeSet<_> = found.iter().map(Value::to_string).collect();
            let expected = expected.into_iter().filter(|task| value(task)["status"] == "todo").collect();
            assert_eq!(found, expected, "to do after {count} events");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_means_the_last_position_before_it() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 33).await;
    scene.play(&world, 60).await;
    world.catch_up().await;
    let events = log(&world, &scene).await;
    for event in events.iter().step_by(7) {
        let last = events.iter().rfind(|one| one.recorded_at <= event.recorded_at).expect("an event").position;
        let [by_time, by_position] = [Moment::Time(event.recorded_at), Moment::Position(last)];
        let by_time = walk(&world, &scene, &TASKS, pages_at(50, Some(by_time))).await;
        assert_eq!(by_time, walk(&world, &scene, &TASKS, pages_at(50, Some(by_position))).await);
    }
    let before = events[0].recorded_at - chrono::TimeDelta::microseconds(1);
    assert!(walk(&world, &scene, &TASKS, pages_at(50, Some(Moment::Time(before)))).await.is_empty());
    let ahead = pages_at(50, Some(Moment::Position(i64::MAX)));
    assert_eq!(walk(&world, &scene, &TASKS, ahead).await, walk(&world, &scene, &TASKS, pages_at(50, None)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_moment() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 34).await;
    scene.play(&world, 60).await;
    world.catch_up().await;
    let head = head(&world, &scene).await;
    let reader = scene.tenant.reader();
    let page = async |list: &'static List, query: &ListQuery| world.reads.list(&reader, list, query).await;
    let query = |as_of, start| ListQuery {
        page: PageQuery { limit: 2, start },
        view: View { as_of, ..View::default() },
        ..ListQuery::default()
    };
    let moment = Some(Moment::Position(head));
    let cursor = page(&TASKS, &query(moment, Start::First)).await.unwrap().next_cursor.expect("more");
    assert!(page(&TASKS, &query(moment, Start::After(cursor.clone()))).await.is_ok());
    for other in [None, Some(Moment::Position(head - 1))] {
        let refused = page(&TASKS, &query(other, Start::After(cursor.clone()))).await;
        assert!(matches!(refused, Err(Error::BadCursor)), "{refused:?}");
    }
}
