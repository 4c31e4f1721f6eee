//! The SQL of a search for tasks.
//!
//! The index of words is asked for one block of tasks at a time, the newest first, until enough are found; so a word that
//! every task has costs no more than one that hardly any has. What is not found often among the newest is rare, and all
//! older tasks are asked for at once. What is found then is ranked. Filters apply before, and
//! where the counts say that they leave few tasks, those are gathered first and looked at one by one.
//!
//! A search knows how many tasks there are only if it has come to the end: [`Plan::exact`].

use super::pages::{HIDDEN, Pages};
use crate::list::{Asked, Kind, Op, Plan};

/// A search ends with so many tasks by their own words, and so many comments.
const ENOUGH: usize = 500;

/// So many of the newest blocks are asked for one by one. Asking for a block costs about a tenth of asking for all; and what
/// is not found [`ENOUGH`] times among them is rare enough to rank all there is of it.
const BLOCKS: i64 = 4;

/// Tasks are looked at one by one while (those that match the filters)² ≤ this × all: where both ways cost the same.
const BALANCE: i64 = 350;

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
        let Self { words, .. } = self;
        let newest =
            self.below().map_or_else(|| "b.tasks".to_owned(), |below| format!("least(b.tasks, {below} >> 13)"));
        let related = self.pages.is_related("r.number");
        let found = format!("search_tasks({words}, w.block, w.back) r(number, rank)");
        let found = format!("(select r.* from {found} where {related} offset 0) r");
        let blocks = blocks(&newest);
        let each = self.pages.those("d.number = r.number");
        format!(
            "select r.number, r.rank from {blocks} cross join lateral {found} \
             cross join lateral ({each} limit 1) d where {gate} limit {ENOUGH}"
        )
    }

    /// Those that match the filters, each looked at.
    fn one_by_one(&self, gate: &str) -> String {
        let Self { words, .. } = self;
        let gathered = self.pages.gathered();
        format!(
            "select r.number, r.rank from rank_tasks({words}, array(select d.number {gathered} where {gate})) \
             r(number, rank) where {gate} order by r.number desc limit {ENOUGH}"
        )
    }

    /// (number, rank) of the tasks of the newest comments with these words.
    fn comments(&self) -> String {
        let Self { words, .. } = self;
        let each = self.pages.those("d.id = r.task_id");
        format!(
            "select d.number, r.rank from {} cross join lateral search_comments({words}, w.block, w.back) r(task_id, rank) \
             cross join lateral ({each} limit 1) d limit {ENOUGH}",
            blocks("b.comments")
        )
    }

    /// The documents of the page, in order.
    fn answer(&self) -> String {
        let Asked { take, skip, .. } = self.asked;
        let (columns, after, order) = (self.asked.columns(), self.asked.after(), self.asked.order());
        format!(
            "select {columns} from (select x.number, max(x.rank) as rank \
             from (select * from unnest(t.numbers, t.ranks) union all select * from unnest(c.numbers, c.ranks)) \
             x(number, rank) group by x.number) r cross join lateral (select d.* from tasks d \
             where d.workspace = $1::uuid and d.number = r.number limit 1) d \
             where {after} order by {order} limit {take} offset {skip}"
        )
    }

    /// The number that what is asked for lies below, if a filter says so: how a search goes on where one has ended.
    fn below(&self) -> Option<&str> {
        let mut conditions = self.asked.conditions.iter();
        let below = conditions
            .find(|c| c.field.name == "number" && c.field.kind == Kind::Integer && matches!(c.op, Op::Lt | Op::Lte));
        below.map(|condition| condition.value.as_str())
    }
}

/// The blocks from this one on, as (block, back): the last one stands for all before it, too.
fn blocks(newest: &str) -> String {
    format!(
        "(select s.block, s.block = {newest} - {BLOCKS} as back \
         from generate_series({newest}, greatest({newest} - {BLOCKS}, 0), -1::int8) s(block)) w"
    )
}
