//! By NATS or without it: every event is taken in once, in order, and only what the log says.

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use docket_domain::{Recorded, envelope};
use docket_projections::{Config, Projector};

use super::ask::TaskQuery;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Tenant, World};
use crate::harness;

struct Radio {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    prefix: String,
    secret: Vec<u8>,
    stop: CancellationToken,
}

impl Radio {
    /// A projector that runs by itself and hears of events by NATS.
    async fn tune(world: &World) -> Self {
        let client = async_nats::connect(harness::nats_url()).await.unwrap();
        let radio = Self {
            jetstream: jetstream::new(client.clone()),
            client,
            prefix: harness::nats_prefix(),
            secret: sqlx::query_scalar("select secret from log.settings").fetch_one(&world.pool).await.unwrap(),
            stop: CancellationToken::new(),
        };
        radio.make_stream().await;
        let config = Config {
            database_url: world.db.url.clone(),
            connections: 3,
            prefix: radio.prefix.clone(),
            holder: uuid::Uuid::new_v4(),
        };
        let projector = Projector::connect(&config, world.reads.positions()).await.unwrap();
        tokio::spawn(projector.hearing(radio.client.clone()).run(radio.stop.clone()));
        radio
    }

    async fn make_stream(&self) {
        let config = stream::Config {
            name: envelope::stream_name(&self.prefix),
            subjects: vec![envelope::all_subjects(&self.prefix)],
            ..stream::Config::default()
        };
        self.jetstream.create_stream(config).await.unwrap();
    }

    async fn say(&self, event: &Recorded, sealed: bool) {
        let body = serde_json::to_vec(event).unwrap();
        let mut headers = async_nats::HeaderMap::new();
        if sealed {
            headers.insert(envelope::SEAL, envelope::seal(&self.secret, &body));
        }
        let sent = self.jetstream.publish_with_headers(event.subject(&self.prefix), headers, body.into()).await;
        sent.unwrap().await.unwrap();
    }
}

impl Drop for Radio {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The events of a tenant's partition after a position.
async fn events(world: &World, tenant: Tenant, after: i64) -> Vec<Recorded> {
    let partition = world.reads.partition_of(tenant.workspace);
    let sql = "select (to_jsonb(e) || jsonb_build_object('payload', payload, 'metadata', metadata))::text \
               from log.events e where partition = $1 and position > $2 order by position";
    let rows: Vec<String> = sqlx::query_scalar(sql).bind(partition).bind(after).fetch_all(&world.pool).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

async fn reached(world: &World, tenant: Tenant, total: i64) {
    let seen = async {
        while world.tasks(tenant, TaskQuery::default()).await.total != total {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), seen).await.expect("all events to be taken in");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_in_however_they_come() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.catch_up().await;
    let radio = Radio::tune(&world).await;
    let mut last = events(&world, tenant, 0).await.last().unwrap().position;
    for n in 1..=12 {
        world.task(tenant, project, &format!("T{n}")).await;
        if n % 3 != 0 {
            continue;
        }
        // In order, twice; with a hole; unsealed; not at all.
        let new = events(&world, tenant, last).await;
        last = new.last().unwrap().position;
        match n / 3 {
            1 => {
                for event in new.iter().chain(&new) {
                    radio.say(event, true).await;
                }
            }
            2 => radio.say(new.last().unwrap(), true).await,
            3 => radio.say(&new[0], false).await,
            _ => {}
        }
        reached(&world, tenant, n).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_is_not_believed() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    world.catch_up().await;
    let radio = Radio::tune(&world).await;
    let before = events(&world, tenant, 0).await;
    world.task(tenant, project, "first").await;
    reached(&world, tenant, 1).await;
    let template = events(&world, tenant, before.last().unwrap().position).await.remove(0);

    // The next position, a position far away, and nonsense, all without the seal.
    for step in [1, 1_000_000] {
        let forged = Recorded { position: template.position + step, stream: uuid::Uuid::new_v4(), ..template.clone() };
        radio.say(&forged, false).await;
    }
    let subject = template.subject(&radio.prefix);
    for body in ["", "{", "null", r#"{"partition":0}"#] {
        radio.jetstream.publish(subject.clone(), body.into()).await.unwrap().await.unwrap();
    }
    // A sealed message of another partition's, on this one's subject.
    let strayed = Recorded { partition: template.partition + 1, ..template.clone() };
    let body = serde_json::to_vec(&strayed).unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert(envelope::SEAL, envelope::seal(&radio.secret, &body));
    radio.jetstream.publish_with_headers(subject, headers, body.into()).await.unwrap().await.unwrap();

    world.task(tenant, project, "second").await;
    reached(&world, tenant, 2).await;
    assert_eq!(world.titles(tenant, TaskQuery::default()).await, ["second", "first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_stream_heals() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    let radio = Radio::tune(&world).await;
    world.task(tenant, project, "before").await;
    reached(&world, tenant, 1).await;
    radio.jetstream.delete_stream(envelope::stream_name(&radio.prefix)).await.unwrap();
    world.task(tenant, project, "without").await;
    reached(&world, tenant, 2).await;
    radio.make_stream().await;
    let last = events(&world, tenant, 0).await.last().unwrap().position;
    world.task(tenant, project, "after").await;
    for event in events(&world, tenant, last).await {
        radio.say(&event, true).await;
    }
    reached(&world, tenant, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_the_log_is_followed() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let project = world.project(tenant, "P").await;
    let config = Config {
        database_url: world.db.url.clone(),
        connections: 3,
        prefix: "none".to_owned(),
        holder: uuid::Uuid::new_v4(),
    };
    let stop = CancellationToken::new();
    let projector = Projector::connect(&config, world.reads.positions()).await.unwrap();
    let running = tokio::spawn(projector.run(stop.clone()));
    for n in 1..=5 {
        world.task(tenant, project, "T").await;
        reached(&world, tenant, n).await;
    }
    stop.cancel();
    timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}
