//! When did how much happen?

use chrono::{DateTime, Utc};

use super::TRAIL;
use super::blocks::{self, BITS};
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::list::{Asked, ListQuery};
use crate::page::{PageQuery, Start};
use crate::{Error, Reads};

/// Into so many spans of equal length the time is divided.
const SPANS: usize = 120;
/// No position is as far as this.
const LAST: i64 = 1 << 60;

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
    /// How much of what a query finds happened when; none if it finds nothing. Events that the blocks count are counted by
    /// these; of others, all that are found are looked at.
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
/// goes back along the positions, so both ends are found at the ends, and a span is what lies between two positions.
fn spans(asked: &Asked) -> String {
    let (take, skip) = (&asked.take, &asked.skip);
    let end = |order| format!("(select d.recorded_at from ({}) d)", end(asked, order));
    let (first, last) = (end("asc"), end("desc"));
    let Counted { beside, counted } = counted(asked);
    format!(
        "with ends as materialized (select {first} as first, {last} as last), \
         edges as materialized (select n, case when n = 0 then 0 when n = {SPANS} then {LAST} \
         else log.position_at($2::int2, e.first + (e.last - e.first) * n / {SPANS} - interval '1 microsecond') end as position \
         from ends e cross join generate_series(0, {SPANS}) n where e.first is not null), \
         counted as materialized (select x.n, x.position, {beside} as beside from edges x), \
         s as (select x.n as span, x.position as after, lead(x.position) over way as until, x.beside, \
         lead(x.beside) over way as next from counted x window way as (order by x.n)) \
         select e.first, e.last, s.span, c.events from ends e cross join s cross join lateral ({counted}) c \
         where s.until > s.after and c.events > 0 limit {take} offset {skip}"
    )
}

/// One event at an end of what is found, in the order of the positions.
fn end(asked: &Asked, order: &str) -> String {
    let which = asked.which();
    let one = |more: &str| format!("select d.* from trail d where {which}{more} order by d.position {order} limit 1");
    match blocks::having(asked, order) {
        None => one(""),
        Some(blocks) => format!(
            "select t.* from {blocks} cross join lateral ({}) t limit 1",
            one(&format!(" and {}", blocks::within()))
        ),
    }
}

/// How many events there are in a span.
struct Counted {
    /// How many are to be counted beside the blocks at an edge `x`, as an expression.
    beside: String,
    /// Those of a span `s`, as a statement.
    counted: String,
}

/// By whole blocks, and beside them what is at the edges; or, if the blocks don't know, one by one.
fn counted(asked: &Asked) -> Counted {
    let which = asked.which();
    if let Some(sum) = blocks::sum(asked, "s.after", "s.until") {
        let up_to = blocks::up_to("x.position");
        return Counted {
            beside: format!("(select count(*) from trail d where {which} and {up_to})"),
            counted: format!("select {sum} + s.next - s.beside as events"),
        };
    }
    let counted = match blocks::having(asked, "asc") {
        None => format!(
            "select count(*) as events from trail d where {which} and d.position > s.after and d.position <= s.until"
        ),
        Some(blocks) => format!(
            "select count(*) as events from {blocks} cross join lateral (select from trail d where {which} and {} \
             offset 0) d where b.block >= s.after >> {BITS} and b.block <= s.until >> {BITS}",
            blocks::within_both("s.after", "s.until")
        ),
    };
    Counted { beside: "0".to_owned(), counted }
}
