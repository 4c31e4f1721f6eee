//! When did how much happen?

use chrono::{DateTime, Utc};

use super::TRAIL;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::list::{Asked, ListQuery};
use crate::page::{PageQuery, Start};
use crate::{Error, Reads};

/// Into so many spans of equal length the time is divided.
const SPANS: usize = 120;

/// How much happened, span by span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When the first of it was committed.
    pub from: DateTime<Utc>,
    /// When the last of it was.
    pub to: DateTime<Utc>,
    /// How many events were in each span.
    pub spans: [i64; SPANS],
}

impl Reads {
    /// How much of what a query finds happened when; none if it finds nothing. Looks at every event that it finds.
    pub async fn activity(&self, reader: &ReadAs, query: &ListQuery) -> Result<Option<Activity>, Error> {
        // A row for each span is all there can be.
        let page = PageQuery { limit: SPANS as i64, start: Start::First };
        let query = ListQuery { page, ..query.clone() };
        let asked = Asked::new(&TRAIL, reader.workspace.0, &query, Vec::new(), None, None)?;
        let shape = self.shapes().get(("activity", asked.form()), || guarded("", "", &spans(&asked)));
        let rows = self.ask(reader, TRAIL.models, &shape, &asked.binds).await?;
        let mut activity = None;
        for row in &rows {
            let Some(from) = row.try_get(COLUMNS)? else { continue };
            let to = row.try_get(COLUMNS + 1)?;
            let activity = activity.get_or_insert(Activity { from, to, spans: [0; SPANS] });
            let span = row.try_get::<_, i32>(COLUMNS + 2)?;
            if let Some(events) = usize::try_from(span).ok().and_then(|span| activity.spans.get_mut(span)) {
                *events = row.try_get(COLUMNS + 3)?;
            }
        }
        Ok(activity)
    }
}

/// The first and the last moment, and of each span that is not empty its place and how many events are in it. Time never
/// goes back along the positions, so both ends are found at the ends.
fn spans(asked: &Asked) -> String {
    let (which, take, skip) = (asked.which(), &asked.take, &asked.skip);
    let end = |order| format!("(select d.recorded_at from trail d where {which} order by d.position {order} limit 1)");
    let (first, last) = (end("asc"), end("desc"));
    format!(
        "with ends as (select {first} as first, {last} as last), e as materialized (select first, last, \
         array(select first + (last - first) * n / {SPANS} from generate_series(1, {SPANS} - 1) n) as edges from ends) \
         select e.first, e.last, s.span, s.events from e, lateral (\
         select width_bucket(d.recorded_at, e.edges) as span, count(*) as events \
         from trail d where {which} group by 1 limit {take} offset {skip}) s"
    )
}
