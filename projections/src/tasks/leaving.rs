//! The tasks that leave a sprint when it ends.

use docket_domain::ids::{SprintId, TaskId};
use docket_domain::task::Status;
use uuid::Uuid;

use super::apply::status_code;
use super::pages::HIDDEN;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::{Error, Reads};

impl Reads {
    /// The tasks of a sprint that are still open, at most so many.
    pub async fn open_tasks_of_sprint(
        &self,
        reader: &ReadAs,
        sprint: SprintId,
        most: i64,
    ) -> Result<Vec<TaskId>, Error> {
        let mut binds = Binds::default();
        let (sprint, most) = (binds.bind(sprint.0, "uuid"), binds.bind(most, "int8"));
        let open: Vec<i16> = Status::ALL.into_iter().filter(|s| s.is_open()).map(status_code).collect();
        let open = binds.bind(open, "int2[]");
        let shape = self.shapes().get(("open tasks of a sprint", Vec::new()), || {
            let tasks = format!(
                "select t.id from tasks t where t.workspace = $1::uuid and not t.deleted and t.sprint_id = {sprint} \
                 and t.status = any ({open}) and t.project_id <> all (h.hidden) order by t.number limit {most}"
            );
            guarded("", HIDDEN, &tasks)
        });
        let rows = self.ask(reader, super::TASKS.models, &shape, &binds).await?;
        let ids = rows.iter().map(|row| row.try_get::<_, Option<Uuid>>(COLUMNS)).collect::<Result<Vec<_>, _>>()?;
        Ok(ids.into_iter().flatten().map(TaskId).collect())
    }
}
