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
//!
//! What is searched for is in `search.rs`.

use super::counts;
use super::gathered::Gathered;
use super::peaks::peak;
use super::related::Related;
use crate::list::{Asked, Condition, Op, Plan};
use crate::past::tables::true_at;

/// The projects that are deleted, and their tasks with them: `h.hidden`, an array that is made once per statement.
pub(crate) const HIDDEN: &str = "cross join (select array(select p.id from projects p where p.workspace = $1::uuid and p.deleted) as hidden offset 0) h";

/// Stands for all projects in the counts.
pub(crate) const NIL: &str = "'00000000-0000-0000-0000-000000000000'::uuid";

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
    /// The first one leads.
    related: Vec<Related<'a>>,
    /// All other conditions.
    others: Vec<String>,
}

impl<'a> Pages<'a> {
    /// Sorts the conditions of a query.
    pub(super) fn new(asked: &'a Asked<'a>) -> Self {
        let past = asked.at.is_some();
        let mut pages = Self { asked, project: None, statuses: None, related: Vec::new(), others: Vec::new() };
        for condition in &asked.conditions {
            let Condition { field, op, value, several, .. } = condition;
            match (field.name, op, several) {
                ("project_id", Op::Is, false) if pages.project.is_none() => pages.project = Some(value),
                ("status", Op::Is, true) if pages.statuses.is_none() => pages.statuses = Some(value),
                ("assignee_id", Op::Is, false) => pages.related.push(Related::assignee(value, past)),
                ("label_id", Op::Is, false) => pages.related.push(Related::label(value, past)),
                _ => pages.others.push(condition.sql()),
            }
        }
        pages
    }

    /// How a page of this query is read.
    pub(super) fn plan(&self) -> Plan {
        Plan { facts: self.facts(), total: self.total(), answer: self.answer(), ..Plan::default() }
    }

    fn is_by_number(&self) -> bool {
        self.asked.sort[0].field.name == "number"
    }

    /// Whether what few versions there are is gathered. A list that comes to tasks by other rows would look for each of them
    /// among these, and a walk along the numbers goes through all versions anyway.
    pub(super) fn gathers(&self) -> bool {
        let walks = self.is_by_number() && self.others.is_empty() && self.statuses.is_none();
        self.related.is_empty() && !walks
    }

    /// Whether there is an index in the order asked for.
    fn is_walk(&self) -> bool {
        let sort = &self.asked.sort;
        sort.len() == 2 && sort[0].descending == sort[1].descending && WALKS.contains(&sort[0].field.name)
    }

    /// What all parts of the statement refer to: the hidden projects and, where narrow or wide is to be chosen, the counts
    /// that choose.
    fn facts(&self) -> String {
        if self.chooses() { self.counted_facts() } else { HIDDEN.to_owned() }
    }

    /// The hidden projects, and the counts that say which way is shorter: `n.matching`, `n.everything`.
    pub(super) fn counted_facts(&self) -> String {
        let matching = ("matching", counts::sum(self.statuses));
        let everything = ("everything", counts::every());
        let counts = if self.project.is_none() && self.related.is_empty() {
            // One row says both.
            counts::visible(0, NIL, None, &[matching, everything])
        } else {
            let everything = counts::visible(0, NIL, None, &[everything]);
            format!("select * from ({}) m cross join ({everything}) e", self.led(matching))
        };
        format!("{HIDDEN} cross join lateral ({counts} offset 0) n")
    }

    /// Whether the counts know how many tasks match, or at most match.
    pub(super) fn is_filtered(&self) -> bool {
        self.project.is_some() || self.statuses.is_some() || !self.related.is_empty()
    }

    /// How many tasks the list has, as an expression.
    fn total(&self) -> String {
        if !self.others.is_empty() {
            format!("(select count(*) {})", self.gathered())
        } else if let [first, _, ..] = &self.related[..] {
            format!("(select count(*) from ({}) r)", self.numbers(first))
        } else if self.chooses() {
            "n.matching".to_owned()
        } else {
            self.matching()
        }
    }

    /// The documents of the page, in order.
    fn answer(&self) -> String {
        if self.is_by_number() && self.others.is_empty() && !self.chooses() {
            self.by_number()
        } else if self.chooses() {
            let narrow = format!("(n.matching * n.matching <= {BALANCE} * n.everything)");
            format!("({}) union all ({})", self.narrow(&narrow), self.wide(&format!("not {narrow}")))
        } else if self.others.is_empty() && self.is_walk() {
            self.wide("true")
        } else {
            self.narrow("true")
        }
    }

    fn chooses(&self) -> bool {
        let filtered = if self.is_by_number() {
            // Every other list has an index in the order of the numbers.
            self.statuses.is_some() && self.project.is_none() && self.related.is_empty()
        } else {
            self.is_walk() && self.is_filtered()
        };
        // How many have two things in common no count says.
        filtered && self.others.is_empty() && self.related.len() < 2
    }

    /// How many tasks match, or, where no count says so exactly, at most match.
    fn matching(&self) -> String {
        format!("({})", self.led(("n", counts::sum(self.statuses))))
    }

    /// A sum of the counts that the filters lead to.
    fn led(&self, sum: (&str, String)) -> String {
        let (facet, id) = self.related.first().map_or((0, NIL), |first| (first.facet, first.id));
        counts::visible(facet, id, self.project, &[sum])
    }

    /// Along the numbers.
    fn by_number(&self) -> String {
        let (Asked { take, skip, .. }, direction) = (self.asked, self.direction());
        let after = |column: &str| match self.asked.place.as_deref() {
            Some([Some(number)]) => format!("{column} {} {number}{}", self.beyond(), self.reach(column)),
            _ => format!("true{}", self.reach(column)),
        };
        let end = |column: &str| format!("order by {column} {direction} limit {take} offset {skip}");
        match (self.related.first(), &self.statuses) {
            (Some(first), _) => {
                let (numbers, each) = (self.numbers_in_order(first, &after("r.number")), self.each("tasks"));
                format!(
                    "select d.doc from ({numbers} order by r.number {direction} offset 0) r \
                     cross join lateral ({each} and d.number = r.number limit 1) d {}",
                    end("r.number")
                )
            }
            (None, Some(_)) => {
                let walk = |table: &str| {
                    format!(
                        "({} and d.project_id = c.project_id and d.status = c.status and {} \
                         order by d.number {direction} limit {take} + {skip})",
                        self.each(table),
                        after("d.number")
                    )
                };
                // Within a lateral join, PostgreSQL may sort the two together rather than merge them.
                let tables: &[&str] = match self.asked.gathered {
                    Gathered::Nothing => &["tasks"],
                    Gathered::Ended | Gathered::Present => &["present_tasks", "ended_tasks"],
                };
                let walks: Vec<_> = tables.iter().map(|table| walk(table)).collect();
                let (columns, walks, end) = (self.columns(), walks.join(" union all "), end("d.number"));
                format!("select d.doc from ({columns}) c cross join lateral ({walks}) d {end}")
            }
            (None, None) => {
                let all = format!("{} and {}", self.each(self.all()), after("d.number"));
                let in_order = self.true_then(&all, "d", &format!("d.number {direction}"));
                format!("select d.doc from {in_order} {}", end("d.number"))
            }
        }
    }

    /// Along the index of what the list is ordered by, dropping what does not match.
    fn wide(&self, gate: &str) -> String {
        let Asked { take, skip, .. } = self.asked;
        let by = self.asked.sort[0].field.name;
        let direction = self.direction();
        let order = if by == "number" { String::new() } else { format!("d.{by} {direction}, ") };
        let order = format!("{order}d.number {direction}");
        let (filters, reach) = (self.filters(), self.reach(&format!("d.{by}")));
        let walk = |place: &str| {
            let all = self.all();
            let all =
                format!("select d.* from {all} d where d.workspace = $1::uuid and not d.deleted and {place}{reach}");
            let in_order = self.true_then(&all, "d", &order);
            format!("(select d.doc from {in_order} and {filters} order by {order} limit {take} + {skip})")
        };
        let walks: Vec<_> = self.segments().iter().map(|place| walk(place)).collect();
        // The parts follow each other in order, and one is begun only when those before it are used up.
        format!("select w.doc from ({}) w where {gate} limit {take} offset {skip}", walks.join(" union all "))
    }

    /// What a walk goes through: all versions, if it is asked what was.
    fn all(&self) -> &'static str {
        if self.asked.at.is_some() { "every_tasks" } else { "tasks" }
    }

    /// `… row where …` those of these that were true, in this order. Whatever was there is merged first and looked at then: to
    /// look for what was true in what is there now, and in the past, each by itself, might take a walk to its other end.
    fn true_then(&self, all: &str, row: &str, order: &str) -> String {
        match &self.asked.at {
            Some(at) => format!("({all} order by {order} offset 0) {row} where {}", true_at(row, at)),
            None => format!("({all}) {row} where true"),
        }
    }

    /// Gathers what matches, and sorts it.
    fn narrow(&self, gate: &str) -> String {
        let Asked { take, skip, .. } = self.asked;
        let (columns, after, order) = (self.asked.columns(), self.asked.after(), self.asked.order());
        let from = self.gathered();
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

    /// `from …` all that matches, as `d`, through the index that finds it.
    pub(super) fn gathered(&self) -> String {
        let each = self.each("tasks");
        match (self.related.first(), &self.statuses) {
            (Some(first), _) => format!(
                "from ({} offset 0) r cross join lateral ({each} and d.number = r.number limit 1) d",
                self.numbers(first)
            ),
            (None, Some(_)) => format!(
                "from ({}) c cross join lateral ({each} and d.project_id = c.project_id and d.status = c.status \
                 offset 0) d",
                self.columns()
            ),
            (None, None) => format!("from ({each}) d"),
        }
    }

    /// The numbers of the tasks of what leads to them, if they are in the right place and related to all else.
    fn numbers(&self, first: &Related) -> String {
        format!("select r.number {} and {}", first.rows(), self.placed_and_related())
    }

    /// The same for a walk through those of them that are asked for.
    fn numbers_in_order(&self, first: &Related, which: &str) -> String {
        let rows = if self.asked.at.is_some() { first.every_row() } else { first.rows() };
        let all = format!("select r.* {rows} and {which}");
        let in_order = self.true_then(&all, "r", &format!("r.number {}", self.direction()));
        format!("select r.number from {in_order} and {}", self.placed_and_related())
    }

    fn placed_and_related(&self) -> String {
        let mut filters = self.placed("r");
        filters.extend(self.related[1..].iter().map(|other| other.has("r.number")));
        filters.join(" and ")
    }

    /// Whether a row with this alias, of a task or of what is related to it, is of the project and in the statuses that
    /// are asked for, and not hidden.
    fn placed(&self, row: &str) -> Vec<String> {
        let mut filters = match self.project {
            // "is true" keeps an index from being used where another one has to be.
            Some(project) => {
                vec![format!("({row}.project_id = {project}) is true"), format!("{project} <> all (h.hidden)")]
            }
            None => vec![format!("{row}.project_id <> all (h.hidden)")],
        };
        filters.extend(self.statuses.map(|statuses| format!("{row}.status = any ({statuses})")));
        filters
    }

    /// The columns of a board (project and status) that are asked for and have any tasks; of the past all that are asked
    /// for: it takes less to look into each than to count it.
    fn columns(&self) -> String {
        let statuses = self.statuses.unwrap_or("null::int2[]");
        if self.asked.at.is_some() {
            let which = self.project.map(|project| format!(" and p.id = {project}")).unwrap_or_default();
            return format!(
                "select p.id as project_id, v.status from projects p cross join (values {}) v(status) \
                 where p.workspace = $1::uuid and p.id <> all (h.hidden){which} and v.status = any ({statuses})",
                counts::statuses()
            );
        }
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

    /// Tasks of a table that match everything but what leads to them.
    fn each(&self, table: &str) -> String {
        let mut filters = self.others.clone();
        match (self.project, self.statuses) {
            // Their rows have been looked at.
            _ if !self.related.is_empty() => {}
            // The columns are those of the projects that can be seen.
            (_, Some(_)) => {}
            (Some(project), None) => {
                filters.push(format!("d.project_id = {project} and {project} <> all (h.hidden)"));
            }
            (None, None) => filters.extend(self.placed("d")),
        }
        filters.insert(0, "d.workspace = $1::uuid and not d.deleted".to_owned());
        format!("select d.* from {table} d where {}", filters.join(" and "))
    }

    /// All conditions on a task `d`.
    fn filters(&self) -> String {
        let related = self.related.iter().map(|related| related.has("d.number"));
        self.placed("d").into_iter().chain(related).chain(self.others.iter().cloned()).collect::<Vec<_>>().join(" and ")
    }

    /// Tasks that match everything, among those with this condition.
    pub(super) fn those(&self, is: &str) -> String {
        format!(
            "select d.* from tasks d where d.workspace = $1::uuid and not d.deleted and {is} and {}",
            self.filters()
        )
    }

    /// Whether the task with this number is related to all that is asked for: cheaper than to look at the task itself.
    pub(super) fn is_related(&self, number: &str) -> String {
        let related: Vec<_> = self.related.iter().map(|related| related.has(number)).collect();
        if related.is_empty() { "true".to_owned() } else { related.join(" and ") }
    }

    /// Where a walk along this column, from the latest on, begins, if it is asked what was.
    fn reach(&self, column: &str) -> String {
        let by = &self.asked.sort[0];
        let peak = self.asked.at.as_deref().filter(|_| by.descending).and_then(|at| peak(by.field.name, at));
        peak.map(|peak| format!(" and {column} <= {peak}")).unwrap_or_default()
    }

    fn beyond(&self) -> &'static str {
        if self.asked.sort[0].descending { "<" } else { ">" }
    }

    fn direction(&self) -> &'static str {
        if self.asked.sort[0].descending { "desc" } else { "asc" }
    }
}
