//! Whether a caller is still welcome: what the guard asked before the answer began, asked again while it goes on.

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;

use super::{Caller, access, identify};
use crate::app::App;
use crate::problem::Problem;

/// A request whose answer goes on for as long as its caller may have it.
pub struct Welcome {
    parts: Parts,
    rule: &'static access::Rule,
    caller: Caller,
}

impl<S: Sync> FromRequestParts<S> for Welcome {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let rule = access::find(&parts.method, path).ok_or_else(Problem::unauthorized)?;
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(Self { parts: parts.clone(), rule, caller })
    }
}

impl Welcome {
    /// Refuses whoever may no longer have it, and whoever is somebody else by now: what is shown was chosen for who they
    /// were. Another 503 than that says that it is not known yet.
    pub async fn lasts(&self, app: &App) -> Result<(), Problem> {
        // Neither what is remembered of the key nor the read models may be behind what has changed.
        app.keys.again(&self.caller).await?;
        let now = identify(app, &self.parts).await?;
        self.rule.check(&now)?;
        app.reads.check(&now.reader()).await?;
        let is_the_same = (now.role, now.actor) == (self.caller.role, self.caller.actor);
        if is_the_same { Ok(()) } else { Err(Problem::role_changed()) }
    }
}
