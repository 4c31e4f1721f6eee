//! Who is calling, and whether they may: key → caller → rule of the table → limits, before any handler runs.

pub mod access;
pub mod anew;
mod keys;
pub mod token;
mod vigil;
mod welcome;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use docket_domain::Actor;
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::member::Role;
use docket_domain::workspace::Plan;
use docket_projections::{ReadAs, Standing};

use crate::app::App;
use crate::edge::dry_run::Rehearsal;
use crate::edge::position;
use crate::limits::{Asker, Mount};
use crate::problem::{Problem, RequestId};
use crate::telemetry::Trace;
use access::{Rule, Verb};
pub use keys::{Keys, Known};
use token::{Format, Token};
pub use vigil::{Change, EVERY, Vigil, Watched};
pub use welcome::Welcome;

/// The scope of all that is done to keys.
const KEYS: &str = "keys:write";

/// Who is calling, and with what.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant of the key.
    pub workspace: WorkspaceId,
    /// What that pays for.
    pub plan: Plan,
    /// Where that tenant's history is.
    pub partition: i16,
    /// The key.
    pub key: KeyId,
    /// In which product's form it is written.
    pub format: Format,
    /// From when on that is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who acts when this key is used.
    pub actor: Actor,
    /// What they are allowed to be.
    pub role: Role,
    /// The member who acts, as of the version that the role was taken from.
    pub standing: Option<Standing>,
    /// What the key may do.
    pub scopes: Arc<[String]>,
    /// The request's id.
    pub request_id: String,
    /// The W3C `traceparent` of the request, if it is traced.
    pub trace: Option<String>,
    /// The API the request came through.
    pub dialect: &'static str,
    /// Set if nothing is to be stored.
    pub rehearsal: Option<Rehearsal>,
    /// A position the answer must be at least as new as, besides the key's own writes.
    pub min_position: Option<i64>,
}

impl Caller {
    /// As whom to read.
    pub fn reader(&self) -> ReadAs {
        let Self { workspace, key, standing: member, min_position, .. } = *self;
        ReadAs { workspace, key, member, min_position }
    }

    /// Takes over what is known of the key by now; answers whether that is anything else.
    fn take_over(&mut self, known: &Known) -> bool {
        let was = (self.role, self.actor);
        (self.role, self.actor, self.standing) = (known.role(), known.actor(), known.standing());
        was != (self.role, self.actor)
    }

    /// Who is asking, as far as the limits care.
    pub fn asker(&self) -> Asker {
        Asker::Key { key: self.key, workspace: self.workspace, plan: self.plan }
    }

    /// Refuses a key whose product lets no key mint or revoke others.
    pub fn may_manage_keys(&self) -> Result<(), Problem> {
        if self.format.manages_keys() {
            return Ok(());
        }
        Err(Problem::forbidden("not-for-keys", "A key in this form mints, changes and revokes no keys."))
    }

    /// Whether the key has this scope.
    pub fn has(&self, scope: &str) -> bool {
        access::covers(&self.scopes, scope)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthorized)
    }
}

/// The guard in front of every operation of the native API.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let Some(rule) = path.and_then(|path| access::find(request.method(), path.as_str())) else {
        // No such operation: the router says 404 or 405, and needs no key for that.
        return next.run(request).await;
    };
    if let Some(trace) = request.extensions().get::<Trace>() {
        trace.is_of(rule.path.to_owned());
    }
    let (parts, body) = request.into_parts();
    let caller = match identify(&app, &parts).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let decision = app.limits.check(Mount::Native, &caller.asker(), &parts.method, parts.uri.path()).await;
    let request = Request::from_parts(parts, body);
    decision.stamp(match decision.refusal() {
        Some(problem) => problem.into_response(),
        None => {
            anew::carry_out(&app, caller, request, |caller, request| pass(rule, caller, request, next.clone())).await
        }
    })
}

/// Carries out what the rule lets the caller do.
async fn pass(rule: &Rule, caller: Caller, request: Request, next: Next) -> Response {
    let rehearsal = if rule.method == Verb::Get { Ok(None) } else { Rehearsal::asked(request.uri()) };
    match (rule.check(&caller), rehearsal) {
        (Ok(()), Ok(rehearsal)) => hand_on(Caller { rehearsal, ..caller }, request, next).await,
        (Err(problem), _) | (_, Err(problem)) => problem.into_response(),
    }
}

/// Hands a request on in its caller's name; the answer to a rehearsal tells what would happen.
pub async fn hand_on(caller: Caller, mut request: Request, next: Next) -> Response {
    let rehearsal = caller.rehearsal.clone();
    request.extensions_mut().insert(caller);
    let response = next.run(request).await;
    match rehearsal {
        Some(rehearsal) => rehearsal.answer(response),
        None => response,
    }
}

async fn identify(app: &App, request: &Parts) -> Result<Caller, Problem> {
    caller(app, request, &token::bearer(&request.headers)?, "native").await
}

impl Rule {
    /// Refuses a caller who may not; says whether the key or the role falls short.
    pub fn check(&self, caller: &Caller) -> Result<(), Problem> {
        if self.scope == Some(KEYS) {
            caller.may_manage_keys()?;
        }
        if self.admits(&caller.scopes, caller.role) {
            return Ok(());
        }
        let missing = self.scope.filter(|scope| !caller.has(scope));
        Err(missing.map_or_else(
            || Problem::forbidden("role-too-low", format!("This takes the role {} or above.", role_name(self.role))),
            access::missing,
        ))
    }
}

/// Whoever has this key, as they call through an API.
pub async fn caller(app: &App, request: &Parts, token: &Token, dialect: &'static str) -> Result<Caller, Problem> {
    let record = app.keys.admit(token, peer(request), &app.limits).await?;
    let partition = app.commands.partition_of(record.workspace());
    let request_id = request.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    Ok(Caller {
        rehearsal: None,
        workspace: record.workspace(),
        plan: record.plan(),
        partition,
        key: record.id(),
        format: token.format(),
        expires_at: record.expires_at(),
        actor: record.actor(),
        role: record.role(),
        standing: record.standing(),
        scopes: record.scopes(),
        request_id,
        trace: request.extensions.get::<Trace>().map(|trace| trace.parent.clone()),
        dialect,
        min_position: position::min_position(&request.headers, partition)?,
    })
}

/// The address of who asks.
pub fn peer(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

/// A role's name.
pub fn role_name(role: Role) -> String {
    format!("{role:?}").to_lowercase()
}
