//! Questions about timelogs → answers.

use docket_domain::ids::MemberId;
use serde::Deserialize;
use uuid::Uuid;

use super::totals::NIL;
use crate::guard::{ReadAs, guarded};
use crate::list::{Asked, Condition, Expand, Field, List, Op, Words};
use crate::past::{Moment, tables};
use crate::reads::doc_of;
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("member_id", "Who worked.").column("d.member_id"),
    Field::id("task_id", "On which task.").column("d.task_id"),
    Field::id("project_id", "For which project.").column("d.project_id"),
    Field::instant("started_at", "From when.").column("d.started_at"),
    Field::instant("ended_at", "Until when.").nullable(),
    Field::integer("duration_seconds", "How long, in seconds.").nullable(),
    Field::date("date", "The day it counts for.").column("d.date"),
    Field::member("time_zone"),
    Field::member("note"),
    Field::bool("billable", "Whether the customer pays for it.").nullable().column("d.billable"),
    Field::id("customer_id", "For whom its project is done.").of_its("project_id", "projects", "customer_id"),
    Field::id("team_id", "The team that does its project.").of_its("project_id", "projects", "team_id"),
    Field::bool("running", "Whether it is a timer that runs.").column("d.running").unshown(),
    Field::created_by(),
    Field::instant("created_at", "When it was first known."),
    Field::instant("updated_at", "When it last changed.").column("d.updated_at"),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::deleted().unshown(),
    Field::member("voided"),
];

/// The timelogs of a workspace that are not voided.
pub static TIMELOGS: List = List {
    models: &[super::NAME, crate::projects::NAME],
    base: "not d.voided",
    deleted: "d.voided",
    descending: true,
    searched: Some(&["note"]),
    expand: &[
        Expand::one("member", "member_id", || &crate::members::MEMBERS),
        Expand::one("task", "task_id", || &crate::tasks::TASKS),
        Expand::one("project", "project_id", || &crate::projects::PROJECTS),
        Expand::of_its("customer", "project_id", ("projects", "customer_id"), || &crate::catalog::CUSTOMERS),
        Expand::creator(),
    ],
    total,
    ..List::new("timelogs", "timelogs d", FIELDS)
};

/// The counts know how many there are by project and member.
fn total(asked: &Asked) -> Option<String> {
    let (mut project, mut member) = (NIL, NIL);
    for Condition { field, op, value, several, .. } in &asked.conditions {
        match (field.name, op, several) {
            ("project_id", Op::Is, false) if project == NIL => project = value,
            ("member_id", Op::Is, false) if member == NIL => member = value,
            _ => return None,
        }
    }
    matches!(asked.words, Words::Any).then(|| {
        format!(
            "(select coalesce(sum(c.entries), 0)::int8 from timelog_counts c where c.workspace = $1::uuid \
             and c.monthly and c.project_id = {project} and c.member_id = {member})"
        )
    })
}

#[derive(Deserialize)]
struct Identified {
    id: Uuid,
}

impl Reads {
    /// A member's running timer, now or as it was.
    pub async fn running_timer(
        &self,
        reader: &ReadAs,
        member: MemberId,
        as_of: Option<Moment>,
    ) -> Result<Option<(Uuid, Doc)>, Error> {
        let (reader, at) = self.then(reader, as_of).await?;
        let mut binds = Binds::default();
        let member = binds.bind(member.0, "uuid");
        let at = at.map(|position| binds.bind(position, "int8"));
        let shape = self.shapes().get(("running timer", vec![u8::from(at.is_some())]), || {
            let answer = format!(
                "select t.version, t.doc from timelogs t where t.workspace = $1::uuid and t.member_id = {member} \
                 and t.running limit 1"
            );
            tables::at(at.as_deref(), &[super::NAME], guarded("", "", &answer))
        });
        let rows = self.ask(&reader, &[super::NAME], &shape, &binds).await?;
        let Some(doc) = rows.first().map(doc_of).transpose()?.flatten() else { return Ok(None) };
        let Identified { id } = serde_json::from_str(&doc.json).map_err(|error| Error::Bug(error.to_string()))?;
        Ok(Some((id, doc)))
    }
}
