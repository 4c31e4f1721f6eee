//! The SQL of a search for tasks.
//!
//! The index of words is asked for blocks of tasks, the newest first, until enough are found; so a word that every task
//! has costs little more than one that hardly any has. What is not found often among the newest is rare, and all older
//! tasks are asked for at once. What is found then is ranked. Filters apply before, and where the counts say that they
//! leave few tasks, those are gathered first and looked at one by one.
//!
//! A search knows how many tasks there are only if it has come to the end: [`Plan::exact`].

use super::pages::{HIDDEN, Pages};
use super::peaks::peak;
use crate::list::{Asked, Kind, Op, Plan};

/// A search ends with so many tasks by their own words, and so many comments.
const ENOUGH: usize = 500;

/// So many of the newest blocks are asked for at most before all others at once: first two, for the newest of all is not
/// full yet, then the rest.
const BLOCKS: i64 = 4;

/// What is found less often than this in the first two will not be found [`ENOUGH`] times in all of those, either.
const RARE: usize = ENOUGH / BLOCKS as usize;

/// Tasks are looked at one by one while (those that match the filters)² ≤ this × all: where both ways cost the same.
const BALANCE: i64 = 350;

/// What finds tasks or comments in blocks, and what it is told besides.
struct Function {
    name: &'static str,
    more: String,
}

/// A search for `words`.
pub(super) struct Search<'a> {
    asked: &'a Asked<'a>,
    pages: Pages<'a>,
    words: &'a str,
}

impl<'a> Search<'a> {
    /// A search for these words, a `tsquery`.
    pub(super) fn new(asked: &'a Asked<'a>, words: &'a str) -> Self {
        Self { asked, pages: Pages::new(asked), words }
    }

    /// How a page of it is read: what is found is gathered once, `t` by the tasks' own words and `c` by their comments.
    pub(super) fn plan(&self) -> Plan {
        let facts = if self.pages.is_filtered() { self.pages.counted_facts() } else { HIDDEN.to_owned() };
        let arrays = |from: &str, name: &str| {
            format!(
                " cross join lateral (select coalesce(array_agg(x.number), '{{}}') as numbers, \
                 array_agg(x.rank) as ranks from ({from}) x) {name}"
            )
        };
        let (tasks, comments) = (arrays(&self.tasks(), "t"), arrays(&self.comments(), "c"));
        Plan {
            facts: format!("{facts} cross join lateral (select * from search_blocks() offset 0) b{tasks}{comments}"),
            total: "(select count(distinct n) from unnest(t.numbers || c.numbers) n)".to_owned(),
            exact: format!("cardinality(t.numbers) < {ENOUGH} and cardinality(c.numbers) < {ENOUGH}"),
            answer: self.answer(),
        }
    }

    /// (number, rank) of the newest tasks with these words.
    fn tasks(&self) -> String {
        if !self.pages.is_filtered() {
            return self.walk("true");
        }
        let narrow = format!("(n.matching * n.matching <= {BALANCE} * n.everything)");
        let (one_by_one, walk) = (self.one_by_one(&narrow), self.walk(&format!("not {narrow}")));
        format!("({one_by_one}) union all ({walk})")
    }

    /// Block by block.
    fn walk(&self, gate: &str) -> String {
        let Self { words, asked, .. } = self;
        let most = asked.at.as_deref().and_then(|at| peak("number", at));
        let newest = most.as_ref().map_or_else(|| "b.tasks".to_owned(), |most| format!("({most} >> 13)"));
        let newest = match self.below() {
            Some(below) => format!("least({newest}, {below} >> 13)"),
            None => newest,
        };
        let function = match (&asked.at, &most) {
            (Some(at), Some(most)) => Function { name: "search_past_tasks", more: format!(", {at}, {most}") },
            _ => Function { name: "search_tasks", more: String::new() },
        };
        let (found, related) = (self.found(&function, &["number"], &newest, gate), self.pages.is_related("r.number"));
        // The index has no deleted tasks: unless there are filters or hidden projects, none has to be looked at. It does
        // not say since when a task has its words, though.
        let unseen = if asked.conditions.is_empty() && asked.at.is_none() { "h.hidden = '{}'" } else { "false" };
        let each = self.pages.those("d.number = r.number");
        let numbers = format!(
            "array(select r.number from (select r.* from {found} r where {related} offset 0) r \
             where case when {unseen} then true else (select true from ({each}) d limit 1) end limit {ENOUGH})"
        );
        format!("select r.number, r.rank from {} r(number, rank) where {gate}", self.ranked(words, &numbers))
    }

    /// What a function finds in its columns, from the newest block on; nothing, unless the gate is open. Older blocks are
    /// asked for only when all that was found before is used up.
    fn found(&self, function: &Function, columns: &[&str], newest: &str, gate: &str) -> String {
        let (words, Function { name, more }) = (self.words, function);
        let find =
            |newest: &str, oldest: &str| format!("{name}(search_within({words}, {newest}, {oldest}), {newest}{more})");
        let arrays: Vec<_> = columns.iter().map(|column| format!("array_agg(r.{column}) as {column}")).collect();
        let first: Vec<_> = columns.iter().map(|column| format!("two.{column}")).collect();
        format!(
            "(select r.* from (select {newest} as newest where {gate} and {newest} is not null offset 0) f \
             cross join lateral (select {}, count(*) < {RARE} as is_rare from {} r) two \
             cross join lateral (select * from unnest({}) union all select r.* from (values \
             (f.newest - 2, f.newest - {BLOCKS} + 1, not two.is_rare), \
             (case when two.is_rare then f.newest - 2 else f.newest - {BLOCKS} end, null, true)) \
             w(newest, oldest, wanted) cross join lateral {} r where w.wanted and w.newest >= 0) r({}))",
            arrays.join(", "),
            find("f.newest", "case when f.newest > 1 then f.newest - 1 end"),
            first.join(", "),
            find("w.newest", "w.oldest"),
            columns.join(", ")
        )
    }

    /// How well those of these tasks fit that do.
    fn ranked(&self, words: &str, numbers: &str) -> String {
        match &self.asked.at {
            Some(at) => format!("rank_past_tasks({words}, {numbers}, {at})"),
            None => format!("rank_tasks({words}, {numbers})"),
        }
    }

    /// Those that match the filters, each looked at.
    fn one_by_one(&self, gate: &str) -> String {
        let numbers = format!("array(select d.number {} where {gate})", self.pages.gathered());
        format!(
            "select r.number, r.rank from {} r(number, rank) where {gate} order by r.number desc limit {ENOUGH}",
            self.ranked(self.words, &numbers)
        )
    }

    /// (number, rank) of the tasks of the newest comments with these words.
    fn comments(&self) -> String {
        let found = match &self.asked.at {
            // Words say until when they were there; since when, the comment.
            Some(at) => {
                let function = Function { name: "search_past_comments", more: format!(", {at}") };
                let newest = "greatest(b.comments, b.past_comments)";
                format!(
                    "(select r.task_id, r.rank from {} r where exists (select from task_comments k \
                     where k.workspace = $1::uuid and k.task_id = r.task_id and k.number = r.number \
                     and not k.deleted offset 0) offset 0) r",
                    self.found(&function, &["task_id", "number", "rank"], newest, "true")
                )
            }
            None => {
                let function = Function { name: "search_comments", more: String::new() };
                let found = self.found(&function, &["task_id", "rank"], "b.comments", "true");
                format!("(select r.* from {found} r offset 0) r")
            }
        };
        let each = self.pages.those("d.id = r.task_id");
        format!("select d.number, r.rank from {found} cross join lateral ({each} limit 1) d limit {ENOUGH}")
    }

    /// The documents of the page, in order. By how well they fit they can be ordered without being looked at.
    fn answer(&self) -> String {
        let Asked { take, skip, .. } = self.asked;
        let (columns, after, order) = (self.asked.columns(), self.asked.after(), self.asked.order());
        let found = "(select x.number, max(x.rank) as rank \
             from (select * from unnest(t.numbers, t.ranks) union all select * from unnest(c.numbers, c.ranks)) \
             x(number, rank) group by x.number) r";
        let page = format!("where {after} order by {order} limit {take} offset {skip}");
        let looked_at = "cross join lateral (select d.* from tasks d \
             where d.workspace = $1::uuid and d.number = r.number limit 1) d";
        if self.asked.sort.iter().all(|key| key.field.kind == Kind::Rank || key.field.name == "number") {
            format!(
                "select {columns} from (select r.* from {found} cross join lateral (select r.number) d {page}) r \
                 {looked_at} order by {order}"
            )
        } else {
            format!("select {columns} from {found} {looked_at} {page}")
        }
    }

    /// The number that what is asked for lies below, if a filter says so: how a search goes on where one has ended.
    fn below(&self) -> Option<&str> {
        let mut conditions = self.asked.conditions.iter();
        let below = conditions
            .find(|c| c.field.name == "number" && c.field.kind == Kind::Integer && matches!(c.op, Op::Lt | Op::Lte));
        below.map(|condition| condition.value.as_str())
    }
}
