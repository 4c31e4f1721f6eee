//! Filters by what tasks are related to.

/// A filter by rows (workspace, what is related, number) beside the tasks. They say where the task stands, too, so that
/// only those that match lead to it.
pub(super) struct Related<'a> {
    table: &'static str,
    column: &'static str,
    pub(super) id: &'a str,
    /// Their facet of the counts.
    pub(super) facet: i16,
    /// Whether it is asked what was.
    past: bool,
}

impl<'a> Related<'a> {
    pub(super) fn assignee(id: &'a str, past: bool) -> Self {
        Self { table: "task_assignees", column: "member_id", id, facet: 1, past }
    }

    pub(super) fn label(id: &'a str, past: bool) -> Self {
        Self { table: "task_labels", column: "label_id", id, facet: 2, past }
    }

    /// The rows `r` of it.
    pub(super) fn rows(&self) -> String {
        self.of(self.table)
    }

    /// The rows `r` that there ever were of it.
    pub(super) fn every_row(&self) -> String {
        self.of(&format!("every_{}", self.table))
    }

    fn of(&self, table: &str) -> String {
        let Self { column, id, .. } = self;
        format!("from {table} r where r.workspace = $1::uuid and r.{column} = {id}")
    }

    /// Whether the task with this number is one of these.
    pub(super) fn has(&self, number: &str) -> String {
        let Self { table, column, id, past, .. } = self;
        // The rows of the past are looked up, whatever the planner thinks of gathering them first.
        let kept = if *past { " offset 0" } else { "" };
        format!(
            "exists (select from {table} x where x.workspace = $1::uuid and x.{column} = {id} and x.number = {number}{kept})"
        )
    }
}
