//! Taking in a batch that could not be taken in as it is: from the log, believing nothing, and at last event by event,
//! until those are found that can't be taken in at all.

use std::time::Instant;

use docket_domain::Recorded;

use crate::Error;
use crate::batch::{self, Care, Fault, ParkedStreams};
use crate::checkpoint::Checkpoint;
use crate::db::Borrowed;
use crate::model::{ReadModel, blank};
use crate::parked;
use crate::partition::{OnPoison, Partition, Source};
use crate::rows::Rows;
use crate::standing::{Standing, step};
use crate::write::{Batch, End};

/// How often an event may fail before it is parked.
const ATTEMPTS: usize = 3;

impl Partition {
    /// Takes in a batch carefully; nothing else is being written.
    pub(crate) async fn carefully(&mut self, events: &[Recorded], source: Source) -> Result<(), Fault> {
        let mut news = self.news(events, Instant::now(), source);
        let mut session = self.pool.get().await.map_err(Error::from)?;
        let whole = self.take_in(&mut session, events).await;
        match whole {
            Err(Fault::Poison { .. }) if self.on_poison == OnPoison::Park => {
                for event in events {
                    let event = std::slice::from_ref(event);
                    match self.take_in(&mut session, event).await {
                        Err(Fault::Poison { .. }) => self.park(&mut session, event).await?,
                        other => other?,
                    }
                }
            }
            other => other?,
        }
        news.reached = self.standing.as_ref().map(Standing::reached).unwrap_or_default();
        self.tell(&news);
        self.relax();
        Ok(())
    }

    async fn take_in(&mut self, session: &mut Borrowed, events: &[Recorded]) -> Result<(), Fault> {
        let Some(standing) = &mut self.standing else { return Err(Fault::Moved) };
        let rear = standing.rear().checkpoints;
        let mut rows = Vec::new();
        for checkpoint in &rear {
            rows.extend(fold_one(session, checkpoint, events, &standing.parked).await?);
        }
        let to = step(self.number, &rear, events)?;
        let position = to.to;
        Batch { checkpoints: rear.clone(), to, rows }.write_with(session, End::Commit).await?;
        standing.advance(&rear, position);
        Ok(())
    }

    /// Parks an event for the models that can't take it in, having tried often enough, and takes it into the others.
    async fn park(&mut self, session: &mut Borrowed, event: &[Recorded]) -> Result<(), Fault> {
        let Some(standing) = &mut self.standing else { return Err(Fault::Moved) };
        let rear = standing.rear().checkpoints;
        let mut parked = parked::rows();
        let mut rows = Vec::new();
        for checkpoint in &rear {
            match attempt(session, self.number, checkpoint, event, &standing.parked).await? {
                Ok(fine) => rows.extend(fine),
                Err(story) => {
                    tracing::error!(model = checkpoint.model, position = event[0].position, story, "event parked");
                    parked.push(parked::row(checkpoint.model, &event[0], Some(&story)));
                    standing.parked.insert((checkpoint.model, event[0].stream));
                }
            }
        }
        rows.push(parked);
        rows.retain(|rows: &Rows| !rows.is_empty());
        let to = step(self.number, &rear, event)?;
        let position = to.to;
        Batch { checkpoints: rear.clone(), to, rows }.write_with(session, End::Commit).await?;
        standing.advance(&rear, position);
        Ok(())
    }
}

/// What events make of one model that knows nothing but what is stored.
async fn fold_one(
    session: &mut Borrowed,
    checkpoint: &Checkpoint,
    events: &[Recorded],
    parked: &ParkedStreams,
) -> Result<Vec<Rows>, Fault> {
    let mut model: Box<dyn ReadModel> = blank(checkpoint.model).ok_or(Fault::Moved)?;
    let relevant = batch::relevant(&*model, events, parked);
    let lacking = batch::lacking(&*model, &relevant, Care::Careful);
    batch::load(session, &mut *model, lacking).await?;
    let mut rows = batch::fold(&mut *model, &relevant, Care::Careful)?;
    rows.push(batch::wait_behind(&*model, events, parked));
    rows.retain(|rows| !rows.is_empty());
    Ok(rows)
}

/// What an event makes of one model, or, if it fails each time it is tried, why.
async fn attempt(
    session: &mut Borrowed,
    partition: i16,
    checkpoint: &Checkpoint,
    event: &[Recorded],
    parked: &ParkedStreams,
) -> Result<Result<Vec<Rows>, String>, Fault> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        match try_once(session, partition, checkpoint, event, parked).await {
            Ok(rows) => return Ok(Ok(rows)),
            Err(Fault::Poison { story }) => last = story,
            Err(fault) => return Err(fault),
        }
    }
    Ok(Err(last))
}

async fn try_once(
    session: &mut Borrowed,
    partition: i16,
    checkpoint: &Checkpoint,
    event: &[Recorded],
    parked: &ParkedStreams,
) -> Result<Vec<Rows>, Fault> {
    let rows = fold_one(session, checkpoint, event, parked).await?;
    let to = step(partition, std::slice::from_ref(checkpoint), event)?;
    let batch = Batch { checkpoints: vec![*checkpoint], to, rows };
    batch.write_with(session, End::Rollback).await?;
    Ok(batch.rows)
}
