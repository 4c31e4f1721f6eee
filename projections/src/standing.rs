//! Where the models of a partition stand.

use docket_domain::Recorded;

use crate::batch::{Fault, ParkedStreams};
use crate::checkpoint::{Checkpoint, Move};

/// Where the models of a partition stand, counting what is being written.
pub(crate) struct Standing {
    /// Each model's checkpoint.
    pub(crate) checkpoints: Vec<Checkpoint>,
    /// The aggregates whose events are parked.
    pub(crate) parked: ParkedStreams,
}

/// The models that are least far. Normally these are all; after a rebuild, or when there is a new one, some have to
/// come up to the others first.
pub(crate) struct Rear {
    /// Their checkpoints.
    pub(crate) checkpoints: Vec<Checkpoint>,
    /// How far they are.
    pub(crate) position: i64,
    /// How far they may go before others have to come along.
    pub(crate) limit: i64,
}

impl Standing {
    /// The models that are least far.
    pub(crate) fn rear(&self) -> Rear {
        let position = self.position();
        let (checkpoints, ahead): (Vec<_>, Vec<_>) =
            self.checkpoints.iter().copied().partition(|checkpoint| checkpoint.position == position);
        let limit = ahead.iter().map(|checkpoint| checkpoint.position).min().unwrap_or(i64::MAX);
        Rear { checkpoints, position, limit }
    }

    /// The position that all models have reached.
    pub(crate) fn position(&self) -> i64 {
        self.checkpoints.iter().map(|checkpoint| checkpoint.position).min().unwrap_or(0)
    }

    /// These models have come to another position.
    pub(crate) fn advance(&mut self, rear: &[Checkpoint], to: i64) {
        for checkpoint in self.checkpoints.iter_mut().filter(|one| rear.iter().any(|r| r.model == one.model)) {
            checkpoint.position = to;
        }
    }

    /// How far each model is.
    pub(crate) fn reached(&self) -> Vec<(&'static str, i64)> {
        self.checkpoints.iter().map(|checkpoint| (checkpoint.model, checkpoint.position)).collect()
    }
}

/// The move that these events are, for these models.
pub(crate) fn step(partition: i16, rear: &[Checkpoint], events: &[Recorded]) -> Result<Move, Fault> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Err(Fault::Moved) };
    Ok(Move {
        partition,
        from: first.position - 1,
        to: last.position,
        epochs: rear.iter().map(|checkpoint| checkpoint.epoch).collect(),
        recorded_at: last.recorded_at,
    })
}
