//! What all batches have in common: many commands in one request and one commit.

use axum::http::StatusCode;
use axum::response::Response;
use docket_commands::{Error, Idempotency, Mode, Outcome};
use docket_domain::{AnySnapshot, Intent};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::json::Part;
use crate::edge::scalars::Id;
use crate::problem::{FieldError, Problem};
use crate::respond;
use crate::routes::follow::Followers;

/// Many commands in one request; together they are one commit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[serde(bound = "")]
pub struct Batch<C> {
    /// Whether all stand or fall together (the default), or each for itself.
    #[serde(default = "BatchMode::default")]
    pub mode: BatchMode,
    /// The commands: 1 to 500. Later ones see what earlier ones did.
    #[schema(min_items = 1, max_items = 500, value_type = Vec<C>)]
    pub commands: Vec<Part<C>>,
}

/// Whether the commands stand or fall together.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchMode {
    /// All or none.
    #[default]
    Atomic,
    /// Each for itself.
    PerItem,
}

impl BatchMode {
    fn mode(self) -> Mode {
        match self {
            Self::Atomic => Mode::Atomic,
            Self::PerItem => Mode::PerItem,
        }
    }
}

/// What a command does.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOp {
    /// Create one.
    Create,
    /// Change one.
    Update,
    /// Take one away.
    Delete,
    /// Bring one back.
    Restore,
    /// Of members: say that one has joined.
    Join,
    /// Of members: let one go who is no owner.
    Deactivate,
    /// Of members: let one come back.
    Reactivate,
}

/// What became of the commands, in order.
#[derive(Serialize, ToSchema)]
pub struct BatchResults<R> {
    /// One per command.
    pub results: Vec<R>,
}

/// What a batch can do to one kind of resource, and where.
pub trait Batched {
    /// The body that creates one.
    type New;
    /// The body that changes one.
    type Set;
    /// The member of a command that holds the new one, and of a result that holds what came of it.
    const ONE: &'static str;
    /// The scope that taking away and bringing back takes, here as anywhere.
    const DELETE: &'static str;

    /// Creates one.
    fn create(&self, new: Self::New, caller: &Caller) -> Result<Intent, Problem>;
    /// Changes one.
    fn update(&self, id: Uuid, set: Self::Set, caller: &Caller) -> Result<Intent, Problem>;
    /// Creates one under this id, where it is a part of something.
    fn create_part(&self, _: Uuid, new: Self::New, caller: &Caller) -> Result<Intent, Problem> {
        self.create(new, caller)
    }
    /// Takes one away, if a batch can.
    fn delete(&self, _: Uuid, _: &Caller) -> Option<Intent> {
        None
    }
    /// Brings one back, if a batch can.
    fn restore(&self, _: Uuid, _: &Caller) -> Option<Intent> {
        None
    }
    /// Does to one what else a batch can.
    fn act(&self, _: BatchOp, _: Uuid, _: &Caller) -> Result<Option<Intent>, Problem> {
        Ok(None)
    }
    /// What has to follow when this is done to one.
    fn following(_: BatchOp, _: Uuid, _: Option<&Self::Set>) -> Option<Followers> {
        None
    }
    /// One as clients see it: itself, or the part of it with this id.
    fn shown(state: &dyn AnySnapshot, _: Uuid) -> String {
        state.to_json()
    }
}

/// One command of a batch.
pub struct Step<B: Batched> {
    /// What to do.
    pub op: BatchOp,
    /// The new one.
    pub new: Option<B::New>,
    /// The one it is about.
    pub id: Option<Id>,
    /// The version that one must still be at.
    pub if_version: Option<i64>,
    /// What to change.
    pub set: Option<B::Set>,
}

/// Declares a batch's command, in which a new resource has the name of its kind, and documents its result.
macro_rules! batch {
    ($batched:ty, $command:ident { $one:ident: $new:ty, set: $set:ty }, $result:ident { $resource:ty }) => {
        /// One command. `create` takes the new resource; `update` takes `id` and `set`; all others take `id`.
        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $command {
            /// What to do.
            op: $crate::routes::batch::BatchOp,
            /// The new resource, as the body that creates one.
            #[serde(default)]
            $one: Option<$new>,
            /// The resource it is about.
            #[serde(default)]
            #[schema(value_type = Option<uuid::Uuid>)]
            id: Option<$crate::edge::scalars::Id>,
            /// The version that resource must still be at, like `If-Match`.
            #[serde(default)]
            if_version: Option<i64>,
            /// What to change, as the body that changes one.
            #[serde(default)]
            set: Option<$set>,
        }

        impl From<$command> for $crate::routes::batch::Step<$batched> {
            fn from($command { op, $one, id, if_version, set }: $command) -> Self {
                Self { op, new: $one, id, if_version, set }
            }
        }

        /// What became of one command.
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "documents what is written as JSON text")]
        pub struct $result {
            /// The status it would have had on its own.
            status: u16,
            /// The resource after it, if it succeeded.
            $one: Option<$resource>,
            /// Why not, if it didn't.
            problem: Option<serde_json::Value>,
        }
    };
}
pub(crate) use batch;

/// How many commands a batch may have.
const MOST: usize = 500;
/// Once it is this long, nothing more follows in its own commit.
const MOST_AT_ONCE: usize = 5_000;

/// Carries out a batch.
pub async fn carry_out<B: Batched, C: Into<Step<B>> + DeserializeOwned>(
    batched: &B,
    app: &App,
    caller: &Caller,
    batch: Batch<C>,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    if !(1..=MOST).contains(&batch.commands.len()) {
        return Err(Problem::field("/commands", "out-of-range", format!("A batch has 1 to {MOST} commands.")));
    }
    let mode = batch.mode.mode();
    let (mut intents, mut following, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for (index, command) in batch.commands.iter().enumerate() {
        let read = command.read().and_then(|command| {
            let step: Step<B> = command.into();
            step.ready(batched, caller, drawn(idempotency.as_ref(), caller, index))
        });
        match read.map_err(|problem| at(problem, &format!("/commands/{index}"))) {
            Ok(Ready { op, id, intent, follower }) => {
                intents.push(intent);
                following.extend(follower);
                items.push(Ok((op, id)));
            }
            Err(problem) if mode == Mode::Atomic => return Err(pointed(problem, &format!("/commands/{index}"))),
            Err(problem) => items.push(Err(problem)),
        }
    }
    // As many as one commit takes follow in the same one; the rest do right after it.
    for followers in &following {
        if intents.len() < MOST_AT_ONCE {
            intents.extend(followers.first(app, caller).await?);
        }
    }
    let idempotency = idempotency.map(|sent| without(sent, &items));
    let mut answer = app.try_execute(caller, idempotency, intents, mode).await?.map_err(|error| match error {
        Error::Item { index, error } => {
            let place = place::<B>(index, &items);
            pointed(at(unknown(error.into()), &place), &place)
        }
        other => other.into(),
    })?;
    for followers in following {
        followers.rest(app, caller, &mut answer).await?;
    }
    let mut outcomes = answer.items.iter();
    let results = items.iter().enumerate().map(|(index, item)| match item {
        Err(problem) => failed(problem, &caller.request_id),
        Ok((op, id)) => match outcomes.next() {
            Some(Ok(outcome)) => succeeded::<B>(*op, *id, outcome),
            Some(Err(error)) => failed(&at(error.clone().into(), &place::<B>(index, &items)), &caller.request_id),
            None => failed(&Problem::internal(), &caller.request_id),
        },
    });
    let text = format!("{{\"results\":[{}]}}", results.collect::<Vec<_>>().join(","));
    Ok(respond::stamp(&answer, respond::json(StatusCode::OK, text)))
}

/// The id of what a command creates. A repeated request draws the same one again, for a part is not known otherwise.
pub fn drawn(sent: Option<&Idempotency>, caller: &Caller, index: usize) -> Uuid {
    let Some(sent) = sent else { return Uuid::new_v4() };
    let hash = Sha256::new().chain_update(sent.fingerprint).chain_update(format!("{:?} {index}", caller.actor));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The same request with other commands left out (the key that repeats it may do less) is another one.
fn without(sent: Idempotency, items: &[Item]) -> Idempotency {
    let out: Vec<_> = items.iter().enumerate().filter(|(_, item)| item.is_err()).map(|(index, _)| index).collect();
    if out.is_empty() {
        return sent;
    }
    let hash = Sha256::new().chain_update(sent.fingerprint).chain_update(format!("{out:?}"));
    Idempotency { fingerprint: hash.finalize().into(), ..sent }
}

/// The batch itself is there: what is not is one that its body names.
fn unknown(mut problem: Problem) -> Problem {
    if problem.status == StatusCode::NOT_FOUND {
        problem.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    problem
}

/// What the rules' own pointers are about: a member of the command.
fn place<B: Batched>(index: usize, items: &[Item]) -> String {
    let body = items.get(index).and_then(|item| item.as_ref().ok()).map(|(op, _)| body::<B>(*op));
    format!("/commands/{index}{}", body.unwrap_or_default())
}

fn body<B: Batched>(op: BatchOp) -> String {
    match op {
        BatchOp::Create => format!("/{}", B::ONE),
        BatchOp::Update => "/set".to_owned(),
        _ => String::new(),
    }
}

/// A command that can be carried out: what it does, and to what; or why it can't.
type Item = Result<(BatchOp, Uuid), Problem>;

/// A command that can be carried out.
struct Ready {
    op: BatchOp,
    id: Uuid,
    intent: Intent,
    follower: Option<Followers>,
}

impl<B: Batched> Step<B> {
    fn ready(self, batched: &B, caller: &Caller, drawn: Uuid) -> Result<Ready, Problem> {
        let (op, id) = (self.op, self.id.map_or(drawn, |id| id.0));
        let follower = B::following(op, id, self.set.as_ref());
        Ok(Ready { op, id, follower, intent: self.intent(batched, caller, id)? })
    }

    fn intent(self, batched: &B, caller: &Caller, about: Uuid) -> Result<Intent, Problem> {
        let Self { op, new, id, if_version, set } = self;
        let takes = |present: bool, wanted: bool, pointer: &str| match (present, wanted) {
            (true, false) => Err(Problem::field(pointer.to_owned(), "not-taken", "This op does not take it.")),
            (false, true) => Err(Problem::field(pointer.to_owned(), "required", "This op needs it.")),
            _ => Ok(()),
        };
        if matches!(op, BatchOp::Delete | BatchOp::Restore) && !caller.has(B::DELETE) {
            return Err(Problem::forbidden("missing-scope", format!("The key lacks the scope {}.", B::DELETE)));
        }
        let is_create = matches!(op, BatchOp::Create);
        takes(new.is_some(), is_create, &format!("/{}", B::ONE))?;
        takes(set.is_some(), matches!(op, BatchOp::Update), "/set")?;
        takes(id.is_some(), !is_create, "/id")?;
        takes(if_version.is_some(), if_version.is_some() && !is_create, "/if_version")?;
        let intent = match (new, set, op) {
            (Some(new), ..) => batched.create_part(about, new, caller).map(Some),
            (_, Some(set), _) => batched.update(about, set, caller).map(Some),
            (.., BatchOp::Delete) => Ok(batched.delete(about, caller)),
            (.., BatchOp::Restore) => Ok(batched.restore(about, caller)),
            _ => batched.act(op, about, caller),
        };
        let intent = intent.map_err(|problem| pointed(at(problem, &body::<B>(op)), &body::<B>(op)))?;
        let never = || Problem::field("/op", "not-taken", "A batch of these does not do this.");
        let intent = intent.ok_or_else(never)?;
        Ok(intent.expecting(if_version.map(|version| vec![version])))
    }
}

/// The problem with its pointers moved below `prefix`.
fn at(problem: Problem, prefix: &str) -> Problem {
    problem.pointing(|pointer| format!("{prefix}{pointer}"))
}

/// The problem, pointing to `place` if it points to nothing.
fn pointed(mut problem: Problem, place: &str) -> Problem {
    if problem.errors.is_empty() {
        let (code, detail) = (problem.code.clone(), problem.detail.clone());
        problem.errors.push(FieldError::new(place.to_owned(), code, detail));
    }
    problem
}

fn succeeded<B: Batched>(op: BatchOp, id: Uuid, outcome: &Outcome) -> String {
    let status = match op {
        BatchOp::Delete => return "{\"status\":204}".to_owned(),
        BatchOp::Create => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    format!("{{\"status\":{},\"{}\":{}}}", status.as_u16(), B::ONE, B::shown(&*outcome.state, id))
}

fn failed(problem: &Problem, request_id: &str) -> String {
    let body = String::from_utf8(problem.body(request_id)).unwrap_or_default();
    format!("{{\"status\":{},\"problem\":{body}}}", problem.status.as_u16())
}
