//! What all lists have in common.

use docket_projections::{PageQuery, Start};
use utoipa::ToSchema;

use crate::problem::Problem;

/// A page of a list.
#[derive(serde::Serialize, ToSchema)]
pub struct Listed<T> {
    /// The resources.
    pub data: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many there are on all pages.
    pub total: i64,
    /// Whether there are exactly so many. False only for a search (`q`) that some 100,000 tasks fit: then there may be more.
    pub total_is_exact: bool,
}

/// How many at most, unless the caller says otherwise.
const LIMIT: u32 = 50;
/// How many at most, whatever the caller says.
const MOST: u32 = 200;
/// How far an offset reaches; a cursor has no such end.
const FARTHEST: u32 = 100_000;

/// The page that these parameters ask for.
pub fn page(limit: Option<u32>, cursor: Option<String>, offset: Option<u32>) -> Result<PageQuery, Problem> {
    let limit = limit.unwrap_or(LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::parameter("limit", "out-of-range", format!("limit is 1 to {MOST}.")));
    }
    let start = match (cursor, offset) {
        (None, None) => Start::First,
        (Some(cursor), None) => Start::After(cursor),
        (None, Some(offset)) if offset <= FARTHEST => Start::Offset(offset.into()),
        (None, Some(_)) => {
            let detail = format!("offset is at most {FARTHEST}: use next_cursor to go farther.");
            return Err(Problem::parameter("offset", "out-of-range", detail));
        }
        (Some(_), Some(_)) => {
            return Err(Problem::parameter("offset", "two-places", "Send either cursor or offset, not both."));
        }
    };
    Ok(PageQuery { limit: limit.into(), start })
}
