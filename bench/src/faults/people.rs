//! Those who take part: clients of three workspaces, each with a key, what is there before they begin, and in each
//! workspace a member who listens over NATS.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::client::{Client, Manners};
use crate::cluster::{Cluster, Workspace};
use crate::ears::Ear;
use crate::history::{Call, History, Outcome};
use crate::options::Options;
use crate::workload::{Common, Worker, id};

const WORKSPACES: usize = 3;
/// How long it may take until everybody is there.
const PATIENCE: Duration = Duration::from_mins(1);

/// All of them.
pub struct People {
    crews: Vec<Crew>,
    /// The calls by which they came to be there.
    made: Vec<Rc<Call>>,
}

/// Those of a workspace.
struct Crew {
    workspace: Uuid,
    members: Vec<Uuid>,
    labels: Vec<Uuid>,
    keys: Vec<String>,
    listener: (Uuid, Value),
}

/// How clients work.
pub struct Work {
    /// Where they write down what happens to them.
    pub history: Rc<RefCell<History>>,
    /// Set when it is enough.
    pub enough: Rc<Cell<bool>>,
    seed: u64,
    largest_batch: u16,
    apis: Rc<[u16]>,
    manners: Manners,
}

impl Work {
    /// Clients that talk to these nodes and try for so long.
    pub fn new(options: &Options, apis: Vec<u16>, patience: Duration) -> Self {
        let Options { seed, largest_batch, repeat_one_in, .. } = *options;
        let (history, enough, apis) = (Rc::default(), Rc::default(), apis.into());
        Self { history, enough, seed, largest_batch, apis, manners: Manners { patience, repeat_one_in } }
    }
}

impl People {
    /// Sets up the workspaces by a node's API, and a key for each client.
    pub async fn gather(cluster: &Cluster, api: u16, clients: u16) -> Result<Self> {
        let (mut crews, made) = (Vec::new(), RefCell::default());
        for nth in 0..WORKSPACES {
            let workspace = cluster.workspace(&format!("workspace-{nth}")).await?;
            let host = Host { workspace: &workspace, api, made: &made };
            crews.push(Crew::gather(host, (nth..usize::from(clients)).step_by(WORKSPACES).len()).await?);
        }
        Ok(Self { crews, made: made.into_inner() })
    }

    /// Lets a member of each workspace listen, until told to stop.
    pub async fn listen(&self, cluster: &Cluster, history: &Rc<RefCell<History>>) -> Result<Vec<JoinHandle<()>>> {
        let mut listening = Vec::new();
        for Crew { listener: (member, key), .. } in &self.crews {
            listening.push(Ear::new(cluster, *member, key, history.clone())?.listen().await?);
        }
        Ok(listening)
    }

    /// Puts the clients to work, until it is enough.
    pub fn work(&self, work: &Work) -> Vec<JoinHandle<()>> {
        work.history.borrow_mut().calls.extend(self.made.iter().cloned());
        let mut rng = StdRng::seed_from_u64(work.seed);
        let mut workers = Vec::new();
        for crew in &self.crews {
            let (members, labels) = (crew.members.clone(), crew.labels.clone());
            let enough = work.enough.clone();
            let (shared, largest_batch) = (RefCell::default(), work.largest_batch.into());
            let common = Rc::new(Common { members, labels, shared, largest_batch, enough });
            for key in &crew.keys {
                let (apis, history) = (work.apis.clone(), work.history.clone());
                let client = Client::new(rng.random(), work.manners, apis, (crew.workspace, key.clone()), history);
                let common = common.clone();
                workers.push(tokio::task::spawn_local(async move {
                    if let Some(worker) = Worker::open(client, common).await {
                        worker.work().await;
                    }
                }));
            }
        }
        workers
    }
}

impl Crew {
    async fn gather(host: Host<'_>, clients: usize) -> Result<Self> {
        let workspace = host.workspace;
        let (mut members, mut labels, mut keys) = (vec![workspace.owner], Vec::new(), Vec::new());
        for name in ["Bo", "Chioma", "Dmitri"] {
            let member = json!({ "name": name, "email": format!("{name}@faults.example") });
            members.push(id(&host.make("/v1/members", member).await?).context("a member has no id")?);
            let label = json!({ "name": format!("Label of {name}") });
            labels.push(id(&host.make("/v1/labels", label).await?).context("a label has no id")?);
        }
        for _ in 0..clients {
            let minted = host.make("/v1/keys", json!({ "label": "client", "scopes": ["admin"] })).await?;
            keys.push(minted["token"].as_str().context("a key has no token")?.to_owned());
        }
        let key = json!({ "label": "listener", "scopes": ["notifications:read"], "member_id": members[1] });
        let listener = (members[1], host.make("/v1/keys", key).await?);
        Ok(Self { workspace: workspace.id, members, labels, keys, listener })
    }
}

/// Who makes what is there before anything goes wrong.
#[derive(Clone, Copy)]
struct Host<'a> {
    workspace: &'a Workspace,
    api: u16,
    made: &'a RefCell<Vec<Rc<Call>>>,
}

impl Host<'_> {
    /// Makes something. Those who project may only just be coming up.
    async fn make(&self, path: &str, body: Value) -> Result<Value> {
        let (begun, key) = (Instant::now(), Uuid::new_v4());
        let client = reqwest::Client::new();
        loop {
            let request = client.post(format!("http://127.0.0.1:{}{path}", self.api)).bearer_auth(&self.workspace.key);
            let answer = request.header("Idempotency-Key", key.to_string()).json(&body).send().await?;
            let status = answer.status();
            let text = answer.text().await?;
            if status.is_success() {
                let made: Value = serde_json::from_str(&text)?;
                self.note(key, path, &made);
                return Ok(made);
            }
            let passes = status.is_server_error() || status == StatusCode::UNAUTHORIZED;
            ensure!(passes && begun.elapsed() < PATIENCE, "{path} answers {status}: {text}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    fn note(&self, key: Uuid, path: &str, made: &Value) {
        let (workspace, what) = (self.workspace.id, format!("POST {path}"));
        let outcome = Outcome::Done(made.clone()).essence();
        let call = Call { workspace, key, what, if_match: None, commands: 1, idle: false, outcome };
        self.made.borrow_mut().push(Rc::new(call));
    }
}
