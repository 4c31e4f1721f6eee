//! How much of a sprint was left at the end of each of its days, and how much there was altogether.

use chrono::{DateTime, NaiveDate, Utc};
use docket_domain::Snapshot;
use docket_domain::ids::SprintId;
use docket_domain::sprint::Sprint;
use docket_domain::task::Status;
use serde::Deserialize;

use super::flow::{Amount, before_the_end, changes, days, read};
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::past::tables;
use crate::sql::Binds;
use crate::tasks::HIDDEN;
use crate::{Error, ListQuery, Moment, Op, PageQuery, Reads, Start, TRAIL, Value};

/// A sprint, day by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Burndown {
    /// The sprint.
    pub sprint: Snapshot<Sprint>,
    /// Its days; of those that lie ahead nothing is known.
    pub days: Vec<(NaiveDate, Option<BurndownDay>)>,
}

/// What there was at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurndownDay {
    /// All that was in the sprint, but for what was given up.
    pub scope: Amount,
    /// What of it was done.
    pub done: Amount,
    /// What was not.
    pub remaining: Amount,
}

const MODELS: [&str; 3] = [crate::tasks::NAME, crate::projects::NAME, crate::sprints::NAME];

impl Reads {
    /// The burndown of a sprint until now or some day or moment, unless the sprint or its project was deleted then.
    pub async fn burndown(&self, reader: &ReadAs, sprint: SprintId, until: Until) -> Result<Option<Burndown>, Error> {
        let (today, moment) = match until {
            Until::Now(today) => (today, None),
            Until::Day(day) => (day, self.when_over(reader, sprint, day).await?),
            Until::Moment(moment) => {
                let Some(day) = self.day_of(reader, moment).await? else { return Ok(None) };
                (day, Some(moment))
            }
        };
        let (reader, at) = self.then(reader, moment).await?;
        let mut binds = Binds::default();
        let id = binds.bind(sprint.0, "uuid");
        let at = at.map(|position| binds.bind(position, "int8"));
        let shape = self.shapes().get(("burndown", vec![u8::from(at.is_some())]), || {
            let found = format!(
                "left join (select s.doc, s.project_id from sprints s where s.workspace = $1::uuid and s.id = {id} \
                 and not s.deleted) p on p.project_id <> all (h.hidden)"
            );
            let which = format!("c.sprint_id = {id} and {}", before_the_end("p.doc::json->>'closed_at'"));
            let days = guarded(", p.doc", &format!("{HIDDEN} {found}"), &changes("c.date", "1", &which));
            tables::at(at.as_deref(), &MODELS, days)
        });
        let rows = self.ask(&reader, &MODELS, &shape, &binds).await?;
        let doc = rows.first().map(|row| row.try_get::<_, Option<&str>>(COLUMNS)).transpose()?.flatten();
        let Some(doc) = doc else { return Ok(None) };
        let sprint: Snapshot<Sprint> = serde_json::from_str(doc).map_err(|error| Error::Bug(error.to_string()))?;
        let changes = read(&rows, COLUMNS + 1)?;
        let (first, last) = span(&sprint, changes.first().map(|(date, _)| *date), today);
        let known = days(first, last, &changes).into_iter().map(|day| {
            let (open, done) = (day.of(Status::is_open), day.of(|status| status == Status::Done));
            let amounts = BurndownDay { scope: open + done, done, remaining: open };
            (day.date, Some(amounts).filter(|_| day.date <= today))
        });
        Ok(Some(Burndown { days: known.collect(), sprint }))
    }

    /// The end of a day; none, if nobody had told of the sprint yet: of imported history, a day is what is known of it by
    /// now.
    async fn when_over(&self, reader: &ReadAs, sprint: SprintId, day: NaiveDate) -> Result<Option<Moment>, Error> {
        let end = Moment::end_of(day);
        let (_, first) = self.stream(reader, ("sprint", sprint.0), 1).await?;
        Ok(Some(end).filter(|end| first.first().is_some_and(|event| end.includes(event))))
    }

    /// The day of a moment: that on which the last thing happened until then.
    async fn day_of(&self, reader: &ReadAs, moment: Moment) -> Result<Option<NaiveDate>, Error> {
        let query = ListQuery { page: PageQuery { limit: 1, start: Start::First }, ..ListQuery::default() };
        let query = match moment {
            Moment::Time(time) => return Ok(Some(time.date_naive())),
            Moment::Position(position) => query.with(&TRAIL, "position", Op::Lte, vec![Value::Integer(position)]),
        };
        let page = self.list(reader, &TRAIL, &query).await?;
        let last = page.docs.iter().next().map(serde_json::from_str::<Happened>).transpose();
        let last = last.map_err(|error| Error::Bug(error.to_string()))?;
        Ok(last.map(|last| last.recorded_at.date_naive()))
    }
}

/// Until when a burndown is looked at.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// Until now, on this day.
    Now(NaiveDate),
    /// Until this day was over.
    Day(NaiveDate),
    /// Until this; what later happened on that day has not happened yet.
    Moment(Moment),
}

/// When an event was committed, as its document says.
#[derive(Deserialize)]
struct Happened {
    recorded_at: DateTime<Utc>,
}

/// From the day it was to start, or did, to the day it was to end, or did. What was never planned nor started begins
/// with its first task.
fn span(sprint: &Snapshot<Sprint>, first_change: Option<NaiveDate>, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let day = |time: Option<DateTime<Utc>>| time.map(|time| time.date_naive());
    let state = &sprint.state;
    let started = day(state.started_at);
    let first = match (state.start_date, started) {
        (Some(planned), Some(started)) => planned.min(started),
        (planned, started) => planned.or(started).or(first_change).unwrap_or(today),
    };
    let last = day(state.closed_at).or(state.end_date.map(|end| end.max(if started.is_some() { today } else { end })));
    (first, last.unwrap_or(today).max(first))
}
