//! What holds of every read model: taken in twice is taken in once, in one batch or in many, by one projector or by two
//! that do not know of each other.

use docket_projections::Reads;
use sqlx::Row;

use super::random::Scene;
use super::{World, projector};

/// Every row of every table of the live read models, but for checkpoints.
pub async fn everything(world: &World) -> Vec<(String, String)> {
    dump(world, "^read_[a-z]+$").await
}

/// Every row of the tables in the schemas whose names match.
pub async fn dump(world: &World, schemas: &str) -> Vec<(String, String)> {
    let tables = "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                  where n.nspname ~ $1 and c.relkind = 'r' and c.relname not like '%\\_at' order by c.relname";
    let tables = sqlx::query(tables).bind(schemas).fetch_all(&world.pool).await.unwrap();
    assert!(tables.len() >= 14, "{}", tables.len());
    let mut rows = Vec::new();
    for table in tables {
        let (schema, table): (String, String) = (table.get(0), table.get(1));
        // A count of nothing is as good as none.
        let zero = if table.ends_with("_counts") {
            "where not exists (select from jsonb_each(to_jsonb(t) - 'facet' - 'bits' - 'block') v where jsonb_typeof(v.value) = 'number') \
             or exists (select from jsonb_each(to_jsonb(t) - 'facet' - 'bits' - 'block') v where v.value <> '0' \
             and jsonb_typeof(v.value) = 'number')"
        } else {
            ""
        };
        let sql = format!("select to_jsonb(t)::text from {schema}.{table} t {zero} order by 1");
        for row in sqlx::query(&sql).fetch_all(&world.pool).await.unwrap() {
            rows.push((table.clone(), row.get(0)));
        }
    }
    rows
}

/// Whether two dumps say the same; if not, where they differ first.
pub fn assert_same(found: &[(String, String)], expected: &[(String, String)]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

async fn rewind(world: &World) {
    for model in docket_projections::NAMES {
        world.sql(&format!("update read_{model}.{model}_at set position = 0")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_in_twice_is_taken_in_once() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 1).await;
    scene.play(&world, 150).await;
    let events = world.catch_up().await;
    let once = everything(&world).await;
    assert!(once.len() > 200, "{}", once.len());
    rewind(&world).await;
    let again = projector(&world.db, &world.reads).await.catch_up().await.unwrap();
    assert!(again.events >= events);
    assert_same(&everything(&world).await, &once);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_batches_makes_no_difference() {
    let mut world = World::new().await;
    let (mut one, mut two) = (Scene::set(&mut world, 5).await, Scene::set(&mut world, 6).await);
    for _ in 0..60 {
        one.play(&world, 1).await;
        two.play(&world, 2).await;
        world.catch_up().await;
    }
    let many = everything(&world).await;
    for model in docket_projections::NAMES {
        let tables =
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables where schemaname = $1";
        let schema = format!("read_{model}");
        let tables: String = sqlx::query_scalar(tables).bind(schema).fetch_one(&world.pool).await.unwrap();
        world.sql(&format!("truncate {tables}")).await;
    }
    projector(&world.db, &world.reads).await.catch_up().await.unwrap();
    assert_same(&everything(&world).await, &many);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projectors_of_one_partition_do_no_harm() {
    let mut world = World::new().await;
    let mut scene = Scene::set(&mut world, 2).await;
    let elsewhere = Reads::connect(&world.db.url, 2).await.unwrap();
    let mut zombie = projector(&world.db, &elsewhere).await;
    for _ in 0..15 {
        scene.play(&world, 10).await;
        let (one, two) = tokio::join!(world.projector.step(), zombie.step());
        one.unwrap();
        two.unwrap();
    }
    world.catch_up().await;
    zombie.catch_up().await.unwrap();
    let found = everything(&world).await;
    let admin = world.admin().await;
    admin.rebuild(None, &|_| ()).await.unwrap();
    assert_same(&everything(&world).await, &found);
}
