//! Who is inside. The server says who comes and goes, and is asked who is there when this node starts or finds it again: so
//! every node knows of everybody, whoever let them in. A key that is revoked is sent away within two seconds, and so is one
//! that may no longer hear what it hears; who comes again is let in as what they are now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, jetstream};
use docket_projections::{Error, Reads};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::Names;
use super::pass::Pass;
use crate::auth::{Change, EVERY, Known};

const COMINGS: &str = "$SYS.ACCOUNT.CONSUMERS.CONNECT";
const GOINGS: &str = "$SYS.ACCOUNT.CONSUMERS.DISCONNECT";
const WHO_IS_THERE: &str = "$SYS.REQ.SERVER.PING.CONNZ";
/// So many are told in one answer.
const PAGE: usize = 500;
/// How many servers answer is not known: after so much silence it is all of them.
const SILENCE: Duration = Duration::from_millis(250);
/// They are asked again now and then, should a word have been lost.
const COUNT: Duration = Duration::from_mins(1);

/// Where somebody is: a server, and the number of a connection to it.
type Place = (String, u64);

/// All who are inside, as far as one node knows.
pub(super) struct Inside {
    system: Client,
    /// Whenever the server is there again.
    found: Arc<Notify>,
    jetstream: jetstream::Context,
    names: Names,
    reads: Reads,
    all: HashMap<Place, (Pass, Change)>,
}

impl Inside {
    pub(super) fn new(
        (system, found): (Client, Arc<Notify>),
        jetstream: jetstream::Context,
        names: Names,
        reads: Reads,
    ) -> Self {
        Self { system, found, jetstream, names, reads, all: HashMap::new() }
    }

    /// Looks after them until told to stop.
    pub(super) async fn run(mut self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let (mut comings, mut goings) = (self.system.subscribe(COMINGS).await?, self.system.subscribe(GOINGS).await?);
        let (mut counts, mut looks) = (interval(COUNT), interval(EVERY));
        for ticks in [&mut counts, &mut looks] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let found = self.found.clone();
        loop {
            let done = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                Some(word) = comings.next() => {
                    self.all.extend(read(&word.payload).iter().filter_map(|word| somebody(word, &word["client"], "user")));
                    Ok(())
                }
                Some(word) = goings.next() => {
                    let place = read(&word.payload).and_then(|word| place(&word, &word["client"]["id"]));
                    place.map(|place| self.all.remove(&place));
                    Ok(())
                }
                _ = counts.tick() => self.count().await,
                () = found.notified() => self.count().await,
                _ = looks.tick() => self.look_after().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "who hears over NATS is not known; it will be in a moment");
            }
        }
    }

    /// Asks who is there.
    async fn count(&mut self) -> anyhow::Result<()> {
        let mut there = HashMap::new();
        for page in 0.. {
            let asked = json!({"auth": true, "acc": "CONSUMERS", "limit": PAGE, "offset": page * PAGE});
            let inbox = self.system.new_inbox();
            let mut answers = self.system.subscribe(inbox.clone()).await?;
            self.system.publish_with_reply(WHO_IS_THERE, inbox, asked.to_string().into()).await?;
            let mut is_last = true;
            while let Ok(Some(answer)) = timeout(SILENCE, answers.next()).await {
                let Some(answer) = read(&answer.payload) else { continue };
                let some = answer["data"]["connections"].as_array().map_or(&[][..], Vec::as_slice);
                is_last &= some.len() < PAGE;
                there.extend(some.iter().filter_map(|one| somebody(&answer, one, "authorized_user")));
            }
            if is_last {
                break;
            }
        }
        self.all.retain(|place, _| there.contains_key(place));
        for (place, one) in there {
            self.all.entry(place).or_insert(one);
        }
        Ok(())
    }

    /// Sends away who may no longer be there.
    async fn look_after(&mut self) -> anyhow::Result<()> {
        let whose: HashSet<_> =
            self.all.values().flat_map(|(pass, _)| pass.ids().into_iter().map(|id| (pass.workspace, id))).collect();
        if whose.is_empty() {
            return Ok(());
        }
        let versions = self.reads.standing(&Vec::from_iter(whose)).await?;
        let mut unsure: HashMap<Pass, Vec<Place>> = HashMap::new();
        for (place, (pass, change)) in &mut self.all {
            let ids = pass.ids();
            if change.note(&ids, &versions) || ids.iter().any(|id| !versions.contains_key(id)) {
                unsure.entry(*pass).or_default().push(place.clone());
            }
        }
        for (pass, places) in unsure {
            if self.is_welcome(pass).await? {
                continue;
            }
            for place in places {
                let sent = self.send_away(&place, pass, versions.contains_key(&pass.key.0)).await;
                sent.unwrap_or_else(
                    |error| tracing::warn!(%error, "a consumer can't be sent away; it will be in a moment"),
                );
            }
        }
        Ok(())
    }

    /// Whether somebody is still who they were.
    async fn is_welcome(&self, pass: Pass) -> Result<bool, Error> {
        match self.reads.check(&pass.reader()).await {
            Ok(()) => {}
            Err(Error::Revoked) => return Ok(false),
            Err(unknown) => return Err(unknown),
        }
        let now = Known::find(&self.reads, pass.workspace, pass.key).await?;
        Ok(now.is_some_and(|key| Pass::of(&key) == pass))
    }

    async fn send_away(&mut self, place: &Place, pass: Pass, may_come_again: bool) -> anyhow::Result<()> {
        let kick = json!({"cid": place.1}).to_string();
        self.system.request(format!("$SYS.REQ.SERVER.{}.KICK", place.0), kick.into()).await?;
        self.all.remove(place);
        if !may_come_again && let Ok(stream) = self.jetstream.get_stream(self.names.stream()).await {
            let _ = stream.delete_consumer(&pass.consumer()).await;
        }
        Ok(())
    }
}

fn read(payload: &[u8]) -> Option<Value> {
    serde_json::from_slice(payload).ok()
}

fn place(said: &Value, connection: &Value) -> Option<Place> {
    Some((said["server"]["id"].as_str()?.to_owned(), connection.as_u64()?))
}

/// Who is meant, if it is one of ours.
fn somebody(said: &Value, client: &Value, name: &str) -> Option<(Place, (Pass, Change))> {
    let connection = if client["cid"].is_u64() { &client["cid"] } else { &client["id"] };
    Some((place(said, connection)?, (Pass::parse(client[name].as_str()?)?, Change::default())))
}
