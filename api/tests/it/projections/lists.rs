//! Lists hold what they should, in the order asked for, and say how much there is: checked against the documents
//! themselves, after all sorts of things have happened.

use std::cmp::Ordering;

use docket_domain::project::{self, Project};
use docket_domain::task::{Priority, Status};

use docket_projections::{HistoryQuery, PageQuery, Start};

use super::ask::{Ask, Sort, SortKey, TaskQuery};
use serde_json::Value;

use super::random::Scene;
use super::{World, first, value};

/// Every combination of filters that matters, and some words.
fn filters(scene: &Scene) -> Vec<TaskQuery> {
    let mut queries = Vec::new();
    for project_id in [None, Some(scene.projects[0])] {
        for status in [vec![], vec![Status::Done], vec![Status::Todo, Status::InReview]] {
            for assignee_id in [None, Some(scene.members[1])] {
                for label_id in [None, Some(scene.labels[2])] {
                    for q in [None, Some("login"), Some("größe MOBILE"), Some("no such word"), Some("'&|!:*")] {
                        let q = q.map(str::to_owned);
                        let status = status.clone();
                        queries.push(TaskQuery {
                            project_id,
                            status,
                            assignee_id,
                            label_id,
                            q,
                            ..TaskQuery::default()
                        });
                    }
                }
            }
        }
    }
    queries
}

fn matches(task: &Value, query: &TaskQuery) -> bool {
    let has = |field: &str, id: Option<String>| {
        id.is_none_or(|id| task[field].as_array().unwrap().iter().any(|one| one == id.as_str()))
    };
    let text = format!("{} {}", task["title"], task["description"]).to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let asked = query.q.as_deref().map(str::to_lowercase);
    let asked: Option<Vec<&str>> =
        asked.as_deref().map(|q| q.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect());
    query.project_id.is_none_or(|id| task["project_id"] == id.to_string())
        && (query.status.is_empty() || query.status.iter().any(|status| task["status"] == status.as_str()))
        && has("assignee_ids", query.assignee_id.map(|id| id.to_string()))
        && has("label_ids", query.label_id.map(|id| id.to_string()))
        && asked.is_none_or(|asked| !asked.is_empty() && asked.iter().all(|word| words.contains(word)))
}

fn order(a: &Value, b: &Value, sort: Sort) -> Ordering {
    let turn = |order: Ordering| if sort.descending { order.reverse() } else { order };
    let number = turn(a["number"].as_i64().cmp(&b["number"].as_i64()));
    let name = sort.by.as_str();
    let key = |task: &Value| match sort.by {
        SortKey::Priority => {
            let word = task[name].as_str().and_then(Priority::parse).unwrap();
            Priority::ALL.iter().position(|one| *one == word).unwrap().to_string()
        }
        SortKey::Number => String::new(),
        _ => task[name].as_str().unwrap_or_default().to_owned(),
    };
    match (a[name].is_null(), b[name].is_null()) {
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ => turn(key(a).cmp(&key(b))).then(number),
    }
}

/// All documents of a list, page by page.
async fn walk(world: &World, scene: &Scene, query: &TaskQuery, by_offset: bool) -> Vec<Value> {
    let mut query = query.clone();
    let mut docs = Vec::new();
    loop {
        let page = world.tasks(scene.tenant, query.clone()).await;
        docs.extend(page.docs.iter().map(value));
        assert_eq!(page.has_more, page.next_cursor.is_some());
        let Some(cursor) = page.next_cursor else { return docs };
        assert_eq!(page.docs.len() as i64, query.page.limit);
        query.page.start = if by_offset { Start::Offset(docs.len() as i64) } else { Start::After(cursor) };
    }
}

async fn scene(world: &mut World, seed: u64) -> (Scene, Vec<Value>) {
    let mut scene = Scene::set(world, seed).await;
    for _ in 0..4 {
        scene.play(world, 60).await;
        world.catch_up().await;
    }
    for project in &scene.projects[1..] {
        world.tell::<Project>(scene.tenant, project.0, project::Command::Restore).await;
    }
    world.catch_up().await;
    let mut all = Vec::new();
    for id in &scene.tasks {
        if let Some(doc) = world.reads.task(&scene.tenant.reader(), *id).await.unwrap() {
            all.push(value(&doc.json));
        }
    }
    assert!(all.len() > 20, "{}", all.len());
    (scene, all)
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_and_pages_are_what_counting_finds() {
    let mut world = World::new().await;
    for seed in 0..3 {
        let (scene, all) = scene(&mut world, seed).await;
        for query in filters(&scene) {
            let expected: Vec<_> = all.iter().filter(|task| matches(task, &query)).collect();
            let page = world.tasks(scene.tenant, TaskQuery { page: first(200), ..query.clone() }).await;
            assert_eq!(page.total, expected.len() as i64, "seed {seed}: {query:?}");
            assert_eq!(page.docs.len(), expected.len(), "seed {seed}: {query:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_holds_across_pages_by_cursor_and_by_offset() {
    let mut world = World::new().await;
    let (scene, all) = scene(&mut world, 7).await;
    let plain = filters(&scene).into_iter().filter(|query| query.q.as_deref().is_none_or(|q| q == "login"));
    for query in plain {
        for by in SortKey::ALL {
            for descending in [false, true] {
                let sort = Sort { by, descending };
                let query = TaskQuery { sort, page: first(7), ..query.clone() };
                let mut expected: Vec<Value> = all.iter().filter(|task| matches(task, &query)).cloned().collect();
                expected.sort_by(|a, b| order(a, b, sort));
                for by_offset in [false, true] {
                    let found = walk(&world, &scene, &query, by_offset).await;
                    let numbers = |tasks: &[Value]| tasks.iter().map(|task| task["number"].clone()).collect::<Vec<_>>();
                    assert_eq!(numbers(&found), numbers(&expected), "{query:?} by offset: {by_offset}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_and_narrow_lists_agree() {
    // Enough tasks for both forms of a filtered, sorted list to be chosen.
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 3).await;
    scene.play(&world, 400).await;
    world.catch_up().await;
    let query = TaskQuery { sort: Sort::parse("-priority").unwrap(), page: first(10), ..TaskQuery::default() };
    for project in &scene.projects.clone() {
        for status in [vec![], vec![Status::Done], Status::ALL.to_vec()] {
            let query = TaskQuery { project_id: Some(*project), status, ..query.clone() };
            let docs = walk(&world, &scene, &query, false).await;
            assert_eq!(docs.len() as i64, world.tasks(scene.tenant, query.clone()).await.total);
            assert!(docs.windows(2).all(|pair| order(&pair[0], &pair[1], query.sort) == Ordering::Less));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_can_be_searched_for() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.task(tenant, project, "naïve café ☕ 日本語 e-mail_address O'Brien").await;
    world.catch_up().await;
    let search = |q: &str| TaskQuery { q: Some(q.to_owned()), ..TaskQuery::default() };
    for found in ["NAÏVE", "café!", "日本語", "mail address", "o'brien", "brien -- café", "café café"] {
        assert_eq!(world.tasks(tenant, search(found)).await.total, 1, "{found}");
    }
    let garbage = "\\'\"&|!():*<->%_$1;--\u{1}\u{fffd} ".repeat(500);
    for nothing in ["", " ", "caf", "xyz", "'; drop table tasks; --", garbage.as_str(), "\u{0}"] {
        assert_eq!(world.tasks(tenant, search(nothing)).await.total, 0, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn small_lists_have_pages_too() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    for n in 0..5 {
        world.label(tenant, &format!("label {n}")).await;
        world.member(tenant, &format!("member{n}")).await;
    }
    let project = world.project(tenant, "P").await;
    let task = world.task(tenant, project, "T").await;
    world.catch_up().await;
    let reader = tenant.reader();
    let found = world.reads.labels(&reader, &first(2)).await.unwrap();
    assert_eq!((found.docs.len(), found.total, found.has_more), (2, 5, true));
    let next = PageQuery { limit: 10, start: Start::After(found.next_cursor.unwrap()) };
    let rest = world.reads.labels(&reader, &next).await.unwrap();
    assert_eq!((rest.docs.len(), rest.total, rest.has_more), (3, 5, false));
    let members = world.reads.members(&reader, &PageQuery { limit: 2, start: Start::Offset(4) }).await.unwrap();
    assert_eq!((members.docs.len(), members.total), (1, 5));
    assert_eq!(value(members.docs.iter().next().unwrap())["name"], "member4");
    let history = world.reads.history_of(&reader, ("task", task.0), &HistoryQuery::default()).await.unwrap().unwrap();
    assert_eq!((history.docs.len(), history.total), (1, 1));
    let happened = value(history.docs.iter().next().unwrap());
    assert_eq!((&happened["type"], &happened["data"]["title"]), (&"task.created".into(), &"T".into()));
    assert_eq!(happened["actor"]["id"], tenant.key.to_string());
}
