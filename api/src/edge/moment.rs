//! A moment of the past, as parameters have it: a time (RFC 3339), or a position (a number, or what a `Docket-Position`
//! said).

use docket_projections::Moment;
use serde::Deserialize;
use utoipa::IntoParams;

use super::position;
use super::scalars::Instant;
use crate::problem::Problem;

/// The moment that a GET is about, if it is not now.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// As it was then: a time (RFC 3339), or a position (a number, or a `Docket-Position`).
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

impl AsOf {
    /// The moment, of a history in this partition.
    pub fn moment(&self, partition: i16) -> Result<Option<Moment>, Problem> {
        as_of(self.as_of.as_deref(), partition)
    }
}

/// Reads the parameter that says it, if it is there.
pub fn as_of(sent: Option<&str>, partition: i16) -> Result<Option<Moment>, Problem> {
    sent.map(|moment| read("as_of", moment, partition)).transpose()
}

/// Reads one, of a history in this partition.
pub fn read(name: &str, text: &str, partition: i16) -> Result<Moment, Problem> {
    let time = || text.parse::<Instant>().ok().map(|Instant(time)| Moment::Time(time));
    let position = position::parse(text, partition).filter(|position| *position > 0);
    position.map(Moment::Position).or_else(time).ok_or_else(|| {
        let detail = "must be a time (RFC 3339) or a position: 1, 2, 3 …, or a Docket-Position";
        Problem::parameter(name.to_owned(), "invalid-parameter", detail)
    })
}
