//! What all batches have in common: many commands in one request and one commit.

use axum::http::StatusCode;
use axum::response::Response;
use docket_commands::{Error, Idempotency, Mode, Outcome};
use docket_domain::{AnySnapshot, Intent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::Id;
use crate::problem::{At, FieldError, Problem};
use crate::respond;
use crate::routes::follow::Followers;

/// Many commands in one request; together they are one commit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch<C> {
    /// Whether all stand or fall together (the default), or each for itself.
    #[serde(default = "BatchMode::default")]
    pub mode: BatchMode,
    /// The commands: 1 to 500. Later ones see what earlier ones did.
    #[schema(min_items = 1, max_items = 500)]
    pub commands: Vec<C>,
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

/// What a command does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
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
    /// Takes one away, if a batch can.
    fn delete(&self, _: Uuid, _: &Caller) -> Option<Intent> {
        None
    }
    /// Brings one back, if a batch can.
    fn restore(&self, _: Uuid, _: &Caller) -> Option<Intent> {
        None
    }
    /// What has to follow when one is changed like this.
    fn following(_id: Uuid, _set: &Self::Set) -> Option<Followers> {
        None
    }
    /// One as clients see it.
    fn shown(state: &dyn AnySnapshot) -> String {
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
        /// One command. `create` takes the new resource; `update` takes `id` and `set`; `delete` and `restore` take `id`.
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

/// Carries out a batch.
pub async fn carry_out<B: Batched, C: Into<Step<B>>>(
    batched: &B,
    app: &App,
    caller: &Caller,
    batch: Batch<C>,
    idempotency: Option<Idempotency>,
) -> Result<Response, Problem> {
    if !(1..=MOST).contains(&batch.commands.len()) {
        return Err(Problem::field("/commands", "out-of-range", format!("A batch has 1 to {MOST} commands.")));
    }
    let mut intents = Vec::with_capacity(batch.commands.len());
    let mut ops = Vec::with_capacity(batch.commands.len());
    let mut following = Vec::new();
    for (index, command) in batch.commands.into_iter().enumerate() {
        let step: Step<B> = command.into();
        ops.push(step.op);
        following.extend(step.id.zip(step.set.as_ref()).and_then(|(id, set)| B::following(id.0, set)));
        intents.push(step.intent(batched, caller).map_err(|problem| within(problem, &format!("/commands/{index}")))?);
    }
    let mode = match batch.mode {
        BatchMode::Atomic => Mode::Atomic,
        BatchMode::PerItem => Mode::PerItem,
    };
    let mut answer = app.try_execute(caller, idempotency, intents, mode).await?.map_err(|error| match error {
        Error::Item { index, error } => {
            within(unknown(error.into()), &format!("/commands/{index}{}", body::<B>(ops[index])))
        }
        other => other.into(),
    })?;
    for followers in following {
        followers.rest(app, caller, &mut answer).await?;
    }
    let results = ops.iter().zip(&answer.items).map(|(op, item)| match item {
        Ok(outcome) => succeeded::<B>(*op, outcome),
        Err(error) => failed(&error.clone().into(), &caller.request_id),
    });
    let text = format!("{{\"results\":[{}]}}", results.collect::<Vec<_>>().join(","));
    Ok(respond::stamp(&answer, respond::json(StatusCode::OK, text)))
}

/// The batch itself is there: what is not is one that its body names.
fn unknown(mut problem: Problem) -> Problem {
    if problem.status == StatusCode::NOT_FOUND {
        problem.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    problem
}

/// The member of the command that the rules' own pointers are about.
fn body<B: Batched>(op: BatchOp) -> String {
    match op {
        BatchOp::Create => format!("/{}", B::ONE),
        BatchOp::Update => "/set".to_owned(),
        BatchOp::Delete | BatchOp::Restore => String::new(),
    }
}

impl<B: Batched> Step<B> {
    fn intent(self, batched: &B, caller: &Caller) -> Result<Intent, Problem> {
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
        let id = id.map(|id| id.0).unwrap_or_default();
        let never = || Problem::field("/op", "not-taken", "A batch of these only creates and updates.");
        let intent = match (new, set, op) {
            (Some(new), ..) => batched.create(new, caller).map_err(|problem| within(problem, &body::<B>(op)))?,
            (_, Some(set), _) => batched.update(id, set, caller).map_err(|problem| within(problem, &body::<B>(op)))?,
            (.., BatchOp::Delete) => batched.delete(id, caller).ok_or_else(never)?,
            _ => batched.restore(id, caller).ok_or_else(never)?,
        };
        Ok(intent.expecting(if_version.map(|version| vec![version])))
    }
}

/// The problem with its pointers moved below `prefix`, or pointing there if it had none.
fn within(mut problem: Problem, prefix: &str) -> Problem {
    for error in &mut problem.errors {
        if let At::Pointer(pointer) = &mut error.at {
            *pointer = format!("{prefix}{pointer}").into();
        }
    }
    if problem.errors.is_empty() {
        let (code, detail) = (problem.code.clone(), problem.detail.clone());
        problem.errors.push(FieldError::new(prefix.to_owned(), code, detail));
    }
    problem
}

fn succeeded<B: Batched>(op: BatchOp, outcome: &Outcome) -> String {
    match op {
        BatchOp::Create => format!("{{\"status\":201,\"{}\":{}}}", B::ONE, B::shown(&*outcome.state)),
        BatchOp::Update | BatchOp::Restore => {
            format!("{{\"status\":200,\"{}\":{}}}", B::ONE, B::shown(&*outcome.state))
        }
        BatchOp::Delete => "{\"status\":204}".to_owned(),
    }
}

fn failed(problem: &Problem, request_id: &str) -> String {
    let body = String::from_utf8(problem.body(request_id)).unwrap_or_default();
    format!("{{\"status\":{},\"problem\":{body}}}", problem.status.as_u16())
}
