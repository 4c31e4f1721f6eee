//! A sprint that is about to be closed: its open tasks, and what all of them come to, as both were at one moment.

use docket_domain::ids::{SprintId, TaskId};
use docket_domain::task::Status;
use uuid::Uuid;

use super::query::{SPRINTS, doc};
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::tasks::{HIDDEN, status_code};
use crate::{Error, Reads};

/// What is known of a sprint that is about to be closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Its open tasks, in the order of their numbers.
    pub open: Vec<TaskId>,
    /// The sprint with what its tasks come to, as JSON; none if there is no such sprint.
    pub sprint: Option<String>,
    /// What happened up to this position has been seen.
    pub as_of: i64,
}

impl Reads {
    /// What is known of a sprint that is about to be closed; of its open tasks at most so many.
    pub async fn closing(&self, reader: &ReadAs, sprint: SprintId, most: i64) -> Result<Closing, Error> {
        let open: Vec<i16> = Status::ALL.into_iter().filter(|s| s.is_open()).map(status_code).collect();
        let mut binds = Binds::default();
        let sprint = binds.bind(sprint.0, "uuid");
        let (open, most) = (binds.bind(open, "int2[]"), binds.bind(most, "int8"));
        let shape = self.shapes().get(("closing", Vec::new()), || {
            let positions: Vec<_> = SPRINTS
                .models
                .iter()
                .map(|model| format!("coalesce((select a.position from {model}_at a where a.partition = $2::int2), 0)"))
                .collect();
            let facts = format!(
                "{HIDDEN} cross join lateral (select least({}) as position, (select {} from sprints d \
                 where d.workspace = $1::uuid and d.id = {sprint} and not d.deleted) as doc offset 0) a",
                positions.join(", "),
                doc()
            );
            let tasks = format!(
                "select array(select t.id from tasks t where t.workspace = $1::uuid and not t.deleted \
                 and t.sprint_id = {sprint} and t.status = any ({open}) and t.project_id <> all (h.hidden) \
                 order by t.number limit {most}) as open"
            );
            guarded(", a.position, a.doc", &facts, &tasks)
        });
        let rows = self.ask(reader, SPRINTS.models, &shape, &binds).await?;
        let row = rows.first().ok_or(Error::Revoked)?;
        let open: Vec<Uuid> = row.try_get(COLUMNS + 2)?;
        let open = open.into_iter().map(TaskId).collect();
        Ok(Closing { open, sprint: row.try_get(COLUMNS + 1)?, as_of: row.try_get(COLUMNS)? })
    }
}
