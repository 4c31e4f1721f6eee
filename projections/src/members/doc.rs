//! A member as clients see them: what they know of themselves, their teams, and whether they are here.

use crate::seen::{IS_ONLINE, last_seen};

/// The models that it is made of.
pub(crate) const MODELS: [&str; 2] = [super::NAME, crate::catalog::NAME];

/// The document, as an expression over the member `d`.
pub(crate) fn doc() -> String {
    let last_seen = last_seen("d.id");
    format!("{} || ',\"online\":' || ({IS_ONLINE})::text || ',\"last_seen_at\":' || {last_seen} || '}}'", with_teams())
}

/// The same of the past: who was online then, nobody knows.
pub(super) fn past_doc() -> String {
    format!("{} || '}}'", with_teams())
}

fn with_teams() -> String {
    let team = crate::catalog::kind("team").unwrap_or_default();
    format!(
        "left(d.doc, -1) || ',\"team_ids\":' || coalesce((select json_agg(t.id order by t.number)::text from entries t \
         where t.workspace = $1::uuid and t.kind = {team}::int2 and not t.deleted \
         and strpos(t.refers_to, d.id::text) > 0), '[]')"
    )
}
