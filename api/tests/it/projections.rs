//! The read side over a real PostgreSQL: what is read is what the log says, for those who may read it, and in time.
//!
//! Projectors are driven by `step()`; only the tests of NATS and of leadership let one run by itself.

mod ask;
mod cursors;
mod declared;
mod deleted;
mod feed;
mod freshness;
mod hidden;
mod laws;
mod leaders;
mod lists;
mod past;
mod poison;
mod random;
mod rebuilds;
mod sprints;
mod tenants;

use chrono::{DateTime, TimeDelta, Utc};
use docket_commands::{Commands, Config as CommandsConfig, Mode, Request};
use docket_domain::api_key::{self, ApiKey, Mint};
use docket_domain::catalog;
use docket_domain::ids::{KeyId, LabelId, MemberId, ProjectId, SprintId, TaskId, WorkspaceId};
use docket_domain::label::{self, Label};
use docket_domain::member::{self, Member, Role};
use docket_domain::project::{self, Project};
use docket_domain::sprint::{self, Plan, Sprint};
use docket_domain::task::{self, Create, Task};
use docket_domain::{Actor, Aggregate, Intent};
use docket_projections::{Config, Error, Page, PageQuery, Projections, Projector, ReadAs, Reads};

use self::ask::{Ask, TaskQuery};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{self, TestDb};

/// A database with both sides open.
struct World {
    db: TestDb,
    pool: PgPool,
    commands: Commands,
    reads: Reads,
    projector: Projector,
}

/// One workspace with one key.
#[derive(Clone, Copy)]
struct Tenant {
    workspace: WorkspaceId,
    key: KeyId,
    kid: Uuid,
}

impl World {
    async fn new() -> Self {
        let db = harness::database().await;
        let pool = PgPool::connect(&db.url).await.expect("the database");
        let commands = Commands::open(&db.url, &CommandsConfig::default()).await.expect("the write side");
        let reads = Reads::connect(&db.url, 4).await.expect("the read side");
        let projector = projector(&db, &reads).await;
        Self { db, pool, commands, reads, projector }
    }

    async fn tenant(&mut self) -> Tenant {
        let tenant = Tenant { workspace: WorkspaceId(Uuid::new_v4()), key: KeyId(Uuid::new_v4()), kid: Uuid::new_v4() };
        let mint = Mint {
            label: "test".to_owned(),
            member_id: None,
            role: Role::Owner,
            scopes: vec!["admin".to_owned()],
            format: "native".to_owned(),
            kid: tenant.kid.to_string(),
            sha256: tenant.sha256(),
            expires_at: None,
        };
        self.system::<ApiKey>(tenant.workspace, tenant.key.0, api_key::Command::Mint(mint)).await;
        self.catch_up().await;
        tenant
    }

    /// Takes in everything there is.
    async fn catch_up(&mut self) -> usize {
        self.projector.catch_up().await.expect("projecting").events
    }

    async fn send(&self, workspace: WorkspaceId, key: Option<KeyId>, intents: Vec<Intent>) -> Option<i64> {
        let request = Request {
            role: None,
            command: Uuid::new_v4(),
            workspace,
            actor: key.map_or(Actor::System, Actor::Service),
            key,
            cause: None,
            request_id: "req-1".to_owned(),
            dialect: "native",
            idempotency: None,
            now: now(),
            salt: Uuid::new_v4(),
            trace: None,
        };
        self.commands.execute(request, intents, Mode::Atomic).await.expect("a command that is carried out").position
    }

    async fn system<A>(&self, workspace: WorkspaceId, id: Uuid, command: A::Command) -> Option<i64>
    where
        A: Aggregate<Command: Send + Sync>,
    {
        self.send(workspace, None, vec![Intent::new::<A>(id, command)]).await
    }

    /// Does something with the tenant's key; answers the position.
    async fn tell<A>(&self, tenant: Tenant, id: Uuid, command: A::Command) -> i64
    where
        A: Aggregate<Command: Send + Sync>,
    {
        let sent = self.send(tenant.workspace, Some(tenant.key), vec![Intent::new::<A>(id, command)]).await;
        sent.unwrap_or_default()
    }

    async fn project(&self, tenant: Tenant, name: &str) -> ProjectId {
        let id = Uuid::new_v4();
        let create = project::Command::Create(project::Create::new(name));
        self.tell::<Project>(tenant, id, create).await;
        ProjectId(id)
    }

    async fn sprint(&self, tenant: Tenant, project_id: ProjectId, name: &str) -> SprintId {
        let id = Uuid::new_v4();
        let plan = Plan { project_id, name: name.to_owned(), goal: None, start_date: None, end_date: None };
        self.tell::<Sprint>(tenant, id, sprint::Command::Plan(plan)).await;
        SprintId(id)
    }

    async fn label(&self, tenant: Tenant, name: &str) -> LabelId {
        let id = Uuid::new_v4();
        self.tell::<Label>(tenant, id, catalog::Command::Create(label::Fields { name: name.to_owned(), color: None }))
            .await;
        LabelId(id)
    }

    async fn member(&self, tenant: Tenant, name: &str) -> MemberId {
        let id = Uuid::new_v4();
        let (email, name) = (format!("{name}@example.org"), name.to_owned());
        self.tell::<Member>(tenant, id, member::Command::Invite { email, name, role: Role::Member }).await;
        MemberId(id)
    }

    async fn task(&self, tenant: Tenant, project: ProjectId, title: &str) -> TaskId {
        let id = Uuid::new_v4();
        self.tell::<Task>(tenant, id, task::Command::Create(plain(project, title))).await;
        TaskId(id)
    }

    /// On a busy machine a projector that runs by itself may be late: then it is asked again.
    async fn tasks(&self, tenant: Tenant, query: TaskQuery) -> Page {
        for _ in 0..10 {
            match self.reads.tasks(&tenant.reader(), &query).await {
                Err(Error::NotFresh) => {}
                page => return page.expect("a page"),
            }
        }
        panic!("what was written can't be read");
    }

    /// The titles of a list, in order.
    async fn titles(&self, tenant: Tenant, query: TaskQuery) -> Vec<String> {
        self.tasks(tenant, query)
            .await
            .docs
            .iter()
            .map(|doc| value(doc)["title"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn admin(&self) -> Projections {
        Projections::connect(&self.db.url).await.expect("the read models")
    }

    async fn sql(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.expect(sql);
    }

    async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect(sql)
    }
}

impl Tenant {
    fn reader(&self) -> ReadAs {
        ReadAs { workspace: self.workspace, key: self.key, member: None, min_position: None }
    }

    /// What is kept of the key's token.
    fn sha256(&self) -> String {
        format!("5ec7e7{}", self.kid.simple())
    }
}

async fn projector(db: &TestDb, reads: &Reads) -> Projector {
    let config = Config {
        database_url: db.url.clone(),
        connections: 3,
        prefix: "unused".to_owned(),
        holder: uuid::Uuid::new_v4(),
    };
    Projector::connect(&config, reads.positions()).await.expect("a projector")
}

fn plain(project_id: ProjectId, title: &str) -> Create {
    Create::new(project_id, title)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time") + TimeDelta::microseconds(1)
}

fn value(doc: &str) -> serde_json::Value {
    serde_json::from_str(doc).expect("JSON")
}

fn first(limit: i64) -> PageQuery {
    PageQuery { limit, ..PageQuery::default() }
}
