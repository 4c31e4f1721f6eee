//! The catalogue: labels, teams, positions, spaces, customers and webhooks. One file each, which says what its bodies are and
//! declares its operations; what those do is here, once for all.

pub mod customers;
pub mod labels;
pub mod positions;
pub mod spaces;
pub mod teams;
pub mod webhooks;

use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::catalog::{Command, Entry, Kind};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::batch::{self, Batch, Batched, Step};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::{Action, Write, WriteLarge};
use crate::problem::Problem;
use crate::respond;

/// How one kind is spoken of over HTTP.
pub trait Resource: Default + Batched<New: Into<Self::Fields>, Set: Into<<Self::Fields as Kind>::Changes>> {
    /// What it is below.
    type Fields: Kind;
    /// Where its list is.
    const PATH: &'static str;
}

async fn create<R: Resource>(app: &App, caller: &Caller, asked: Write<R::New>) -> Result<Response, Problem> {
    let intent = R::default().create(asked.body, caller)?;
    let answer = app.execute(caller, asked.idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    respond::created_at(&answer, &format!("{}/{}", R::PATH, state.id()), state.to_json())
}

async fn update<R: Resource>(app: &App, caller: &Caller, id: Uuid, asked: Write<R::Set>) -> Result<Response, Problem> {
    let intent = R::default().update(id, asked.body, caller)?.expecting(asked.if_match.versions());
    let answer = app.execute(caller, asked.idempotency, vec![intent], Mode::Atomic).await?;
    respond::changed(&answer, respond::only(&answer)?.state.to_json())
}

async fn delete<R: Resource>(app: &App, caller: &Caller, id: Uuid, asked: Action) -> Result<Response, Problem> {
    let intent = R::default().delete(id, caller).ok_or_else(Problem::internal)?.expecting(asked.if_match.versions());
    respond::gone(&app.execute(caller, asked.idempotency, vec![intent], Mode::Atomic).await?)
}

async fn restore<R: Resource>(app: &App, caller: &Caller, id: Uuid, asked: Action) -> Result<Response, Problem> {
    let intent = R::default().restore(id, caller).ok_or_else(Problem::internal)?.expecting(asked.if_match.versions());
    let answer = app.execute(caller, asked.idempotency, vec![intent], Mode::Atomic).await?;
    respond::changed(&answer, respond::only(&answer)?.state.to_json())
}

async fn batch<R: Resource, C: Into<Step<R>> + DeserializeOwned>(
    app: &App,
    caller: &Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<C>>,
) -> Result<Response, Problem> {
    batch::carry_out(&R::default(), app, caller, body, idempotency).await
}

/// The intent that does this to an entry.
fn intent<F: Kind>(id: Uuid, command: Command<F>) -> Intent {
    Intent::new::<Entry<F>>(id, command)
}

/// Declares the operations of one kind: their names, and where they are.
macro_rules! operations {
    (
        $resource:ident { $fields:ty, $one:ident: $new:ident, set: $set:ident, shown: $shown:ident, tag: $tag:tt, delete: $scope:tt, list: $listed:ident },
        $at:tt => $list:ident $create:ident,
        $batch_at:tt => $batch:ident $command:ident $result:ident,
        $one_at:tt => $get:ident $update:ident $delete:ident,
        $restore_at:tt => $restore:ident,
        $activity_at:tt => $activity:ident $(,)?
    ) => {
        /// How this kind is spoken of over HTTP.
        #[derive(Default)]
        pub struct $resource;

        impl $crate::routes::batch::Batched for $resource {
            type New = $new;
            type Set = $set;
            const ONE: &'static str = stringify!($one);
            const DELETE: &'static str = $scope;

            fn create(&self, new: $new, _: &$crate::auth::Caller) -> Result<docket_domain::Intent, $crate::problem::Problem> {
                let command = docket_domain::catalog::Command::Create(<$fields>::from(new));
                let id = uuid::Uuid::new_v4();
                Ok(docket_domain::Intent::create::<docket_domain::catalog::Entry<$fields>>(id, command))
            }

            fn update(&self, id: uuid::Uuid, set: $set, _: &$crate::auth::Caller) -> Result<docket_domain::Intent, $crate::problem::Problem> {
                Ok(super::intent::<$fields>(id, docket_domain::catalog::Command::Update(set.into())))
            }

            fn delete(&self, id: uuid::Uuid, _: &$crate::auth::Caller) -> Option<docket_domain::Intent> {
                Some(super::intent::<$fields>(id, docket_domain::catalog::Command::Delete))
            }

            fn restore(&self, id: uuid::Uuid, _: &$crate::auth::Caller) -> Option<docket_domain::Intent> {
                Some(super::intent::<$fields>(id, docket_domain::catalog::Command::Restore))
            }
        }

        impl $crate::edge::listing::Listable for $shown {
            const LIST: &docket_projections::List = &docket_projections::$listed;
        }

        impl super::Resource for $resource {
            type Fields = $fields;
            const PATH: &'static str = $at;
        }

        $crate::routes::batch::batch! { $resource, $command { $one: $new, set: $set }, $result { $shown } }
        $crate::routes::activity::activity! { $activity, $activity_at, $tag, docket_domain::catalog::Entry<$fields> }

        /// Lists them, in the order of their numbers unless sorted otherwise.
        #[utoipa::path(get, path = $at, tag = $tag, params($crate::edge::listing::Listing::<$shown>),
                    responses((status = 200, description = "A page of them.",
                               body = inline($crate::routes::paging::Listed<$shown>))))]
        pub async fn $list(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            asked: $crate::edge::listing::Listing<$shown>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            $crate::respond::list(&app, &caller, &asked).await
        }

        /// Create one.
        #[utoipa::path(post, path = $at, tag = $tag, request_body = $new,
                    responses((status = 201, description = "The new one; `Location` says where.", body = $shown)))]
        pub async fn $create(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            asked: $crate::edge::write::Write<$new>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            super::create::<$resource>(&app, &caller, asked).await
        }

        /// Do many things to them at once. `delete` and `restore` take the scope for deleting besides.
        #[utoipa::path(post, path = $batch_at, tag = $tag, request_body = $crate::routes::batch::Batch<$command>,
                    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
                               body = $crate::routes::batch::BatchResults<$result>)))]
        pub async fn $batch(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            asked: $crate::edge::write::WriteLarge<$crate::routes::batch::Batch<$command>>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            super::batch::<$resource, $command>(&app, &caller, asked).await
        }

        /// One of them.
        #[utoipa::path(get, path = $one_at, tag = $tag,
                    params(("id" = Uuid, Path, description = "Its id"), $crate::edge::listing::Shown::<$shown>),
                    responses((status = 200, description = "It.", body = $shown),
                              (status = 304, description = "It is still the one of `If-None-Match`.")))]
        pub async fn $get(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            shown: $crate::edge::listing::Shown<$shown>,
            headers: axum::http::HeaderMap,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            $crate::respond::view(&app, &caller, id.0, &shown, &headers).await
        }

        /// Change one.
        #[utoipa::path(patch, path = $one_at, tag = $tag,
                    params(("id" = Uuid, Path, description = "Its id")),
                    request_body(content = $set, content_type = "application/merge-patch+json"),
                    responses((status = 200, description = "It, as it is now.", body = $shown)))]
        pub async fn $update(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            asked: $crate::edge::write::Write<$set>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            super::update::<$resource>(&app, &caller, id.0, asked).await
        }

        /// Take one away. What refers to it goes on doing so; its name is free.
        #[utoipa::path(delete, path = $one_at, tag = $tag,
                    params(("id" = Uuid, Path, description = "Its id")),
                    responses((status = 204, description = "It is gone.")))]
        pub async fn $delete(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            asked: $crate::edge::write::Action,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            super::delete::<$resource>(&app, &caller, id.0, asked).await
        }

        /// Bring a deleted one back, unless its name has been taken since.
        #[utoipa::path(post, path = $restore_at, tag = $tag,
                    params(("id" = Uuid, Path, description = "Its id")),
                    responses((status = 200, description = "It, there again.", body = $shown)))]
        pub async fn $restore(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            asked: $crate::edge::write::Action,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            super::restore::<$resource>(&app, &caller, id.0, asked).await
        }

        /// All of these operations.
        pub fn routes() -> utoipa_axum::router::OpenApiRouter<$crate::app::App> {
            utoipa_axum::router::OpenApiRouter::new()
                .routes(utoipa_axum::routes!($list, $create))
                .routes(utoipa_axum::routes!($batch))
                .routes(utoipa_axum::routes!($get, $update, $delete))
                .routes(utoipa_axum::routes!($restore))
                .routes(utoipa_axum::routes!($activity))
        }
    };
}
pub(crate) use operations;
