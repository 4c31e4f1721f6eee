//! Every list does what its declaration says, whatever its fields are: checked against the documents themselves.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use docket_domain::catalog::{self, Entry};
use docket_domain::project::{self, Phase, Project};
use docket_domain::task::{self, Task};
use docket_domain::{customer, position, space, team, webhook};
use docket_projections::{
    Field, Filter, Kind, LISTS, List, ListQuery, Moment, Op, Page, PageQuery, SortBy, Start, Value as Given, View,
};
use serde_json::Value;
use uuid::Uuid;

use super::random::Scene;
use super::{World, value};

/// A workspace in which things have happened, and a key that has expired.
pub async fn scene(world: &mut World) -> Scene {
    let mut scene = Scene::set(world, 11).await;
    scene.play(world, 150).await;
    for name in ["Über", "unter", "Unterwegs"] {
        let name = name.to_owned();
        let (members, color) = (scene.members[1..].to_vec(), Some("#00ff00".to_owned()));
        entry(world, &scene, team::Fields { name: name.clone(), member_ids: members, ..Default::default() }).await;
        entry(world, &scene, position::Fields { name: name.clone() }).await;
        entry(world, &scene, space::Fields { name: name.clone(), color, ..Default::default() }).await;
        let currency = (name == "unter").then(|| "EUR".to_owned());
        let hook = webhook::Fields { name: name.clone(), paused: currency.is_some(), ..Default::default() };
        let url = "https://example.org/hook".to_owned();
        entry(world, &scene, webhook::Fields { url, event_types: vec!["task.*".to_owned()], ..hook }).await;
        entry(world, &scene, customer::Fields { name, currency, ..Default::default() }).await;
    }
    for at in 0..4 {
        project(world, &scene, at).await;
    }
    world.catch_up().await;
    scene
}

async fn entry<F: catalog::Kind>(world: &World, scene: &Scene, fields: F) -> Uuid {
    let id = Uuid::new_v4();
    world.tell::<Entry<F>>(scene.tenant, id, catalog::Command::Create(fields)).await;
    id
}

/// A project of which much is said.
async fn project(world: &World, scene: &Scene, at: u32) {
    let name = format!("Rich {at}");
    let team = entry(world, scene, team::Fields { name: name.clone(), ..Default::default() }).await;
    let space = entry(world, scene, space::Fields { name: name.clone(), ..Default::default() }).await;
    let customer = entry(world, scene, customer::Fields { name: name.clone(), ..Default::default() }).await;
    let set = project::Changes {
        code: Some((at < 3).then(|| format!("P{at}"))),
        color: Some(Some(format!("#00000{at}"))),
        start_date: Some(chrono::NaiveDate::from_ymd_opt(2026, 7, 1 + at)),
        due_date: Some(chrono::NaiveDate::from_ymd_opt(2026, 8, 9 - at)),
        lead_id: Some(scene.members.first().copied()),
        member_ids: Some(scene.members.clone()),
        team_id: Some(Some(team.into())),
        space_id: Some(Some(space.into())),
        customer_id: Some(Some(customer.into())),
        billable: Some(Some(at == 0)),
        ..project::Changes::default()
    };
    let id = Uuid::new_v4();
    world
        .tell::<Project>(scene.tenant, id, project::Command::Create(project::Create { name, phases: Vec::new(), set }))
        .await;
    let phase = Phase { id: Uuid::new_v4().into(), name: "First".to_owned(), start_date: None, end_date: None };
    let phase_id = Some(phase.id);
    world.tell::<Project>(scene.tenant, id, project::Command::AddPhase { phase, place: None }).await;
    let task = task::Create { phase_id, ..super::plain(id.into(), "With a phase") };
    world.tell::<Task>(scene.tenant, Uuid::new_v4(), task::Command::Create(task)).await;
    world.task(scene.tenant, id.into(), "Without a phase").await;
}

async fn ask(world: &World, scene: &Scene, list: &'static List, query: &ListQuery) -> Page {
    let answer = world.reads.list(&scene.tenant.reader(), list, query).await;
    answer.unwrap_or_else(|error| panic!("{} {query:?}: {error}", list.name))
}

/// All documents of a list, page by page, of which there are as many as it says.
pub async fn walk(world: &World, scene: &Scene, list: &'static List, query: ListQuery) -> Vec<Value> {
    let (mut query, mut docs) = (query, Vec::new());
    loop {
        let page = ask(world, scene, list, &query).await;
        docs.extend(page.docs.iter().map(value));
        let Some(cursor) = page.next_cursor else {
            assert_eq!(page.total, docs.len() as i64, "{} {query:?}", list.name);
            return docs;
        };
        query.page.start = Start::After(cursor);
    }
}

fn pages(limit: i64) -> ListQuery {
    ListQuery { page: PageQuery { limit, start: Start::First }, ..ListQuery::default() }
}

/// The same, of a moment.
pub fn pages_at(limit: i64, as_of: Option<Moment>) -> ListQuery {
    ListQuery { view: View { as_of, ..View::default() }, ..pages(limit) }
}

/// All documents of a list at a moment, each with its project, if it has one.
pub async fn all(world: &World, scene: &Scene, list: &'static List, as_of: Option<Moment>) -> Vec<Value> {
    let expand = list.expand.iter().filter(|expand| expand.name == "project").collect();
    walk(world, scene, list, ListQuery { view: View { expand, as_of, ..View::default() }, ..pages(200) }).await
}

/// The values a document has of a field: those of `assignee_id` are in `assignee_ids`, and some are its project's.
fn values(doc: &Value, field: &Field) -> Vec<Value> {
    // What is an actor in the document, or a subject, is asked for by its id.
    let of = field.name.strip_suffix("_id").filter(|_| !field.shown).unwrap_or(field.name);
    let one = if doc[of].is_object() { &doc[of]["id"] } else { &doc[field.name] };
    match &doc[format!("{}s", field.name)] {
        Value::Array(many) if !field.shown => many.clone(),
        _ if !field.shown && !doc[of].is_object() && doc["project"].is_object() => {
            Some(&doc["project"][field.name]).filter(|value| !value.is_null()).into_iter().cloned().collect()
        }
        _ if one.is_null() => Vec::new(),
        _ => vec![one.clone()],
    }
}

fn given(value: &Value, kind: Kind) -> Given {
    let text = || value.as_str().expect("a text").to_owned();
    match kind {
        Kind::Id => Given::Id(text().parse().unwrap()),
        Kind::Date => Given::Date(text().parse().unwrap()),
        Kind::Instant => Given::Instant(text().parse().unwrap()),
        Kind::Integer => Given::Integer(value.as_i64().unwrap()),
        Kind::Bool => Given::Bool(value.as_bool().unwrap()),
        Kind::Word(words) => Given::Word(words.iter().position(|word| value == word).unwrap() as i16),
        _ => Given::Text(text()),
    }
}

/// How two values of a kind compare.
fn compare(a: &Value, b: &Value, kind: Kind) -> Ordering {
    let instant = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let place = |value: &Value, words: &[&str]| words.iter().position(|word| value == word);
    match kind {
        Kind::Instant => instant(a).cmp(&instant(b)),
        Kind::Integer => a.as_i64().cmp(&b.as_i64()),
        Kind::Word(words) => place(a, words).cmp(&place(b, words)),
        Kind::Name => lower(a).cmp(&lower(b)),
        _ => a.as_str().cmp(&b.as_str()),
    }
}

fn lower(value: &Value) -> String {
    value.as_str().expect("a text").to_lowercase()
}

fn matches(doc: &Value, field: &Field, op: Op, some: &[Value]) -> bool {
    let own = values(doc, field);
    let any = |test: fn(Ordering) -> bool| own.iter().any(|value| test(compare(value, &some[0], field.kind)));
    match op {
        Op::Is => own.iter().any(|value| some.contains(value)),
        Op::Not => !own.iter().any(|value| some.contains(value)),
        Op::Gt => any(Ordering::is_gt),
        Op::Gte => any(Ordering::is_ge),
        Op::Lt => any(Ordering::is_lt),
        Op::Lte => any(Ordering::is_le),
        Op::Contains => own.iter().any(|value| lower(value).contains(&lower(&some[0]))),
        Op::Exists => !own.is_empty(),
    }
}

fn ids(docs: &[Value]) -> Vec<&Value> {
    docs.iter().map(|doc| &doc["id"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_what_it_should() {
    let mut world = World::new().await;
    let scene = scene(&mut world).await;
    filters_find_what_they_should(&world, &scene, None).await;
}

/// Every filter of every list, at a moment.
pub async fn filters_find_what_they_should(world: &World, scene: &Scene, as_of: Option<Moment>) {
    for list in LISTS {
        let found = filters_hold(world, scene, list, &pages_at(7, as_of)).await;
        assert!(!found.is_empty(), "no {}", list.name);
    }
}

/// Every filter of a list, among what a query finds; answers that.
pub async fn filters_hold(world: &World, scene: &Scene, list: &'static List, among: &ListQuery) -> Vec<Value> {
    let as_of = among.view.as_of;
    let expand = list.expand.iter().filter(|expand| expand.name == "project").collect();
    let view = View { expand, as_of, ..View::default() };
    let all = walk(world, scene, list, ListQuery { view, ..among.clone() }).await;
    for field in list.fields.iter().filter(|field| field.name != "deleted" && (as_of.is_none() || !field.fleeting)) {
        let some: Vec<Value> = all.iter().flat_map(|doc| values(doc, field)).step_by(3).take(2).collect();
        for op in field.ops() {
            let some = if matches!(op, Op::Is | Op::Not) { &some[..] } else { &some[..some.len().min(1)] };
            let given = match op {
                Op::Exists => vec![Given::Bool(true)],
                _ if some.is_empty() => continue,
                _ => some.iter().map(|value| given(value, field.kind)).collect(),
            };
            let mut query = among.clone();
            query.filters.push(Filter { field, op, values: given });
            let found = walk(world, scene, list, query.clone()).await;
            let expected: Vec<Value> = all.iter().filter(|doc| matches(doc, field, op, some)).cloned().collect();
            assert_eq!(ids(&found), ids(&expected), "{} {query:?}", list.name);
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_holds_over_all_pages_with_absent_values_last() {
    let mut world = World::new().await;
    let scene = scene(&mut world).await;
    orders_hold(&world, &scene, None).await;
}

/// Every order of every list, at a moment.
pub async fn orders_hold(world: &World, scene: &Scene, as_of: Option<Moment>) {
    for list in LISTS {
        let all = walk(world, scene, list, pages_at(200, as_of)).await;
        let sorts: Vec<&Field> =
            list.fields.iter().filter(|field| field.sort && (as_of.is_none() || !field.fleeting)).collect();
        for (nth, first) in sorts.iter().enumerate() {
            for descending in [false, true] {
                let second = sorts[(nth + 1) % sorts.len()];
                let keys = [(*first, descending), (second, !descending)];
                for keys in [&keys[..1], &keys[..]] {
                    let sort: Vec<_> =
                        keys.iter().map(|(field, descending)| SortBy { field, descending: *descending }).collect();
                    let found = walk(world, scene, list, ListQuery { sort: sort.clone(), ..pages_at(7, as_of) }).await;
                    assert_eq!(found.len(), all.len(), "{} {sort:?}", list.name);
                    let tie =
                        SortBy { field: list.field(list.tie).unwrap(), descending: sort[sort.len() - 1].descending };
                    let sort: Vec<_> = sort.into_iter().chain([tie]).collect();
                    for pair in found.windows(2) {
                        assert_eq!(order(&pair[0], &pair[1], &sort), Ordering::Less, "{} {sort:?} {pair:?}", list.name);
                    }
                }
            }
        }
    }
}

fn order(a: &Value, b: &Value, sort: &[SortBy]) -> Ordering {
    let key = |key: &SortBy| {
        let (a, b) = (&a[key.field.name], &b[key.field.name]);
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ if key.descending => compare(b, a, key.field.kind),
            _ => compare(a, b, key.field.kind),
        }
    };
    sort.iter().map(key).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_declared_members_are_those_of_the_documents() {
    let mut world = World::new().await;
    let scene = scene(&mut world).await;
    for list in LISTS {
        let doc = &walk(&world, &scene, list, pages(200)).await[0];
        let mut found: Vec<_> = doc.as_object().unwrap().keys().map(String::as_str).collect();
        // These are there if they are true.
        let always = |field: &&Field| field.shown && !["deleted", "voided", "removed_phases"].contains(&field.name);
        let mut declared: Vec<_> = list.fields.iter().filter(always).map(|field| field.name).collect();
        found.sort_unstable();
        declared.sort_unstable();
        assert_eq!(found, declared, "{}", list.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_within_is_what_its_own_list_shows() {
    let mut world = World::new().await;
    let scene = scene(&mut world).await;
    for list in LISTS {
        for expand in list.expand {
            let targets = walk(&world, &scene, (expand.list)(), pages(200)).await;
            let view = View { expand: vec![expand], ..View::default() };
            for doc in walk(&world, &scene, list, ListQuery { view: view.clone(), ..pages(20) }).await {
                let shown = match &doc[expand.name] {
                    Value::Array(many) => many.clone(),
                    Value::Null => Vec::new(),
                    one => vec![one.clone()],
                };
                // What was deleted is in no list any more, but what refers to it still shows it.
                let known = |one: &Value| targets.contains(one) || one["deleted"] == true;
                assert!(shown.iter().all(known), "{} {doc}", list.name);
                let id = doc["id"].as_str().unwrap().parse().unwrap();
                let one = world.reads.get(&scene.tenant.reader(), list, id, &view).await.unwrap().unwrap();
                assert_eq!(value(&one.json), doc);
            }
        }
    }
}
