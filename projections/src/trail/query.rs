//! Questions about a workspace's history → answers.

use docket_domain::kinds;

use super::blocks;
use crate::list::{Asked, Field, List, Plan};
use crate::past::entry;

const FIELDS: &[Field] = &[
    Field::integer("position", "Its place in the history of the workspace's partition.").column("d.position"),
    Field::word("kind", kinds::NAMES, "What kind of thing it happened to.").column("d.kind").unsorted(),
    Field::id("resource_id", "What it happened to.").column("d.stream"),
    Field::member("version"),
    Field::text("type", "What happened, for example `task.status_changed`.").column("d.event_type").unsorted(),
    Field::member("actor"),
    Field::id("actor_id", "Who did it: a member, or a key that acts for none.").nullable().column("d.actor").unshown(),
    Field::id("key_id", "The key that was used.").nullable().column("d.key_id"),
    Field::id("command_id", "The command that it is a part of.").column("d.command"),
    Field::id("causation_id", "The command that directly caused it: its own, unless it was sent because of another.")
        .column("d.causation"),
    Field::member("causation_position"),
    Field::text("request_id", "The request that carried it.").column("d.request_id").unsorted(),
    Field::text("dialect", "The API it came through.").column("d.dialect").unsorted(),
    Field::member("occurred_at"),
    Field::instant("recorded_at", "When it was committed.").along("d.recorded_at", "d.position").unsorted(),
    Field::member("data"),
];

/// All that happened in a workspace, newest first: events found by the trail, and read from the log. How many there are
/// is not said: to know it, all would have to be looked at.
pub static TRAIL: List = List {
    models: &[super::NAME],
    tie: "position",
    descending: true,
    doc: || {
        "(select row_to_json(e)::text from audit.event($2::int2, d.position) e where e.workspace = $1::uuid)".to_owned()
    },
    shape: Some(entry::shape),
    plan: Some(|asked| Plan { total: "0::int8".to_owned(), answer: answer(asked), ..Plan::default() }),
    ..List::new("audit", "trail d", FIELDS)
};

/// The documents of a page. Of what may be rare, only those blocks are looked at that have any, in order.
fn answer(asked: &Asked) -> String {
    let direction = if asked.sort[0].descending { "desc" } else { "asc" };
    let Some(blocks) = blocks::having(asked, direction) else { return asked.answer() };
    let Asked { take, skip, .. } = asked;
    let (columns, which, after, order) = (asked.columns(), asked.which(), asked.after(), asked.order());
    let within = blocks::within();
    format!(
        "select {columns} from {blocks} cross join lateral (select d.* from trail d where {which} and {after} \
         and {within} order by {order} limit {take} + {skip}) d limit {take} offset {skip}"
    )
}
