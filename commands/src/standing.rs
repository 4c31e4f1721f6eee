//! Whether who asks is still who they were when they were let in. A role is part of what a decision stands on, like any
//! state: it may come from the cache, the append checks its version, and a refusal never rests on the cache alone.

use docket_domain::member::{Member, Role};
use docket_domain::{Actor, AnySnapshot, Snapshot};
use uuid::Uuid;

use crate::store::Store;
use crate::{Error, Request};

/// The version at which the member who asks has the role they were let in with; none, if nobody is to be looked at.
/// `fresh` says that the cache is known to be wrong about them.
pub async fn recognise(store: &Store, request: &Request, fresh: bool) -> Result<Option<i64>, Error> {
    let (Actor::Member(id), Some(role)) = (request.actor, request.role) else { return Ok(None) };
    let blank = || Box::new(Snapshot::<Member>::blank(id.0));
    let (mut state, sure) = store.load(request.workspace, blank(), fresh).await?;
    if !sure && !has(&*state, role) {
        (state, _) = store.load(request.workspace, blank(), true).await?;
    }
    match (state.alive(), has(&*state, role)) {
        (false, _) => Err(Error::Revoked),
        (true, false) => Err(Error::OtherRole),
        (true, true) => Ok(Some(state.version())),
    }
}

/// Whether who asks is let in, as the log has it now. What is answered without an append is answered after this.
pub async fn confirm(store: &Store, request: &Request) -> Result<(), Error> {
    let member = match request.actor {
        Actor::Member(id) => Some(id.0),
        _ => None,
    };
    let ids: Vec<Uuid> = request.key.map(|key| key.0).into_iter().chain(member).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let versions = store.standing(request.workspace, &ids).await?;
    if ids.iter().any(|id| !versions.contains_key(id)) {
        return Err(Error::Revoked);
    }
    let known = recognise(store, request, false).await?;
    if known.is_some() && known != member.and_then(|id| versions.get(&id).copied()) {
        recognise(store, request, true).await?;
    }
    Ok(())
}

fn has(state: &dyn AnySnapshot, role: Role) -> bool {
    state.as_any().downcast_ref::<Snapshot<Member>>().is_some_and(|member| state.alive() && member.state.role == role)
}
