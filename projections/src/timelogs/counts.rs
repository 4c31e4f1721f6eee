//! How much time there is, by project, member, day and month. Kept by adding what changes.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use docket_domain::timelog::Timelog;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::Tally;
use crate::fold::Entry;
use crate::rows::{Rows, Table, Value, Verb};

static COUNTS: Table = Table {
    name: "timelog_counts",
    columns: &[
        ("workspace", Type::UUID),
        ("monthly", Type::BOOL),
        ("project_id", Type::UUID),
        ("member_id", Type::UUID),
        ("date", Type::DATE),
        ("entries", Type::INT8),
        ("seconds", Type::INT8),
        ("billable_seconds", Type::INT8),
    ],
    key: 5,
    aside: false,
};

/// What is counted together: workspace, whether of a month, project, member, day. Nil stands for all.
type Key = (Uuid, bool, Uuid, Uuid, NaiveDate);

/// Changes to the counts.
#[derive(Default)]
pub(super) struct Counts(HashMap<Key, [i64; 3]>);

impl Counts {
    fn add(&mut self, workspace: Uuid, log: &Timelog, by: i64) {
        let seconds = log.duration_seconds.unwrap_or(0);
        let one = [1, seconds, if log.billable == Some(true) { seconds } else { 0 }];
        for (monthly, date) in [(false, log.date), (true, first_of_month(log.date))] {
            for project in [Uuid::nil(), log.project_id.0] {
                for member in [Uuid::nil(), log.member_id.0] {
                    let sums = self.0.entry((workspace, monthly, project, member, date)).or_default();
                    std::iter::zip(sums, one).for_each(|(sum, one)| *sum += by * one);
                }
            }
        }
    }
}

impl Tally<Timelog> for Counts {
    fn change(&mut self, entry: &Entry<Timelog>) {
        for (log, by) in entry.change().filter(|(log, _)| !log.voided) {
            self.add(entry.workspace, log, by);
        }
    }

    fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&COUNTS, Verb::Add);
        let mut changes: Vec<_> = std::mem::take(&mut self.0).into_iter().filter(|(_, n)| *n != [0; 3]).collect();
        changes.sort_unstable();
        for ((workspace, monthly, project, member, date), sums) in changes {
            let ids = [Value::Uuid(project), Value::Uuid(member)];
            let key = [Value::Uuid(workspace), Value::Bool(monthly)].into_iter().chain(ids);
            rows.push(key.chain([Value::Date(date)]).chain(sums.map(Value::Big)));
        }
        rows
    }
}

/// The day on which a day's month begins.
pub(super) fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}
