//! `GET /v1/tasks/{id}/activity`

crate::routes::activity::activity! {
    list_task_activity, "/v1/tasks/{id}/activity", "tasks", docket_domain::task::Task
}
