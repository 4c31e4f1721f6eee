//! A moment of the past, as parameters have it: a time (RFC 3339), or a position (a number, or what a `Docket-Position`
//! said).

use docket_projections::Moment;

use super::position;
use super::scalars::Instant;
use crate::problem::Problem;

/// Reads one, of a history in this partition.
pub fn read(name: &str, text: &str, partition: i16) -> Result<Moment, Problem> {
    let time = || text.parse::<Instant>().ok().map(|Instant(time)| Moment::Time(time));
    let position = position::parse(text, partition).filter(|position| *position > 0);
    position.map(Moment::Position).or_else(time).ok_or_else(|| {
        let detail = "must be a time (RFC 3339) or a position: 1, 2, 3 …, or a Docket-Position";
        Problem::parameter(name.to_owned(), "invalid-parameter", detail)
    })
}
