//! A moment of the past, as parameters have it: a time (RFC 3339), or a position (a number, or what a `Docket-Position`
//! said). What can be seen as it was can be seen as it was at the end of a day, too.

use docket_projections::Moment;
use serde::Deserialize;
use utoipa::IntoParams;

use super::position;
use super::scalars::{Date, Instant};
use crate::problem::Problem;

/// The moment that a GET is about, if it is not now.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// As it was then: a time (RFC 3339), a day (its end, in UTC), or a position (a number, or a `Docket-Position`).
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
    sent.map(|text| then(text, partition)).transpose()
}

/// Reads when something is to be seen as it was, of a history in this partition.
pub fn then(text: &str, partition: i16) -> Result<Moment, Problem> {
    let day = || text.parse().ok().map(|Date(day)| Moment::end_of(day));
    moment(text, partition).or_else(day).ok_or_else(|| {
        let detail = "must be a day (YYYY-MM-DD), a time (RFC 3339) or a position: 1, 2, 3 …, or a Docket-Position";
        Problem::parameter("as_of", "invalid-parameter", detail)
    })
}

/// Reads a moment, of a history in this partition.
pub fn read(name: &str, text: &str, partition: i16) -> Result<Moment, Problem> {
    moment(text, partition).ok_or_else(|| {
        let detail = "must be a time (RFC 3339) or a position: 1, 2, 3 …, or a Docket-Position";
        Problem::parameter(name.to_owned(), "invalid-parameter", detail)
    })
}

fn moment(text: &str, partition: i16) -> Option<Moment> {
    let time = || text.parse::<Instant>().ok().map(|Instant(time)| Moment::Time(time));
    let position = position::parse(text, partition).filter(|position| *position > 0);
    position.map(Moment::Position).or_else(time)
}
