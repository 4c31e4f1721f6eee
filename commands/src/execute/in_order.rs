//! Several commands, one behind the other: what they look at is read at once, and each is sent to the log before those in
//! front of it have their verdicts. So they share commits, and are committed in their order.

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::ids::WorkspaceId;
use docket_domain::{AnySnapshot, Intent};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Answer, Begun, Mode, Work, execute, outcomes};
use crate::append::Verdict;
use crate::plan::Item;
use crate::store::Store;
use crate::{Error, Request};

type Known = HashMap<(WorkspaceId, Uuid), Arc<dyn AnySnapshot>>;

/// A command that has not waited for those in front of it.
enum Ahead<'a> {
    Answered(Answer),
    Sent(Work<'a>, oneshot::Receiver<Verdict>, Vec<Item>),
}

impl Ahead<'_> {
    /// Its answer; none, if the log has not taken it as it was decided.
    async fn answer(self) -> Option<Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Sent(work, verdict, items) => match verdict.await {
                Ok(Verdict::Committed(done)) => {
                    Some(work.answer(Some(done.position), false, outcomes(items, &done.states)))
                }
                _ => None,
            },
        }
    }
}

/// Carries out commands that do not depend on each other. One that the log does not take as it was decided is carried out
/// after all the others.
pub async fn execute_in_order(
    store: &Store,
    commands: &[(Request, Vec<Intent>)],
    mode: Mode,
) -> Result<Vec<Result<Answer, Error>>, Error> {
    let mut ahead = match read(store, commands).await {
        Ok(known) => send_all(store, commands, mode, &known).await,
        Err(error @ Error::Unavailable(_)) => return Err(error),
        // What can't be read is the trouble of one of them.
        Err(_) => Vec::new(),
    }
    .into_iter();
    let mut answers = Vec::with_capacity(commands.len());
    for (request, intents) in commands {
        let answer = match ahead.next() {
            Some(ahead) => ahead.answer().await,
            None => None,
        };
        answers.push(match answer {
            Some(answer) => Ok(answer),
            None => execute(store, request, intents, mode).await,
        });
    }
    Ok(answers)
}

/// Sends as many as can be, each before those in front of it are answered.
async fn send_all<'a>(
    store: &'a Store,
    commands: &'a [(Request, Vec<Intent>)],
    mode: Mode,
    known: &Known,
) -> Vec<Ahead<'a>> {
    let mut ahead = Vec::with_capacity(commands.len());
    for (request, intents) in commands {
        let seen = |blank: Box<dyn AnySnapshot>| known.get(&(request.workspace, blank.id()));
        let seen = intents.iter().flat_map(looks_at).filter_map(seen);
        let read = seen.map(|state| (state.id(), (state.clone(), true))).collect();
        match send(Work { read, ..Work::new(store, request, intents, mode) }).await {
            Ok(sent) => ahead.push(sent),
            // Those behind it would overtake it.
            Err(_) => break,
        }
    }
    ahead
}

/// Decides a command, and leaves what it writes to the committer.
async fn send(mut work: Work<'_>) -> Result<Ahead<'_>, Error> {
    Ok(match work.begin().await? {
        Begun::Answered(answer) => Ahead::Answered(answer),
        Begun::Decided(decided) => {
            let (append, items, _) = *decided;
            let verdict = work.store.send(append)?;
            Ahead::Sent(work, verdict, items)
        }
    })
}

/// What an intent looks at before anything else is known.
fn looks_at(intent: &Intent) -> Vec<Box<dyn AnySnapshot>> {
    let blank = intent.command.blank(intent.id);
    let references = intent.command.references(&*blank).into_iter();
    let states = references.filter_map(|reference| Some(reference.state?(reference.id)));
    states.chain((!intent.new).then_some(blank)).collect()
}

/// All that the commands look at, as the log has it now.
async fn read(store: &Store, commands: &[(Request, Vec<Intent>)]) -> Result<Known, Error> {
    let mut wanted: HashMap<WorkspaceId, Vec<Box<dyn AnySnapshot>>> = HashMap::new();
    for (request, intents) in commands {
        wanted.entry(request.workspace).or_default().extend(intents.iter().flat_map(looks_at));
    }
    let mut known = Known::new();
    for (workspace, blanks) in wanted {
        let states = store.load_all(workspace, blanks).await?;
        known.extend(states.into_iter().map(|state| ((workspace, state.id()), state)));
    }
    Ok(known)
}
