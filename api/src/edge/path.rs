//! Path parameters: what is no id at all names nothing, like an id that names nothing.

use axum::{
    extract::{FromRequestParts, Path as AnyPath},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Path parameters, or the one 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = AnyPath::<T>::from_request_parts(parts, state).await;
        read.map(|AnyPath(value)| Self(value)).map_err(|_| Problem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::scalars::Id;
    use axum::{Router, body::Body, http::Request, routing::get};
    use tower::ServiceExt;

    #[tokio::test]
    async fn odd_ids_name_nothing() {
        let router = Router::new()
            .route("/tasks/{id}", get(async |Path(id): Path<Id>| id.to_string()))
            .route("/tasks/{id}/labels/{label}", get(async |Path((id, _)): Path<(Id, Id)>| id.to_string()));
        let id = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
        for (path, status) in [
            (format!("/tasks/{id}"), 200),
            (format!("/tasks/{id}/labels/{id}"), 200),
            (format!("/tasks/{id}/labels/x"), 404),
            (format!("/tasks/{id}/"), 404),
            (format!("/tasks//{id}"), 404),
            (format!("/tasks/{}", id.to_uppercase()), 404),
            (format!("/tasks/{id}%00"), 404),
            (format!("/tasks/{id}%2F.."), 404),
            ("/tasks/%2e%2e%2fadmin".into(), 404),
            ("/tasks/..;/admin".into(), 404),
            ("/tasks/%ff".into(), 404),
            ("/tasks/%252e".into(), 404),
            ("/tasks/1".into(), 404),
        ] {
            let request = Request::get(&path).body(Body::empty()).expect("a request");
            assert_eq!(router.clone().oneshot(request).await.expect("infallible").status(), status, "{path}");
        }
    }
}
