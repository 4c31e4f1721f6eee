//! Through the blocks of an index of words, from the newest on, until enough is found.

/// So many of the newest blocks are asked for first: the newest of all is not full yet. Then so many at a time: the more at
/// once, the more each costs.
const FIRST: i64 = 2;
const BLOCKS: i64 = 4;

/// A walk, as SQL.
pub(super) struct Walk<'a> {
    /// What is looked for, a `tsquery`.
    pub(super) words: &'a str,
    /// The block to begin with; null, if there are none.
    pub(super) newest: &'a str,
    /// When so many are found, it ends;
    pub(super) enough: usize,
    /// and when no more than this are thought to be left, they are asked for at once.
    pub(super) at_once: usize,
    /// Whether it is begun at all.
    pub(super) gate: &'a str,
}

impl Walk<'_> {
    /// One row: the `numbers` and `ranks` of what was found, and whether that `is_whole`: all there is. What fits `within`
    /// some blocks up to a `newest` is for `hits` to say, as (number, rank).
    pub(super) fn sql(&self, hits: &dyn Fn(&str, &str) -> String) -> String {
        let Self { words, newest, enough, at_once, gate } = self;
        // The last step has no oldest block: what is all is not asked for by blocks.
        let oldest = "case when w.blocks <= w.newest then w.newest - w.blocks + 1 end";
        let hits = hits(&format!("search_within({words}, w.newest, {oldest}, 1)"), "w.newest");
        format!(
            "with recursive w(newest, blocks, looked, found, numbers, ranks) as (\
             select f.newest::int8, {FIRST}::int8, 0::int8, 0::int8, '{{}}'::int8[], '{{}}'::float4[] \
             from (select {newest} as newest) f where {gate} and f.newest is not null \
             union all \
             select w.newest - w.blocks, case when (w.found + f.found) * (w.newest - w.blocks + 1) \
             <= {at_once} * (w.looked + w.blocks) then w.newest - w.blocks + 1 else {BLOCKS} end, \
             w.looked + w.blocks, w.found + f.found, f.numbers, f.ranks \
             from w cross join lateral (select count(*) as found, coalesce(array_agg(r.number), '{{}}') as numbers, \
             coalesce(array_agg(r.rank), '{{}}') as ranks from ({hits}) r) f \
             where w.newest >= 0 and w.found < {enough}) \
             select coalesce(array_agg(n.number), '{{}}') as numbers, coalesce(array_agg(n.rank), '{{}}') as ranks, \
             (select coalesce(min(w.newest) < 0, true) from w) as is_whole \
             from w cross join unnest(w.numbers, w.ranks) n(number, rank)"
        )
    }
}
