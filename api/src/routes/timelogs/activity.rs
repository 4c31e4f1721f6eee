//! `GET /v1/timelogs/{id}/activity`

crate::routes::activity::activity! {
    list_timelog_activity, "/v1/timelogs/{id}/activity", "timelogs", docket_domain::timelog::Timelog
}
