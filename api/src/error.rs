//! From the errors of the write and the read side to problems: the one table.

use docket_commands::{Error as CommandError, ItemError};
use docket_domain::{Refusal, refusal::Kind};
use docket_projections::Error as ReadError;

use crate::limits::room;
use crate::problem::Problem;

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Item { error, .. } => error.into(),
            CommandError::KeyReused => Self::unprocessable(
                "idempotency-key-reused",
                "This Idempotency-Key was used for another request: send a fresh one.",
            ),
            CommandError::Revoked => Self::unauthorized(),
            CommandError::OtherRole => Self::role_changed(),
            CommandError::Contended => {
                Self::conflict("contended", "Others kept changing the same resources; nothing was changed. Try again.")
            }
            CommandError::Unavailable(why) => {
                tracing::warn!(%why, "the write side is not available");
                Self::unavailable(1)
            }
            CommandError::Bug(why) => {
                tracing::error!(%why, "a command failed by our own fault");
                Self::internal()
            }
        }
    }
}

impl From<ItemError> for Problem {
    fn from(error: ItemError) -> Self {
        match error {
            ItemError::Refused(refusal) => refusal.into(),
            ItemError::Stale { .. } => Self::precondition_failed(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { kind, code, detail, pointer } = refusal;
        let at_field = |pointer| Self::field(pointer, code.clone(), detail.clone());
        match (kind, pointer) {
            (Kind::NotFound, _) => Self::not_found(),
            (Kind::Forbidden, _) => Self::forbidden(code, detail),
            (Kind::Invalid, Some(pointer)) => at_field(pointer),
            (Kind::Invalid, None) => Self::unprocessable(code, detail),
            (Kind::Conflict, Some(pointer)) => {
                Self { errors: at_field(pointer).errors, ..Self::conflict(code, detail) }
            }
            (Kind::Conflict, None) => Self::conflict(code, detail),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Revoked => Self::unauthorized(),
            ReadError::OtherRole => Self::role_changed(),
            ReadError::BadCursor => Self::parameter(
                "cursor",
                "bad-cursor",
                "The cursor is not one of this query's: start again without it.",
            ),
            ReadError::Crowded => room::refusal(),
            ReadError::NotFresh => Self::unavailable(1).with_detail("Your last write is not readable yet; try again."),
            other => {
                tracing::warn!(error = %other, "the read side is not available");
                Self::unavailable(1)
            }
        }
    }
}
