//! Questions about a workspace's history → answers.

use docket_domain::kinds;

use crate::list::{Field, List};
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
    Field::text("request_id", "The request that carried it.").column("d.request_id").unsorted(),
    Field::text("dialect", "The API it came through.").column("d.dialect").unsorted(),
    Field::member("occurred_at"),
    Field::instant("recorded_at", "When it was committed.").column("d.recorded_at").unsorted(),
    Field::member("data"),
];

/// All that happened in a workspace, newest first: events found by the trail, and read from the log. How many there are
/// is not said: to know it, all would have to be looked at.
pub static TRAIL: List = List {
    models: &[super::NAME],
    tie: "position",
    descending: true,
    doc: || "(select row_to_json(e)::text from audit.event($2::int2, d.position) e)".to_owned(),
    shape: Some(entry::shape),
    total: |_| Some("0::int8".to_owned()),
    ..List::new("audit", "trail d", FIELDS)
};
