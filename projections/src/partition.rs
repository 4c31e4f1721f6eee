//! Projecting one partition, batch by batch. While one batch is being written, the next is read and folded.

use std::sync::Arc;
use std::time::Instant;

use docket_domain::{Recorded, envelope};
use tokio::task::JoinHandle;

use crate::Error;
use crate::batch::{self, Care, Fault, ParkedStreams};
use crate::checkpoint;
use crate::db::{Borrowed, Pool};
use crate::freshness::Positions;
use crate::model::{ReadModel, blank};
use crate::parked;
use crate::standing::{Rear, Standing, step};
use crate::write::Batch;

/// Most events of one batch.
pub(crate) const MOST: usize = 2_000;

/// What to do with an event that can't be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnPoison {
    /// Set it aside and go on.
    Park,
    /// Give up.
    Fail,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// So many events were taken in, or are about to be.
    Events(usize),
    /// None: things are not as they were believed to be, and must be looked at again.
    Again,
}

/// Where events came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// From the log itself.
    Log,
    /// Over NATS.
    Message,
}

/// One partition.
pub(crate) struct Partition {
    pub(crate) number: i16,
    pub(crate) pool: Pool,
    pub(crate) on_poison: OnPoison,
    pub(crate) standing: Option<Standing>,
    names: Arc<[&'static str]>,
    told: Option<Positions>,
    /// The models, remembering what recent batches have touched.
    models: Vec<Box<dyn ReadModel>>,
    care: Care,
    writing: Option<Writing>,
}

/// A batch that is being written.
struct Writing {
    work: JoinHandle<Result<(), Fault>>,
    outcome: Option<Result<(), Fault>>,
    news: News,
}

/// What there will be to tell when a batch is written.
pub(crate) struct News {
    /// How many events it has.
    pub(crate) events: usize,
    /// How far each model is then.
    pub(crate) reached: Vec<(&'static str, i64)>,
    /// In which life it was begun.
    pub(crate) life: u64,
    /// When it was begun.
    pub(crate) begun: Instant,
    /// A span of each event that is traced, until this is told.
    _traces: Vec<tracing::Span>,
}

/// A span of each traced event.
fn traces(events: &[Recorded], source: Source) -> Vec<tracing::Span> {
    let of = |event: &Recorded| {
        let (trace, position) = (event.metadata.trace.as_deref()?, event.position);
        let system = if source == Source::Message { "nats" } else { "log" };
        Some(tracing::info_span!(target: envelope::SPANS, "project", traceparent = trace,
            "messaging.system" = system, "docket.event" = event.event_type, "docket.position" = position))
    };
    events.iter().filter_map(of).collect()
}

impl Partition {
    /// A partition of the live models; `positions` is told how far they are.
    pub(crate) fn live(number: i16, pool: Pool, positions: Positions) -> Self {
        Self { told: Some(positions), ..Self::new(Arc::new(crate::model::NAMES), number, pool, OnPoison::Park) }
    }

    /// A partition of these models, wherever `pool` finds them.
    pub(crate) fn of(names: Arc<[&'static str]>, number: i16, pool: Pool) -> Self {
        Self::new(names, number, pool, OnPoison::Fail)
    }

    fn new(names: Arc<[&'static str]>, number: i16, pool: Pool, on_poison: OnPoison) -> Self {
        let (models, care) = (Vec::new(), Care::Brisk);
        Self { number, pool, on_poison, standing: None, names, told: None, models, care, writing: None }
    }

    /// The position that all models have reached, counting what is being written.
    pub(crate) async fn position(&mut self) -> Result<i64, Error> {
        Ok(self.stand().await?.position())
    }

    /// Takes in the next events of the log, at most one batch and not beyond `to`.
    pub(crate) async fn follow(&mut self, to: i64) -> Result<Taken, Error> {
        let Rear { position, limit, .. } = self.stand().await?.rear();
        let most = MOST as i64;
        let mut session = self.pool.get().await?;
        let events = crate::log::read(&mut session, self.number, position, to.min(limit), most).await?;
        drop(session);
        self.project(&events, Source::Log).await
    }

    /// Takes in these events, or the first of them. Those that do not begin where the models stand are not taken in, nor
    /// are those that came by NATS and can't be. They are still being written when this answers: see [`Self::settle`].
    pub(crate) async fn project(&mut self, events: &[Recorded], source: Source) -> Result<Taken, Error> {
        let Rear { position, limit, .. } = self.stand().await?.rear();
        let count = usize::try_from(limit - position).unwrap_or(usize::MAX).min(events.len()).min(MOST);
        let events = &events[..count];
        // Only the log is the truth: when something does not fit, a message may have been damaged.
        let doubtful = self.care == Care::Careful && source == Source::Message;
        if doubtful || events.first().is_none_or(|event| event.position != position + 1) {
            return Ok(Taken::Events(0));
        }
        let done = match self.care {
            Care::Brisk => self.briskly(events, source).await,
            Care::Careful => match self.settled().await {
                Ok(()) => self.carefully(events, source).await,
                fault => fault,
            },
        };
        match done {
            Ok(()) => Ok(Taken::Events(events.len())),
            Err(fault) => self.fail(fault),
        }
    }

    /// Waits until everything that was taken in is written.
    pub(crate) async fn settle(&mut self) -> Result<Taken, Error> {
        match self.settled().await {
            Ok(()) => Ok(Taken::Events(0)),
            Err(fault) => self.fail(fault),
        }
    }

    /// Whether a batch is being written.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.outcome.is_none())
    }

    /// Waits until no batch is being written; may be dropped at any time.
    pub(crate) async fn written(&mut self) {
        if let Some(writing) = &mut self.writing
            && writing.outcome.is_none()
        {
            let gone = |gone| Err(Fault::Failed(Error::Bug(format!("writing ended early: {gone}"))));
            writing.outcome = Some((&mut writing.work).await.unwrap_or_else(gone));
        }
    }

    pub(crate) async fn stand(&mut self) -> Result<&mut Standing, Error> {
        if self.standing.is_none() {
            let mut session = self.pool.get().await?;
            self.standing = Some(self.look(&mut session).await?);
        }
        self.standing.as_mut().ok_or_else(|| Error::Bug("a partition stands nowhere".to_owned()))
    }

    async fn look(&self, session: &mut Borrowed) -> Result<Standing, Error> {
        let mut checkpoints = checkpoint::load(session, &self.names, self.number).await?;
        if checkpoints.len() < self.names.len() {
            checkpoint::ensure(session, &self.names).await?;
            checkpoints = checkpoint::load(session, &self.names, self.number).await?;
        }
        let parked = match self.on_poison {
            OnPoison::Park => parked::streams(session, self.number).await?,
            OnPoison::Fail => ParkedStreams::new(),
        };
        Ok(Standing { checkpoints, parked })
    }

    /// Folds a batch while the one before is being written, then begins to write it.
    async fn briskly(&mut self, events: &[Recorded], source: Source) -> Result<(), Fault> {
        let begun = Instant::now();
        let batch = self.prepare(events).await?;
        self.settled().await?;
        let pool = self.pool.clone();
        let news = self.news(events, begun, source);
        let work = tokio::spawn(async move { batch.write(&pool).await });
        self.writing = Some(Writing { work, outcome: None, news });
        Ok(())
    }

    async fn prepare(&mut self, events: &[Recorded]) -> Result<Batch, Fault> {
        if self.models.is_empty() {
            self.models = self.names.iter().filter_map(|name| blank(name)).collect();
        }
        let Some(standing) = &mut self.standing else { return Err(Fault::Moved) };
        let rear = standing.rear().checkpoints;
        let mut rows = Vec::new();
        for model in self.models.iter_mut().filter(|model| rear.iter().any(|one| one.model == model.name())) {
            let relevant = batch::relevant(&**model, events, &standing.parked);
            let lacking = batch::lacking(&**model, &relevant, Care::Brisk);
            if !lacking.is_empty() {
                let mut session = self.pool.get().await.map_err(Error::from)?;
                batch::load(&mut session, &mut **model, lacking).await?;
            }
            rows.extend(batch::fold(&mut **model, &relevant, Care::Brisk)?);
            if !standing.parked.is_empty() {
                rows.push(batch::wait_behind(&**model, events, &standing.parked));
            }
        }
        rows.retain(|rows| !rows.is_empty());
        let to = step(self.number, &rear, events)?;
        standing.advance(&rear, to.to);
        Ok(Batch { checkpoints: rear, to, rows })
    }

    async fn settled(&mut self) -> Result<(), Fault> {
        self.written().await;
        let Some(Writing { outcome: Some(outcome), news, .. }) = self.writing.take() else {
            return Ok(());
        };
        outcome?;
        self.tell(&news);
        for model in &mut self.models {
            // The batch that is about to be written may have been folded already.
            model.stored_but(1);
        }
        Ok(())
    }

    /// What there will be to tell of a batch that is about to be written.
    pub(crate) fn news(&self, events: &[Recorded], begun: Instant, source: Source) -> News {
        let reached = self.standing.as_ref().map(Standing::reached).unwrap_or_default();
        let life = self.told.as_ref().map_or(0, Positions::life);
        News { events: events.len(), reached, life, begun, _traces: traces(events, source) }
    }

    /// Tells it.
    pub(crate) fn tell(&self, news: &News) {
        if let Some(told) = &self.told {
            told.moved(self.number, news.life, news.reached.iter().copied());
        }
        metrics::histogram!("docket_projection_batch_events").record(news.events as f64);
        metrics::histogram!("docket_projection_batch_seconds").record(news.begun.elapsed().as_secs_f64());
        metrics::counter!("docket_projection_events_total").increment(news.events as u64);
    }

    /// A batch was taken in carefully: the next may be taken in briskly again.
    pub(crate) fn relax(&mut self) {
        self.care = Care::Brisk;
    }

    /// Forgets all that is believed: it may be wrong.
    fn fail(&mut self, fault: Fault) -> Result<Taken, Error> {
        self.standing = None;
        self.models.clear();
        self.writing = None;
        match fault {
            Fault::Moved => {
                metrics::counter!("docket_projection_moved_total").increment(1);
                Ok(Taken::Again)
            }
            Fault::Poison { story } if self.care == Care::Brisk => {
                tracing::warn!(partition = self.number, story, "a batch can't be taken in as it is");
                self.care = Care::Careful;
                Ok(Taken::Again)
            }
            Fault::Poison { story } => Err(Error::Bug(story)),
            Fault::Failed(error) => Err(error),
        }
    }
}
