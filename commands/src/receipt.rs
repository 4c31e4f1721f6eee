//! What a receipt remembers of a command: enough to answer it again word for word, without a copy of anything that
//! may have to be erased one day.

use std::sync::Arc;

use docket_domain::{AnySnapshot, Intent};
use docket_failpoints::failpoint;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::execute::Outcome;
use crate::plan::Item;
use crate::store::Store;
use crate::{Error, ItemError, Request};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Remembered {
    Done { id: Uuid, version: i64, changed: bool },
    Out(ItemError),
}

/// The memo of a command that is about to be appended; `after` are the states its writes will make.
pub fn remember(items: &[Item], after: &[Arc<dyn AnySnapshot>]) -> Result<String, Error> {
    let done =
        |state: &Arc<dyn AnySnapshot>, changed| Remembered::Done { id: state.id(), version: state.version(), changed };
    let memo: Vec<_> = items
        .iter()
        .map(|item| match item {
            Item::Written(at) => done(&after[*at], true),
            Item::Same(at) => done(&after[*at], false),
            Item::Unchanged(state) => done(state, false),
            Item::Out(error) => Remembered::Out(error.clone()),
        })
        .collect();
    serde_json::to_string(&memo).map_err(|error| Error::Bug(error.to_string()))
}

/// The stored answer: the states as they were then.
pub async fn recall(
    store: &Store,
    request: &Request,
    intents: &[Intent],
    memo: &str,
) -> Result<Vec<Result<Outcome, ItemError>>, Error> {
    let memo: Vec<Remembered> =
        serde_json::from_str(memo).map_err(|error| Error::Bug(format!("a receipt can't be read: {error}")))?;
    let mut items = Vec::with_capacity(memo.len());
    for (intent, item) in intents.iter().zip(memo) {
        items.push(match item {
            Remembered::Out(error) => Err(error),
            Remembered::Done { id, version, changed } => {
                let blank = intent.command.blank(id);
                let version = version - i64::from(version > 1 && failpoint!("repeats-an-older-answer"));
                let state = store.at_version(request.workspace, blank, version).await?;
                Ok(Outcome { state, changed })
            }
        });
    }
    Ok(items)
}

/// The stored answer and its position, if there is a receipt for this request.
pub async fn recall_earlier(
    store: &Store,
    request: &Request,
    intents: &[Intent],
) -> Result<Option<(i64, Vec<Result<Outcome, ItemError>>)>, Error> {
    let Some(sent) = request.idempotency else { return Ok(None) };
    match store.receipt(request, &sent.key).await? {
        None => Ok(None),
        Some(receipt) if receipt.fingerprint != sent.fingerprint => Err(Error::KeyReused),
        Some(receipt) => Ok(Some((receipt.position, recall(store, request, intents, &receipt.memo).await?))),
    }
}
