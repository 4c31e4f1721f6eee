//! Questions about members → answers.

use docket_domain::member::{Role, Status};

use super::doc::{MODELS, TEAMS, doc, past_doc};
use crate::list::{Expand, Field, List, sum_of};
use crate::seen::{IS_ONLINE, SEEN_AT};

const FIELDS: &[Field] = &[
    Field::id("id", "Their id."),
    Field::integer("number", "Their number.").column("d.number"),
    Field::text("email", "Their e-mail address.").nullable(),
    Field::name("name", "d.name", "Their name, whatever the case."),
    Field::word("role", &Role::WORDS, "What they may do.").ranged(),
    Field::word("status", &Status::WORDS, "Whether they are here."),
    Field::id("position_id", "What they are.").nullable(),
    Field::instant("invited_at", "When they were asked.").nullable(),
    Field::instant("joined_at", "When they came.").nullable(),
    Field::instant("deactivated_at", "When they went.").nullable(),
    Field::instant("erased_at", "When it was erased who they were.").nullable(),
    Field::member("team_ids"),
    Field::id("team_id", "Their teams.").among(TEAMS),
    Field::bool("online", "Whether they were seen within the last five minutes.").column(IS_ONLINE).fleeting(),
    Field::instant("last_seen_at", "When they were last seen.").nullable().column(SEEN_AT).fleeting(),
    Field::created_by(),
    Field::instant("created_at", "When they were first known."),
    Field::instant("updated_at", "When they last changed."),
    Field::integer("version", "How often they changed.").column("d.version"),
];

/// The members of a workspace.
pub static MEMBERS: List = List {
    models: &MODELS,
    doc,
    past_doc: Some(past_doc),
    expand: &[
        Expand::one("position", "position_id", || &crate::catalog::POSITIONS),
        Expand::many("teams", "team_ids", || &crate::catalog::TEAMS),
        Expand::creator(),
    ],
    searched: Some(&["name", "email"]),
    total: |asked| sum_of("member_counts", asked, ""),
    ..List::new("members", "members d", FIELDS)
};
