//! Notifications over many forced disconnects: listeners are cut off again and again, servers are killed and started again.
//! Nothing may be missing, nothing come twice under different ids, and nothing of a resource after something later.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rand::Rng;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::ear::Ear;
use super::heard::Heard;
use super::{key, nats, text};
use crate::client::{self, Client};
use crate::docket::{Docket, Victim};
use crate::load::Target;
use crate::progress::Progress;
use crate::report::Figure;
use crate::stage::Stage;

const BATCH: usize = 500;
/// A batch takes at least so long to be sent.
const PACE: Duration = Duration::from_millis(300);
/// So long a listener may listen, in milliseconds.
const LISTENS: std::ops::Range<u64> = 100..800;
/// So long servers are left alone.
const ALIVE: Duration = Duration::from_secs(4);
/// After so much silence nothing more is waited for.
const SILENCE: Duration = Duration::from_mins(1);

/// A listener's memory, which survives whatever it is cut off from.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<(Heard, u32)>>);

impl Memory {
    fn with<T>(&self, act: impl FnOnce(&mut (Heard, u32)) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, message: &Value) {
        self.with(|(heard, _)| heard.take(message));
    }

    /// Lets somebody listen again and again, each time for a moment.
    async fn cut<F: Future<Output = Result<()>>>(self, mut listen: impl FnMut() -> F) {
        loop {
            let moment = Duration::from_millis(rand::rng().random_range(LISTENS));
            match timeout(moment, listen()).await {
                Err(_) => self.with(|(_, cuts)| *cuts += 1),
                Ok(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    let (id, target) = key(stage, &mut client, json!({"scopes": ["admin"]})).await?;
    let consumers = stage.docket.consumers_url.clone().context("there is no NATS for consumers")?;
    // From now on its consumer keeps what it has not had.
    nats::connect(&consumers, id, &target).await?;
    let begin =
        "select s.partition || '-' || h.position from log.streams s join log.heads h using (partition) where s.id = ";
    let begin = stage.database.text(&format!("{begin}'{id}'")).await?;

    let memories = ["SSE with Last-Event-ID", "a durable NATS consumer", "the feed of changes"]
        .map(|name| (name, Memory::default()));
    let [stream, durable, feed] = [0, 1, 2].map(|nth: usize| memories[nth].1.clone());
    let listening = [
        tokio::spawn(by_stream(target.clone(), begin.clone(), stream)),
        tokio::spawn(by_nats(consumers, id, target.clone(), durable)),
        tokio::spawn(by_feed(target, begin.clone(), feed)),
    ];
    let writer = stage.docket.target.clone();
    let rounds = stage.options.notifications.div_ceil(2 * BATCH);
    let mut kills = [0, 0];
    let written = tokio::select! {
        written = write(&writer, rounds) => written?,
        failed = kill(&mut stage.docket, &mut kills) => return Err(failed),
    };
    stage.database = stage.database.another().await?;
    stage.progress = Progress::of(&stage.database).await?;
    let all = told(stage, &begin, &written).await?;
    let is_waiting =
        |(_, memory): &(_, Memory)| memory.with(|(heard, _)| heard.missing(&all) > 0 && heard.silence() < SILENCE);
    while memories.iter().any(is_waiting) {
        // Comparing a million takes a while itself.
        sleep(Duration::from_secs(2)).await;
    }
    listening.iter().for_each(tokio::task::JoinHandle::abort);
    for (name, memory) in &memories {
        memory.with(|(heard, cuts)| report(stage, name, heard, &all, (*cuts, kills)));
    }
    Ok(())
}

fn report(stage: &mut Stage, name: &str, heard: &Heard, all: &HashSet<String>, (cuts, kills): (u32, [u32; 2])) {
    let note = format!(
        "{} messages over {cuts} cuts, {} kills of docket and {} of NATS; {} came again under an id that was known",
        heard.count(),
        kills[0],
        kills[1],
        heard.repeated
    );
    let wrong = [
        ("missing", heard.missing(all)),
        ("not to be told", heard.strange(all)),
        ("out of order or twice", heard.disordered as usize),
    ];
    for (what, count) in wrong {
        let figure = Figure::new(format!("notifications over {name}: {what}"), count as f64, "");
        stage.report.add(figure.at_most(0.0).noting(note.clone()));
    }
}

async fn by_stream(target: Target, begin: String, memory: Memory) {
    let last = Mutex::new(begin);
    memory
        .clone()
        .cut(async || {
            let after = last.lock().map(|last| last.clone()).unwrap_or_default();
            let mut ear = Ear::open(&target, "/v1/notifications/stream", Some(&after)).await?;
            loop {
                memory.take(&ear.next().await?);
                if let (Ok(mut last), Some(id)) = (last.lock(), &ear.last_id) {
                    last.clone_from(id);
                }
            }
        })
        .await;
}

async fn by_nats(url: String, key: Uuid, target: Target, memory: Memory) {
    memory
        .clone()
        .cut(async || {
            let client = nats::connect(&url, key, &target).await?;
            loop {
                let take = |message: Value| {
                    if text(&message, "/type").starts_with("notification.") {
                        memory.take(&message);
                    }
                };
                nats::take(&client, key, take).await?;
            }
        })
        .await;
}

async fn by_feed(target: Target, begin: String, memory: Memory) {
    let last = Mutex::new(begin);
    memory
        .clone()
        .cut(async || {
            let mut client = Client::open(&target).await?;
            loop {
                let after = last.lock().map(|last| last.clone()).unwrap_or_default();
                let page =
                    client.get(&format!("/v1/changes?after={after}&kinds=notification&limit=200&wait=5")).await?;
                page["data"].as_array().into_iter().flatten().for_each(|message| memory.take(message));
                if let (Ok(mut last), Some(position)) = (last.lock(), page["position"].as_str()) {
                    position.clone_into(&mut last);
                }
            }
        })
        .await;
}

/// Sends notifications and marks them read, in batches; answers their ids.
async fn write(target: &Target, rounds: usize) -> Result<HashSet<Uuid>> {
    let mut written = HashSet::new();
    for round in 0..rounds {
        let new = |nth| json!({"op": "create", "notification": {"title": format!("Number {}", round * BATCH + nth)}});
        let made = surely(target, (0..BATCH).map(new).collect()).await?;
        let ids: Vec<Uuid> = made["results"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| client::id(&one["notification"]).ok())
            .collect();
        anyhow::ensure!(ids.len() == BATCH, "a batch answers {made}");
        surely(target, ids.iter().map(|id| json!({"op": "update", "id": id, "set": {"read": true}})).collect()).await?;
        written.extend(ids);
    }
    Ok(written)
}

/// Sends a batch until it is answered, under one key: it is carried out once.
async fn surely(target: &Target, commands: Vec<Value>) -> Result<Value> {
    let (begun, key) = (Instant::now(), Uuid::new_v4());
    let body = json!({"mode": "atomic", "commands": commands});
    loop {
        let sent = async { Client::open(target).await?.post_as("/v1/notifications/batch", key, &body).await };
        match timeout(Duration::from_secs(20), sent).await {
            Ok(Ok(answer)) => {
                sleep(PACE.saturating_sub(begun.elapsed())).await;
                return Ok(answer);
            }
            Ok(Err(error)) if begun.elapsed() > Duration::from_mins(2) => return Err(error),
            _ => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Kills servers in turn for as long as it is let; ends only if one does not come back.
async fn kill(docket: &mut Docket, kills: &mut [u32; 2]) -> anyhow::Error {
    loop {
        for (nth, victim) in [Victim::Docket, Victim::Nats].into_iter().enumerate() {
            sleep(ALIVE).await;
            if let Err(error) = docket.kill(victim).await {
                return error;
            }
            kills[nth] += 1;
        }
    }
}

/// The ids of all messages about these notifications, as the log has them.
async fn told(stage: &Stage, begin: &str, written: &HashSet<Uuid>) -> Result<HashSet<String>> {
    let (partition, from) = begin.split_once('-').context("a position")?;
    let (partition, from): (i16, i64) = (partition.parse()?, from.parse()?);
    let sql =
        "select position, stream from log.events where partition = $1 and position > $2 and kind = 'notification'";
    let rows = stage.database.query(sql, &[&partition, &from]).await?;
    let ours = rows.iter().filter(|row| written.contains(&row.get::<_, Uuid>(1)));
    Ok(ours.map(|row| format!("{partition}-{}", row.get::<_, i64>(0))).collect())
}
