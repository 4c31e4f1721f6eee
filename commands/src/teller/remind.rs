//! Reminding of what is due: once for each day that a task is due on, at any time after it could first be said. So after
//! a downtime what still matters is said, and nothing twice. What a member is reminded of at a time is one notification.
//!
//! First it is noted what will be said together, then it is said, then it is noted that it was. Whoever goes on after a
//! crash says the same under the same id, which is heard once.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, Utc};
use docket_domain::ids::{self, MemberId, TaskId, WorkspaceId};
use docket_domain::task::Task;
use docket_domain::telling::{self, Reason, Reminder};
use docket_domain::workspace::Workspace;
use uuid::Uuid;

use super::Teller;
use super::page::Send;
use crate::Error;

/// So many are looked at in one step.
const AT_ONCE: i64 = 500;
/// No task is due before.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();

/// A task that is due soon, or was.
#[derive(Clone, sqlx::FromRow)]
struct Term {
    partition: i16,
    task: Uuid,
    member: Uuid,
    workspace: Uuid,
    due_date: NaiveDate,
    told: i16,
    reminding: Option<Uuid>,
}

/// What is said together: the partition, the member, and how much is said after it.
type Group = (i16, Uuid, i16);

impl Teller {
    /// Reminds of what is due, as it is `now`; answers of how many tasks.
    pub async fn remind(&mut self, now: DateTime<Utc>) -> Result<usize, Error> {
        self.leads.renew(&self.pool).await?;
        let mut zones = HashMap::new();
        let mut groups: BTreeMap<Group, Vec<Term>> = BTreeMap::new();
        let mut last = None;
        loop {
            let all = self.due(now, last.as_ref()).await?;
            for due in &all {
                if let Some(reminder) =
                    telling::reminder(due.due_date, due.told, now, self.zone(&mut zones, due).await?)
                {
                    groups.entry((due.partition, due.member, reminder.told())).or_default().push(due.clone());
                }
            }
            last = all.last().cloned();
            if (all.len() as i64) < AT_ONCE {
                break;
            }
        }
        for (group, terms) in groups {
            self.plan(group, &terms).await?;
        }
        let mut reminded = 0;
        for group in self.planned().await?.chunk_by(|one, other| one.reminding == other.reminding) {
            reminded += self.remind_of(group, now, &mut zones).await?;
        }
        Ok(reminded)
    }

    /// What may be to be said, after the last that was looked at.
    async fn due(&self, now: DateTime<Utc>, last: Option<&Term>) -> Result<Vec<Term>, Error> {
        // Somewhere it is a day later, or earlier, than in Greenwich.
        let sql = "select partition, task, member, workspace, due_date, told, reminding from log.agenda \
                   where partition = any($1) and told < 2 and due_date <= $2::date + 2 and reminding is null \
                   and (told = 0 or due_date <= $2::date) and (due_date, task, member) > ($3, $4, $5) \
                   order by due_date, task, member limit $6";
        let (day, task, member) =
            last.map_or((FIRST_DAY, Uuid::nil(), Uuid::nil()), |last| (last.due_date, last.task, last.member));
        let due = sqlx::query_as(sql).bind(self.leads.led()).bind(now.date_naive());
        Ok(due.bind(day).bind(task).bind(member).bind(AT_ONCE).fetch_all(&self.pool).await?)
    }

    async fn zone<'z>(&self, zones: &'z mut HashMap<Uuid, String>, due: &Term) -> Result<&'z str, Error> {
        Ok(match zones.entry(due.workspace) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => {
                let workspace = self.now::<Workspace>(WorkspaceId(due.workspace), due.workspace).await?;
                vacant.insert(workspace.time_zone)
            }
        })
    }

    /// Notes that a member will be reminded of these together. What that is called follows from what it is.
    async fn plan(&self, (partition, member, will_tell): Group, terms: &[Term]) -> Result<(), Error> {
        let (tasks, days): (Vec<_>, Vec<_>) = terms.iter().map(|term| (term.task, term.due_date)).unzip();
        let said: Vec<_> = days.iter().map(NaiveDate::to_string).collect();
        let name = format!("docket reminder {will_tell} {}", said.join(" "));
        let reminding = ids::derived(&name, &[&[member], &tasks[..]].concat());
        let sql = "update log.agenda g set reminding = $4, will_tell = $3 \
                   from unnest($5::uuid[], $6::date[]) as due(task, day) \
                   where g.partition = $1 and g.member = $2 and g.task = due.task and g.due_date = due.day \
                   and g.told < $3 and g.reminding is null";
        let plan = sqlx::query(sql).bind(partition).bind(member).bind(will_tell).bind(reminding);
        plan.bind(tasks).bind(days).execute(&self.pool).await?;
        Ok(())
    }

    /// All that will be said, what is said together beside each other.
    async fn planned(&self) -> Result<Vec<Term>, Error> {
        let sql = "select partition, task, member, workspace, due_date, told, reminding from log.agenda \
                   where partition = any($1) and reminding is not null order by partition, reminding, due_date, task";
        Ok(sqlx::query_as(sql).bind(self.leads.led()).fetch_all(&self.pool).await?)
    }

    /// Says what is still so, and notes that it was said; answers of how many tasks.
    async fn remind_of(
        &self,
        terms: &[Term],
        now: DateTime<Utc>,
        zones: &mut HashMap<Uuid, String>,
    ) -> Result<usize, Error> {
        let (Some(first), mut reasons) = (terms.first(), Vec::new()) else { return Ok(0) };
        for term in terms {
            let reminder = telling::reminder(term.due_date, term.told, now, self.zone(zones, term).await?);
            if let Some(reminder) = reminder {
                reasons.extend(self.reason(term, reminder).await?);
            }
        }
        let (count, seed) = (reasons.len(), first.reminding.unwrap_or_default());
        let (workspace, member) = (WorkspaceId(first.workspace), MemberId(first.member));
        let wishes = self.wishes(workspace, member).await?;
        let notices = telling::notices(seed, reasons, |_| &wishes);
        let request_id = "reminder".to_owned();
        self.send(std::iter::once(Send { seed, cause: None, workspace, request_id, at: now, notices })).await?;
        let sql = "update log.agenda set told = greatest(told, will_tell), reminding = null, will_tell = null \
                   where partition = $1 and reminding = $2";
        sqlx::query(sql).bind(first.partition).bind(seed).execute(&self.pool).await?;
        Ok(count)
    }

    /// Why somebody is reminded of a task, if it is still due.
    async fn reason(&self, due: &Term, reminder: Reminder) -> Result<Option<Reason>, Error> {
        let member = MemberId(due.member);
        let task = self.now::<Task>(WorkspaceId(due.workspace), due.task).await?;
        let is_due = !task.deleted && task.status.is_open() && task.due_date == Some(due.due_date);
        let is_theirs = task.assignee_ids.contains(&member);
        Ok((is_due && is_theirs).then(|| telling::remind(&task, TaskId(due.task), member, reminder)))
    }
}
