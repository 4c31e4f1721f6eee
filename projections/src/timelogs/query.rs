//! Questions about timelogs → answers.

use docket_domain::ids::{MemberId, ProjectId, TaskId, TimelogId};
use serde::Deserialize;
use uuid::Uuid;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

const MODELS: [&str; 1] = [super::NAME];

#[derive(Deserialize)]
struct Identified {
    id: Uuid,
}

/// Which timelogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelogQuery {
    /// Of this member.
    pub member_id: Option<MemberId>,
    /// On this task.
    pub task_id: Option<TaskId>,
    /// For this project.
    pub project_id: Option<ProjectId>,
    /// Which page.
    pub page: PageQuery,
}

impl Reads {
    /// A timelog, unless it is voided.
    pub async fn timelog(&self, reader: &ReadAs, id: TimelogId) -> Result<Option<Doc>, Error> {
        let answer = || {
            "select t.version, t.doc from timelogs t where t.workspace = $1::uuid and t.id = $4::uuid and not t.voided"
                .to_owned()
        };
        self.one(reader, &MODELS, "timelog", id.0, "", answer).await
    }

    /// A member's running timer.
    pub async fn running_timer(&self, reader: &ReadAs, member: MemberId) -> Result<Option<(Uuid, Doc)>, Error> {
        let answer = || {
            "select t.version, t.doc from timelogs t where t.workspace = $1::uuid and t.member_id = $4::uuid \
             and t.running limit 1"
                .to_owned()
        };
        let doc = self.one(reader, &MODELS, "running timer", member.0, "", answer).await?;
        let Some(doc) = doc else { return Ok(None) };
        let Identified { id } = serde_json::from_str(&doc.json).map_err(|error| Error::Bug(error.to_string()))?;
        Ok(Some((id, doc)))
    }

    /// One page of timelogs, in the order of their numbers.
    pub async fn timelogs(&self, reader: &ReadAs, query: &TimelogQuery) -> Result<Page, Error> {
        let TimelogQuery { member_id, task_id, project_id, page } = query;
        let mut binds = Binds::default();
        let filters = [
            ("member_id", member_id.map(|id| id.0)),
            ("task_id", task_id.map(|id| id.0)),
            ("project_id", project_id.map(|id| id.0)),
        ];
        let mut is = |id: Option<Uuid>| id.map(|id| binds.bind(id, "uuid"));
        let [member, task, project] = filters.map(|(column, id)| (column, is(id)));
        let which = |all: &[&(&str, Option<String>)], alias: &str| {
            let set = all.iter().filter_map(|(column, id)| Some(format!(" and {alias}.{column} = {}", id.as_ref()?)));
            set.collect::<String>()
        };
        let wildcard = |id: &Option<String>| id.clone().unwrap_or_else(|| super::totals::NIL.to_owned());
        let total = match &task.1 {
            Some(_) => format!(
                "(select count(*) from timelogs c where c.workspace = $1::uuid and not c.voided{})",
                which(&[&member, &task, &project], "c")
            ),
            None => format!(
                "(select coalesce(sum(c.entries), 0)::int8 from timelog_counts c where c.workspace = $1::uuid \
                 and c.monthly and c.project_id = {} and c.member_id = {})",
                wildcard(&project.1),
                wildcard(&member.1)
            ),
        };
        let form = filters.iter().fold(0, |form, (_, id)| form * 2 + u32::from(id.is_some()));
        let list = List {
            form: (super::NAME, form),
            name: &format!("timelogs {member_id:?} {task_id:?} {project_id:?}"),
            models: &MODELS,
            doc: "d.doc",
            from: "timelogs d",
            which: &format!("not d.voided{}", which(&[&member, &task, &project], "d")),
            order: "number",
            total: &total,
        };
        self.list(reader, &list, binds, page).await
    }
}
