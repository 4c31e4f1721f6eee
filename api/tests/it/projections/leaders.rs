//! Several nodes share the partitions, and take over from one that is gone.

use std::collections::BTreeSet;
use std::time::Duration;

use docket_projections::{Config, Projector};
use sqlx::Row;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::World;

async fn node(world: &World) -> (CancellationToken, JoinHandle<()>) {
    let config = Config {
        database_url: world.db.url.clone(),
        connections: 3,
        prefix: "none".to_owned(),
        holder: uuid::Uuid::new_v4(),
    };
    let projector = Projector::connect(&config, world.reads.positions()).await.unwrap();
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(projector.run(stop)))
}

/// Who leads, once this is true of them.
async fn leaders(world: &World, wanted: impl Fn(&[Uuid]) -> bool) -> Vec<Uuid> {
    let sql = "select holder from log.leases where name like 'project/%' and expires_at > now() order by name";
    let found = async {
        loop {
            let rows = sqlx::query(sql).fetch_all(&world.pool).await.unwrap();
            let holders: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
            if wanted(&holders) {
                return holders;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), found).await.expect("the partitions to be led as wanted")
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_shared_and_taken_over() {
    let world = World::new().await;
    let all = world.count("select partitions::int8 from log.settings").await as usize;
    let distinct = |holders: &[Uuid]| holders.iter().collect::<BTreeSet<_>>().len();
    let (stop, first) = node(&world).await;
    let alone = leaders(&world, |holders| holders.len() == all).await;
    assert_eq!(distinct(&alone), 1);
    let (_stop_second, second) = node(&world).await;
    leaders(&world, |holders| holders.len() == all && distinct(holders) == 2).await;
    stop.cancel();
    timeout(Duration::from_secs(30), first).await.unwrap().unwrap();
    let left = leaders(&world, |holders| holders.len() == all && distinct(holders) == 1).await;
    assert_ne!(left[0], alone[0]);
    assert!(!second.is_finished());
}
