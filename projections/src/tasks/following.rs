//! The tasks that have to follow something: the loss of their phase, a customer who comes or goes.

use docket_domain::ids::{PhaseId, ProjectId, TaskId};
use uuid::Uuid;

use super::pages::HIDDEN;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::{Error, Reads};

/// Which tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// Those in a phase.
    Phase(PhaseId),
    /// Those of a project that are billable or not.
    Billable(ProjectId),
    /// Those of a project that are neither.
    NotSaid(ProjectId),
}

impl Following {
    fn name(self) -> &'static str {
        match self {
            Self::Phase(_) => "tasks of a phase",
            Self::Billable(_) => "billable tasks of a project",
            Self::NotSaid(_) => "tasks of a project that are not billable or not",
        }
    }

    /// The condition over a task `t`.
    fn which(self, binds: &mut Binds) -> String {
        match self {
            Self::Phase(phase) => format!("t.phase_id = {}", binds.bind(phase.0, "uuid")),
            Self::Billable(project) => {
                format!("t.project_id = {} and t.billable is not null", binds.bind(project.0, "uuid"))
            }
            Self::NotSaid(project) => {
                format!("t.project_id = {} and t.billable is null", binds.bind(project.0, "uuid"))
            }
        }
    }
}

impl Reads {
    /// These tasks, at most so many.
    pub async fn following(&self, reader: &ReadAs, what: Following, most: i64) -> Result<Vec<TaskId>, Error> {
        let mut binds = Binds::default();
        let (which, most) = (what.which(&mut binds), binds.bind(most, "int8"));
        let shape = self.shapes().get((what.name(), Vec::new()), || {
            let tasks = format!(
                "select t.id from tasks t where t.workspace = $1::uuid and not t.deleted and {which} \
                 and t.project_id <> all (h.hidden) order by t.number limit {most}"
            );
            guarded("", HIDDEN, &tasks)
        });
        let rows = self.ask(reader, super::TASKS.models, &shape, &binds).await?;
        let ids = rows.iter().map(|row| row.try_get::<_, Option<Uuid>>(COLUMNS)).collect::<Result<Vec<_>, _>>()?;
        Ok(ids.into_iter().flatten().map(TaskId).collect())
    }
}
