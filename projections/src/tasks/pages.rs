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
use crate::list::{Asked, Condition, Op, Plan, Words};

/// The projects that are deleted, and their tasks with them: `h.hidden`, an array that is made once per statement.
pub(crate) const HIDDEN: &str = "cross join (select array(select p.id from projects p where p.workspace = $1::uuid and p.deleted) as hidden offset 0) h";

const NIL: &str = "'00000000-0000-0000-0000-000000000000'::uuid";

/// Narrow is chosen while matching² ≤ this × all: where the two cost the same for a page of 50.
const BALANCE: i64 = 64;

/// What an order can walk along: these columns have an index each.
const WALKS: [&str; 4] = ["created_at", "updated_at", "due_date", "priority"];

/// Pages of one query.
pub(super) struct Pages<'a> {
    asked: &'a Asked<'a>,
    /// The parameters of the filters that the counts know, and indexes lead to.
    project: Option<&'a str>,
    statuses: Option<&'a str>,
    assignee: Option<&'a str>,
    label: Option<&'a str>,
    /// All other conditions.
    others: Vec<String>,
}

impl<'a> Pages<'a> {
    /// Sorts the conditions of a query.
    pub(super) fn new(asked: &'a Asked<'a>) -> Self {
        let (project, statuses, assignee, label) = (None, None, None, None);
        let mut pages = Self { asked, project, statuses, assignee, label, others: Vec::new() };
        for condition in &asked.conditions {
            let Condition { field, op, value, several } = condition;
            let place = match (field.name, op, several) {
                ("project_id", Op::Is, false) => &mut pages.project,
                ("status", Op::Is, true) => &mut pages.statuses,
                ("assignee_id", Op::Is, false) => &mut pages.assignee,
                ("label_id", Op::Is, false) => &mut pages.label,
                _ => {
                    pages.others.push(condition.sql());
                    continue;
                }
            };
            // The same filter twice: both must hold.
            if place.is_some() {
                pages.others.push(condition.sql());
            } else {
                *place = Some(value);
            }
        }
        pages
    }

    /// How a page of this query is read.
    pub(super) fn plan(&self) -> Plan {
        Plan { facts: self.facts(), total: self.total(), answer: self.answer() }
    }

    fn words(&self) -> Option<&str> {
        match &self.asked.words {
            Words::These(words) => Some(words),
            Words::Any | Words::Nothing => None,
        }
    }

    fn is_by_number(&self) -> bool {
        self.asked.sort[0].field.name == "number"
    }

    /// Whether there is an index in the order asked for.
    fn is_walk(&self) -> bool {
        let sort = &self.asked.sort;
        sort.len() == 2 && sort[0].descending == sort[1].descending && WALKS.contains(&sort[0].field.name)
    }

    /// What all parts of the statement refer to: the hidden projects and, where narrow or wide is to be chosen, the counts
    /// that choose.
    fn facts(&self) -> String {
        if !self.chooses() {
            return HIDDEN.to_owned();
        }
        let (matching, everything) = (self.matching(), Self::counted(0, NIL, None, None));
        format!("{HIDDEN} cross join lateral (select {matching} as matching, {everything} as everything offset 0) n")
    }

    /// How many tasks the list has, as an expression.
    fn total(&self) -> String {
        match (self.words(), &self.assignee, &self.label) {
            _ if !self.others.is_empty() => format!("(select count(*) {} where true)", self.gathered(false)),
            (None, Some(_), Some(_)) | (Some(_), ..) => {
                format!("(select count(*) {} where true)", self.gathered(false))
            }
            _ if self.chooses() => "n.matching".to_owned(),
            _ => self.matching(),
        }
    }

    /// The documents of the page, in order.
    fn answer(&self) -> String {
        if self.is_by_number() && self.others.is_empty() && !self.chooses() {
            self.by_number()
        } else if self.chooses() {
            let narrow = format!("(n.matching * n.matching <= {BALANCE} * n.everything)");
            format!("({}) union all ({})", self.narrow(&narrow), self.wide(&format!("not {narrow}")))
        } else if self.words().is_none() && self.others.is_empty() && self.is_walk() {
            self.wide("true")
        } else {
            self.narrow("true")
        }
    }

    fn chooses(&self) -> bool {
        let related = self.assignee.is_some() || self.label.is_some();
        let filtered = if self.is_by_number() {
            // Every other list has an index in the order of the numbers.
            self.statuses.is_some() && self.project.is_none() && !related
        } else {
            self.is_walk() && (self.project.is_some() || self.statuses.is_some() || related)
        };
        filtered && self.words().is_none() && self.others.is_empty()
    }

    /// How many tasks match, or, where no count says so exactly, at most match.
    fn matching(&self) -> String {
        let (project, statuses) = (self.project, self.statuses);
        match (self.assignee, self.label) {
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
        let (Asked { take, skip, .. }, direction) = (self.asked, self.direction());
        let after = |column: &str| match self.asked.place.as_deref() {
            Some([Some(number)]) => format!("{column} {} {number}", self.beyond()),
            _ => "true".to_owned(),
        };
        let end = |column: &str| format!("order by {column} {direction} limit {take} offset {skip}");
        let each = self.each();
        match (self.words(), &self.assignee, &self.label, &self.statuses, &self.project) {
            (Some(words), ..) => format!(
                "select d.doc from (select s.number from search_tasks({words}) s(number) where {} \
                 order by s.number {direction}) s cross join lateral ({each} and d.number = s.number limit 1) d {}",
                after("s.number"),
                end("s.number")
            ),
            (_, Some(id), ..) => format!(
                "select d.doc from task_assignees r cross join lateral ({each} and d.number = r.number limit 1) d \
                 where r.workspace = $1::uuid and r.member_id = {id} and {} {}",
                after("r.number"),
                end("r.number")
            ),
            (_, None, Some(id), ..) => format!(
                "select d.doc from task_labels r cross join lateral ({each} and d.number = r.number limit 1) d \
                 where r.workspace = $1::uuid and r.label_id = {id} and {} {}",
                after("r.number"),
                end("r.number")
            ),
            (_, None, None, Some(_), _) => format!(
                "select d.doc from ({}) c cross join lateral ({each} and d.project_id = c.project_id \
                 and d.status = c.status and {} order by d.number {direction} limit {take} + {skip}) d {}",
                self.columns(),
                after("d.number"),
                end("d.number")
            ),
            (_, None, None, None, _) => {
                format!("select d.doc from ({each}) d where {} {}", after("d.number"), end("d.number"))
            }
        }
    }

    /// Along the index of what the list is ordered by, dropping what does not match.
    fn wide(&self, gate: &str) -> String {
        let Asked { take, skip, .. } = self.asked;
        let by = self.asked.sort[0].field.name;
        let direction = self.direction();
        let order = if by == "number" { String::new() } else { format!("d.{by} {direction}, ") };
        let walk = |place: &str| {
            format!(
                "(select d.doc from tasks d where d.workspace = $1::uuid and not d.deleted and {} and {place} \
                 order by {order}d.number {direction} limit {take} + {skip})",
                self.filters(Driver::None)
            )
        };
        let walks: Vec<_> = self.segments().iter().map(|place| walk(place)).collect();
        // The parts follow each other in order, and one is begun only when those before it are used up.
        format!("select w.doc from ({}) w where {gate} limit {take} offset {skip}", walks.join(" union all "))
    }

    /// Gathers what matches, and sorts it.
    fn narrow(&self, gate: &str) -> String {
        let Asked { take, skip, .. } = self.asked;
        let (columns, after, order) = (self.asked.columns(), self.asked.after(), self.asked.order());
        let from = self.gathered(self.asked.is_ranked());
        format!("select {columns} {from} where {after} and {gate} order by {order} limit {take} offset {skip}")
    }

    /// The parts of the order that come after the place, each in the order of its index. Only due dates can be absent,
    /// and are then last.
    fn segments(&self) -> Vec<String> {
        let (by, beyond) = (self.asked.sort[0].field, self.beyond());
        let (name, place) = (by.name, self.asked.place.as_deref());
        let (first, last) = match place {
            Some([Some(number)]) => return vec![format!("d.number {beyond} {number}")],
            Some([Some(value), Some(number)]) => {
                (Some(format!("(d.{name}, d.number) {beyond} ({value}, {number})")), "true".to_owned())
            }
            Some([None, Some(number)]) => (None, format!("d.number {beyond} {number}")),
            _ => {
                (Some(if by.nullable { format!("d.{name} is not null") } else { "true".to_owned() }), "true".to_owned())
            }
        };
        let last = by.nullable.then(|| format!("(d.{name} is null and {last})"));
        first.into_iter().chain(last).collect()
    }

    /// `from …` all that matches, as `d`, through the index that finds it; with how well each fits as `r.rank`, if asked.
    fn gathered(&self, ranked: bool) -> String {
        let each = self.each();
        let related = |from: &str| format!("from {from} cross join lateral ({each} and d.number = r.number limit 1) d");
        match (self.words(), &self.assignee, &self.label, &self.statuses) {
            (Some(words), ..) if ranked => related(&format!("rank_tasks({words}) r(number, rank)")),
            (Some(words), ..) => related(&format!("search_tasks({words}) r(number)")),
            (_, Some(id), ..) => related(&format!(
                "(select a.number from task_assignees a where a.workspace = $1::uuid and a.member_id = {id}) r"
            )),
            (_, None, Some(id), _) => related(&format!(
                "(select l.number from task_labels l where l.workspace = $1::uuid and l.label_id = {id}) r"
            )),
            (_, None, None, Some(_)) => format!(
                "from ({}) c cross join lateral ({each} and d.project_id = c.project_id and d.status = c.status \
                 offset 0) d",
                self.columns()
            ),
            _ => format!("from ({each}) d"),
        }
    }

    /// The columns of a board (project and status) that are asked for and have any tasks.
    fn columns(&self) -> String {
        let statuses = self.statuses.unwrap_or("null::int2[]");
        let project = match self.project {
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
        let driver = match (self.words(), &self.assignee, &self.label, &self.statuses) {
            (Some(_), ..) => Driver::Words,
            (_, Some(_), ..) => Driver::Assignee,
            (_, None, Some(_), _) => Driver::Label,
            (_, None, None, Some(_)) => Driver::Columns,
            _ => Driver::Project,
        };
        format!("select d.* from tasks d where d.workspace = $1::uuid and not d.deleted and {}", self.filters(driver))
    }

    fn filters(&self, driver: Driver) -> String {
        let mut filters = self.others.clone();
        match &self.project {
            Some(project) if driver != Driver::Columns => {
                // "is true" keeps an index from being used where another one has to be.
                let plain = driver == Driver::Project;
                let is = if plain {
                    format!("d.project_id = {project}")
                } else {
                    format!("(d.project_id = {project}) is true")
                };
                filters.push(format!("{is} and {project} <> all (h.hidden)"));
            }
            Some(_) => {}
            None if driver == Driver::Columns => {}
            None => filters.push("d.project_id <> all (h.hidden)".to_owned()),
        }
        if let Some(statuses) = self.statuses.as_ref().filter(|_| driver != Driver::Columns) {
            filters.push(format!("d.status = any ({statuses})"));
        }
        if let Some(id) = self.assignee.as_ref().filter(|_| driver != Driver::Assignee) {
            filters.push(format!(
                "exists (select from task_assignees x where x.workspace = $1::uuid and x.member_id = {id} \
                 and x.number = d.number)"
            ));
        }
        if let Some(id) = self.label.as_ref().filter(|_| driver != Driver::Label) {
            filters.push(format!(
                "exists (select from task_labels y where y.workspace = $1::uuid and y.label_id = {id} \
                 and y.number = d.number)"
            ));
        }
        if filters.is_empty() { "true".to_owned() } else { filters.join(" and ") }
    }

    fn beyond(&self) -> &'static str {
        if self.asked.sort[0].descending { "<" } else { ">" }
    }

    fn direction(&self) -> &'static str {
        if self.asked.sort[0].descending { "desc" } else { "asc" }
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
