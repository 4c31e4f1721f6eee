//! The table of contents of the API.

use std::sync::LazyLock;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth;
use crate::dialects;
use crate::edge::compress::compress;
use crate::edge::contract::{self, Contract};
use crate::explorer;
use crate::openapi;
use crate::problem;
use crate::routes::catalog::{self, customers, labels, positions, spaces, teams};
use crate::routes::{
    audit, comments, events, health, history, keys, me, members, notifications, phases, projects, reports, search,
    sprints, tasks, timelogs, undo, webhooks, workspace,
};

fn native() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::get_me))
        .routes(routes!(search::search))
        .routes(routes!(projects::list::list_projects, projects::create::create_project))
        .routes(routes!(projects::get::get_project, projects::update::update_project, projects::delete::delete_project))
        .routes(routes!(projects::restore::restore_project))
        .routes(routes!(projects::batch::batch_projects))
        .routes(routes!(projects::activity::list_project_activity))
        .routes(routes!(phases::list::list_phases, phases::add::add_phase))
        .routes(routes!(phases::get::get_phase, phases::update::update_phase, phases::remove::remove_phase))
        .routes(routes!(phases::restore::restore_phase))
        .routes(routes!(phases::batch::batch_phases))
        .routes(routes!(sprints::list::list_sprints, sprints::create::create_sprint))
        .routes(routes!(sprints::get::get_sprint, sprints::update::update_sprint, sprints::delete::delete_sprint))
        .routes(routes!(sprints::restore::restore_sprint))
        .routes(routes!(sprints::start::start_sprint))
        .routes(routes!(sprints::close::close_sprint))
        .routes(routes!(sprints::reopen::reopen_sprint))
        .routes(routes!(sprints::batch::batch_sprints))
        .routes(routes!(sprints::tasks::list_sprint_tasks))
        .routes(routes!(sprints::activity::list_sprint_activity))
        .routes(routes!(tasks::list::list_tasks, tasks::create::create_task))
        .routes(routes!(tasks::batch::batch_tasks))
        .routes(routes!(tasks::get::get_task, tasks::update::update_task, tasks::delete::delete_task))
        .routes(routes!(tasks::restore::restore_task))
        .routes(routes!(tasks::children::list_task_children))
        .routes(routes!(tasks::assignees::list_task_assignees))
        .routes(routes!(tasks::labels::list_task_labels))
        .routes(routes!(tasks::assign::assign_task, tasks::unassign::unassign_task))
        .routes(routes!(tasks::add_label::add_task_label, tasks::remove_label::remove_task_label))
        .routes(routes!(comments::list::list_comments, comments::create::create_comment))
        .routes(routes!(comments::get::get_comment, comments::edit::edit_comment, comments::delete::delete_comment))
        .routes(routes!(comments::restore::restore_comment))
        .routes(routes!(comments::batch::batch_comments))
        .routes(routes!(comments::activity::list_comment_activity))
        .routes(routes!(tasks::activity::list_task_activity))
        .routes(routes!(workspace::get::get_workspace, workspace::update::update_workspace))
        .routes(routes!(workspace::activity::list_workspace_activity))
        .routes(routes!(members::list::list_members, members::invite::invite_member))
        .routes(routes!(members::batch::batch_members))
        .routes(routes!(members::get::get_member, members::update::update_member))
        .routes(routes!(members::join::join_member))
        .routes(routes!(members::deactivate::deactivate_member))
        .routes(routes!(members::reactivate::reactivate_member))
        .routes(routes!(members::erase::erase_member))
        .routes(routes!(members::activity::list_member_activity))
        .merge(labels::routes())
        .merge(teams::routes())
        .merge(positions::routes())
        .merge(spaces::routes())
        .merge(customers::routes())
        .merge(catalog::webhooks::routes())
        .merge(webhooks::routes())
        .routes(routes!(timelogs::list::list_timelogs, timelogs::log::log_time))
        .routes(routes!(timelogs::start::start_timer))
        .routes(routes!(timelogs::stop::stop_timer))
        .routes(routes!(timelogs::running::get_running_timer))
        .routes(routes!(timelogs::totals::get_time_totals))
        .routes(routes!(timelogs::get::get_timelog, timelogs::correct::correct_timelog, timelogs::void::void_timelog))
        .routes(routes!(timelogs::restore::restore_timelog))
        .routes(routes!(timelogs::batch::batch_timelogs))
        .routes(routes!(timelogs::activity::list_timelog_activity))
        .routes(routes!(notifications::list::list_notifications, notifications::send::send_notification))
        .routes(routes!(notifications::counts::count_notifications))
        .routes(routes!(notifications::stream::stream_notifications))
        .routes(routes!(
            notifications::preferences::get_notification_preferences,
            notifications::preferences::update_notification_preferences
        ))
        .routes(routes!(notifications::read_all::read_all_notifications))
        .routes(routes!(notifications::batch::batch_notifications))
        .routes(routes!(notifications::get::get_notification, notifications::delete::delete_notification))
        .routes(routes!(notifications::activity::list_notification_activity))
        .routes(routes!(notifications::read::read_notification))
        .routes(routes!(notifications::unread::unread_notification))
        .routes(routes!(events::changes::list_changes))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(reports::time::get_time_report))
        .routes(routes!(reports::burndown::get_burndown))
        .routes(routes!(reports::burndown::get_sprint_burndown))
        .routes(routes!(reports::velocity::get_velocity))
        .routes(routes!(reports::cumulative_flow::get_cumulative_flow))
        .merge(history::routes())
        .merge(undo::routes())
        .merge(audit::routes())
        .routes(routes!(keys::list::list_keys, keys::mint::mint_key))
        .routes(routes!(keys::get::get_key, keys::update::update_key, keys::revoke::revoke_key))
        .routes(routes!(keys::rotate::rotate_key))
        .routes(routes!(keys::activity::list_key_activity))
}

fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health::get_health)).routes(routes!(health::get_readiness))
}

/// The whole API, for [`Front`](crate::front::Front) to be in front of.
pub fn router(app: &App) -> Router {
    let contract = Contract::of(document());
    let guarded = native()
        .route_layer(from_fn_with_state(contract, contract::hold))
        .route_layer(from_fn_with_state(app.clone(), auth::guard));
    let (router, _) = OpenApiRouter::new().merge(guarded).merge(open()).split_for_parts();
    let native = router
        .with_state(app.clone())
        .merge(openapi::pages())
        .merge(explorer::pages())
        .layer(from_fn(problem::refused));
    compress(problem::around(native.merge(dialects::routes(app))))
}

/// The OpenAPI document of the API.
pub fn document() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| openapi::complete(native().merge(open()).into_openapi()));
    &DOCUMENT
}
