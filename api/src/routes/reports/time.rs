//! `GET /v1/reports/time`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use docket_projections::{Start, TimeSum, TimeTotals, TotalsQuery};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::csv::{self, cell, text};
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::routes::timelogs::totals::{AskTotals, MOST, Totals, answer};

/// How much time was worked: the same as `get_time_totals`, also as CSV, which is not paged.
#[utoipa::path(get, path = "/v1/reports/time", tag = "reports", operation_id = "get_time_report", params(AskTotals),
    responses((status = 200, description = "The sums, exactly.",
               content((Totals = "application/json"), (String = "text/csv")))))]
pub async fn get_time_report(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskTotals>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !csv::is_wanted(&headers) {
        let query = asked.query(&caller)?;
        return answer(query.by, app.reads.time_totals(&caller.reader(), &query).await?);
    }
    asked.is_whole()?;
    let mut query = TotalsQuery { limit: MOST.into(), ..asked.query(&caller)? };
    let mut table = csv::Table::new(&[query.by.as_str(), "name", "entries", "seconds", "billable_seconds"]);
    // A table has no place for a cursor: it is whole.
    loop {
        let found = app.reads.time_totals(&caller.reader(), &query).await?;
        fill(&mut table, &found);
        match found.next_cursor {
            Some(cursor) => query.start = Start::After(cursor),
            None => return Ok(table.into_response()),
        }
    }
}

fn fill(table: &mut csv::Table, found: &TimeTotals) {
    for total in &found.totals {
        let name = total.name.as_deref().map(text).unwrap_or_default();
        let TimeSum { entries, seconds, billable_seconds } = total.sum;
        let sums = [entries, seconds, billable_seconds].map(|sum| sum.to_string());
        table.push([cell(total.key.as_ref()), name].into_iter().chain(sums));
    }
}
