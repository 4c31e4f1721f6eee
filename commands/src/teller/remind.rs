//! Reminding of what is due: once for each day that a task is due on, at any time after it could first be said. So after
//! a downtime what still matters is said, and nothing twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, Utc};
use docket_domain::ids::{self, MemberId, TaskId, WorkspaceId};
use docket_domain::task::Task;
use docket_domain::telling::{self, Reminder};
use docket_domain::workspace::Workspace;
use uuid::Uuid;

use super::Teller;
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
}

impl Teller {
    /// Reminds of what is due, as it is `now`; answers how many reminders that were.
    pub async fn remind(&mut self, now: DateTime<Utc>) -> Result<usize, Error> {
        self.leads.renew(&self.pool).await?;
        let (mut reminded, mut last) = (0, None);
        let mut zones: HashMap<Uuid, String> = HashMap::new();
        loop {
            let all = self.due(now, last.as_ref()).await?;
            for due in &all {
                let zone = match zones.entry(due.workspace) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(vacant) => {
                        let workspace = self.now::<Workspace>(WorkspaceId(due.workspace), due.workspace).await?;
                        vacant.insert(workspace.time_zone)
                    }
                };
                if let Some(reminder) = telling::reminder(due.due_date, due.told, now, zone) {
                    reminded += usize::from(self.remind_of(due, reminder, now).await?);
                    self.note(due, reminder).await?;
                }
            }
            last = all.last().cloned();
            if (all.len() as i64) < AT_ONCE {
                return Ok(reminded);
            }
        }
    }

    /// What may be to be said, after the last that was looked at.
    async fn due(&self, now: DateTime<Utc>, last: Option<&Term>) -> Result<Vec<Term>, Error> {
        // Somewhere it is a day later, or earlier, than in Greenwich.
        let sql = "select partition, task, member, workspace, due_date, told from log.agenda \
                   where partition = any($1) and told < 2 and due_date <= $2::date + 2 \
                   and (told = 0 or due_date <= $2::date) and (due_date, task, member) > ($3, $4, $5) \
                   order by due_date, task, member limit $6";
        let (day, task, member) =
            last.map_or((FIRST_DAY, Uuid::nil(), Uuid::nil()), |last| (last.due_date, last.task, last.member));
        let due = sqlx::query_as(sql).bind(self.leads.led()).bind(now.date_naive());
        Ok(due.bind(day).bind(task).bind(member).bind(AT_ONCE).fetch_all(&self.pool).await?)
    }

    /// Sends one, if it is still so; whether there was anything to send.
    async fn remind_of(&self, due: &Term, reminder: Reminder, now: DateTime<Utc>) -> Result<bool, Error> {
        let (workspace, member) = (WorkspaceId(due.workspace), MemberId(due.member));
        let task = self.now::<Task>(workspace, due.task).await?;
        let still = !task.deleted && task.status.is_open() && task.due_date == Some(due.due_date);
        if !still || !task.assignee_ids.contains(&member) {
            return Ok(false);
        }
        let reason = telling::remind(&task, TaskId(due.task), member, reminder);
        let cause = ids::derived(&format!("docket reminder {} {}", reason.kind, due.due_date), &[due.task]);
        let wishes = self.wishes(workspace, member).await?;
        let notices = telling::notices(cause, [reason], |_| &wishes);
        // One command for each: they need not be told together.
        let command = ids::derived("docket reminding", &[cause, due.member]);
        self.send(command, None, workspace, "reminder".to_owned(), now, notices).await?;
        Ok(true)
    }

    async fn note(&self, due: &Term, reminder: Reminder) -> Result<(), Error> {
        let sql = "update log.agenda set told = $5 \
                   where partition = $1 and task = $2 and member = $3 and due_date = $4 and told < $5";
        let note = sqlx::query(sql).bind(due.partition).bind(due.task).bind(due.member).bind(due.due_date);
        note.bind(reminder.told()).execute(&self.pool).await?;
        Ok(())
    }
}
