//! What a command looks at: states as cached, or as the log has them.

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::{AnySnapshot, Reference, Refusal, kinds};
use uuid::Uuid;

use super::Work;
use crate::Error;

/// States looked at in one try, each with whether the log said so just now.
pub(super) type Looked = HashMap<Uuid, (Arc<dyn AnySnapshot>, bool)>;

impl Work<'_> {
    /// What several intents are aimed at and the cache does not know (any more), read from the log at once.
    pub(super) async fn gather(&mut self) -> Result<Looked, Error> {
        let mut looked = std::mem::take(&mut self.read);
        let Work { store, request, stale, .. } = self;
        let unknown = |id| {
            stale.contains(&id) || !looked.contains_key(&id) && store.entry(request.workspace, id).state().is_none()
        };
        let lacking = self.intents.iter().filter(|intent| !intent.new && unknown(intent.id));
        let blanks: Vec<_> = lacking.map(|intent| intent.command.blank(intent.id)).collect();
        if blanks.len() < 2 {
            return Ok(looked);
        }
        let found = store.load_all(request.workspace, blanks).await?;
        for state in &found {
            self.stale.remove(&state.id());
        }
        looked.extend(found.into_iter().map(|state| (state.id(), (state, true))));
        Ok(looked)
    }

    /// What to answer if something is gone that only has to be alive. The append sees to that; where there is nothing to
    /// append, it has to be looked at.
    pub(super) async fn missing(
        &mut self,
        looked: &mut Looked,
        used: &mut Vec<Uuid>,
        references: &[(Reference, Option<i64>)],
    ) -> Result<Option<Refusal>, Error> {
        for (reference, _) in references.iter().filter(|(_, version)| version.is_none()) {
            let Some(blank) = kinds::blank(reference.kind, reference.id) else { continue };
            let found = self.look(looked, used, blank).await?;
            if !found.alive() || found.kind() != reference.kind {
                return Ok(Some(reference.missing.clone()));
            }
        }
        Ok(None)
    }

    pub(super) async fn look(
        &mut self,
        looked: &mut Looked,
        used: &mut Vec<Uuid>,
        blank: Box<dyn AnySnapshot>,
    ) -> Result<Arc<dyn AnySnapshot>, Error> {
        let id = blank.id();
        used.push(id);
        if let Some((state, _)) = looked.get(&id).filter(|(state, _)| state.kind() == blank.kind()) {
            return Ok(state.clone());
        }
        let (state, sure) = self.store.load(self.request.workspace, blank, self.stale.remove(&id)).await?;
        looked.insert(id, (state.clone(), sure));
        Ok(state)
    }
}
