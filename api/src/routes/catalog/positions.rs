//! `/v1/positions`

use docket_domain::position::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::Change;
use crate::edge::scalars::Line;

crate::routes::resource! {
    /// A position, which members can have.
    Position: Fields, may be deleted
}

/// A new position.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePosition {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Designer")]
    name: Line<1, 100>,
}

/// A merge patch (RFC 7396): absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePosition {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    name: Change<Line<1, 100>>,
}

impl From<CreatePosition> for Fields {
    fn from(new: CreatePosition) -> Self {
        Self { name: new.name.into_string() }
    }
}

impl From<UpdatePosition> for Changes {
    fn from(set: UpdatePosition) -> Self {
        Self { name: set.name.0.map(Line::into_string) }
    }
}

operations! {
    Positions {
        Fields, position: CreatePosition, set: UpdatePosition, shown: Position,
        tag: "positions", delete: "positions:delete", list: POSITIONS
    },
    "/v1/positions" => list_positions create_position,
    "/v1/positions/batch" => batch_positions PositionCommand PositionResult,
    "/v1/positions/{id}" => get_position update_position delete_position,
    "/v1/positions/{id}/restore" => restore_position,
    "/v1/positions/{id}/activity" => list_position_activity,
}
