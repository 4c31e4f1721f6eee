//! How much time has been worked, by whom, on what, when: sums over what the counts say.
//!
//! A range of days is made of whole months, each one row, and of the days left over at its ends. So a sum over years
//! looks at some hundreds of rows for each member or project that is asked for. Only the totals of tasks are summed up
//! from the timelogs themselves, as many tasks as the page is long.

use chrono::{Datelike, Months, NaiveDate};
use docket_domain::ids::{MemberId, ProjectId, TaskId};
use uuid::Uuid;

use super::counts::first_of_month;
use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::page::Start;
use crate::sql::Binds;
use crate::{Error, Reads};

/// Before and after all days that time can be logged for.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1969, 1, 1).expect("a date");
const LATEST: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date");

pub(super) const NIL: &str = "'00000000-0000-0000-0000-000000000000'::uuid";

/// What time is added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Who worked.
    Member,
    /// For which project.
    Project,
    /// On which task.
    Task,
    /// On which day.
    Day,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Member, Self::Project, Self::Task, Self::Day];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Project => "project",
            Self::Task => "task",
            Self::Day => "day",
        }
    }

    /// With this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }

    /// The models that know of it.
    fn models(self) -> &'static [&'static str] {
        match self {
            Self::Member => &[super::NAME, crate::members::NAME],
            Self::Project => &[super::NAME, crate::projects::NAME],
            Self::Task => &[super::NAME, crate::tasks::NAME, crate::projects::NAME],
            Self::Day => &[super::NAME],
        }
    }

    /// What the one with the key of a row `e` is called, as an expression.
    fn name(self) -> &'static str {
        match self {
            Self::Member => {
                "(select m.doc::json->>'name' from members m where m.workspace = $1::uuid and m.id = e.key::uuid)"
            }
            Self::Project => {
                "(select p.doc::json->>'name' from projects p where p.workspace = $1::uuid and p.id = e.key::uuid \
                 and not p.deleted)"
            }
            Self::Task => {
                "(select t.doc::json->>'title' from tasks t where t.workspace = $1::uuid and t.id = e.key::uuid \
                 and not t.deleted and exists (select from projects p where p.workspace = $1::uuid \
                 and p.id = t.project_id and not p.deleted))"
            }
            Self::Day => "null::text",
        }
    }

    /// The column it is.
    fn column(self) -> &'static str {
        match self {
            Self::Member => "member_id",
            Self::Project => "project_id",
            Self::Task => "task_id",
            Self::Day => "date",
        }
    }
}

/// Which time, and how it is added up. Of what is not said, all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalsQuery {
    /// By what.
    pub by: By,
    /// Of these members.
    pub members: Vec<MemberId>,
    /// For these projects.
    pub projects: Vec<ProjectId>,
    /// On these tasks.
    pub tasks: Vec<TaskId>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to and with this day.
    pub to: Option<NaiveDate>,
    /// At most so many.
    pub limit: i64,
    /// Which page.
    pub start: Start,
}

/// How much time, of how many timelogs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeSum {
    /// How many timelogs, running timers among them.
    pub entries: i64,
    /// How long together.
    pub seconds: i64,
}

/// The sum of what is added up together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTotal {
    /// What it is: an id, a day; of time on no task, none.
    pub key: Option<String>,
    /// What it is called; a deleted project or task has no name.
    pub name: Option<String>,
    /// How much.
    pub sum: TimeSum,
}

/// A page of sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTotals {
    /// In the order of their keys.
    pub totals: Vec<TimeTotal>,
    /// All of it together, on all pages.
    pub sum: TimeSum,
    /// Where the next page starts, if there is one.
    pub next_cursor: Option<String>,
}

impl Reads {
    /// How much time has been worked.
    pub async fn time_totals(&self, reader: &ReadAs, query: &TotalsQuery) -> Result<TimeTotals, Error> {
        let TotalsQuery { by, members, projects, tasks, from, to, .. } = query;
        let name = format!("time {by:?} {members:?} {projects:?} {tasks:?} {from:?} {to:?}");
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        let place = match &query.start {
            Start::After(cursor) => Some(cursors.open(cursor)?),
            _ => None,
        };
        let (text, binds) = statement(query, place.as_deref())?;
        let shape = self.shapes().get(("time totals", form(query, place.is_some())), || text);
        let rows = self.ask(reader, by.models(), &shape, &binds).await?;
        let first = rows.first().ok_or(Error::Revoked)?;
        let sum = TimeSum { entries: first.try_get(COLUMNS)?, seconds: first.try_get(COLUMNS + 1)? };
        let most = usize::try_from(query.limit).unwrap_or(0);
        let mut totals = Vec::with_capacity(rows.len().min(most));
        for row in rows.iter().take(most) {
            let Some(key) = row.try_get::<_, Option<String>>(COLUMNS + 2)? else { continue };
            let sum = TimeSum { entries: row.try_get(COLUMNS + 3)?, seconds: row.try_get(COLUMNS + 4)? };
            totals.push((key, row.try_get::<_, Option<String>>(COLUMNS + 5)?, sum));
        }
        let next_cursor = totals.last().filter(|_| rows.len() > most).map(|(key, ..)| cursors.seal(key));
        let no_task = Uuid::nil().to_string();
        let totals = totals
            .into_iter()
            .map(|(key, name, sum)| TimeTotal { key: Some(key).filter(|key| *key != no_task), name, sum })
            .collect();
        Ok(TimeTotals { totals, sum, next_cursor })
    }
}

/// Tells the texts of statements apart.
fn form(query: &TotalsQuery, continued: bool) -> Vec<u8> {
    let set = [!query.members.is_empty(), !query.projects.is_empty(), !query.tasks.is_empty(), continued];
    [query.by as u8].into_iter().chain(set.map(u8::from)).collect()
}

fn statement(query: &TotalsQuery, place: Option<&str>) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let (from, to) = (query.from.unwrap_or(EARLIEST), query.to.unwrap_or(LATEST));
    // The counts know nothing of tasks, but they know all of them together.
    let (is_summed, is_counted) = (query.tasks.is_empty(), query.tasks.is_empty() && query.by != By::Task);
    let whole = if is_summed { counted } else { logged }(query, from, to, &mut binds);
    let source = if is_counted { whole.clone() } else { logged(query, from, to, &mut binds) };
    let key = query.by.column();
    let after = match (place, query.by) {
        (None, _) => String::new(),
        (Some(place), By::Day) => {
            let day: NaiveDate = place.parse().map_err(|_| Error::BadCursor)?;
            format!(" and x.{key} > {}", binds.bind(day, "date"))
        }
        (Some(place), _) => {
            let id: Uuid = place.parse().map_err(|_| Error::BadCursor)?;
            format!(" and x.{key} > {}", binds.bind(id, "uuid"))
        }
    };
    let take = binds.bind(query.limit + 1, "int8");
    let all = format!(
        "cross join lateral (select coalesce(sum(x.entries), 0)::int8 as entries, \
         coalesce(sum(x.seconds), 0)::int8 as seconds from {whole}) a"
    );
    let name = query.by.name();
    let each = format!(
        "select x.{key}::text as key, sum(x.entries)::int8 as entries, sum(x.seconds)::int8 as seconds \
         from {source}{after} group by x.{key} having sum(x.entries) <> 0 order by x.{key} limit {take}"
    );
    let named = format!("select e.*, {name} as name from ({each}) e");
    Ok((guarded(", a.entries, a.seconds", &all, &named), binds))
}

/// `… x where …`: from the counts.
fn counted(query: &TotalsQuery, from: NaiveDate, to: NaiveDate, binds: &mut Binds) -> String {
    let member = of_these(query.members.iter().map(|id| id.0).collect(), "c.member_id", query.by == By::Member, binds);
    let project =
        of_these(query.projects.iter().map(|id| id.0).collect(), "c.project_id", query.by == By::Project, binds);
    let span = |monthly: bool, from: NaiveDate, to: NaiveDate, binds: &mut Binds| {
        let which = if monthly { "c.monthly" } else { "not c.monthly" };
        format!(
            "select c.member_id, c.project_id, c.date, c.entries, c.seconds from timelog_counts c \
             where c.workspace = $1::uuid and {which} and {project} and {member} \
             and c.date >= {} and c.date < {}",
            binds.bind(from, "date"),
            binds.bind(to, "date")
        )
    };
    let end = to.succ_opt().unwrap_or(to);
    let spans = match query.by {
        By::Day => span(false, from, end, binds),
        _ => {
            let (first, last) = months(from, end);
            let spans = [(false, from, first), (true, first, last), (false, last, end)];
            spans.map(|(monthly, from, to)| span(monthly, from, to, binds)).join(" union all ")
        }
    };
    format!("({spans}) x where true")
}

/// `… x where …`: from the timelogs.
fn logged(query: &TotalsQuery, from: NaiveDate, to: NaiveDate, binds: &mut Binds) -> String {
    let filters = [
        (query.members.iter().map(|id| id.0).collect::<Vec<_>>(), "member_id"),
        (query.projects.iter().map(|id| id.0).collect(), "project_id"),
        (query.tasks.iter().map(|id| id.0).collect(), "task_id"),
    ];
    let set = filters.into_iter().filter(|(ids, _)| !ids.is_empty());
    let which: Vec<_> =
        set.map(|(ids, column)| format!("and x.{column} = any ({})", binds.bind(ids, "uuid[]"))).collect();
    let (from, to) = (binds.bind(from, "date"), binds.bind(to, "date"));
    format!(
        "(select t.*, 1::int8 as entries from timelogs t) x where x.workspace = $1::uuid and not x.voided \
         and x.date >= {from} and x.date <= {to} {}",
        which.join(" ")
    )
}

/// The rows of these, or of all, whether each by itself or together.
fn of_these(ids: Vec<Uuid>, column: &str, each: bool, binds: &mut Binds) -> String {
    match (ids.is_empty(), each) {
        (true, true) => format!("{column} <> {NIL}"),
        (true, false) => format!("{column} = {NIL}"),
        (false, _) => format!("{column} = any ({})", binds.bind(ids, "uuid[]")),
    }
}

/// The whole months within some days: where they begin and where they end. Without any, both are the end.
fn months(from: NaiveDate, end: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = match from.day() {
        1 => from,
        _ => first_of_month(from).checked_add_months(Months::new(1)).unwrap_or(end),
    };
    let last = first_of_month(end);
    if first < last { (first, last) } else { (end, end) }
}
