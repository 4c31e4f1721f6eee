//! B1: the naive way, as the crates' own documents and demo have it: axum, `postgres_cqrs`, one `GenericQuery`.
//!
//! A command is posted to `/tasks/{id}`, executed with the request's metadata and answered with 204, and the view is
//! updated before the answer; `GET /tasks/{id}` loads the view. Nothing is tuned and nothing is left out.

mod task;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use cqrs_es::persist::GenericQuery;
use postgres_es::{PostgresCqrs, PostgresViewRepository, default_postgress_pool, postgres_cqrs};

use task::{Clerk, Task, TaskCommand};
use view::TaskView;

type TaskQuery = GenericQuery<PostgresViewRepository<TaskView, Task>, TaskView, Task>;

#[derive(Clone)]
struct App {
    cqrs: Arc<PostgresCqrs<Task>>,
    tasks: Arc<PostgresViewRepository<TaskView, Task>>,
}

/// Serves it over the tables in the schema `naive`.
pub async fn serve(database_url: &str) -> Result<()> {
    let separator = if database_url.contains('?') { '&' } else { '?' };
    let pool = default_postgress_pool(&format!("{database_url}{separator}options=-c%20search_path%3Dnaive")).await;
    let tasks = Arc::new(PostgresViewRepository::new("task_view", pool.clone()));
    let mut query = TaskQuery::new(tasks.clone());
    query.use_error_handler(Box::new(|error| eprintln!("{error}")));
    let cqrs = Arc::new(postgres_cqrs(pool, vec![Box::new(query)], Clerk));
    let router = Router::new().route("/tasks/{id}", get(load).post(execute)).with_state(App { cqrs, tasks });
    crate::peer::serve(router).await
}

async fn execute(
    State(app): State<App>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Json(command): Json<TaskCommand>,
) -> Response {
    let mut metadata =
        HashMap::from([("time".to_owned(), chrono::Utc::now().to_rfc3339()), ("uri".to_owned(), uri.to_string())]);
    if let Some(agent) = headers.get("user-agent").and_then(|value| value.to_str().ok()) {
        metadata.insert("User-Agent".to_owned(), agent.to_owned());
    }
    match app.cqrs.execute_with_metadata(&id, command, metadata).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn load(State(app): State<App>, Path(id): Path<String>) -> Response {
    use cqrs_es::persist::ViewRepository;
    match app.tasks.load(&id).await {
        Ok(Some(view)) => Json(view).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
