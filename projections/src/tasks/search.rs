//! The SQL of a search for tasks.
//!
//! The index of words is asked for blocks of tasks, the newest first ([`Walk`]): so a word that every task has costs little
//! more than one that hardly any has. Two blocks say how many there are about. If that is not very many, all others are
//! asked for at once, and everything that is found is ranked.
//!
//! Otherwise it ends early, and three questions take its place: for those with all words in the title, which fit best, for
//! those with some, and for the newest of all. What they find is ranked. How many there are in all is found out besides,
//! without ranking them, and pages go on with those, the newest first. Only where there are more than [`MOST`] is that left
//! out: [`Plan::exact`]. A search in another order than by rank gathers all at once.
//!
//! Filters apply before, and where the counts say that they leave few tasks, those are gathered first and looked at one by
//! one.

use super::pages::{HIDDEN, Pages};
use super::peaks::peak;
use super::walk::Walk;
use crate::list::{Asked, Kind, Op, Plan};

/// So many are ranked of each sort, at least, where not all are.
const ENOUGH: usize = 1_000;
/// All are ranked where there are about as many.
const RANKED: usize = 16_000;
/// More are not counted.
const MOST: usize = 100_000;

/// Tasks are looked at one by one while (those that match the filters)² ≤ this × all: where both ways cost the same.
const BALANCE: i64 = 350;

/// Whether narrow is chosen.
fn is_narrow() -> String {
    format!("(n.matching * n.matching <= {BALANCE} * n.everything)")
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

    /// How a page of it is read: what is found is gathered once. By the tasks' own words: `t`, and if that has ended early,
    /// `a` with all words in the title, `m` with some, and `o` all numbers. By their comments: `c`.
    pub(super) fn plan(&self) -> Plan {
        let facts = if self.pages.is_filtered() { self.pages.counted_facts() } else { HIDDEN.to_owned() };
        let (own, comments) = (self.own(), self.comments());
        let facts = format!("{facts} cross join lateral (select * from search_blocks() offset 0) b{own}{comments}");
        let [all, exact] = if self.is_ranked() {
            [
                "t.numbers || a.numbers || m.numbers || coalesce(o.numbers, '{}')",
                "(t.is_whole or o.numbers is not null) and c.is_whole",
            ]
        } else {
            ["t.numbers", "t.is_whole and c.is_whole"]
        };
        let total = if self.is_ranked() {
            format!(
                "case when c.numbers = '{{}}' and o.numbers is not null then cardinality(o.numbers) \
                 else (select count(distinct n) from unnest({all} || c.numbers) n) end"
            )
        } else {
            format!("(select count(distinct n) from unnest({all} || c.numbers) n)")
        };
        Plan { facts, total, exact: exact.to_owned(), answer: self.answer() }
    }

    /// Whether how well things fit is to be known.
    fn is_ranked(&self) -> bool {
        self.asked.sort.iter().any(|key| key.field.kind == Kind::Rank)
    }

    /// What is found by the tasks' own words.
    fn own(&self) -> String {
        let walk = |words: &str, most: [usize; 2], gate: &str| {
            let hits = |within: &str, newest: &str| self.hits(within, newest, self.is_ranked());
            Walk { words, newest: &self.newest(), enough: most[0], at_once: most[1], gate }.sql(&hits)
        };
        let most = if self.is_ranked() { [ENOUGH, RANKED] } else { [MOST, MOST] };
        let found = if self.pages.is_filtered() {
            let narrow = is_narrow();
            let walk = walk(self.words, most, &format!("not {narrow}"));
            format!(
                "select case when {narrow} then o.numbers else w.numbers end as numbers, \
                 case when {narrow} then o.ranks else w.ranks end as ranks, {narrow} or w.is_whole as is_whole \
                 from ({}) o cross join ({walk}) w",
                self.one_by_one(&narrow)
            )
        } else {
            walk(self.words, most, "true")
        };
        let found = format!(" cross join lateral ({found} offset 0) t");
        if !self.is_ranked() {
            return found;
        }
        let title = |whole: bool| format!("search_titles({}, {whole})", self.words);
        let all = walk(&title(true), [ENOUGH, ENOUGH], "not t.is_whole");
        let some = format!("not t.is_whole and cardinality(a.numbers) < {ENOUGH} and numnode({}) > 1", self.words);
        let some = walk(&title(false), [ENOUGH, ENOUGH], &some);
        format!(
            "{found} cross join lateral ({all} offset 0) a cross join lateral ({some} offset 0) m \
             cross join lateral ({} offset 0) o",
            self.others()
        )
    }

    /// The numbers of all, unless there are too many: what some blocks have of them, spread over all, says so.
    fn others(&self) -> String {
        let (words, newest) = (self.words, self.newest());
        let every = format!("greatest(1, {newest} / 3)");
        let some = format!("search_within({words}, {newest}, {newest} % {every}, {every})");
        let hits = self.hits(words, &newest, false);
        format!(
            "select case when not t.is_whole and (select count(*) * {every} \
             from search_tasks({words}, {some}, {newest}, false)) <= {MOST} \
             then array(select r.number from ({hits}) r) end as numbers"
        )
    }

    /// The newest block that may have any.
    fn newest(&self) -> String {
        let newest = self.most().map_or_else(|| "b.tasks".to_owned(), |most| format!("({most} >> 13)"));
        match self.below() {
            Some(below) => format!("least({newest}, {below} >> 13)"),
            None => newest,
        }
    }

    /// The greatest number there was, if it is asked what was.
    fn most(&self) -> Option<String> {
        self.asked.at.as_deref().and_then(|at| peak("number", at))
    }

    /// (number, rank) of the tasks that fit within some blocks.
    fn hits(&self, within: &str, newest: &str, ranked: bool) -> String {
        let words = self.words;
        let function = match (&self.asked.at, self.most()) {
            (Some(at), Some(most)) => format!("search_past_tasks({words}, {within}, {newest}, {ranked}, {at}, {most})"),
            _ => format!("search_tasks({words}, {within}, {newest}, {ranked})"),
        };
        // The index has no deleted tasks: unless there are filters or hidden projects, none has to be looked at. It does
        // not say since when a task has its words, though.
        let unseen =
            if self.asked.conditions.is_empty() && self.asked.at.is_none() { "h.hidden = '{}'" } else { "false" };
        let (each, related) = (self.pages.those("d.number = r.number"), self.pages.is_related("r.number"));
        format!(
            "select r.number, r.rank from (select r.* from {function} r where {related} offset 0) r \
             where case when {unseen} then true else (select true from ({each}) d limit 1) end"
        )
    }

    /// Those that match the filters, each looked at.
    fn one_by_one(&self, gate: &str) -> String {
        let (words, gathered) = (self.words, self.pages.gathered());
        let numbers = format!("array(select d.number {gathered} where {gate})");
        let ranked = match &self.asked.at {
            Some(at) => format!("rank_past_tasks({words}, {numbers}, {at})"),
            None => format!("rank_tasks({words}, {numbers})"),
        };
        format!(
            "select coalesce(array_agg(r.number), '{{}}') as numbers, coalesce(array_agg(r.rank), '{{}}') as ranks \
             from {ranked} r(number, rank) where {gate}"
        )
    }

    /// The tasks of the comments with these words, as often as they have any.
    fn comments(&self) -> String {
        let words = self.words;
        let each = self.pages.those("d.id = r.task_id");
        let hits = |within: &str, newest: &str| {
            let found = match &self.asked.at {
                // Words say until when they were there; since when, the comment.
                Some(at) => format!(
                    "(select r.* from search_past_comments({words}, {within}, {newest}, {at}) r where exists \
                     (select from task_comments k where k.workspace = $1::uuid and k.task_id = r.task_id \
                     and k.number = r.number and not k.deleted offset 0) offset 0)"
                ),
                None => format!("search_comments({words}, {within}, {newest})"),
            };
            format!("select d.number, r.rank from {found} r cross join lateral ({each} limit 1) d")
        };
        let newest = if self.asked.at.is_some() { "greatest(b.comments, b.past_comments)" } else { "b.comments" };
        let walk = Walk { words, newest, enough: MOST, at_once: MOST, gate: "true" }.sql(&hits);
        format!(" cross join lateral ({walk} offset 0) c")
    }

    /// The documents of the page, in order. By how well they fit they can be ordered without being looked at.
    fn answer(&self) -> String {
        let Asked { take, skip, .. } = self.asked;
        let (columns, after, order) = (self.asked.columns(), self.asked.after(), self.asked.order());
        let number = "cross join lateral (select r.number) d";
        let found = if self.is_ranked() {
            let some = best(
                "unnest(t.numbers || a.numbers || m.numbers || c.numbers, \
                             t.ranks || a.ranks || m.ranks || c.ranks)",
            );
            // Those that were not ranked come last: unless they can be first, they are wanted where the others end.
            let is_last = self.asked.is_ranked() && self.asked.sort[0].descending && self.asked.sort.len() == 2;
            let wanted = if is_last {
                format!("(select count(*) from {some} r {number} where {after}) < {take} + {skip}")
            } else {
                "true".to_owned()
            };
            best(&format!(
                "(select * from {some} r union all select n, 0::float4 from unnest(o.numbers) n where {wanted})"
            ))
        } else {
            best("unnest(t.numbers || c.numbers, t.ranks || c.ranks)")
        };
        let page = format!("where {after} order by {order} limit {take} offset {skip}");
        let looked_at = "cross join lateral (select d.* from tasks d \
             where d.workspace = $1::uuid and d.number = r.number limit 1) d";
        if self.asked.sort.iter().all(|key| key.field.kind == Kind::Rank || key.field.name == "number") {
            format!("select {columns} from (select r.* from {found} r {number} {page}) r {looked_at} order by {order}")
        } else {
            format!("select {columns} from {found} r {looked_at} {page}")
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

/// Each number once, as well as it fits anywhere.
fn best(found: &str) -> String {
    format!("(select x.number, max(x.rank) as rank from {found} x(number, rank) group by x.number)")
}
