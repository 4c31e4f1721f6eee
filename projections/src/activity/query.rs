//! Questions about what happened → answers.

use docket_domain::ids::TaskId;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Error, Reads};

impl Reads {
    /// One page of what happened to a task, oldest first. Nothing, if there is no such task; what happened to a deleted
    /// one can still be seen.
    pub async fn activity(&self, reader: &ReadAs, task: TaskId, page: &PageQuery) -> Result<Page, Error> {
        let mut binds = Binds::default();
        let task_is = binds.bind(task.0, "uuid");
        let list = List {
            form: (super::NAME, 0),
            name: &format!("activity {task}"),
            models: &[super::NAME],
            doc: "d.doc",
            from: "activity d",
            which: &format!("d.stream = {task_is}"),
            order: "version",
            total: &format!("(select count(*) from activity c where c.workspace = $1::uuid and c.stream = {task_is})"),
        };
        self.list(reader, &list, binds, page).await
    }
}
