//! The relay over a real PostgreSQL and a real nats-server: what is committed is published, in order, by one node at a
//! time, whatever goes away meanwhile.
//!
//! The relay is driven by `step()`; only the last tests let it run by itself.

mod alarms;
mod gate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, stream::Stream};
use docket_commands::relay::{Config, Relay};
use docket_domain::{Recorded, WorkspaceId, envelope};
use futures::StreamExt;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use crate::commands::Desk;
use crate::harness;
use alarms::Alarms;
use gate::Gate;

/// Workspaces in two partitions, and the subjects of one test.
struct World {
    desks: [Desk; 2],
    prefix: String,
    jetstream: jetstream::Context,
}

/// A message of the stream.
struct Message {
    id: String,
    subject: String,
    seal: String,
    body: Vec<u8>,
}

impl World {
    async fn new() -> Self {
        let one = Desk::new().await;
        let elsewhere = std::iter::repeat_with(|| WorkspaceId(Uuid::new_v4()))
            .find(|workspace| one.commands.partition_of(*workspace) != one.partition());
        let two = Desk { workspace: elsewhere.expect("another partition"), ..one.clone() };
        let nats = async_nats::connect(harness::nats_url()).await.expect("NATS");
        Self { desks: [one, two], prefix: harness::nats_prefix(), jetstream: jetstream::new(nats) }
    }

    async fn relay(&self) -> Relay {
        self.relay_over(async_nats::connect(harness::nats_url()).await.expect("NATS")).await
    }

    async fn relay_over(&self, nats: async_nats::Client) -> Relay {
        let config = Config { holder: Uuid::new_v4(), prefix: self.prefix.clone(), replicas: 1 };
        Relay::open(&self.desks[0].db.url, nats, config, self.desks[0].commands.committed()).await.expect("a relay")
    }

    /// That many events in each workspace.
    async fn happen(&self, events: usize) {
        for desk in &self.desks {
            for _ in 0..events {
                desk.label().await;
            }
        }
    }

    async fn log(&self) -> Vec<Recorded> {
        let mut all = self.desks[0].audit().await;
        all.extend(self.desks[1].audit().await);
        all
    }

    async fn stream(&self) -> Stream {
        self.jetstream.get_stream(envelope::stream_name(&self.prefix)).await.expect("the stream")
    }

    /// All that is in the stream, in its order.
    async fn messages(&self) -> Vec<Message> {
        let stream = self.stream().await;
        let last = stream.get_info().await.expect("its state").state.last_sequence;
        let mut messages = Vec::new();
        for sequence in 1..=last {
            let raw = stream.get_raw_message(sequence).await.expect("a message");
            let header = |name| raw.headers.get(name).map(|value| value.as_str().to_owned()).unwrap_or_default();
            let (id, seal) = (header("Nats-Msg-Id"), header(envelope::SEAL));
            messages.push(Message { id, seal, subject: raw.subject.to_string(), body: raw.payload.to_vec() });
        }
        messages
    }

    async fn ids(&self) -> Vec<String> {
        self.messages().await.into_iter().map(|message| message.id).collect()
    }

    /// How far each partition is stored as published.
    async fn stored(&self) -> BTreeMap<i16, i64> {
        let sql = "select partition, position from log.relays where position > 0";
        let rows: Vec<(i16, i64)> = sqlx::query_as(sql).fetch_all(&self.desks[0].pool).await.expect("the positions");
        rows.into_iter().collect()
    }

    /// Makes all leases run out now.
    async fn let_leases_run_out(&self) {
        let sql = "update log.leases set expires_at = now() - interval '1 second'";
        sqlx::query(sql).execute(&self.desks[0].pool).await.expect("leases");
    }
}

/// Steps until everything is published and stored.
async fn carry_all(relay: &mut Relay) -> usize {
    let mut published = 0;
    let mut idle = 0;
    // The first step finds no stream, and makes it.
    while idle < 2 {
        let step = relay.step().await.expect("a step");
        published += step;
        idle = if step == 0 { idle + 1 } else { 0 };
    }
    published
}

fn ids_of(log: &[Recorded]) -> BTreeSet<String> {
    log.iter().map(Recorded::message_id).collect()
}

#[tokio::test]
async fn everything_is_published_in_order_as_it_is_in_the_log() {
    let world = World::new().await;
    world.happen(120).await;
    let mut relay = world.relay().await;
    assert_eq!(carry_all(&mut relay).await, 240);

    let log = world.log().await;
    let messages = world.messages().await;
    assert_eq!(messages.len(), log.len());
    let secret = sqlx::query_scalar("select secret from log.settings").fetch_one(&world.desks[0].pool);
    let secret: Vec<u8> = secret.await.expect("the secret");
    for desk in &world.desks {
        let of_partition = |id: &str| id.starts_with(&format!("{}-", desk.partition()));
        let sent = messages.iter().filter(|message| of_partition(&message.id));
        let happened = log.iter().filter(|event| event.partition == desk.partition());
        for (message, event) in sent.zip(happened) {
            assert_eq!(message.id, format!("{}-{}", event.partition, event.position));
            let place = format!("{}.{}", event.partition, event.workspace);
            assert_eq!(message.subject, format!("{}.ev.{place}.label.created", world.prefix));
            assert_eq!(message.body, serde_json::to_vec(event).expect("JSON"));
            assert_eq!(message.seal, envelope::seal(&secret, &message.body));
        }
    }
    assert!(world.stored().await.values().all(|position| *position == 120));
}

#[tokio::test]
async fn another_relay_goes_on_where_one_has_stopped() {
    let world = World::new().await;
    world.happen(10).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let first = tokio::spawn(world.relay().await.run(async {
        let _ = stopped.await;
    }));
    world.desks[0].label().await;
    until(&world, 21).await;
    stop.send(()).expect("a running relay");
    first.await.expect("its end");

    world.happen(10).await;
    // It has given its leases back: nobody needs to wait.
    let mut second = world.relay().await;
    assert_eq!(carry_all(&mut second).await, 20);
    assert_eq!(world.ids().await.len(), 41);
    assert_eq!(world.ids().await.into_iter().collect::<BTreeSet<_>>(), ids_of(&world.log().await));
}

#[tokio::test]
async fn what_a_crashed_relay_did_not_note_is_published_again_and_changes_nothing() {
    let world = World::new().await;
    world.happen(10).await;
    let mut first = world.relay().await;
    carry_all(&mut first).await;
    drop(first);
    sqlx::query("update log.relays set position = 4 where position > 4")
        .execute(&world.desks[0].pool)
        .await
        .expect("a position that was not stored");
    world.let_leases_run_out().await;

    world.happen(1).await;
    let mut second = world.relay().await;
    assert_eq!(carry_all(&mut second).await, 14);
    assert_eq!(world.ids().await.len(), 22, "the same message id is taken in once");
    assert!(world.stored().await.values().all(|position| *position == 11));
}

#[tokio::test]
async fn a_deleted_stream_is_made_again() {
    let world = World::new().await;
    world.happen(5).await;
    let mut relay = world.relay().await;
    carry_all(&mut relay).await;
    world.jetstream.delete_stream(envelope::stream_name(&world.prefix)).await.expect("its end");

    world.happen(3).await;
    assert_eq!(carry_all(&mut relay).await, 6);
    let log = world.log().await;
    let since: BTreeSet<String> = log.iter().filter(|event| event.position > 5).map(Recorded::message_id).collect();
    assert_eq!(world.ids().await.into_iter().collect::<BTreeSet<_>>(), since);
}

#[tokio::test]
async fn one_of_two_relays_leads() {
    let world = World::new().await;
    world.happen(5).await;
    let (mut first, mut second) = (world.relay().await, world.relay().await);
    assert_eq!(carry_all(&mut first).await, 10);
    world.happen(5).await;
    assert_eq!(carry_all(&mut second).await, 0, "it has no lease");
    assert_eq!(carry_all(&mut first).await, 10);
    let leaders: i64 = sqlx::query_scalar("select count(distinct holder) from log.leases where name like 'relay/%'")
        .fetch_one(&world.desks[0].pool)
        .await
        .expect("the leases");
    assert_eq!(leaders, 1);
}

#[tokio::test]
async fn a_hole_in_the_log_is_not_passed() {
    let alarms = Alarms::default();
    let _listening = metrics::set_default_local_recorder(&alarms);
    let world = World::new().await;
    world.happen(10).await;
    let holed = world.desks[0].partition();
    sqlx::query("delete from log.events where partition = $1 and position = 6")
        .bind(holed)
        .execute(&world.desks[0].pool)
        .await
        .expect("a damaged log");

    let mut relay = world.relay().await;
    assert_eq!(carry_all(&mut relay).await, 5 + 10, "the other partition is not held up");
    assert!(alarms.count("docket_log_holes_total") > 0);
    let published = world.ids().await;
    assert!(published.contains(&format!("{holed}-5")) && !published.contains(&format!("{holed}-7")));
    assert_eq!(world.stored().await[&holed], 5);
    // It stays there until somebody has looked at it.
    world.desks[0].label().await;
    assert_eq!(carry_all(&mut relay).await, 0);
    assert_eq!(world.stored().await[&holed], 5);
}

#[tokio::test]
async fn who_led_before_moves_nothing() {
    // On a busy machine it may learn that its time is over before it publishes.
    for _ in 0..10 {
        if a_zombie_publishes_and_moves_nothing().await {
            return;
        }
    }
    panic!("no zombie publishes");
}

/// Whether one that led before has published at all; if so, it has moved nothing.
async fn a_zombie_publishes_and_moves_nothing() -> bool {
    let world = World::new().await;
    world.happen(5).await;
    let (mut old, mut new) = (world.relay().await, world.relay().await);
    carry_all(&mut old).await;
    world.let_leases_run_out().await;
    world.happen(5).await;
    assert_eq!(carry_all(&mut new).await, 10);
    world.happen(5).await;
    assert_eq!(carry_all(&mut new).await, 10);
    let stored = world.stored().await;

    // It doesn't know yet that its time is over.
    if carry_all(&mut old).await == 0 {
        return false;
    }
    assert_eq!(world.stored().await, stored);
    assert_eq!(world.ids().await.len(), 30, "but nothing new");
    world.happen(1).await;
    assert_eq!(carry_all(&mut new).await, 2);
    assert!(world.stored().await.values().all(|position| *position == 16));
    true
}

#[tokio::test]
async fn while_nats_is_away_nothing_is_lost() {
    let world = World::new().await;
    let gate = Gate::start(&harness::nats_url()).await;
    let nats = async_nats::connect(gate.url()).await.expect("NATS through the gate");
    let (_stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(world.relay_over(nats).await.run(async {
        let _ = stopped.await;
    }));
    world.happen(5).await;
    until(&world, 10).await;
    gate.close();
    world.happen(5).await;
    gate.refused().await;
    gate.open();
    world.happen(5).await;
    until(&world, 30).await;
    assert_eq!(world.ids().await.into_iter().collect::<BTreeSet<_>>(), ids_of(&world.log().await));
}

#[tokio::test]
async fn what_is_committed_is_heard_at_once_on_any_node() {
    let world = World::new().await;
    let nats = async_nats::connect(harness::nats_url()).await.expect("NATS");
    let mut heard = nats.subscribe(envelope::all_subjects(&world.prefix)).await.expect("a subscription");
    nats.flush().await.expect("a subscribed client");
    let config = Config { holder: Uuid::new_v4(), prefix: world.prefix.clone(), replicas: 1 };
    // A bell that nobody rings: this relay is on another node than the commands.
    let relay = Relay::open(&world.desks[0].db.url, nats, config, Arc::<Notify>::default()).await.expect("a relay");
    let (_stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(relay.run(async {
        let _ = stopped.await;
    }));
    for _ in 0..20 {
        let label = world.desks[0].label().await;
        let message = tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                let message = heard.next().await.expect("a message");
                let event: Recorded = serde_json::from_slice(&message.payload).expect("an envelope");
                if event.stream == label {
                    break event;
                }
            }
        });
        assert_eq!(message.await.expect("it is heard").kind, "label");
    }
}

/// Waits until that many messages are in the stream.
async fn until(world: &World, messages: u64) {
    let name = envelope::stream_name(&world.prefix);
    let arrive = async {
        loop {
            if let Ok(stream) = world.jetstream.get_stream(&name).await
                && stream.get_info().await.is_ok_and(|info| info.state.messages >= messages)
            {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrive).await.expect("all messages");
}
