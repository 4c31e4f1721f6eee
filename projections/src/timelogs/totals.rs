//! How much time has been worked, by whom, on what, when: sums over what the counts say.
//!
//! A range of days is made of whole months, each one row, and of the days left over at its ends. So a sum over years
//! looks at some hundreds of rows for each member or project that is asked for. Only the totals of tasks are summed up
//! from the timelogs themselves, as many tasks as the page is long.

use chrono::{Datelike, Months, NaiveDate};
use docket_domain::ids::{CustomerId, MemberId, ProjectId, TaskId, TeamId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::counts::first_of_month;
use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::page::Start;
use crate::past::{Moment, tables};
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
    /// For which customer the project is done.
    Customer,
    /// On which task.
    Task,
    /// On which day.
    Day,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Member, Self::Project, Self::Customer, Self::Task, Self::Day];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Project => "project",
            Self::Customer => "customer",
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
            Self::Customer => &[super::NAME, crate::projects::NAME, crate::catalog::NAME],
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
            Self::Customer => {
                "(select c.doc::json->>'name' from entries c where c.workspace = $1::uuid and c.id = e.key::uuid \
                 and not c.deleted)"
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
            Self::Customer => "customer_id",
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
    /// For projects of these customers.
    pub customers: Vec<CustomerId>,
    /// For projects of these teams.
    pub teams: Vec<TeamId>,
    /// On these tasks.
    pub tasks: Vec<TaskId>,
    /// Only what the customer pays for, or only what they don't.
    pub billable: Option<bool>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to and with this day.
    pub to: Option<NaiveDate>,
    /// As it was logged at this moment.
    pub as_of: Option<Moment>,
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
    /// How much of that is billable.
    pub billable_seconds: i64,
}

/// The sum of what is added up together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTotal {
    /// What it is: an id, a day; of time on no task, or for no customer, none.
    pub key: Option<String>,
    /// What it is called; what is deleted has no name, but for members.
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
        let TotalsQuery { by, members, projects, customers, teams, tasks, billable, from, to, as_of, .. } = query;
        let name = format!(
            "time {by:?} {members:?} {projects:?} {customers:?} {teams:?} {tasks:?} {billable:?} {from:?} {to:?} {as_of:?}"
        );
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        let place = match &query.start {
            Start::After(cursor) => Some(cursors.open(cursor)?),
            _ => None,
        };
        let (reader, at) = self.then(reader, *as_of).await?;
        let mut models = by.models().to_vec();
        if (at.is_some() || knows_projects(query)) && !models.contains(&crate::projects::NAME) {
            models.push(crate::projects::NAME);
        }
        let (text, binds) = statement(query, place.as_deref(), at, &models)?;
        let shape = self.shapes().get(("time totals", form(query, place.is_some())), || text);
        let rows = self.ask(&reader, &models, &shape, &binds).await?;
        let first = rows.first().ok_or(Error::Revoked)?;
        let sum_at = |row: &Row, at: usize| -> Result<TimeSum, Error> {
            let (entries, seconds, billable_seconds) = (row.try_get(at)?, row.try_get(at + 1)?, row.try_get(at + 2)?);
            Ok(TimeSum { entries, seconds, billable_seconds })
        };
        let sum = sum_at(first, COLUMNS)?;
        let most = usize::try_from(query.limit).unwrap_or(0);
        let mut totals = Vec::with_capacity(rows.len().min(most));
        for row in rows.iter().take(most) {
            let Some(key) = row.try_get::<_, Option<String>>(COLUMNS + 3)? else { continue };
            let sum = sum_at(row, COLUMNS + 4)?;
            totals.push((key, row.try_get::<_, Option<String>>(COLUMNS + 7)?, sum));
        }
        let next_cursor = totals.last().filter(|_| rows.len() > most).map(|(key, ..)| cursors.seal(key));
        let none = Uuid::nil().to_string();
        let totals = totals
            .into_iter()
            .map(|(key, name, sum)| TimeTotal { key: Some(key).filter(|key| *key != none), name, sum })
            .collect();
        Ok(TimeTotals { totals, sum, next_cursor })
    }
}

/// Tells the texts of statements apart.
fn form(query: &TotalsQuery, continued: bool) -> Vec<u8> {
    let TotalsQuery { members, projects, customers, teams, tasks, billable, as_of, .. } = query;
    let filtered =
        [!members.is_empty(), !projects.is_empty(), !customers.is_empty(), !teams.is_empty(), !tasks.is_empty()];
    let set = filtered.into_iter().chain([billable.is_some(), continued, as_of.is_some()]);
    [query.by as u8].into_iter().chain(set.map(u8::from)).collect()
}

fn statement(
    query: &TotalsQuery,
    place: Option<&str>,
    at: Option<i64>,
    models: &[&str],
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let at = at.map(|position| binds.bind(position, "int8"));
    let (from, to) = (query.from.unwrap_or(EARLIEST), query.to.unwrap_or(LATEST));
    // The counts know nothing of tasks, but they know all of them together; nor how many timelogs are billable, nor anything
    // of the past.
    let is_summed = query.tasks.is_empty() && query.billable.is_none() && at.is_none();
    let is_counted = is_summed && query.by != By::Task;
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
    let sums = SUMS.map(|name| format!("coalesce(sum(x.{name}), 0)::int8 as {name}")).join(", ");
    let all = format!("cross join lateral (select {sums} from {whole}) a");
    let name = query.by.name();
    let each = format!(
        "select x.{key}::text as key, {sums} from {source}{after} group by x.{key} having sum(x.entries) <> 0 order by x.{key} limit {take}"
    );
    let named = format!("select e.*, {name} as name from ({each}) e");
    let whole = SUMS.map(|name| format!(", a.{name}")).concat();
    Ok((tables::at(at.as_deref(), models, guarded(&whole, &all, &named)), binds))
}

/// What is added up.
const SUMS: [&str; 3] = ["entries", "seconds", "billable_seconds"];

/// The customer of the project of a row, and the row it is found in.
const CUSTOMER: &str = "coalesce(p.customer_id, '00000000-0000-0000-0000-000000000000'::uuid) as customer_id";
const PROJECT: &str = "left join projects p on p.workspace = $1::uuid and p.id =";

/// Whether one has to know for whom, or by which team, each project is done.
fn knows_projects(query: &TotalsQuery) -> bool {
    query.by == By::Customer || !query.customers.is_empty() || !query.teams.is_empty()
}

/// Conditions on the project of a row.
fn of_projects(query: &TotalsQuery, binds: &mut Binds) -> String {
    let mut any = |column: &str, ids: Vec<Uuid>| match ids.as_slice() {
        [] => String::new(),
        _ => format!(" and p.{column} = any ({})", binds.bind(ids, "uuid[]")),
    };
    let customers = any("customer_id", query.customers.iter().map(|id| id.0).collect());
    customers + &any("team_id", query.teams.iter().map(|id| id.0).collect())
}

/// `… x where …`: from the counts.
fn counted(query: &TotalsQuery, from: NaiveDate, to: NaiveDate, binds: &mut Binds) -> String {
    let member = of_these(query.members.iter().map(|id| id.0).collect(), "c.member_id", query.by == By::Member, binds);
    let each_project = query.by == By::Project || knows_projects(query);
    let project = of_these(query.projects.iter().map(|id| id.0).collect(), "c.project_id", each_project, binds);
    let (join, customer) = if knows_projects(query) {
        (format!("{PROJECT} c.project_id"), CUSTOMER)
    } else {
        (String::new(), "null::uuid as customer_id")
    };
    let of_projects = of_projects(query, binds);
    let span = |monthly: bool, from: NaiveDate, to: NaiveDate, binds: &mut Binds| {
        let which = if monthly { "c.monthly" } else { "not c.monthly" };
        format!(
            "select c.member_id, c.project_id, {customer}, c.date, c.entries, c.seconds, c.billable_seconds \
             from timelog_counts c {join} \
             where c.workspace = $1::uuid and {which} and {project} and {member}{of_projects} \
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
    let of_projects = of_projects(query, binds);
    let billable = query.billable.map(|billable| format!(" and t.billable = {}", binds.bind(billable, "bool")));
    let billable = billable.unwrap_or_default();
    let (from, to) = (binds.bind(from, "date"), binds.bind(to, "date"));
    format!(
        "(select t.*, {CUSTOMER}, 1::int8 as entries, case when t.billable then t.seconds else 0 end as billable_seconds \
         from timelogs t {PROJECT} t.project_id where true{of_projects}{billable}) x where x.workspace = $1::uuid and not x.voided \
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
