//! The SQL of a page of tasks.
//!
//! Whatever is asked, a page must cost about as much as it is long, in a workspace of ten tasks and of a million. Each
//! form below walks an index in the order asked for and stops after a page, or gathers few rows and sorts them:
//!
//! - by number: along `(workspace, number)`, a project's or an assignee's index; several statuses are as many short
//!   walks, merged.
//! - by anything else, unfiltered: along that column's index.
//! - by anything else, filtered: *wide* walks that column's index and drops what does not match, *narrow* gathers what
//!   matches and sorts it. Wide looks at about `page × all / matching` rows, narrow at `matching`: the counts, which
//!   are exact, choose. Both are in the statement; the one not chosen is never started.

use super::counts;
use super::place::{self, Place};
use super::query::{SortKey, TaskQuery};
use crate::Error;
use crate::page::Start;
use crate::sql::Binds;

/// The projects that are deleted, and their tasks with them: `h.hidden`, an array that is made once per statement.
pub(super) const HIDDEN: &str = "cross join (select array(select p.id from projects p where p.workspace = $1::uuid and p.deleted) as hidden offset 0) h";

const NIL: &str = "'00000000-0000-0000-0000-000000000000'::uuid";

/// Narrow is chosen while matching² ≤ this × all: where the two cost the same for a page of 50.
const BALANCE: i64 = 64;

/// Pages of one query.
pub(super) struct Pages<'a> {
    query: &'a TaskQuery,
    binds: Binds,
    /// Each filter's parameter.
    project: Option<String>,
    statuses: Option<String>,
    assignee: Option<String>,
    label: Option<String>,
    words: Words,
    place: Option<Place>,
    take: String,
    skip: String,
}

enum Words {
    Any,
    These(String),
    /// There is nothing to search for in what was asked, so nothing is found.
    Nothing,
}

impl<'a> Pages<'a> {
    /// Prepares the query, to be continued after `place`.
    pub(super) fn new(query: &'a TaskQuery, place: Option<&str>) -> Result<Self, Error> {
        let mut binds = Binds::default();
        let skip = match query.page.start {
            Start::Offset(skip) => skip,
            _ => 0,
        };
        let statuses: Vec<i16> = query.status.iter().map(|status| super::apply::status_code(*status)).collect();
        let words = match query.q.as_deref().map(crate::words::query) {
            None => Words::Any,
            Some(None) => Words::Nothing,
            Some(Some(words)) => Words::These(format!("{}::tsquery", binds.bind(words, "text"))),
        };
        Ok(Self {
            project: query.project_id.map(|id| binds.bind(id.0, "uuid")),
            statuses: (!statuses.is_empty()).then(|| binds.bind(statuses, "int2[]")),
            assignee: query.assignee_id.map(|id| binds.bind(id.0, "uuid")),
            label: query.label_id.map(|id| binds.bind(id.0, "uuid")),
            words,
            place: place.map(|place| place::bind(place, query.sort.by, &mut binds)).transpose()?,
            take: binds.bind(query.page.limit + 1, "int8"),
            skip: binds.bind(skip, "int8"),
            query,
            binds,
        })
    }

    /// Tells the texts apart that the other functions can answer.
    pub(super) fn form(&self) -> u32 {
        let filters = [self.project.is_some(), self.statuses.is_some(), self.assignee.is_some(), self.label.is_some()];
        let words = match self.words {
            Words::Any => 0,
            Words::These(_) => 1,
            Words::Nothing => 2,
        };
        let place = match &self.place {
            None => 0,
            Some(Place { value: None, .. }) => 1,
            Some(Place { value: Some(_), .. }) => 2,
        };
        let digits = filters.map(|filter| (u32::from(filter), 2));
        let rest = [(words, 3), (place, 3), (self.query.sort.by as u32, 5), (u32::from(self.query.sort.descending), 2)];
        digits.into_iter().chain(rest).fold(0, |form, (digit, base)| form * base + digit)
    }

    /// The parameters of what the other functions answer.
    pub(super) fn into_binds(self) -> Binds {
        match self.words {
            Words::Nothing => Binds::default(),
            _ => self.binds,
        }
    }

    /// What all parts of the statement refer to: the hidden projects and, where narrow or wide is to be chosen, the counts
    /// that choose.
    pub(super) fn facts(&self) -> String {
        if !self.chooses() {
            return HIDDEN.to_owned();
        }
        let (matching, everything) = (self.matching(), Self::counted(0, NIL, None, None));
        format!("{HIDDEN} cross join lateral (select {matching} as matching, {everything} as everything offset 0) n")
    }

    /// How many tasks the list has, as an expression.
    pub(super) fn total(&self) -> String {
        match (&self.words, &self.assignee, &self.label) {
            (Words::Nothing, ..) => "0::int8".to_owned(),
            (Words::Any, Some(_), Some(_)) | (Words::These(_), ..) => {
                format!("(select count(*) {} where true)", self.gathered())
            }
            _ if self.chooses() => "n.matching".to_owned(),
            _ => self.matching(),
        }
    }

    /// The documents of the page, in order.
    pub(super) fn answer(&self) -> String {
        match (&self.words, self.query.sort.by) {
            (Words::Nothing, _) => "select null::text as doc where false".to_owned(),
            (_, SortKey::Number) if !self.chooses() => self.by_number(),
            (Words::These(_), _) => self.narrow("true"),
            _ if self.chooses() => {
                let narrow = format!("(n.matching * n.matching <= {BALANCE} * n.everything)");
                format!("({}) union all ({})", self.narrow(&narrow), self.wide(&format!("not {narrow}")))
            }
            _ => self.wide("true"),
        }
    }

    fn chooses(&self) -> bool {
        let related = self.assignee.is_some() || self.label.is_some();
        let filtered = match self.query.sort.by {
            // Every other list has an index in the order of the numbers.
            SortKey::Number => self.statuses.is_some() && self.project.is_none() && !related,
            _ => self.project.is_some() || self.statuses.is_some() || related,
        };
        filtered && matches!(self.words, Words::Any)
    }

    /// How many tasks match, or, where no count says so exactly, at most match.
    fn matching(&self) -> String {
        let (project, statuses) = (self.project.as_deref(), self.statuses.as_deref());
        match (&self.assignee, &self.label) {
            (Some(id), _) => Self::counted(1, id, project, statuses),
            (None, Some(id)) => Self::counted(2, id, project, statuses),
            (None, None) => Self::counted(0, NIL, project, statuses),
        }
    }

    /// What the counts say of a facet, see `task_counts`.
    fn counted(facet: i16, id: &str, project: Option<&str>, statuses: Option<&str>) -> String {
        let n = counts::sum(statuses);
        let from = format!(
            "from task_counts c where c.workspace = $1::uuid and c.facet = {facet}::int2 and c.facet_id = {id} and"
        );
        let one = |project: &str| format!("coalesce((select {n} {from} c.project_id = {project}), 0)");
        match project {
            Some(project) => format!("case when {project} <> all (h.hidden) then {} else 0 end", one(project)),
            None if facet == 0 => {
                let hidden = format!("(select sum({n}) {from} c.project_id = any (h.hidden))");
                let all = one(NIL);
                format!("{all} - case when h.hidden = '{{}}' then 0 else coalesce({hidden}, 0)::int8 end")
            }
            None => format!("(select coalesce(sum({n}), 0)::int8 {from} c.project_id <> all (h.hidden))"),
        }
    }

    /// Along the numbers.
    fn by_number(&self) -> String {
        let (take, skip, direction) = (&self.take, &self.skip, self.direction());
        let after = |column: &str| {
            let beyond = if self.query.sort.descending { "<" } else { ">" };
            self.place.as_ref().map_or("true".to_owned(), |place| format!("{column} {beyond} {}", place.number))
        };
        let end = |column: &str| format!("order by {column} {direction} limit {take} offset {skip}");
        let each = self.each();
        match (&self.words, &self.assignee, &self.label, &self.statuses, &self.project) {
            (Words::These(words), ..) => format!(
                "select t.doc from (select s.number from search_tasks({words}) s(number) where {} \
                 order by s.number {direction}) s cross join lateral ({each} and t.number = s.number limit 1) t {}",
                after("s.number"),
                end("s.number")
            ),
            (_, Some(id), ..) => format!(
                "select t.doc from task_assignees r cross join lateral ({each} and t.number = r.number limit 1) t \
                 where r.workspace = $1::uuid and r.member_id = {id} and {} {}",
                after("r.number"),
                end("r.number")
            ),
            (_, None, Some(id), ..) => format!(
                "select t.doc from task_labels r cross join lateral ({each} and t.number = r.number limit 1) t \
                 where r.workspace = $1::uuid and r.label_id = {id} and {} {}",
                after("r.number"),
                end("r.number")
            ),
            (_, None, None, Some(_), _) => format!(
                "select t.doc from ({}) c cross join lateral ({each} and t.project_id = c.project_id \
                 and t.status = c.status and {} order by t.number {direction} limit {take} + {skip}) t {}",
                self.columns(),
                after("t.number"),
                end("t.number")
            ),
            (_, None, None, None, _) => {
                format!("select t.doc from ({each}) t where {} {}", after("t.number"), end("t.number"))
            }
        }
    }

    /// Along the index of what the list is ordered by, dropping what does not match.
    fn wide(&self, gate: &str) -> String {
        let (take, skip) = (&self.take, &self.skip);
        let walk = |place: &str| {
            format!(
                "(select t.doc from tasks t where t.workspace = $1::uuid and not t.deleted and {} and {place} \
                 order by {} limit {take} + {skip})",
                self.filters(Driver::None),
                self.order("")
            )
        };
        let walks: Vec<_> = self.segments().iter().map(|place| walk(place)).collect();
        // The parts follow each other in order, and one is begun only when those before it are used up.
        format!("select w.doc from ({}) w where {gate} limit {take} offset {skip}", walks.join(" union all "))
    }

    /// Gathers what matches, and sorts it.
    fn narrow(&self, gate: &str) -> String {
        let (take, skip) = (&self.take, &self.skip);
        let place = self.segments().join(" or ");
        format!(
            "select t.doc {} where ({place}) and {gate} order by {} limit {take} offset {skip}",
            self.gathered(),
            self.order(" nulls last")
        )
    }

    /// The parts of the order that come after the place, each in the order of its index. Only due dates can be absent,
    /// and are then last.
    fn segments(&self) -> Vec<String> {
        let by = self.query.sort.by.as_str();
        let beyond = if self.query.sort.descending { "<" } else { ">" };
        if self.query.sort.by == SortKey::Number {
            return vec![
                self.place.as_ref().map_or("true".to_owned(), |place| format!("t.number {beyond} {}", place.number)),
            ];
        }
        let nullable = self.query.sort.by == SortKey::DueDate;
        let (first, last) = match &self.place {
            None => (Some(if nullable { format!("t.{by} is not null") } else { "true".to_owned() }), "true".to_owned()),
            Some(Place { value: Some(value), number }) => {
                (Some(format!("(t.{by}, t.number) {beyond} ({value}, {number})")), "true".to_owned())
            }
            Some(Place { value: None, number }) => (None, format!("t.number {beyond} {number}")),
        };
        let last = nullable.then(|| format!("(t.{by} is null and {last})"));
        first.into_iter().chain(last).collect()
    }

    /// `from …` all that matches, as `t`, through the index that finds it.
    fn gathered(&self) -> String {
        let each = self.each();
        let related = |from: &str| format!("from {from} cross join lateral ({each} and t.number = r.number limit 1) t");
        match (&self.words, &self.assignee, &self.label, &self.statuses) {
            (Words::These(words), ..) => related(&format!("search_tasks({words}) r(number)")),
            (_, Some(id), ..) => related(&format!(
                "(select a.number from task_assignees a where a.workspace = $1::uuid and a.member_id = {id}) r"
            )),
            (_, None, Some(id), _) => related(&format!(
                "(select l.number from task_labels l where l.workspace = $1::uuid and l.label_id = {id}) r"
            )),
            (_, None, None, Some(_)) => format!(
                "from ({}) c cross join lateral ({each} and t.project_id = c.project_id and t.status = c.status \
                 offset 0) t",
                self.columns()
            ),
            _ => format!("from ({each}) t"),
        }
    }

    /// The columns of a board (project and status) that are asked for and have any tasks.
    fn columns(&self) -> String {
        let statuses = self.statuses.as_deref().unwrap_or("null::int2[]");
        let project = match &self.project {
            Some(project) => format!("c.project_id = {project}"),
            None => format!("c.project_id <> {NIL}"),
        };
        format!(
            "select c.project_id, v.status from task_counts c cross join lateral (values {}) v(status, n) \
             where c.workspace = $1::uuid and c.facet = 0::int2 and c.facet_id = {NIL} and {project} \
             and c.project_id <> all (h.hidden) and v.status = any ({statuses}) and v.n > 0",
            counts::columns()
        )
    }

    /// Tasks that match everything but the filter that leads to them.
    fn each(&self) -> String {
        let driver = match (&self.words, &self.assignee, &self.label, &self.statuses) {
            (Words::These(_), ..) => Driver::Words,
            (_, Some(_), ..) => Driver::Assignee,
            (_, None, Some(_), _) => Driver::Label,
            (_, None, None, Some(_)) => Driver::Columns,
            _ => Driver::Project,
        };
        format!("select t.* from tasks t where t.workspace = $1::uuid and not t.deleted and {}", self.filters(driver))
    }

    fn filters(&self, driver: Driver) -> String {
        let mut filters = Vec::new();
        match &self.project {
            Some(project) if driver != Driver::Columns => {
                // "is true" keeps an index from being used where another one has to be.
                let plain = driver == Driver::Project;
                let is = if plain {
                    format!("t.project_id = {project}")
                } else {
                    format!("(t.project_id = {project}) is true")
                };
                filters.push(format!("{is} and {project} <> all (h.hidden)"));
            }
            Some(_) => {}
            None if driver == Driver::Columns => {}
            None => filters.push("t.project_id <> all (h.hidden)".to_owned()),
        }
        if let Some(statuses) = self.statuses.as_ref().filter(|_| driver != Driver::Columns) {
            filters.push(format!("t.status = any ({statuses})"));
        }
        if let Some(id) = self.assignee.as_ref().filter(|_| driver != Driver::Assignee) {
            filters.push(format!(
                "exists (select from task_assignees x where x.workspace = $1::uuid and x.member_id = {id} \
                 and x.number = t.number)"
            ));
        }
        if let Some(id) = self.label.as_ref().filter(|_| driver != Driver::Label) {
            filters.push(format!(
                "exists (select from task_labels y where y.workspace = $1::uuid and y.label_id = {id} \
                 and y.number = t.number)"
            ));
        }
        if filters.is_empty() { "true".to_owned() } else { filters.join(" and ") }
    }

    fn order(&self, nulls: &str) -> String {
        let direction = self.direction();
        match self.query.sort.by {
            SortKey::Number => format!("t.number {direction}"),
            by => format!("t.{} {direction}{nulls}, t.number {direction}", by.as_str()),
        }
    }

    fn direction(&self) -> &'static str {
        if self.query.sort.descending { "desc" } else { "asc" }
    }
}

/// The filter whose index leads to the tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    None,
    Words,
    Assignee,
    Label,
    Columns,
    Project,
}
