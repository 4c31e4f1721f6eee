//! `/v1/teams`

use docket_domain::ids::MemberId;
use docket_domain::team::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::{Change, Patch};
use crate::edge::scalars::{Id, Ids, Line, Text};

crate::routes::resource! {
    /// A team: members who work together.
    Team: Fields, may be deleted
}

/// A new team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTeam {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Design")]
    name: Line<1, 200>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Option<Text<0, 20_000>>,
    /// Who belongs to it.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 500, required = false)]
    member_ids: Ids<500>,
}

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTeam {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// A new description.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Patch<Text<0, 20_000>>,
    /// Exactly these members.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 500, required = false)]
    member_ids: Change<Ids<500>>,
}

fn members(ids: Ids<500>) -> Vec<MemberId> {
    ids.0.into_iter().map(|Id(id)| MemberId(id)).collect()
}

impl From<CreateTeam> for Fields {
    fn from(new: CreateTeam) -> Self {
        Self {
            name: new.name.into_string(),
            description: new.description.map(Text::into_string),
            member_ids: members(new.member_ids),
        }
    }
}

impl From<UpdateTeam> for Changes {
    fn from(set: UpdateTeam) -> Self {
        Self {
            name: set.name.0.map(Line::into_string),
            description: set.description.map(Text::into_string).change(),
            member_ids: set.member_ids.0.map(members),
        }
    }
}

operations! {
    Teams { Fields, team: CreateTeam, set: UpdateTeam, shown: Team, tag: "teams", delete: "teams:delete", list: TEAMS },
    "/v1/teams" => list_teams create_team,
    "/v1/teams/batch" => batch_teams TeamCommand TeamResult,
    "/v1/teams/{id}" => get_team update_team delete_team,
    "/v1/teams/{id}/restore" => restore_team,
    "/v1/teams/{id}/activity" => list_team_activity,
}
