//! Why a bundle is not believed.

use crate::audit::note::BadNote;

/// Why a bundle is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is not a bundle.
    #[error("this is not a bundle: {0}")]
    Malformed(String),
    /// Its end is missing.
    #[error("the bundle is not whole: {0}")]
    Truncated(String),
    /// The checkpoint is not signed as it must be.
    #[error("the bundle's checkpoint does not count: {0}. If the key was rotated, name the new one and the old one")]
    Signature(BadNote),
    /// The events are not those that were signed.
    #[error("the events are not those that were signed: {0}")]
    Root(String),
    /// The kept checkpoint is not signed as it must be.
    #[error(
        "the checkpoint that was kept does not count: {0}. If the key was rotated, name the new one and the old one"
    )]
    Kept(BadNote),
    /// The history does not begin with what was kept.
    #[error("history was rewritten: {0}")]
    Rewritten(String),
    /// What is personal is not what was written.
    #[error("what is personal is not what the events vouch for: {0}")]
    Personal(String),
    /// Positions, versions or numbers are not as they must be.
    #[error("the events are out of order: {0}")]
    Disorder(String),
    /// The events don't fold.
    #[error("the events can't be replayed: {0}")]
    Replay(String),
    /// The read models say something else than the events.
    #[error("the read models do not say what the events say: {0}")]
    Models(String),
}

impl Failure {
    /// What the command line exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Malformed(_) => 10,
            Self::Truncated(_) => 11,
            Self::Signature(_) => 12,
            Self::Root(_) => 13,
            Self::Kept(_) => 14,
            Self::Rewritten(_) => 15,
            Self::Disorder(_) => 16,
            Self::Replay(_) => 17,
            Self::Models(_) => 18,
            Self::Personal(_) => 19,
        }
    }
}
