//! Projecting one partition, batch by batch.

use std::sync::Arc;
use std::time::Instant;

use docket_domain::Recorded;

use crate::Error;
use crate::batch::{self, Care, End, Fault, ParkedStreams};
use crate::checkpoint::{self, Checkpoint, Move};
use crate::db::{Borrowed, Pool};
use crate::freshness::Positions;
use crate::model::{ReadModel, blank};
use crate::parked;
use crate::rows::Rows;

/// Most events of one batch.
pub(crate) const MOST: usize = 2_000;
/// How often an event may fail before it is parked.
const ATTEMPTS: usize = 3;

/// Where the models of a partition stand.
struct Standing {
    checkpoints: Vec<Checkpoint>,
    parked: ParkedStreams,
}

impl Standing {
    /// The models that are least far, and how far they may go before others have to come along.
    fn rear(&self) -> (Vec<Checkpoint>, i64, i64) {
        let position = self.checkpoints.iter().map(|checkpoint| checkpoint.position).min().unwrap_or(0);
        let (rear, ahead): (Vec<_>, Vec<_>) =
            self.checkpoints.iter().copied().partition(|checkpoint| checkpoint.position == position);
        let limit = ahead.iter().map(|checkpoint| checkpoint.position).min().unwrap_or(i64::MAX);
        (rear, position, limit)
    }
}

/// What to do with an event that can't be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnPoison {
    /// Set it aside and go on.
    Park,
    /// Give up.
    Fail,
}

/// One partition.
pub(crate) struct Partition {
    number: i16,
    models: Arc<[&'static str]>,
    pool: Pool,
    on_poison: OnPoison,
    standing: Option<Standing>,
    told: Option<Positions>,
}

impl Partition {
    /// A partition of the live models; `positions` is told how far they are.
    pub(crate) fn live(number: i16, pool: Pool, positions: Positions) -> Self {
        let models = Arc::new(crate::model::NAMES);
        Self { number, models, pool, on_poison: OnPoison::Park, standing: None, told: Some(positions) }
    }

    /// A partition of these models, wherever `pool` finds them.
    pub(crate) fn of(models: Arc<[&'static str]>, number: i16, pool: Pool) -> Self {
        Self { number, models, pool, on_poison: OnPoison::Fail, standing: None, told: None }
    }

    /// The position that all models have reached.
    pub(crate) async fn position(&mut self) -> Result<i64, Error> {
        if let Some(standing) = &self.standing {
            return Ok(standing.rear().1);
        }
        let mut session = self.pool.get().await?;
        Ok(self.stand(&mut session).await?.rear().1)
    }

    /// Takes in the next events of the log, at most one batch and not beyond `to`.
    pub(crate) async fn follow(&mut self, to: i64) -> Result<Taken, Error> {
        let mut session = self.pool.get().await?;
        let (_, position, limit) = self.stand(&mut session).await?.rear();
        let most = MOST as i64;
        let events = crate::log::read(&mut session, self.number, position, to.min(limit), most).await?;
        drop(session);
        self.project(&events, Source::Log).await
    }

    /// Takes in these events, or the first of them. Those that do not begin where the models stand are not taken in, nor
    /// are those that came by NATS and can't be.
    pub(crate) async fn project(&mut self, events: &[Recorded], source: Source) -> Result<Taken, Error> {
        let mut session = self.pool.get().await?;
        let (rear, position, limit) = self.stand(&mut session).await?.rear();
        let count = usize::try_from(limit - position).unwrap_or(usize::MAX).min(events.len()).min(MOST);
        let events = &events[..count];
        if events.first().is_none_or(|event| event.position != position + 1) {
            return Ok(Taken::Events(0));
        }
        let begun = Instant::now();
        let mut outcome = self.write(&mut session, &rear, events, Care::Brisk).await;
        if let Err(Fault::Poison { story }) = &outcome {
            tracing::warn!(partition = self.number, story, "a batch can't be taken in at once");
            if source == Source::Message {
                // Only the log is the truth: the message may have been damaged.
                return Ok(Taken::Events(0));
            }
            outcome = self.write(&mut session, &rear, events, Care::Careful).await;
        }
        if matches!(outcome, Err(Fault::Poison { .. })) && self.on_poison == OnPoison::Park {
            outcome = self.one_by_one(&mut session, &rear, events).await;
        }
        match outcome {
            Ok(()) => {
                self.done(events, begun);
                Ok(Taken::Events(events.len()))
            }
            Err(fault) => {
                // Whatever is believed about the checkpoints may be wrong now.
                self.standing = None;
                match fault {
                    Fault::Moved => {
                        metrics::counter!("docket_projection_moved_total").increment(1);
                        Ok(Taken::Moved)
                    }
                    Fault::Poison { story } => Err(Error::Bug(story)),
                    Fault::Failed(error) => Err(error),
                }
            }
        }
    }

    async fn stand(&mut self, session: &mut Borrowed) -> Result<&Standing, Error> {
        if self.standing.is_none() {
            let mut checkpoints = checkpoint::load(session, &self.models, self.number).await?;
            if checkpoints.len() < self.models.len() {
                checkpoint::ensure(session, &self.models).await?;
                checkpoints = checkpoint::load(session, &self.models, self.number).await?;
            }
            let parked = match self.on_poison {
                OnPoison::Park => parked::streams(session, self.number).await?,
                OnPoison::Fail => ParkedStreams::new(),
            };
            self.standing = Some(Standing { checkpoints, parked });
        }
        self.standing.as_ref().ok_or_else(|| Error::Bug("a partition stands nowhere".to_owned()))
    }

    async fn write(
        &mut self,
        session: &mut Borrowed,
        rear: &[Checkpoint],
        events: &[Recorded],
        care: Care,
    ) -> Result<(), Fault> {
        let Some(standing) = &mut self.standing else { return Err(Fault::Moved) };
        let mut rows: Vec<Rows> = Vec::new();
        for checkpoint in rear {
            let mut model = model(checkpoint)?;
            rows.extend(batch::fold(session, &mut *model, events, &standing.parked, care).await?);
            if !standing.parked.is_empty() {
                rows.push(batch::wait_behind(&*model, events, &standing.parked));
            }
        }
        rows.retain(|rows| !rows.is_empty());
        batch::write(session, rear, &step(self.number, rear, events)?, &rows, End::Commit).await?;
        for checkpoint in standing.checkpoints.iter_mut().filter(|one| rear.iter().any(|r| r.model == one.model)) {
            checkpoint.position += events.len() as i64;
        }
        Ok(())
    }

    /// Finds the events that can't be taken in, parks them, and takes in the others.
    async fn one_by_one(
        &mut self,
        session: &mut Borrowed,
        rear: &[Checkpoint],
        events: &[Recorded],
    ) -> Result<(), Fault> {
        let mut rear = rear.to_vec();
        for event in events {
            let event = std::slice::from_ref(event);
            match self.write(session, &rear, event, Care::Careful).await {
                Err(Fault::Poison { .. }) => self.park(session, &rear, event).await?,
                other => other?,
            }
            for checkpoint in &mut rear {
                checkpoint.position += 1;
            }
        }
        Ok(())
    }

    /// Parks an event for the models that can't take it in, having tried often enough, and takes it into the others.
    async fn park(&mut self, session: &mut Borrowed, rear: &[Checkpoint], event: &[Recorded]) -> Result<(), Fault> {
        let number = self.number;
        let Some(standing) = &mut self.standing else { return Err(Fault::Moved) };
        let mut parked = parked::rows();
        let mut rows = Vec::new();
        for checkpoint in rear {
            match attempt(session, number, checkpoint, event, &standing.parked).await? {
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
        batch::write(session, rear, &step(number, rear, event)?, &rows, End::Commit).await?;
        for checkpoint in standing.checkpoints.iter_mut().filter(|one| rear.iter().any(|r| r.model == one.model)) {
            checkpoint.position += 1;
        }
        Ok(())
    }

    fn done(&mut self, events: &[Recorded], begun: Instant) {
        let Some(standing) = &self.standing else { return };
        if let Some(told) = &self.told {
            let reached = standing.checkpoints.iter().map(|checkpoint| (checkpoint.model, checkpoint.position));
            told.moved(self.number, reached);
        }
        metrics::histogram!("docket_projection_batch_events").record(events.len() as f64);
        metrics::histogram!("docket_projection_batch_seconds").record(begun.elapsed().as_secs_f64());
        metrics::counter!("docket_projection_events_total").increment(events.len() as u64);
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// So many events were taken in.
    Events(usize),
    /// None: somebody else has moved on, and things must be looked at again.
    Moved,
}

/// Where events came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// From the log itself.
    Log,
    /// Over NATS.
    Message,
}

fn model(checkpoint: &Checkpoint) -> Result<Box<dyn ReadModel>, Fault> {
    blank(checkpoint.model).ok_or_else(|| Fault::Failed(Error::Bug(format!("there is no model {}", checkpoint.model))))
}

fn step(partition: i16, rear: &[Checkpoint], events: &[Recorded]) -> Result<Move, Fault> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Err(Fault::Moved) };
    Ok(Move {
        partition,
        from: first.position - 1,
        to: last.position,
        epochs: rear.iter().map(|checkpoint| checkpoint.epoch).collect(),
        recorded_at: last.recorded_at,
    })
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
        let mut model = model(checkpoint)?;
        let to = step(partition, std::slice::from_ref(checkpoint), event)?;
        let outcome = match batch::fold(session, &mut *model, event, parked, Care::Careful).await {
            Ok(mut rows) => {
                rows.push(batch::wait_behind(&*model, event, parked));
                rows.retain(|rows| !rows.is_empty());
                let tried = batch::write(session, std::slice::from_ref(checkpoint), &to, &rows, End::Rollback).await;
                tried.map(|()| rows)
            }
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(rows) => return Ok(Ok(rows)),
            Err(Fault::Poison { story }) => last = story,
            Err(fault) => return Err(fault),
        }
    }
    Ok(Err(last))
}
