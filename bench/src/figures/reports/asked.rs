//! What is asked: each report over HTTP, of the counts that the server keeps, and of the rows that anybody would have,
//! tasks and what they were, and timelogs. All three are about the same numbers.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio_postgres::Row;

/// One report.
pub struct Report {
    /// What it is called.
    pub name: &'static str,
    /// From the rows: a key and its numbers, see [`Numbers`].
    pub rows: &'static str,
    /// From the counts.
    pub counts: &'static str,
    /// The numbers of an answer over HTTP.
    pub told: fn(&Value) -> Option<Numbers>,
    /// Whether the answer has all days, of which the rows have those only on which something changed.
    pub daily: bool,
}

/// The numbers of a report: of each member, day or sprint.
pub type Numbers = BTreeMap<String, Vec<i64>>;

/// What tasks were, from one event to the next: since when, until when (null: still), where and how much.
macro_rules! versions {
    ($which:literal) => {
        concat!(
            "versions as (
                select v.sprint_id, v.status, coalesce(v.estimate_points, 0) as points,
                       (v.updated_at at time zone 'UTC')::date as came, (n.updated_at at time zone 'UTC')::date as went
                from (select v.*, true as lasts from read_tasks.tasks v where ",
            $which,
            " union all select v.*, false from read_tasks.past_tasks v where ",
            $which,
            ") v left join lateral (
                    select w.updated_at from read_tasks.tasks w
                    where w.workspace = v.workspace and w.id = v.id and w.since = v.until and not v.lasts
                    union all
                    select w.updated_at from read_tasks.past_tasks w
                    where w.workspace = v.workspace and w.id = v.id and w.since = v.until and not v.lasts) n
                on true
                where v.workspace = $1 and not v.deleted),
             changes as (
                select v.sprint_id, v.came as day, v.status, 1 as n, v.points from versions v
                union all
                select v.sprint_id, v.went, v.status, -1, -v.points from versions v where v.went is not null)"
        )
    };
}

/// Statuses are stored as their places on a board: the first four are open, the fifth is done.
pub const REPORTS: [Report; 4] = [
    Report {
        name: "time by member",
        rows: "select t.member_id::text, array[count(*), sum(t.seconds)]::int8[] from read_timelogs.timelogs t
            where t.workspace = $1 and not t.voided and $2::uuid is not null group by 1 order by 1",
        counts: "select c.member_id::text, array[sum(c.entries), sum(c.seconds)]::int8[]
            from read_timelogs.timelog_counts c where c.workspace = $1 and c.monthly and $2::uuid is not null
            and c.project_id = '00000000-0000-0000-0000-000000000000'
            and c.member_id <> '00000000-0000-0000-0000-000000000000' group by 1 order by 1",
        told: |answer| {
            each(answer, |one| {
                Some((text(&one["member_id"])?, vec![number(&one["entries"])?, number(&one["seconds"])?]))
            })
        },
        daily: false,
    },
    Report {
        name: "burndown",
        rows: concat!(
            "with ",
            versions!("v.workspace = $1 and v.sprint_id = $2"),
            " select c.day::text, array[sum(sum(c.n) filter (where c.status <= 4)) over w,
                sum(sum(c.n) filter (where c.status = 4)) over w]::int8[]
              from changes c group by c.day window w as (order by c.day) order by 1"
        ),
        counts: "select c.date::text,
                array[sum(c.todo + c.in_progress + c.in_review + c.backlog + c.done), sum(c.done)]::int8[]
            from read_tasks.flow_counts c where c.workspace = $1 and c.sprint_id = $2 group by 1 order by 1",
        told: |answer| {
            each(answer, |one| {
                let tasks = |of: &str| number(&one[of]["tasks"]);
                Some((text(&one["date"])?, vec![tasks("scope")?, tasks("done")?]))
            })
        },
        daily: true,
    },
    Report {
        name: "velocity",
        rows: concat!(
            "with sprints as (
                select s.id, ((s.doc::json->>'started_at')::timestamptz at time zone 'UTC')::date as started,
                       ((s.doc::json->>'closed_at')::timestamptz at time zone 'UTC')::date as closed
                from read_sprints.sprints s
                where s.workspace = $1 and s.project_id = $2 and s.status = 2 and not s.deleted
                order by s.doc::json->>'closed_at' desc, s.number desc limit 10), ",
            versions!("v.workspace = $1 and v.sprint_id in (select s.id from sprints s)"),
            " select s.id::text, array[
                coalesce(sum(c.n) filter (where c.status <= 4 and c.day <= s.started), 0),
                coalesce(sum(c.points) filter (where c.status <= 4 and c.day <= s.started), 0),
                coalesce(sum(c.n) filter (where c.status = 4 and c.day <= s.closed), 0),
                coalesce(sum(c.points) filter (where c.status = 4 and c.day <= s.closed), 0)]::int8[]
              from sprints s left join changes c on c.sprint_id = s.id group by 1 order by 1"
        ),
        counts: "select s.id::text, array[v.planned, v.planned_points, v.done, v.done_points]
            from read_sprints.sprints s cross join lateral (
                select sum(c.todo + c.done)::int8 as planned,
                       sum(c.todo_points + c.done_points)::int8 as planned_points,
                       sum(c.done)::int8 as done, sum(c.done_points)::int8 as done_points
                from read_tasks.flow_counts c where c.workspace = $1 and c.sprint_id = s.id) v
            where s.workspace = $1 and s.project_id = $2 and s.status = 2 and not s.deleted order by 1",
        told: |answer| {
            each(answer, |one| {
                let amount = |of: &Value| Some([number(&of["tasks"])?, number(&of["points"])?]);
                Some((text(&one["sprint"]["id"])?, [amount(&one["planned"])?, amount(&one["done"])?].concat()))
            })
        },
        daily: false,
    },
    Report {
        name: "cumulative flow of a year",
        rows: concat!(
            "with ",
            versions!("v.workspace = $1"),
            ", days as (
                select greatest(c.day, current_date - 365) as day, c.status, sum(c.n) as n from changes c
                where $2::uuid is not null group by 1, 2)
              select d.day::text, array[
                sum(sum(d.n) filter (where d.status = 0)) over w, sum(sum(d.n) filter (where d.status = 1)) over w,
                sum(sum(d.n) filter (where d.status = 2)) over w, sum(sum(d.n) filter (where d.status = 3)) over w,
                sum(sum(d.n) filter (where d.status = 4)) over w, sum(sum(d.n) filter (where d.status = 5)) over w,
                sum(sum(d.n) filter (where d.status = 6)) over w]::int8[]
              from days d group by d.day window w as (order by d.day) order by 1"
        ),
        counts:
            "select greatest(c.date, current_date - 365)::text, array[sum(c.backlog), sum(c.todo), sum(c.in_progress),
                sum(c.in_review), sum(c.done), sum(c.cancelled), sum(c.duplicate)]::int8[]
            from read_tasks.flow_counts c where c.workspace = $1 and $2::uuid is not null
            and c.project_id = '00000000-0000-0000-0000-000000000000' group by 1 order by 1",
        told: |answer| {
            each(answer, |one| {
                let statuses = ["backlog", "todo", "in_progress", "in_review", "done", "cancelled", "duplicate"];
                let tasks = statuses.iter().map(|status| number(&one[status]["tasks"]));
                Some((text(&one["date"])?, tasks.collect::<Option<_>>()?))
            })
        },
        daily: true,
    },
];

impl Report {
    /// How many numbers of an answer are not those of the rows.
    pub fn differences(&self, answer: &Value, rows: &[Row]) -> Result<usize> {
        let told = (self.told)(answer).with_context(|| format!("the report on {} has no numbers", self.name))?;
        let mut wrong = if self.daily { 0 } else { told.len().abs_diff(rows.len()) };
        for row in rows {
            // What there is none of yet has no sum.
            let numbers: Vec<Option<i64>> = row.try_get(1)?;
            let numbers: Vec<i64> = numbers.into_iter().map(Option::unwrap_or_default).collect();
            wrong += usize::from(told.get(row.try_get::<_, &str>(0)?) != Some(&numbers));
        }
        anyhow::ensure!(!rows.is_empty(), "there is nothing to report on {}", self.name);
        Ok(wrong)
    }
}

fn each(answer: &Value, one: impl Fn(&Value) -> Option<(String, Vec<i64>)>) -> Option<Numbers> {
    answer["data"].as_array()?.iter().map(one).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64()
}
