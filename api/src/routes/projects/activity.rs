//! `GET /v1/projects/{id}/activity`

crate::routes::activity::activity! {
    list_project_activity, "/v1/projects/{id}/activity", "projects", docket_domain::project::Project
}
