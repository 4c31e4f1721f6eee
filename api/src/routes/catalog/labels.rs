//! `/v1/labels`

use docket_domain::label::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::{Change, Patch};
use crate::edge::scalars::Line;

crate::routes::resource! {
    /// A label, with which tasks are marked.
    Label: Fields, may be deleted
}

/// A new label.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLabel {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "bug")]
    name: Line<1, 100>,
    /// `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "#d73a4a")]
    color: Option<Line<1, 7>>,
}

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateLabel {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    name: Change<Line<1, 100>>,
    /// A new colour, `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    color: Patch<Line<1, 7>>,
}

impl From<CreateLabel> for Fields {
    fn from(new: CreateLabel) -> Self {
        Self { name: new.name.into_string(), color: new.color.map(Line::into_string) }
    }
}

impl From<UpdateLabel> for Changes {
    fn from(set: UpdateLabel) -> Self {
        Self { name: set.name.0.map(Line::into_string), color: set.color.map(Line::into_string).change() }
    }
}

operations! {
    Labels { Fields, label: CreateLabel, set: UpdateLabel, shown: Label, tag: "labels", delete: "labels:delete", list: LABELS },
    "/v1/labels" => list_labels create_label,
    "/v1/labels/batch" => batch_labels LabelCommand LabelResult,
    "/v1/labels/{id}" => get_label update_label delete_label,
    "/v1/labels/{id}/restore" => restore_label,
    "/v1/labels/{id}/activity" => list_label_activity,
}
