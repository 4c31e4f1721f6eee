//! Questions about projects → answers.

use docket_domain::ids::ProjectId;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

/// Projects know themselves; how much is left to do in one is what the tasks' counts say at this moment.
const MODELS: [&str; 2] = ["projects", "tasks"];

/// Which projects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectQuery {
    /// Only archived ones, or only those in use.
    pub archived: Option<bool>,
    /// Which page.
    pub page: PageQuery,
}

impl Reads {
    /// A project, unless it is deleted.
    pub async fn project(&self, reader: &ReadAs, id: ProjectId) -> Result<Option<Doc>, Error> {
        let answer = || {
            let doc = doc();
            format!(
                "select d.version, {doc} from projects d where d.workspace = $1::uuid and d.id = $4::uuid and not d.deleted"
            )
        };
        self.one(reader, &MODELS, "project", id.0, "", answer).await
    }

    /// One page of projects, in the order of their numbers.
    pub async fn projects(&self, reader: &ReadAs, query: &ProjectQuery) -> Result<Page, Error> {
        let mut binds = Binds::default();
        let archived = query.archived.map(|archived| binds.bind(archived, "bool"));
        let which = archived.as_ref().map(|archived| format!(" and d.archived = {archived}")).unwrap_or_default();
        let counted = archived.map(|archived| format!(" and c.facet = {archived}::int4")).unwrap_or_default();
        let list = List {
            form: (super::NAME, u32::from(query.archived.is_some())),
            name: &format!("projects {:?}", query.archived),
            models: &MODELS,
            doc: &doc(),
            from: "projects d",
            which: &format!("not d.deleted{which}"),
            order: "number",
            total: &format!(
                "(select coalesce(sum(c.n), 0)::int8 from project_counts c where c.workspace = $1::uuid{counted})"
            ),
        };
        self.list(reader, &list, binds, &query.page).await
    }
}

/// A project's document with the number of its open tasks.
fn doc() -> String {
    format!(
        "rtrim(d.doc, '}}') || ',\"open_tasks\":' || coalesce((select {} from task_counts c \
         where c.workspace = $1::uuid and c.facet = 0::int2 \
         and c.facet_id = '00000000-0000-0000-0000-000000000000'::uuid and c.project_id = d.id), 0)::text || '}}'",
        crate::tasks::open()
    )
}
