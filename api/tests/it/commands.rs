//! The write path over a real PostgreSQL: what is answered is in the log, once, in order, and nothing else is.
//!
//! Each test has a database of its own and ends with [`Desk::audit`], which reads the whole log and finds it sound.

mod audit;
mod batches;
mod cancelled;
mod claims;
mod conflicts;
mod framework;
mod guards;
mod history;
mod neighbours;
pub mod outages;
mod pace;
mod receipts;
mod references;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use docket_commands::{Answer, Commands, Config, Error, Idempotency, ItemError, Mode, Outcome, Request, log};
use docket_domain::api_key::{self, ApiKey};
use docket_domain::catalog::Command;
use docket_domain::label::{self, Label};
use docket_domain::member::{self, Member};
use docket_domain::project::{self, Project};
use docket_domain::task::{self, Task};
use docket_domain::{Actor, Aggregate, AnySnapshot, Intent, KeyId, Refusal, Snapshot, WorkspaceId};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::harness::{self, TestDb};

/// A fixed time: nothing here may depend on this machine's clock.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_600_000_000, 250_000).expect("a time")
}

fn id() -> Uuid {
    Uuid::new_v4()
}

/// One workspace of a database of the test's own, seen from one node.
#[derive(Clone)]
pub struct Desk {
    pub workspace: WorkspaceId,
    pub commands: Commands,
    pub pool: PgPool,
    pub db: Arc<TestDb>,
}

impl Desk {
    pub async fn new() -> Self {
        let db = harness::database().await;
        let pool = PgPoolOptions::new().max_connections(4).connect(&db.url).await.expect("the database");
        log::initialise(&pool, 4, &[7; 32]).await.expect("an initialised log");
        let commands = Commands::open(&db.url, &Config::default()).await.expect("the write side");
        Self { workspace: WorkspaceId(id()), commands, pool, db: Arc::new(db) }
    }

    /// The same workspace on another node, which has seen nothing yet.
    async fn elsewhere(&self) -> Self {
        let commands = Commands::open(&self.db.url, &Config::default()).await.expect("the write side");
        Self { commands, ..self.clone() }
    }

    /// Another workspace on the same node, in the same partition.
    fn neighbour(&self) -> Self {
        let partition = self.partition();
        let workspace = std::iter::repeat_with(|| WorkspaceId(id()))
            .find(|workspace| self.commands.partition_of(*workspace) == partition)
            .expect("another workspace");
        Self { workspace, ..self.clone() }
    }

    pub fn partition(&self) -> i16 {
        self.commands.partition_of(self.workspace)
    }

    fn request(&self) -> Request {
        Request {
            command: id(),
            workspace: self.workspace,
            actor: Actor::System,
            key: None,
            role: None,
            cause: None,
            request_id: "req-1".to_owned(),
            dialect: "native",
            idempotency: None,
            now: now(),
            salt: id(),
            trace: None,
        }
    }

    /// A request that may be sent again: the same key and body each time.
    fn keyed(&self, key: u8, body: u8) -> Request {
        Request { idempotency: Some(Idempotency { key: [key; 32], fingerprint: [body; 32] }), ..self.request() }
    }

    async fn send(&self, request: Request, intents: Vec<Intent>) -> Result<Answer, Error> {
        self.commands.execute(request, intents, Mode::Atomic).await
    }

    async fn each(&self, request: Request, intents: Vec<Intent>) -> Answer {
        self.commands.execute(request, intents, Mode::PerItem).await.expect("an answer per item")
    }

    /// One intent that is expected to be carried out.
    async fn make(&self, intent: Intent) -> Answer {
        self.send(self.request(), vec![intent]).await.expect("a carried out command")
    }

    /// One intent that is expected to be refused.
    async fn refused(&self, intent: Intent) -> Refusal {
        refusal(self.send(self.request(), vec![intent]).await)
    }

    async fn project(&self) -> Uuid {
        let project = id();
        self.make(new_project(project, "Website")).await;
        project
    }

    async fn task(&self, project: Uuid) -> Uuid {
        let task = id();
        self.make(new_task(task, project)).await;
        task
    }

    async fn member(&self) -> Uuid {
        let member = id();
        self.make(new_member(member, &format!("{member}@example.org"))).await;
        member
    }

    pub async fn label(&self) -> Uuid {
        let label = id();
        self.make(new_label(label, &label.to_string())).await;
        label
    }

    async fn head(&self) -> i64 {
        log::heads(&self.pool).await.expect("the heads")[usize::try_from(self.partition()).expect("a partition")]
    }
}

fn new_project(id: Uuid, name: &str) -> Intent {
    Intent::create::<Project>(id, project::Command::Create(project::Create::new(name)))
}

fn change_project(id: Uuid, name: Option<&str>, archived: Option<bool>) -> Intent {
    let name = name.map(str::to_owned);
    Intent::new::<Project>(id, project::Command::Update(project::Changes { name, archived, ..Default::default() }))
}

fn in_project(project: Uuid) -> task::Create {
    task::Create::new(project.into(), "Write the text")
}

fn new_task(id: Uuid, project: Uuid) -> Intent {
    Intent::create::<Task>(id, task::Command::Create(in_project(project)))
}

fn change_task(id: Uuid, changes: task::Changes) -> Intent {
    Intent::new::<Task>(id, task::Command::Update(changes))
}

fn retitle(id: Uuid, title: &str) -> Intent {
    change_task(id, task::Changes { title: Some(title.to_owned()), ..task::Changes::default() })
}

fn new_label(id: Uuid, name: &str) -> Intent {
    Intent::create::<Label>(id, Command::Create(label::Fields { name: name.to_owned(), color: None }))
}

fn new_member(id: Uuid, email: &str) -> Intent {
    let (email, name) = (email.to_owned(), "Ada".to_owned());
    Intent::create::<Member>(id, member::Command::Invite { email, name, role: member::Role::Member })
}

fn new_key(id: Uuid, expires_after: Option<TimeDelta>) -> Intent {
    let mint = api_key::Mint {
        label: "CI".to_owned(),
        member_id: None,
        role: member::Role::Admin,
        scopes: vec!["admin".to_owned()],
        format: "native".to_owned(),
        kid: id.to_string(),
        sha256: "00".repeat(32),
        expires_at: expires_after.map(|after| now() + after),
    };
    Intent::create::<ApiKey>(id, api_key::Command::Mint(mint))
}

fn revoke(id: Uuid) -> Intent {
    Intent::new::<ApiKey>(id, api_key::Command::Revoke { by: member::Role::Owner })
}

/// The request, made with a key of the workspace.
fn with_key(request: Request, key: Uuid) -> Request {
    Request { key: Some(KeyId(key)), actor: Actor::Service(KeyId(key)), ..request }
}

fn snapshot<A: Aggregate>(state: &dyn AnySnapshot) -> Snapshot<A> {
    state.as_any().downcast_ref::<Snapshot<A>>().expect("a state of this kind").clone()
}

/// The outcome of an item that was carried out.
fn done(answer: &Answer, item: usize) -> &Outcome {
    match &answer.items[item] {
        Ok(outcome) => outcome,
        Err(error) => panic!("item {item} was not carried out: {error}"),
    }
}

fn task_of(answer: &Answer) -> Snapshot<Task> {
    snapshot(done(answer, 0).state.as_ref())
}

/// The refusal of a command of one item.
fn refusal(answer: Result<Answer, Error>) -> Refusal {
    match answer {
        Err(Error::Item { index: 0, error: ItemError::Refused(refusal) }) => refusal,
        Err(other) => panic!("expected a refusal, got {other:?}"),
        Ok(answer) => panic!("expected a refusal, but it was carried out up to {:?}", answer.position),
    }
}

/// The refusal of one item of a command whose items stand for themselves.
fn refusal_of(answer: &Answer, item: usize) -> &Refusal {
    match &answer.items[item] {
        Err(ItemError::Refused(refusal)) => refusal,
        Err(other) => panic!("expected a refusal of item {item}, got {other:?}"),
        Ok(_) => panic!("expected a refusal of item {item}, but it was carried out"),
    }
}

fn is_stale(answer: &Result<Answer, Error>, at: i64) -> bool {
    matches!(answer, Err(Error::Item { index: 0, error: ItemError::Stale { current } }) if *current == at)
}

/// An answer as its caller sees it.
fn told(answer: &Answer) -> Vec<Result<(String, bool), ItemError>> {
    let item = |item: &Result<Outcome, ItemError>| match item {
        Ok(outcome) => Ok((outcome.state.to_json(), outcome.changed)),
        Err(error) => Err(error.clone()),
    };
    answer.items.iter().map(item).collect()
}
