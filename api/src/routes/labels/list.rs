//! `GET /v1/labels`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Label;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Which labels.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLabels {
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    offset: Option<u32>,
}

/// Lists labels, in the order of their numbers.
#[utoipa::path(get, path = "/v1/labels", tag = "labels", operation_id = "list_labels", params(ListLabels),
    responses((status = 200, description = "A page of labels.", body = inline(Listed<Label>))))]
pub async fn list_labels(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListLabels>,
) -> Result<Response, Problem> {
    let page = page(asked.limit, asked.cursor, asked.offset)?;
    Ok(respond::page(&app.reads.labels(&caller.reader(), &page).await?))
}
