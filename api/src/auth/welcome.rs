//! Whether a caller is still welcome: what the guard asked before the answer began, asked again while it goes on.

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;

use super::{access, identify};
use crate::app::App;
use crate::problem::Problem;

/// A request whose answer goes on for as long as its caller may have it.
pub struct Welcome {
    parts: Parts,
    rule: &'static access::Rule,
}

impl<S: Sync> FromRequestParts<S> for Welcome {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let rule = access::find(&parts.method, path).ok_or_else(Problem::unauthorized)?;
        Ok(Self { parts: parts.clone(), rule })
    }
}

impl Welcome {
    /// Whether the key, its scopes and its member's role are still what it takes.
    pub async fn lasts(&self, app: &App) -> bool {
        match identify(app, &self.parts).await {
            Ok(caller) => self.rule.check(&caller).is_ok() && app.reads.check(&caller.reader()).await.is_ok(),
            Err(_) => false,
        }
    }
}
