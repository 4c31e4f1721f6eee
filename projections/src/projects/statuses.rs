//! Which states projects are in: what has to be known before a workspace gives one up.

use docket_domain::ids::ProjectId;
use uuid::Uuid;

use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::sql::Binds;
use crate::{Error, Reads};

impl Reads {
    /// The states that projects are in, by their keys, and how many are in each.
    pub async fn statuses_in_use(&self, reader: &ReadAs) -> Result<Vec<(String, i64)>, Error> {
        let shape = self.shapes().get(("states of projects", Vec::new()), || {
            let each = "select p.status, count(*) as n from projects p where p.workspace = $1::uuid and not p.deleted \
                        group by p.status order by p.status";
            guarded("", "", each)
        });
        let rows = self.ask(reader, super::PROJECTS.models, &shape, &Binds::default()).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(key) = row.try_get::<_, Option<String>>(COLUMNS)? {
                found.push((key, row.try_get(COLUMNS + 1)?));
            }
        }
        Ok(found)
    }

    /// The projects that are in none of these states, each with its own; at most so many.
    pub async fn projects_outside(
        &self,
        reader: &ReadAs,
        statuses: &[String],
        most: i64,
    ) -> Result<Vec<(ProjectId, String)>, Error> {
        let mut binds = Binds::default();
        let (statuses, most) = (binds.bind(statuses.to_vec(), "text[]"), binds.bind(most, "int8"));
        let shape = self.shapes().get(("projects outside of states", Vec::new()), || {
            let projects = format!(
                "select p.id, p.status from projects p where p.workspace = $1::uuid and not p.deleted \
                 and p.status <> all ({statuses}) order by p.number limit {most}"
            );
            guarded("", "", &projects)
        });
        let rows = self.ask(reader, super::PROJECTS.models, &shape, &binds).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(id) = row.try_get::<_, Option<Uuid>>(COLUMNS)? {
                found.push((ProjectId(id), row.try_get(COLUMNS + 1)?));
            }
        }
        Ok(found)
    }
}
