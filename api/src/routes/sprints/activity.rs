//! `GET /v1/sprints/{id}/activity`

crate::routes::activity::activity! {
    list_sprint_activity, "/v1/sprints/{id}/activity", "sprints", docket_domain::sprint::Sprint
}
