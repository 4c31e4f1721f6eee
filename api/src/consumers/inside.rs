//! Who is inside. The server says who comes and goes, and is asked who is there when this node starts or finds it again: so
//! every node knows of everybody, whoever let them in. A key that is revoked is sent away within two seconds, and so is one
//! that may no longer hear what it hears; who comes again is let in as what they are now.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Message, jetstream};
use chrono::{DateTime, Utc};
use docket_projections::{Error, Reads};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::Names;
use super::guests::{Guests, Place};
use super::pass::Pass;
use crate::auth::{EVERY, Known};

/// Who comes and who goes, heard as one: whoever does both at once is to be known gone in the end.
const MOVES: &str = "$SYS.ACCOUNT.CONSUMERS.*";
const WHO_IS_THERE: &str = "$SYS.REQ.SERVER.PING.CONNZ";
/// So many are told in one answer.
const PAGE: usize = 500;
/// How many servers answer is not known: after so much silence it is all of them.
const SILENCE: Duration = Duration::from_millis(250);
/// They are asked again now and then, should a word have been lost.
const COUNT: Duration = Duration::from_mins(1);
const RETRY: Duration = Duration::from_secs(1);

/// All who are inside, as far as one node knows.
pub(super) struct Inside {
    system: Client,
    /// Whenever the server is there again.
    found: Arc<Notify>,
    jetstream: jetstream::Context,
    names: Names,
    reads: Reads,
    guests: Guests,
}

impl Inside {
    pub(super) fn new(
        (system, found): (Client, Arc<Notify>),
        jetstream: jetstream::Context,
        names: Names,
        (reads, guests): (Reads, Guests),
    ) -> Self {
        Self { system, found, jetstream, names, reads, guests }
    }

    /// Looks after them until told to stop.
    pub(super) async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut moves = self.system.subscribe(MOVES).await?;
        let (mut counts, mut looks) = (interval(COUNT), interval(EVERY));
        for ticks in [&mut counts, &mut looks] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        let found = self.found.clone();
        loop {
            let done = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                Some(word) = moves.next() => {
                    self.hear(&word);
                    Ok(())
                }
                _ = counts.tick() => self.count().await,
                () = found.notified() => {
                    // Whoever was there has to come again, and is not to be taken for somebody who has.
                    self.guests.are(&HashMap::new());
                    self.count().await
                }
                _ = looks.tick() => self.look_after().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "who hears over NATS is not known; it will be in a moment");
                counts.reset_after(RETRY);
            }
        }
    }

    fn hear(&self, word: &Message) {
        let Some(said) = read(&word.payload) else { return };
        if word.subject.ends_with(".CONNECT") {
            if let Some((place, (pass, since))) = somebody(&said, &said["client"], "user") {
                self.guests.come(place, pass, since);
            }
        } else if word.subject.ends_with(".DISCONNECT")
            && let Some(place) = place(&said, &said["client"]["id"])
        {
            self.guests.go(&place);
        }
    }

    /// Asks who is there.
    async fn count(&self) -> anyhow::Result<()> {
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
        self.guests.are(&there);
        Ok(())
    }

    /// Sends away who may no longer be there, who has more connections than a key may have, and who has been there for so
    /// long that they are to be let in anew.
    async fn look_after(&self) -> anyhow::Result<()> {
        let whose = self.guests.whose();
        if whose.is_empty() {
            return Ok(());
        }
        let beyond = [self.guests.beyond_their_share(), self.guests.beyond_their_stay(Utc::now())].concat();
        for (place, pass) in beyond {
            self.send_away(&place, pass, true).await?;
        }
        let versions = self.reads.standing(&Vec::from_iter(whose)).await?;
        let unsure = self.guests.unsure(&versions);
        for (pass, places) in unsure {
            match self.is_welcome(pass).await {
                Ok(true) => continue,
                Ok(false) => {}
                // Nobody knows yet.
                Err(Error::NotFresh) => {
                    self.guests.remain_in_doubt(pass);
                    continue;
                }
                Err(unknown) => return Err(unknown.into()),
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

    async fn send_away(&self, place: &Place, pass: Pass, may_come_again: bool) -> anyhow::Result<()> {
        let kick = json!({"cid": place.1}).to_string();
        self.system.request(format!("$SYS.REQ.SERVER.{}.KICK", place.0), kick.into()).await?;
        self.guests.go(place);
        if !may_come_again && let Ok(stream) = self.jetstream.get_stream(self.names.stream()).await {
            for name in [pass.consumer(), pass.bookmark()] {
                let _ = stream.delete_consumer(&name).await;
            }
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

/// Who is meant, and since when they are there, if it is one of ours.
fn somebody(said: &Value, client: &Value, name: &str) -> Option<(Place, (Pass, DateTime<Utc>))> {
    let connection = if client["cid"].is_u64() { &client["cid"] } else { &client["id"] };
    let since = client["start"].as_str().and_then(|start| start.parse().ok()).unwrap_or_else(Utc::now);
    Some((place(said, connection)?, (Pass::parse(client[name].as_str()?)?, since)))
}
