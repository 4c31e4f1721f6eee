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

/// Their teams, as rows `b`.
pub(super) const TEAMS: &str = "entries b where b.workspace = $1::uuid and b.kind = 1::int2 and not b.deleted \
                                and strpos(b.refers_to, d.id::text) > 0";

fn with_teams() -> String {
    format!(
        "left(d.doc, -1) || ',\"team_ids\":' \
         || coalesce((select json_agg(b.id order by b.number)::text from {TEAMS}), '[]')"
    )
}

#[cfg(test)]
mod tests {
    use super::TEAMS;

    #[test]
    fn teams_are_of_their_kind() {
        let team = crate::catalog::kind("team").unwrap_or_default();
        assert!(TEAMS.contains(&format!("b.kind = {team}::int2")));
    }
}
