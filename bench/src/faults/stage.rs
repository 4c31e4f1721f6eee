//! The cluster with its nodes, and how each fault is brought about and made good again.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use async_nats::jetstream;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep};

use crate::clock;
use crate::cluster::{Cluster, Member, free_ports};
use crate::facts;
use crate::menu::{Fault, NODES, Trouble};
use crate::node::{Node, children, signal};
use crate::odd;
use crate::options::Options;
use crate::proxy::{Mode, Side};

/// How long until something has to be there again.
const PATIENCE: Duration = Duration::from_mins(2);
const STREAM: &str = "DOCKET-EVENTS";

/// All that can be broken.
pub struct Stage {
    /// The servers.
    pub cluster: Cluster,
    /// The nodes: two of each role.
    pub nodes: Vec<Node>,
    /// The program that takes the place of whichever runs.
    program: PathBuf,
    rng: StdRng,
}

impl Stage {
    /// Starts all of it.
    pub async fn set(options: &Options) -> Result<Self> {
        let mut cluster = Cluster::start(options).await?;
        if options.from.is_some() {
            cluster.begin_anew().await?;
        }
        cluster.run(&["migrate"]).await?;
        let ports = free_ports(2 * NODES)?;
        let mut nodes = Vec::new();
        for nth in 0..NODES {
            let role = ["api", "relay", "projector"][nth / 2];
            let (name, ports) = (format!("{role}-{}", nth % 2 + 1), (ports[2 * nth], ports[2 * nth + 1]));
            let mut node = Node::new(&cluster, &name, role, ports).await?;
            node.start()?;
            nodes.push(node);
        }
        let program = options.program()?;
        let mut stage = Self { cluster, nodes, program, rng: StdRng::seed_from_u64(options.seed) };
        for nth in 0..NODES {
            stage.nodes[nth].reachable().await?;
        }
        Ok(stage)
    }

    /// Where clients find the API.
    pub fn apis(&self) -> Vec<u16> {
        self.nodes.iter().filter_map(|node| node.front.as_ref()).map(|link| link.port).collect()
    }

    /// Lets something go wrong, and makes it good again as far as that is not Docket's own business.
    pub async fn suffer(&mut self, fault: &Fault) -> Result<()> {
        match fault {
            Fault::KillNode(nth) => {
                self.nodes[*nth].stop("KILL").await;
                sleep(Duration::from_millis(self.rng.random_range(0..600))).await;
                self.nodes[*nth].start()?;
                self.nodes[*nth].reachable().await?;
            }
            Fault::PauseNode(nth, long) => {
                self.signal_node(*nth, "STOP");
                sleep(*long).await;
                self.signal_node(*nth, "CONT");
            }
            Fault::KillNats(nth) => self.kill_server(&format!("nats-{}", nth + 1)).await?,
            Fault::KillNatsLeader => {
                let leader = self.leader().await?;
                self.kill_server(&leader).await?;
            }
            Fault::KillConsumers => self.kill_server("consumers").await?,
            Fault::PauseNats(nth, long) => self.pause_server(&format!("nats-{}", nth + 1), *long).await?,
            Fault::PauseConsumers(long) => self.pause_server("consumers", *long).await?,
            Fault::Failover => {
                let primary = self.cluster.member(|member| member.role == "primary")?.name;
                self.kill_server(&primary).await?;
            }
            Fault::Forget(long) => self.forget(*long).await?,
            Fault::CrashPostgres => self.cluster.crash_postgres()?,
            Fault::KillStandby => {
                let standby = self.cluster.member(|member| member.role == "standby")?.name;
                self.kill_server(&standby).await?;
            }
            Fault::PausePostgres(role, long) => {
                let name = self.cluster.member(|member| member.role == *role)?.name;
                self.pause_server(&name, *long).await?;
            }
            Fault::Link(nth, trouble, long) => {
                self.trouble(*nth, *trouble);
                sleep(*long).await;
                self.nodes[*nth].link(Mode::Open);
            }
            Fault::Between(servers, trouble, long) => {
                let mode = self.mode(*trouble);
                self.cluster.between.set(*servers, mode);
                sleep(*long).await;
                self.cluster.between.set(*servers, Mode::Open);
            }
            Fault::Wipe => drop(self.jetstream().await?.delete_stream(STREAM).await),
            Fault::OddMessages => odd::publish(&self.jetstream().await?, STREAM, &mut self.rng).await?,
            Fault::Replace => self.replace().await?,
            Fault::StepClock(seconds) => clock::step(&self.cluster.database().await?, *seconds).await?,
            Fault::Exhaust(nth, long) => {
                let held = self.exhaust().await?;
                self.nodes[*nth].stop("KILL").await;
                self.nodes[*nth].start()?;
                sleep(*long).await;
                drop(held);
                self.nodes[*nth].reachable().await?;
            }
        }
        Ok(())
    }

    /// What an upgrade does: projectors first, then relays, then those that answer.
    async fn replace(&mut self) -> Result<()> {
        self.cluster.docket.clone_from(&self.program);
        self.cluster.run(&["migrate"]).await?;
        for nth in (0..NODES).rev() {
            self.nodes[nth].stop("TERM").await;
            self.nodes[nth].program.clone_from(&self.program);
            self.nodes[nth].start()?;
            self.nodes[nth].reachable().await?;
        }
        Ok(())
    }

    fn signal_node(&self, nth: usize, name: &str) {
        if let Some(process) = self.nodes[nth].process() {
            signal(name, process);
        }
    }

    /// Kills a server and waits until it has been started again.
    async fn kill_server(&self, name: &str) -> Result<()> {
        let member = self.cluster.member(|member| member.name == name)?;
        signal("KILL", member.process.with_context(|| format!("{name} does not run"))?);
        self.back(&member).await
    }

    /// Waits until a server has been started again.
    async fn back(&self, member: &Member) -> Result<()> {
        let name = &member.name;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.cluster.member(|member| member.name == *name)?;
            if now.starts > member.starts && now.process.is_some() {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "{name} does not come back");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops a server with all its processes for a while.
    async fn pause_server(&self, name: &str, long: Duration) -> Result<()> {
        let process = self.cluster.member(|member| member.name == name)?.process;
        let process = process.with_context(|| format!("{name} does not run"))?;
        let family = family(process);
        signal_all("STOP", &family);
        sleep(long).await;
        signal_all("CONT", &family);
        Ok(())
    }

    /// Lets the primary show for a while what its standby does not have, and then has the standby take over.
    async fn forget(&self, long: Duration) -> Result<()> {
        let standby = self.cluster.member(|member| member.role == "standby")?.process.context("there is no standby")?;
        let primary = self.cluster.member(|member| member.role == "primary")?;
        let family = family(standby);
        signal_all("STOP", &family);
        self.cluster.crash_postgres()?;
        let deadline = Instant::now() + PATIENCE;
        while facts::connect(&primary.url).await.is_err() && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
        sleep(long).await;
        signal("KILL", primary.process.context("there is no primary")?);
        signal_all("CONT", &family);
        self.back(&primary).await
    }

    fn trouble(&mut self, nth: usize, trouble: Trouble) {
        let mode = self.mode(trouble);
        let node = &self.nodes[nth];
        match trouble {
            Trouble::Slow | Trouble::Swallow | Trouble::Shut => node.link(mode),
            Trouble::CutRequests | Trouble::CutAnswers => node.links[0].set(mode),
            Trouble::LoseRequests | Trouble::LoseAnswers => node.front.iter().for_each(|link| link.set(mode)),
        }
    }

    fn mode(&mut self, trouble: Trouble) -> Mode {
        let bytes = self.rng.random_range(0..3_000);
        match trouble {
            Trouble::Slow => Mode::Slow(Duration::from_millis(40)),
            Trouble::Swallow => Mode::Swallow,
            Trouble::Shut => Mode::Shut,
            Trouble::CutRequests | Trouble::LoseRequests => Mode::Cut(Side::Server, bytes),
            Trouble::CutAnswers | Trouble::LoseAnswers => Mode::Cut(Side::Client, bytes),
        }
    }

    /// Takes all connections that PostgreSQL has to give, as many roles would: until these are dropped.
    async fn exhaust(&self) -> Result<Vec<tokio_postgres::Client>> {
        let url = self.cluster.state()?.database_url;
        let mut held = Vec::new();
        while let Ok(client) = facts::connect(&url).await {
            held.push(client);
            if held.len() > 400 {
                break;
            }
        }
        Ok(held)
    }

    async fn jetstream(&self) -> Result<jetstream::Context> {
        let urls = self.cluster.state()?.nats_url;
        let client = async_nats::ConnectOptions::new()
            .retry_on_initial_connect()
            .connect(urls.split(',').collect::<Vec<_>>())
            .await?;
        Ok(jetstream::new(client))
    }

    async fn leader(&self) -> Result<String> {
        let jetstream = self.jetstream().await?;
        for _ in 0..100 {
            if let Ok(mut stream) = jetstream.get_stream(STREAM).await
                && let Ok(info) = stream.info().await
                && let Some(leader) = info.cluster.as_ref().and_then(|cluster| cluster.leader.clone())
            {
                return Ok(leader);
            }
            sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("nobody leads the stream")
    }

    /// Makes all links good and waits until everything is there.
    pub async fn heal(&mut self) -> Result<()> {
        self.cluster.between.heal();
        for nth in 0..NODES {
            self.nodes[nth].link(Mode::Open);
            self.nodes[nth].reachable().await?;
        }
        let deadline = Instant::now() + PATIENCE;
        while !self.cluster.state()?.members.iter().all(|member| member.process.is_some()) {
            anyhow::ensure!(Instant::now() < deadline, "not all servers come back: {:?}", self.cluster.state()?);
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

fn signal_all(name: &str, processes: &[u32]) {
    for process in processes {
        signal(name, *process);
    }
}

/// A server's process and those that it has started.
fn family(process: u32) -> Vec<u32> {
    let mut family = children(process);
    family.push(process);
    family
}
