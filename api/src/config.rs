//! All of Docket's configuration: one struct, from flags and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::consumers::Secrets;
use crate::limits;
use crate::network::Network;
use crate::telemetry::Traces;

/// What one process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers HTTP.
    Api,
    /// Carries committed events on: to NATS, to the people concerned, to webhooks.
    Relay,
    /// Keeps the read models.
    Projector,
}

impl Role {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Relay => "relay",
            Self::Projector => "projector",
        }
    }
}

/// Where the database is.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// PostgreSQL 15 or newer, as `postgres://user:password@host:port/database`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
}

/// The configuration of `docket serve`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where the database is.
    #[command(flatten)]
    pub database: Database,

    /// NATS server 2.12 or newer with JetStream, as `nats://host:port`; those of a cluster joined by commas.
    #[arg(long, env = "NATS_URL", hide_env_values = true, value_name = "URL")]
    pub nats_url: String,

    /// What this process does.
    #[arg(long, env = "DOCKET_ROLES", value_enum, value_delimiter = ',', default_value = "api,relay,projector")]
    pub roles: Vec<Role>,

    /// Where the API listens.
    #[arg(long, env = "DOCKET_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,

    /// Origins whose pages may use the API from a browser, as `https://app.example.com`, joined by commas; `*`: all.
    #[arg(long, env = "DOCKET_CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGINS")]
    pub cors_origins: Vec<String>,

    /// Where Prometheus finds the metrics. Keep it off public networks.
    #[arg(long, env = "DOCKET_METRICS_LISTEN", default_value = "127.0.0.1:9464", value_name = "ADDR:PORT")]
    pub metrics_listen: SocketAddr,

    /// First token of all NATS subjects; give every installation on one NATS server its own.
    #[arg(long, env = "DOCKET_NATS_PREFIX", default_value = "docket", value_name = "WORD")]
    pub nats_prefix: String,

    /// Copies that JetStream keeps of the stream: 1, or 3 in a cluster.
    #[arg(long, env = "DOCKET_NATS_REPLICAS", default_value_t = 1, value_name = "N")]
    pub nats_replicas: usize,

    /// Names that requests may be for (`Host`), without ports, joined by commas; any unless said otherwise.
    #[arg(long, env = "DOCKET_HOSTS", value_delimiter = ',', value_name = "NAMES")]
    pub hosts: Vec<String>,

    /// Networks of the proxies in front, joined by commas: whom and how they speak for (`X-Forwarded-For`,
    /// `X-Forwarded-Proto`) is believed of them, and of nobody else.
    #[arg(long, env = "DOCKET_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORKS")]
    pub trusted_proxies: Vec<Network>,

    /// Connections of clients at a time; more wait to be let in.
    #[arg(long, env = "DOCKET_CONNECTIONS", default_value_t = 10_000, value_name = "N")]
    pub connections: usize,

    /// How much is taken on at a time.
    #[command(flatten)]
    pub room: limits::Room,

    /// Connections for reading.
    #[arg(long, env = "DOCKET_READ_CONNECTIONS", default_value_t = 8, value_name = "N")]
    pub read_connections: usize,

    /// Connections for keeping the read models.
    #[arg(long, env = "DOCKET_PROJECTOR_CONNECTIONS", default_value_t = 8, value_name = "N")]
    pub projector_connections: usize,

    /// Aggregates kept in memory.
    #[arg(long, env = "DOCKET_CACHE_ENTRIES", default_value_t = 50_000, value_name = "N")]
    pub cache_entries: usize,

    /// Seconds of silence after which a stream of events shows that it is there: fewer than what stands between bears.
    #[arg(long, env = "DOCKET_STREAM_SILENCE", default_value_t = 15, value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub stream_silence: u64,

    /// Networks that are not public and that webhooks may lead into all the same, also without TLS: `10.0.0.0/8,fd00::/8`.
    #[arg(long, env = "DOCKET_WEBHOOK_NETWORKS", value_delimiter = ',', value_name = "NETWORKS")]
    pub webhook_networks: Vec<Network>,

    /// Certificates of authorities, in PEM, that vouch for receivers of webhooks besides the public ones.
    #[arg(long, env = "DOCKET_WEBHOOK_AUTHORITIES", value_name = "FILE")]
    pub webhook_authorities: Option<PathBuf>,

    /// What Docket knows of the consumers' nats-server, made by `docket consumers new`; without it, there are none.
    #[arg(long, env = "DOCKET_CONSUMERS", value_name = "FILE", value_parser = consumers)]
    pub consumers: Option<Secrets>,

    /// The keys that sign checkpoints of histories, made by `docket audit key new`; only the role projector needs them.
    #[arg(long, env = "DOCKET_AUDIT_KEY", value_name = "FILE")]
    pub audit_key: Option<PathBuf>,

    /// Where traces go.
    #[command(flatten)]
    pub traces: Traces,

    /// Serves also where row-level security would not hold, as for a superuser: then only queries keep workspaces apart.
    #[arg(long, env = "DOCKET_WITHOUT_ROW_SECURITY", value_parser = clap::builder::FalseyValueParser::new())]
    pub without_row_security: bool,

    /// Serves also where what is said to PostgreSQL and NATS can be read on its way.
    #[arg(long, env = "DOCKET_WITHOUT_TLS", value_parser = clap::builder::FalseyValueParser::new())]
    pub without_tls: bool,

    /// Serves also where anybody would guess the password to PostgreSQL or NATS on another machine.
    #[arg(long, env = "DOCKET_WITH_WEAK_PASSWORDS", value_parser = clap::builder::FalseyValueParser::new())]
    pub with_weak_passwords: bool,

    /// How much is too much.
    #[command(flatten)]
    pub limits: limits::Settings,
}

fn consumers(file: &str) -> Result<Secrets, String> {
    Secrets::read(file.as_ref()).map_err(|error| format!("{error:#}"))
}

impl Config {
    /// The configuration of a private server: everything at its default but the addresses.
    pub fn private(database_url: String, nats_url: String, listen: SocketAddr) -> Self {
        Self {
            database: Database { database_url },
            nats_url,
            roles: vec![Role::Api, Role::Relay, Role::Projector],
            listen,
            cors_origins: Vec::new(),
            metrics_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            nats_prefix: "docket".to_owned(),
            nats_replicas: 1,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            connections: 10_000,
            room: limits::Room::default(),
            read_connections: 8,
            projector_connections: 8,
            cache_entries: 50_000,
            stream_silence: 15,
            webhook_networks: Vec::new(),
            webhook_authorities: None,
            consumers: None,
            audit_key: None,
            traces: Traces::default(),
            without_row_security: false,
            without_tls: false,
            with_weak_passwords: false,
            limits: limits::Settings::default(),
        }
    }

    /// Whether this process has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
