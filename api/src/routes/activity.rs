//! What happened to a resource, for those who may see it: its history, the same for all kinds. Each has its own
//! operation, for each has its own scope.

use axum::response::Response;
use docket_domain::Aggregate;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::respond;
use crate::routes::history::get::AskHistory;

/// A page of what happened to one aggregate; what happened to a deleted one can still be seen.
pub async fn of<A: Aggregate>(app: &App, caller: &Caller, id: Uuid, asked: AskHistory) -> Result<Response, Problem> {
    let found = app.reads.history_of(&caller.reader(), (A::TYPE, id), &asked.query()?).await?;
    found.map(|page| respond::page(&page)).ok_or_else(Problem::not_found)
}

/// Declares the operation that shows the activity of one kind of resource.
macro_rules! activity {
    ($name:ident, $path:tt, $tag:tt, $aggregate:ty) => {
        /// What happened to it, from its creation on.
        #[utoipa::path(get, path = $path, tag = $tag,
            params(("id" = Uuid, Path, description = "The resource's id"), $crate::routes::history::get::AskHistory),
            responses((status = 200, description = "A page of its activity.",
                       body = inline($crate::routes::paging::Listed<$crate::routes::history::EventOfResource>))))]
        pub async fn $name(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            $crate::edge::query::Query(asked): $crate::edge::query::Query<$crate::routes::history::get::AskHistory>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            $crate::routes::activity::of::<$aggregate>(&app, &caller, id.0, asked).await
        }
    };
}
pub(crate) use activity;
