//! `PATCH /v1/workspace`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::member::Role;
use docket_domain::workspace::{self, Category, Changes, Command, Plan, ProjectStatus};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Workspace;
use super::states::States;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::Change;
use crate::edge::scalars::Line;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A merge patch (RFC 7396): absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkspace {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// What it pays for from now on. Takes the role owner.
    #[serde(default)]
    #[schema(value_type = Plan, required = false)]
    plan: Change<Plan>,
    /// BCP 47 language tag.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 35, example = "de-AT")]
    locale: Change<Line<1, 35>>,
    /// IANA time zone.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 100, example = "Europe/Vienna")]
    time_zone: Change<Line<1, 100>>,
    /// Exactly these states for projects, 1 to 50, in this order. One that is known by its `key` stays the same; one that
    /// is left out goes, and if projects are in it, they go to the state `replace_with`.
    #[serde(default)]
    #[schema(value_type = Vec<NewProjectStatus>, required = false, min_items = 1, max_items = 50)]
    project_statuses: Change<Vec<NewProjectStatus>>,
    /// The key of one of these states: where the projects go whose state is left out.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, example = "planned")]
    replace_with: Change<Line<1, 50>>,
}

/// A state that projects can be in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProjectStatus {
    /// By what it is known, for ever: lower-case letters, digits and underscores.
    #[schema(value_type = String, min_length = 1, max_length = 50, example = "in_review")]
    key: Line<1, 50>,
    /// What it is called; unique whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "In review")]
    name: Line<1, 100>,
    /// What it means; the same for ever.
    category: Category,
    /// `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "#fbca04")]
    color: Option<Line<1, 7>>,
}

impl From<NewProjectStatus> for ProjectStatus {
    fn from(new: NewProjectStatus) -> Self {
        let NewProjectStatus { key, name, category, color } = new;
        Self { key: key.into_string(), name: name.into_string(), category, color: color.map(Line::into_string) }
    }
}

impl From<UpdateWorkspace> for Changes {
    fn from(set: UpdateWorkspace) -> Self {
        Self {
            name: set.name.0.map(Line::into_string),
            plan: set.plan.0,
            locale: set.locale.0.map(Line::into_string),
            time_zone: set.time_zone.0.map(Line::into_string),
            project_statuses: set.project_statuses.0.map(|all| all.into_iter().map(Into::into).collect()),
            replace_with: set.replace_with.0.map(Line::into_string),
            ..Self::default()
        }
    }
}

/// Change the workspace of the key.
#[utoipa::path(patch, path = "/v1/workspace", tag = "workspace", operation_id = "update_workspace",
    request_body(content = UpdateWorkspace, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The workspace as it is now.", body = Workspace)))]
pub async fn update_workspace(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, if_match }: Write<UpdateWorkspace>,
) -> Result<Response, Problem> {
    if body.plan.0.is_some() && caller.role < Role::Owner {
        return Err(Problem::forbidden("role-too-low", "Changing the plan takes the role owner."));
    }
    let mut changes = Changes::from(body);
    let states = States::of(&app, &caller, &mut changes).await?;
    let update = Intent::new::<workspace::Workspace>(caller.workspace.0, Command::Update(changes));
    let mut intents = vec![update.expecting(if_match.versions())];
    intents.extend(states.first(&app, &caller).await?);
    let mut answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    states.settle(&app, &caller, &mut answer).await?;
    respond::changed(&answer, respond::only(&answer)?.state.to_json())
}
