//! The composition root: one process with the roles it was given.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use docket_commands::relay::{self, Relay};
use docket_commands::teller::{self, Teller};
use docket_commands::{Commands, Config as CommandsConfig, Usage};
use docket_projections::{Config as ProjectorConfig, Deliveries, Projector, Reads};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::{App, Parts};
use crate::auth::{Keys, Vigil};
use crate::config::{Config, Role};
use crate::edge::cors::Origins;
use crate::edge::proxies::Proxies;
use crate::edge::serve::{self, Limits as ConnectionLimits};
use crate::edge::sse::Streams;
use crate::front::Front;
use crate::limits::{Doors, Limits, room};
use crate::threads::Http;
use crate::webhooks::{Sender, Worker};
use crate::{consumers, precautions, router, signing, telemetry, webhooks};

/// Open files besides the clients' connections: those to PostgreSQL and NATS, and whatever libraries open.
const OTHER_FILES: usize = 256;

/// A running Docket.
pub struct Docket {
    /// Where the API answers, if this process has that role.
    pub api: Option<SocketAddr>,
    /// Where the metrics are.
    pub metrics: SocketAddr,
    /// The write side, if this process answers the API.
    pub commands: Option<Commands>,
    tasks: JoinSet<anyhow::Result<()>>,
    shutdown: CancellationToken,
}

impl Docket {
    /// Starts every role of the configuration; `shutdown` stops them.
    pub async fn start(config: &Config, shutdown: CancellationToken) -> anyhow::Result<Self> {
        precautions::look_at_ways(config)?;
        precautions::look_at_passwords(config)?;
        let metrics = telemetry::serve_metrics(config.metrics_listen, shutdown.clone()).await?;
        let mut running = Self { api: None, metrics, commands: None, tasks: JoinSet::new(), shutdown };
        let url = &config.database.database_url;
        let reads = Reads::connect(url, config.read_connections).await.context("the read side can't start")?;
        precautions::look_at_walls(&reads, config.without_row_security).await?;
        let (seen, ended) = (reads.clone(), running.shutdown.clone());
        running.tasks.spawn(async move {
            seen.keep_writing_seen(ended).await;
            Ok(())
        });
        let nats = connect_nats(&config.nats_url).await?;
        let mut committed = Arc::new(Notify::new());
        if config.has(Role::Api) {
            let commands = running.start_api(config, &reads).await?;
            committed = commands.committed();
            running.commands = Some(commands);
        }
        if config.has(Role::Relay) {
            running.start_relay(config, nats.clone(), committed).await?;
            running.start_teller(config).await?;
            running.start_webhooks(config, &reads).await?;
            running.start_consumers(config, &reads).await?;
        }
        if config.has(Role::Projector) {
            running.start_projector(config, &reads, nats).await?;
        }
        for role in &config.roles {
            metrics::gauge!("docket_role", "role" => role.name()).set(1.0);
        }
        Ok(running)
    }

    async fn start_api(&mut self, config: &Config, reads: &Reads) -> anyhow::Result<Commands> {
        let commands = open_commands(config).await?;
        reads.let_wait(room::MOST);
        let limits = Arc::new(start_limits(config).await?);
        let deliveries = Deliveries::connect(&config.database.database_url).await?;
        let app = App::new(Parts {
            webhooks: sender(config, &deliveries)?,
            deliveries,
            commands: commands.clone(),
            reads: reads.clone(),
            keys: Keys::new(reads.clone()),
            limits: limits.clone(),
            streams: Streams::new(Duration::from_secs(config.stream_silence)),
            vigil: Vigil::default(),
        });
        let http = Http::start()?;
        let listener = http.open(|| serve::listen(config.listen)).with_context(|| {
            format!("can't listen on {}: set --listen or DOCKET_LISTEN to a free address", config.listen)
        })?;
        self.api = Some(listener.local_addr()?);
        let ended = self.shutdown.clone();
        self.tasks.spawn(async move {
            limits.keep_telling(ended).await;
            Ok(())
        });
        let (vigil, reads, ended) = (app.vigil.clone(), reads.clone(), self.shutdown.clone());
        self.tasks.spawn(async move {
            vigil.keep(reads, ended).await;
            Ok(())
        });
        let connections = ConnectionLimits {
            connections: config.connections,
            hosts: config.hosts.clone(),
            proxies: Proxies::new(&config.trusted_proxies),
            ..ConnectionLimits::default()
        };
        allow_files(config.connections);
        let doors = {
            let (writing, appending, reads) = (app.commands.clone(), app.commands.clone(), app.reads.clone());
            let (writes, append) = (move || writing.under_way(), move || appending.shortest_append());
            Doors::new(&config.room, writes, append, move || reads.waiting())
        };
        let front = Front::new(router::router(&app), Origins::new(&config.cors_origins), doors);
        let shutdown = self.shutdown.clone().cancelled_owned();
        let served = http.spawn(serve::serve(listener, front, shutdown, connections));
        self.tasks.spawn(async move {
            served.await?;
            drop(http);
            Ok(())
        });
        Ok(commands)
    }

    async fn start_relay(
        &mut self,
        config: &Config,
        nats: async_nats::Client,
        committed: Arc<Notify>,
    ) -> anyhow::Result<()> {
        let settings = relay::Config {
            holder: Uuid::new_v4(),
            prefix: config.nats_prefix.clone(),
            replicas: config.nats_replicas,
        };
        let relay = Relay::open(&config.database.database_url, nats, settings, committed).await?;
        let shutdown = self.shutdown.clone().cancelled_owned();
        self.tasks.spawn(async move {
            relay.run(shutdown).await;
            Ok(())
        });
        Ok(())
    }

    /// Tells people what concerns them, through the write side like everybody.
    async fn start_teller(&mut self, config: &Config) -> anyhow::Result<()> {
        let commands = match &self.commands {
            Some(commands) => commands.clone(),
            None => open_commands(config).await?,
        };
        let settings = teller::Config { holder: Uuid::new_v4(), clock: App::now };
        let teller = Teller::open(&config.database.database_url, commands, &settings).await?;
        let shutdown = self.shutdown.clone().cancelled_owned();
        self.tasks.spawn(async move {
            teller.run(shutdown).await;
            Ok(())
        });
        Ok(())
    }

    /// Sends to webhooks what happens.
    async fn start_webhooks(&mut self, config: &Config, reads: &Reads) -> anyhow::Result<()> {
        let deliveries = Deliveries::connect(&config.database.database_url).await?;
        let sender = sender(config, &deliveries)?;
        let (worker, shutdown) = (Worker::new(reads.clone(), deliveries, sender), self.shutdown.clone());
        self.tasks.spawn(async move {
            worker.run(shutdown).await;
            Ok(())
        });
        Ok(())
    }

    /// Lets consumers in over NATS, if there are to be any.
    async fn start_consumers(&mut self, config: &Config, reads: &Reads) -> anyhow::Result<()> {
        let Some(secrets) = config.consumers.clone() else { return Ok(()) };
        let deliveries = Deliveries::connect(&config.database.database_url).await?;
        let names = consumers::Names::new(&config.nats_prefix);
        // Each node counts the keys that do not work by itself.
        let limits = if config.limits.no_limits { Limits::none() } else { Limits::new(&config.limits, None)? };
        let served = consumers::Served { reads: reads.clone(), deliveries, limits };
        self.tasks.spawn(consumers::run(secrets, names, served, self.shutdown.clone()));
        Ok(())
    }

    async fn start_projector(
        &mut self,
        config: &Config,
        reads: &Reads,
        nats: async_nats::Client,
    ) -> anyhow::Result<()> {
        let settings = ProjectorConfig {
            database_url: config.database.database_url.clone(),
            connections: config.projector_connections,
            prefix: config.nats_prefix.clone(),
            holder: Uuid::new_v4(),
        };
        let mut projector = Projector::connect(&settings, reads.positions()).await?.hearing(nats);
        match &config.audit_key {
            Some(file) => projector = projector.signing(signing::read(file)?),
            None => tracing::warn!("histories are not signed: set --audit-key (docket audit key new makes one)"),
        }
        let shutdown = self.shutdown.clone();
        self.tasks.spawn(async move {
            projector.run(shutdown).await;
            Ok(())
        });
        Ok(())
    }

    /// Waits until every role has ended; an error says which failed.
    pub async fn wait(mut self) -> anyhow::Result<()> {
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a role ended by a panic")??;
            if !self.shutdown.is_cancelled() {
                anyhow::bail!("a role ended by itself; see the log");
            }
        }
        Ok(())
    }
}

/// What sends to webhooks.
fn sender(config: &Config, deliveries: &Deliveries) -> anyhow::Result<Sender> {
    let authorities = match &config.webhook_authorities {
        Some(file) => webhooks::authorities(file)?,
        None => Vec::new(),
    };
    Sender::new(&config.webhook_networks, &authorities, deliveries.secret())
}

/// Each connection is an open file, and services are started with fewer than they may have.
fn allow_files(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let allowed = getrlimit(Resource::Nofile).current;
    if raised.is_err() || allowed.is_some_and(|allowed| allowed < (connections + OTHER_FILES) as u64) {
        tracing::warn!(
            ?allowed,
            connections,
            "there may be fewer open files than connections: raise the limit (nofile)"
        );
    }
}

async fn start_limits(config: &Config) -> anyhow::Result<Limits> {
    if config.limits.no_limits {
        return Ok(Limits::none());
    }
    let shared = Usage::open(&config.database.database_url, Uuid::new_v4()).await.context("limits can't be shared")?;
    let limits = Limits::new(&config.limits, Some(shared))?;
    // Before the first request: how many nodes there are, and what time it is.
    limits.step().await;
    Ok(limits)
}

async fn open_commands(config: &Config) -> anyhow::Result<Commands> {
    let settings = CommandsConfig { cache_entries: config.cache_entries, ..CommandsConfig::default() };
    Commands::open(&config.database.database_url, &settings)
        .await
        .context("the write side can't start: check DATABASE_URL")
}

async fn connect_nats(url: &str) -> anyhow::Result<async_nats::Client> {
    async_nats::ConnectOptions::new()
        .name("docket")
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| Duration::from_millis(50 * u64::min(attempts as u64, 40)))
        .connect(url.split(',').collect::<Vec<_>>())
        .await
        .context("can't use NATS: check NATS_URL")
}
