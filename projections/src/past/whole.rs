//! What differs between two moments of a project with all that belongs to it: its phases, sprints, tasks, their comments,
//! and the time worked.
//!
//! Whatever changed in between has a version of the earlier moment that ended, or one of the later moment that began:
//! both are found in the read models and their past, in the order of the numbers, so a page costs about what it shows.

use docket_domain::changes::{self, Change};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use uuid::Uuid;

use super::moment::{Difference, Moment};
use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::page::Start;
use crate::sql::Binds;
use crate::{Error, PageQuery, Reads, projects, sprints, tasks, timelogs};

/// A kind of thing that belongs to a project.
struct Part {
    /// What it is called.
    kind: &'static str,
    table: &'static str,
    model: &'static str,
    /// Whether a version `v` can be seen and is the project's at the moment it is looked at (`{project}`, `{at}`).
    of_it: &'static str,
    /// The member that says what one is called, if any.
    name: &'static str,
}

static PARTS: [Part; 4] = [
    Part {
        kind: "sprint",
        table: "sprints",
        model: sprints::NAME,
        of_it: "v.project_id = {project} and not v.deleted",
        name: "name",
    },
    Part {
        kind: "task",
        table: "tasks",
        model: tasks::NAME,
        of_it: "v.project_id = {project} and not v.deleted",
        name: "title",
    },
    Part {
        kind: "comment",
        table: "task_comments",
        model: tasks::NAME,
        of_it: "not v.deleted and exists (select from (select t.project_id, t.since, t.until, t.deleted from tasks t \
                where t.workspace = $1::uuid and t.id = v.task_id union all \
                select t.project_id, t.since, t.until, t.deleted from past_tasks t \
                where t.workspace = $1::uuid and t.id = v.task_id) t \
                where t.since <= {at} and t.until > {at} and t.project_id = {project} and not t.deleted)",
        name: "",
    },
    Part {
        kind: "timelog",
        table: "timelogs",
        model: timelogs::NAME,
        of_it: "v.project_id = {project} and not v.voided",
        name: "note",
    },
];

/// What became of something between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was not there, or not in the project, and is now.
    Added,
    /// It was there and is not any more.
    Removed,
    /// It was there and is, but otherwise.
    Changed,
}

/// Something that belongs to a project, and how it differs between two moments.
#[derive(Clone, Debug)]
pub struct Altered {
    /// What it is.
    pub kind: &'static str,
    /// Which one.
    pub id: Uuid,
    /// What it is called, if it has a name.
    pub name: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// Field by field.
    pub changes: Vec<Change>,
}

/// What differs between two moments of a project.
#[derive(Clone, Debug)]
pub struct WholeDifference {
    /// The positions of the two.
    pub between: (i64, i64),
    /// What differs of the project itself, but for its phases.
    pub of_itself: Difference,
    /// What belongs to it: a page.
    pub parts: Vec<Altered>,
    /// Where the next page starts, if there is one.
    pub next_cursor: Option<String>,
}

type Members = Map<String, Value>;

impl Reads {
    /// What differs between two moments of a project with all that belongs to it; none, if there is no such project.
    pub async fn whole_difference(
        &self,
        reader: &ReadAs,
        project: Uuid,
        (from, to): (Moment, Option<Moment>),
        page: &PageQuery,
    ) -> Result<Option<WholeDifference>, Error> {
        let name = format!("diff {project} {from:?} {to:?}");
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        // Whoever goes on sees the same moment, though it was now.
        let (to, mut part, mut after) = match &page.start {
            Start::After(cursor) => place(&cursors.open(cursor)?)?,
            Start::First | Start::Offset(_) => {
                (self.position_of(reader.workspace, to.unwrap_or(Moment::Position(i64::MAX))).await?, 0, 0)
            }
        };
        let between = (self.position_of(reader.workspace, from).await?, to);
        let to = Some(Moment::Position(to));
        let Some(mut of_itself) = self.difference(reader, ("project", project), from, to).await? else {
            return Ok(None);
        };
        let mut parts = phases(&mut of_itself);
        if page.start != Start::First {
            parts.clear();
        }
        let limit = usize::try_from(page.limit).unwrap_or(0) + parts.len();
        let mut next_cursor = None;
        while part < PARTS.len() && next_cursor.is_none() {
            let left = limit - parts.len();
            let found = self.altered(reader, &PARTS[part], project, between, after, left as i64 + 1).await?;
            for (number, altered) in found {
                if parts.len() == limit {
                    next_cursor = Some(cursors.seal(&format!("{} {part} {after}", between.1)));
                    break;
                }
                after = number;
                parts.push(altered);
            }
            if next_cursor.is_none() {
                (part, after) = (part + 1, 0);
            }
        }
        Ok(Some(WholeDifference { between, of_itself, parts, next_cursor }))
    }

    /// At most so many of a kind that differ, by their numbers, from beyond one on.
    async fn altered(
        &self,
        reader: &ReadAs,
        part: &Part,
        project: Uuid,
        (from, to): (i64, i64),
        after: i64,
        most: i64,
    ) -> Result<Vec<(i64, Altered)>, Error> {
        let mut binds = Binds::default();
        let project = binds.bind(project, "uuid");
        let reader = reader.after(to);
        let [from, to] = [from, to].map(|position| binds.bind(position, "int8"));
        let after = binds.bind(after, "int8");
        // A thing has one row if it came or went, and two if it changed.
        let rows = binds.bind(most * 2, "int8");
        let models = [part.model, tasks::NAME, projects::NAME];
        let shape = self.shapes().get((part.kind, vec![b'd']), || part.sql(&project, &from, &to, &after, &rows));
        let found = self.ask(&reader, &models, &shape, &binds).await?;
        paired(part, &found, usize::try_from(most).unwrap_or(0))
    }
}

impl Part {
    /// The versions of the earlier moment that ended by the later one, and those of that which began since: rows of
    /// (number, id, whether it is the later one, document), in order.
    fn sql(&self, project: &str, from: &str, to: &str, after: &str, rows: &str) -> String {
        let Self { table, of_it, .. } = self;
        let arm = |table: &str, later: bool, when: &str, at: &str| {
            let of_it = of_it.replace("{project}", project).replace("{at}", at);
            format!(
                "(select v.number, v.id, {later} as later, v.doc from {table} v where v.workspace = $1::uuid and {of_it} \
                 and {when} and v.number > {after} order by v.number limit {rows})"
            )
        };
        let ended = format!("v.since <= {from} and v.until > {from} and v.until <= {to}");
        let begun = format!("v.since > {from} and v.since <= {to} and v.until > {to}");
        let past = format!("past_{table}");
        let arms = [arm(&past, false, &ended, from), arm(&past, true, &begun, to), arm(table, true, &begun, to)];
        let answer = format!("select * from ({}) x order by x.number, x.later limit {rows}", arms.join(" union all "));
        guarded("", "", &answer)
    }
}

/// Rows as what became of things, at most so many.
fn paired(part: &Part, rows: &[Row], most: usize) -> Result<Vec<(i64, Altered)>, Error> {
    let mut found: Vec<(i64, Uuid, Option<Members>, Option<Members>)> = Vec::new();
    for row in rows {
        let Some(number) = row.try_get::<_, Option<i64>>(COLUMNS)? else { continue };
        let (id, later): (Uuid, bool) = (row.try_get(COLUMNS + 1)?, row.try_get(COLUMNS + 2)?);
        let doc: &str = row.try_get(COLUMNS + 3)?;
        let doc = serde_json::from_str(doc).map_err(|error| Error::Bug(format!("a stored document: {error}")))?;
        match found.last_mut().filter(|last| last.0 == number && later) {
            Some(last) => last.3 = Some(doc),
            None if later => found.push((number, id, None, Some(doc))),
            None => found.push((number, id, Some(doc), None)),
        }
    }
    found.truncate(most);
    Ok(found
        .into_iter()
        .map(|(number, id, before, after)| (number, altered((part.kind, part.name), id, before, after)))
        .collect())
}

fn altered((kind, name): (&'static str, &str), id: Uuid, before: Option<Members>, after: Option<Members>) -> Altered {
    let fate = match (&before, &after) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Removed,
        _ => Fate::Changed,
    };
    let named = after.as_ref().or(before.as_ref()).and_then(|members| members.get(name)?.as_str());
    let name = named.map(str::to_owned);
    let changes = changes::between(&before.unwrap_or_default(), &after.unwrap_or_default());
    Altered { kind, id, name, fate, changes }
}

/// What became of a project's phases, in their order, taken out of what differs of itself.
fn phases(of_itself: &mut Difference) -> Vec<Altered> {
    let Some(at) = of_itself.changes.iter().position(|change| change.field == "phases") else { return Vec::new() };
    let Change { from, to, .. } = of_itself.changes.remove(at);
    let (mut before, after) = (identified(from), identified(to));
    let mut was = |id| before.iter().position(|(known, _)| *known == id).map(|at| before.remove(at).1);
    let mut all: Vec<_> = after.into_iter().map(|(id, phase)| (id, was(id), Some(phase))).collect();
    all.extend(before.into_iter().map(|(id, phase)| (id, Some(phase), None)));
    let different = all.into_iter().filter(|(_, before, after)| before != after);
    different.map(|(id, before, after)| altered(("phase", "name"), id, before, after)).collect()
}

/// Phases and their ids.
fn identified(phases: Value) -> Vec<(Uuid, Members)> {
    let phases: Vec<Members> = serde_json::from_value(phases).unwrap_or_default();
    phases.into_iter().filter_map(|phase| Some((phase.get("id")?.as_str()?.parse().ok()?, phase))).collect()
}

/// The later moment, the kind and the number that a page ended with.
fn place(text: &str) -> Result<(i64, usize, i64), Error> {
    let [to, part, after] = text.split(' ').collect::<Vec<_>>()[..] else { return Err(Error::BadCursor) };
    let number = |text: &str| text.parse().map_err(|_| Error::BadCursor);
    Ok((number(to)?, part.parse().map_err(|_| Error::BadCursor)?, number(after)?))
}
