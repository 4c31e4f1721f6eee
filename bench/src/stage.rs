//! The stage that all figures are measured on: a server, its database, projects, members and the first tasks.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{self, Client};
use crate::data;
use crate::database::Database;
use crate::docket::Docket;
use crate::limits::Naive;
use crate::load::{Span, Target};
use crate::machine;
use crate::options::Options;
use crate::progress::Progress;
use crate::report::Report;
use crate::scripts::Supplies;

/// How many tasks are few.
pub const FEW: usize = 10_000;
const CONNECTIONS: &str = "select pid, application_name from pg_stat_activity where application_name like 'docket%'";
const PROJECTS: usize = 100;
const BATCH: usize = 500;

/// Everything a measurement needs.
pub struct Stage {
    /// What the caller wants.
    pub options: Options,
    /// The server.
    pub docket: Docket,
    /// Its database.
    pub database: Database,
    /// Its read models.
    pub progress: Progress,
    /// This very program, to start peers from.
    pub program: PathBuf,
    /// A hundred projects, and who works on them.
    pub supplies: Supplies,
    /// The project that half of all tasks belong to, besides the hundred.
    pub big: Uuid,
    /// The tenant.
    pub workspace: Uuid,
    /// Another key of the same workspace: its reads wait for nobody's writes.
    pub onlooker: Target,
    /// The first tasks.
    pub first: Vec<Uuid>,
    /// Every task that was answered with 201.
    pub acknowledged: Vec<Uuid>,
    /// The naive server, once it runs.
    pub naive: Option<Naive>,
    /// What was found so far.
    pub report: Report,
}

impl Stage {
    /// Creates the projects and the first tasks.
    pub async fn set(options: Options, docket: Docket, database: Database, report: Report) -> Result<Self> {
        let mut client = Client::open(&docket.target).await?;
        let mut projects = Vec::with_capacity(PROJECTS);
        for nth in 0..=PROJECTS {
            let name = format!("Project {nth}");
            projects.push(client::id(&client.post("/v1/projects", &json!({ "name": name })).await?)?);
        }
        let big = projects.pop().context("no projects")?;
        let supplies = Supplies {
            projects: projects.into(),
            members: members(&mut client).await?.into(),
            labels: labels(&mut client).await?.into(),
        };
        let key = client.post("/v1/keys", &json!({ "label": "onlooker", "scopes": ["admin"] })).await?;
        let key = key["token"].as_str().context("a new key has no token")?.to_owned();
        let onlooker = Target { address: docket.target.address.clone(), key: Some(key) };
        let progress = Progress::of(&database).await?;
        let workspace = database.query_one("select workspace from log.streams where id = $1", &[&big]).await?.get(0);
        let program = std::env::current_exe()?;
        let (first, acknowledged) = (Vec::new(), Vec::new());
        let mut stage = Self {
            options,
            docket,
            database,
            progress,
            program,
            supplies,
            big,
            workspace,
            onlooker,
            first,
            acknowledged,
            naive: None,
            report,
        };
        stage.fill(&mut client).await?;
        Ok(stage)
    }

    /// How long each load is measured.
    pub fn span(&self) -> Span {
        Span::seconds(self.options.seconds())
    }

    /// The naive server, started when first asked for.
    pub async fn naive(&mut self) -> Result<&mut Naive> {
        if self.naive.is_none() {
            self.naive = Some(Naive::start(&self.database, &self.program).await?);
        }
        self.naive.as_mut().context("the naive server is gone")
    }

    /// Looks up what PostgreSQL's processes work for, so that figures can say whose time it was.
    pub async fn call_connections(&self) -> Result<()> {
        let rows = self.database.query(CONNECTIONS, &[]).await?;
        machine::call(
            rows.iter().map(|row| (row.get::<_, i32>(0) as u32, format!("postgres ({})", row.get::<_, &str>(1)))),
        );
        Ok(())
    }

    async fn fill(&mut self, client: &mut Client) -> Result<()> {
        let mut rng = data::rng();
        let big = self.supplies.in_projects(&[self.big]);
        for nth in 0..FEW / BATCH {
            let supplies = if nth % 2 == 0 { &big } else { &self.supplies };
            let commands: Vec<Value> = (0..BATCH)
                .map(|_| {
                    let task: Value = serde_json::from_str(&supplies.body(&mut rng))?;
                    Ok(json!({ "op": "create", "task": task }))
                })
                .collect::<Result<_>>()?;
            let answer = client.post("/v1/tasks/batch", &json!({ "mode": "atomic", "commands": commands })).await?;
            let created = ids(&answer);
            anyhow::ensure!(created.len() == BATCH, "a batch answers {} tasks: {answer}", created.len());
            self.first.extend(created);
        }
        self.acknowledged.extend(&self.first);
        self.progress.caught_up().await?;
        self.call_connections().await?;
        self.database.batch("analyze").await
    }
}

async fn members(client: &mut Client) -> Result<Vec<Uuid>> {
    let mut members = Vec::new();
    for name in ["Ada", "Bo", "Chioma", "Dmitri", "Eun-ji", "Fatima", "Gérard", "Hanna"] {
        let email = format!("{}@bench.example", Uuid::new_v4().simple());
        members.push(client::id(&client.post("/v1/members", &json!({ "email": email, "name": name })).await?)?);
    }
    Ok(members)
}

async fn labels(client: &mut Client) -> Result<Vec<Uuid>> {
    let mut labels = Vec::new();
    for name in ["urgent", "customer", "legal", "harbour", "later"] {
        let name = format!("{name} {}", Uuid::new_v4().simple());
        labels.push(client::id(&client.post("/v1/labels", &json!({ "name": name })).await?)?);
    }
    Ok(labels)
}

/// The ids of a list's or a batch's resources.
fn ids(answer: &Value) -> Vec<Uuid> {
    let listed = answer["data"].as_array().into_iter().flatten();
    let batched = answer["results"].as_array().into_iter().flatten().map(|result| &result["task"]);
    listed.chain(batched).filter_map(|resource| client::id(resource).ok()).collect()
}
