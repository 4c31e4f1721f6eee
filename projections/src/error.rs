//! Why a read was not answered.

/// Why a read was not answered. Absence is not an error: it is `Ok(None)`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is revoked or has expired, or its workspace never had it.
    #[error("the key is revoked or has expired")]
    Revoked,
    /// The reader has another role by now than the one that let them in.
    #[error("the reader's role has changed")]
    OtherRole,
    /// The read model did not reach the position this reader must see within the time allowed.
    #[error("the read model has not caught up with what this reader has written")]
    NotFresh,
    /// As many wait for a connection as there is room for.
    #[error("too many reads wait for a connection")]
    Crowded,
    /// The cursor was tampered with, or belongs to another query.
    #[error("the cursor does not belong to this query")]
    BadCursor,
    /// The database can't answer just now: trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Something that must not happen.
    #[error("{0}")]
    Bug(String),
}

/// SQLSTATE classes of trouble that passes by itself: connection, resources, operator intervention, system, locks.
const PASSING: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

/// What the driver says of trouble with the connection.
const CONNECTION: [&str; 4] = ["error communicating", "error connecting", "error performing TLS", "timeout"];

/// Whether the statement itself is not to blame.
pub(crate) fn passes(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        Some(state) => PASSING.iter().any(|class| state.code().starts_with(class)),
        // Without one, it is the connection, or a mistake in using it.
        None => {
            let what = error.to_string();
            error.is_closed() || CONNECTION.iter().any(|trouble| what.starts_with(trouble))
        }
    }
}

/// The whole story of an error, with its causes.
pub(crate) fn story(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => {
            let detail = db.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("{} [{}]{detail}", db.message(), db.code().code())
        }
        None => std::error::Error::source(error).map_or_else(|| error.to_string(), |why| format!("{error}: {why}")),
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if passes(&error) { Self::Unavailable(story(&error)) } else { Self::Bug(story(&error)) }
    }
}
