//! How much was planned for, and done in, the sprints that were closed last.

use docket_domain::Snapshot;
use docket_domain::ids::ProjectId;
use docket_domain::sprint::Sprint;
use docket_domain::task::Status;

use super::flow::{Amount, before_the_end};
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::past::{Moment, tables};
use crate::sql::Binds;
use crate::tasks::HIDDEN;
use crate::{Error, Reads};

/// Which sprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VelocityQuery {
    /// Of this project.
    pub project: ProjectId,
    /// So many, those that were closed last.
    pub most: i64,
    /// Those that were closed at this moment.
    pub as_of: Option<Moment>,
}

/// What came of a sprint.
#[derive(Clone, Debug, PartialEq)]
pub struct SprintResult {
    /// The sprint.
    pub sprint: Snapshot<Sprint>,
    /// What was in it at the end of the day on which it was started; if it was closed on that day, when it was closed.
    pub planned: Amount,
    /// What of it was done at the end of the day on which it was closed.
    pub done: Amount,
}

const MODELS: [&str; 3] = [crate::tasks::NAME, crate::projects::NAME, crate::sprints::NAME];

impl Reads {
    /// What came of the sprints that were closed last, in the order in which they were.
    pub async fn velocity(&self, reader: &ReadAs, query: &VelocityQuery) -> Result<Vec<SprintResult>, Error> {
        let (reader, at) = self.then(reader, query.as_of).await?;
        let mut binds = Binds::default();
        let (project, most) = (binds.bind(query.project.0, "uuid"), binds.bind(query.most, "int8"));
        let at = at.map(|position| binds.bind(position, "int8"));
        let shape = self.shapes().get(("velocity", vec![u8::from(at.is_some())]), || {
            tables::at(at.as_deref(), &MODELS, guarded("", HIDDEN, &answer(&project, &most)))
        });
        let rows = self.ask(&reader, &MODELS, &shape, &binds).await?;
        let mut results = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(doc) = row.try_get::<_, Option<&str>>(COLUMNS)? else { continue };
            let amount = |at: usize| -> Result<Amount, Error> {
                Ok(Amount { tasks: row.try_get(COLUMNS + at)?, points: row.try_get(COLUMNS + at + 1)? })
            };
            let sprint = serde_json::from_str(doc).map_err(|error| Error::Bug(error.to_string()))?;
            results.push(SprintResult { sprint, planned: amount(1)?, done: amount(3)? });
        }
        results.reverse();
        Ok(results)
    }
}

/// Last closed first: the sprint's document, tasks and points planned, tasks and points done.
fn answer(project: &str, most: &str) -> String {
    let scope: Vec<_> = Status::ALL.iter().filter(|status| status.is_open() || **status == Status::Done).collect();
    let sum = |of: &[&Status], suffix: &str, until: &str| {
        let columns: Vec<_> = of.iter().map(|status| format!("c.{}{suffix}", status.as_str())).collect();
        format!("coalesce(sum({}) filter (where c.date <= s.{until}), 0)::int8", columns.join(" + "))
    };
    let done = [&Status::Done];
    format!(
        "select s.doc, v.* from (select d.id, d.doc, d.number, \
         ((d.doc::json->>'started_at')::timestamptz at time zone 'UTC')::date as started, \
         ((d.doc::json->>'closed_at')::timestamptz at time zone 'UTC')::date as closed, d.doc::json->>'closed_at' as at \
         from sprints d where d.workspace = $1::uuid and d.project_id = {project} and not d.deleted \
         and d.project_id <> all (h.hidden) and d.status = {}::int2 \
         order by at desc, d.number desc limit {most}) s \
         cross join lateral (select {}, {}, {}, {} from flow_counts c where c.workspace = $1::uuid \
         and c.sprint_id = s.id and {}) v order by s.at desc, s.number desc",
        crate::sprints::CLOSED,
        sum(&scope, "", "started"),
        sum(&scope, "_points", "started"),
        sum(&done, "", "closed"),
        sum(&done, "_points", "closed"),
        before_the_end("s.at"),
    )
}
