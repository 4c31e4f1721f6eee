//! What members have to do and by when, as far as telling needs it: who has open tasks in a sprint, and which are due.
//! The teller's own table, written together with how far it is.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use docket_domain::ids::MemberId;
use docket_domain::snapshot::Snapshot;
use docket_domain::task::Task;
use docket_domain::telling::told_when_set;
use docket_domain::{AnySnapshot, Recorded};
use sqlx::PgPool;
use uuid::Uuid;

use crate::Error;

/// The tasks that have changed, as they are now.
#[derive(Default)]
pub(super) struct Agenda(HashMap<Uuid, Entry>);

struct Entry {
    workspace: Uuid,
    members: Vec<Uuid>,
    due_date: Option<NaiveDate>,
    sprint: Option<Uuid>,
    told: i16,
}

impl Agenda {
    /// Takes in a task after an event.
    pub(super) fn note(&mut self, event: &Recorded, task: &dyn AnySnapshot) {
        let Some(task) = task.as_any().downcast_ref::<Snapshot<Task>>().map(|snapshot| &snapshot.state) else { return };
        let is_open = !task.deleted && task.status.is_open() && (task.due_date.is_some() || task.sprint_id.is_some());
        let members = if is_open { task.assignee_ids.iter().map(|id| id.0).collect() } else { Vec::new() };
        let entry = Entry {
            workspace: event.workspace.0,
            members,
            due_date: task.due_date,
            sprint: task.sprint_id.map(|id| id.0),
            told: task.due_date.map_or(0, |due| told_when_set(due, event.recorded_at)),
        };
        self.0.insert(event.stream, entry);
    }

    /// Who has open tasks in a sprint.
    pub(super) async fn sprinters(&self, pool: &PgPool, partition: i16, sprint: Uuid) -> Result<Vec<MemberId>, Error> {
        let sql = "select task, member from log.agenda where partition = $1 and sprint = $2";
        let known: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).bind(partition).bind(sprint).fetch_all(pool).await?;
        let known = known.into_iter().filter(|(task, _)| !self.0.contains_key(task)).map(|(_, member)| member);
        let noted =
            self.0.values().filter(|entry| entry.sprint == Some(sprint)).flat_map(|entry| entry.members.clone());
        let all: BTreeSet<Uuid> = known.chain(noted).collect();
        Ok(all.into_iter().map(MemberId).collect())
    }

    /// Writes it, and that the partition is told up to `to`, unless somebody else has.
    pub(super) async fn write(self, pool: &PgPool, partition: i16, (from, to): (i64, i64)) -> Result<(), Error> {
        let tasks: Vec<Uuid> = self.0.keys().copied().collect();
        let rows =
            self.0.iter().flat_map(|(task, entry)| entry.members.iter().map(move |member| (*task, *member, entry)));
        let rows: Vec<_> = rows.collect();
        sqlx::query("select log.tell($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(partition)
            .bind(from)
            .bind(to)
            .bind(tasks)
            .bind(rows.iter().map(|(task, ..)| *task).collect::<Vec<_>>())
            .bind(rows.iter().map(|(_, member, _)| *member).collect::<Vec<_>>())
            .bind(rows.iter().map(|(.., entry)| entry.workspace).collect::<Vec<_>>())
            .bind(rows.iter().map(|(.., entry)| entry.due_date).collect::<Vec<_>>())
            .bind(rows.iter().map(|(.., entry)| entry.sprint).collect::<Vec<_>>())
            .bind(rows.iter().map(|(.., entry)| entry.told).collect::<Vec<_>>())
            .execute(pool)
            .await?;
        Ok(())
    }
}
