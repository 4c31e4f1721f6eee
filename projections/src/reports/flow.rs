//! How many tasks there were in each status at the end of each day.

use chrono::NaiveDate;
use docket_domain::ids::ProjectId;
use docket_domain::task::Status;
use tokio_postgres::Row;

use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::tasks::{HIDDEN, NIL, flow_columns};
use crate::{Error, Reads};

/// Tasks and the points they were estimated at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many tasks.
    pub tasks: i64,
    /// How many points.
    pub points: i64,
}

impl std::ops::Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { tasks: self.tasks + other.tasks, points: self.points + other.points }
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| sum + one)
    }
}

/// What there was in each status, in the order of a board.
pub(super) type Board = [Amount; Status::ALL.len()];

/// What there was at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowDay {
    /// The day.
    pub date: NaiveDate,
    /// In each status, in the order of a board.
    pub board: Board,
}

impl FlowDay {
    /// What there was in these statuses.
    pub fn of(&self, which: impl Fn(Status) -> bool) -> Amount {
        Status::ALL.iter().zip(self.board).filter(|(status, _)| which(**status)).map(|(_, amount)| amount).sum()
    }
}

/// Which days, of which projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowQuery {
    /// Of these; none given: of all.
    pub projects: Vec<ProjectId>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Reads {
    /// What there was in each status at the end of each day.
    pub async fn cumulative_flow(&self, reader: &ReadAs, query: &FlowQuery) -> Result<Vec<FlowDay>, Error> {
        let mut binds = Binds::default();
        let (first, last) = (binds.bind(query.from, "date"), binds.bind(query.to, "date"));
        let (sign, which) = if query.projects.is_empty() {
            // All together, less those that nobody sees.
            (
                format!("case when c.project_id = {NIL} then 1 else -1 end"),
                format!("c.project_id = any ({NIL} || h.hidden)"),
            )
        } else {
            let projects: Vec<_> = query.projects.iter().map(|id| id.0).collect();
            let these = binds.bind(projects, "uuid[]");
            ("1".to_owned(), format!("c.project_id = any ({these}) and c.project_id <> all (h.hidden)"))
        };
        let form = vec![u8::from(query.projects.is_empty())];
        let shape = self.shapes().get(("cumulative flow", form), || {
            let which = format!("{which} and c.date <= {last}");
            guarded("", HIDDEN, &changes(&format!("greatest(c.date, {first})"), &sign, &which))
        });
        let models = [crate::tasks::NAME, crate::projects::NAME];
        let rows = self.ask(reader, &models, &shape, &binds).await?;
        Ok(days(query.from, query.to, &read(&rows, COLUMNS)?))
    }
}

/// What changed on each day, as (day, tasks in each status, points in each status); days that are `day` together. Rows
/// count as often as their `sign` says.
pub(super) fn changes(day: &str, sign: &str, which: &str) -> String {
    let sums: Vec<_> = flow_columns().map(|column| format!("sum({column} * {sign})::int8")).collect();
    format!(
        "select {day} as date, {} from flow_counts c where c.workspace = $1::uuid and {which} group by 1 order by 1",
        sums.join(", ")
    )
}

/// Of the rows `c` of a sprint: not what left it because it was closed, at `closed`.
pub(super) fn before_the_end(closed: &str) -> String {
    format!("c.left_at is distinct from ({closed})::timestamptz")
}

/// Reads such rows, whose columns begin at `at`.
pub(super) fn read(rows: &[Row], at: usize) -> Result<Vec<(NaiveDate, Board)>, Error> {
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(date) = row.try_get::<_, Option<NaiveDate>>(at)? else { continue };
        let mut board = Board::default();
        for (place, amount) in board.iter_mut().enumerate() {
            let points = at + 1 + Status::ALL.len() + place;
            *amount = Amount { tasks: row.try_get(at + 1 + place)?, points: row.try_get(points)? };
        }
        changes.push((date, board));
    }
    Ok(changes)
}

/// Each day from the first to the last, with the sum of all changes up to it.
pub(super) fn days(from: NaiveDate, to: NaiveDate, changes: &[(NaiveDate, Board)]) -> Vec<FlowDay> {
    let mut changes = changes.iter().peekable();
    let mut board = Board::default();
    let each = from.iter_days().take_while(|date| *date <= to).map(|date| {
        while let Some((_, change)) = changes.next_if(|(day, _)| *day <= date) {
            board.iter_mut().zip(change).for_each(|(sum, by)| *sum = *sum + *by);
        }
        FlowDay { date, board }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_the_sum_of_all_changes_up_to_it() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let board = |todo, done| {
            let mut board = Board::default();
            (board[1].tasks, board[4].tasks) = (todo, done);
            board
        };
        let found = days(day(2), day(5), &[(day(1), board(3, 0)), (day(4), board(-1, 1)), (day(9), board(9, 9))]);
        let tasks: Vec<_> = found.iter().map(|day| (day.board[1].tasks, day.board[4].tasks)).collect();
        assert_eq!(tasks, [(3, 0), (3, 0), (2, 1), (2, 1)]);
        assert_eq!(found[3].of(|status| status != Status::Done).tasks, 2);
        assert!(days(day(5), day(2), &[]).is_empty());
    }
}
