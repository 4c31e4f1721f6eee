//! `/v1/spaces`

use docket_domain::space::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::{Change, Patch};
use crate::edge::scalars::{Line, Text};

crate::routes::resource! {
    /// A space, in which projects that belong together are found.
    Space: Fields, may be deleted
}

/// A new space.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSpace {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Clients")]
    name: Line<1, 200>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Option<Text<0, 20_000>>,
    /// `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "#1d76db")]
    color: Option<Line<1, 7>>,
    /// What stands beside its name: an emoji, or the name of a picture.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "🏢")]
    icon: Option<Line<1, 50>>,
}

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSpace {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// A new description.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Patch<Text<0, 20_000>>,
    /// A new colour, `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    color: Patch<Line<1, 7>>,
    /// A new icon.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    icon: Patch<Line<1, 50>>,
}

impl From<CreateSpace> for Fields {
    fn from(new: CreateSpace) -> Self {
        Self {
            name: new.name.into_string(),
            description: new.description.map(Text::into_string),
            color: new.color.map(Line::into_string),
            icon: new.icon.map(Line::into_string),
        }
    }
}

impl From<UpdateSpace> for Changes {
    fn from(set: UpdateSpace) -> Self {
        Self {
            name: set.name.0.map(Line::into_string),
            description: set.description.map(Text::into_string).change(),
            color: set.color.map(Line::into_string).change(),
            icon: set.icon.map(Line::into_string).change(),
        }
    }
}

operations! {
    Spaces { Fields, space: CreateSpace, set: UpdateSpace, shown: Space, tag: "spaces", delete: "spaces:delete", list: SPACES },
    "/v1/spaces" => list_spaces create_space,
    "/v1/spaces/batch" => batch_spaces SpaceCommand SpaceResult,
    "/v1/spaces/{id}" => get_space update_space delete_space,
    "/v1/spaces/{id}/restore" => restore_space,
    "/v1/spaces/{id}/activity" => list_space_activity,
}
