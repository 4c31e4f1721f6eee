//! PostgreSQL twice: a primary, and a synchronous standby that takes over when the primary dies. The dead one comes back
//! as a copy of the new primary, for what it holds may have been acknowledged to nobody.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use crate::dev::account::Account;
use crate::dev::folder::{Folder, Passwords, write_private};
use crate::dev::keeper::Durability;
use crate::dev::server::Server;
use crate::dev::tools::Tools;
use crate::dev::{postgres, stale};

/// Given to both, as each may become the primary: no commit is acknowledged that only one of them has.
/// Commits wait for the standby, so it looks for a primary that was away more often than every five seconds.
const SETTINGS: &[&str] =
    &["synchronous_standby_names=FIRST 1 (standby)", "wal_keep_size=1GB", "wal_retrieve_retry_interval=200ms"];
const RETRY: Duration = Duration::from_millis(500);

/// What both are made of.
pub struct Pair {
    pub account: Account,
    pub tools: Rc<Tools>,
    pub homes: Vec<Folder>,
    pub passwords: Passwords,
    pub data: PathBuf,
    /// The socket of the primary, while there is one.
    pub target: watch::Sender<Option<PathBuf>>,
    /// The port of a link through which a standby follows the primary.
    pub through: Option<u16>,
    pub board: Board,
}

/// Both, running.
pub struct Kept {
    pair: Rc<Pair>,
    /// Which of the two is the primary.
    first: usize,
    primary: Server,
    standby: Standby,
}

enum Standby {
    Up(Box<Server>),
    Coming(Pin<Box<dyn Future<Output = Server>>>),
}

/// What became of the standby.
enum News {
    Came(Box<Server>),
    Died(String),
}

/// Docket's database behind this address.
pub fn url(passwords: &Passwords, at: SocketAddr) -> String {
    format!("postgres://docket:{}@{at}/docket", passwords.docket)
}

impl Pair {
    /// Makes what is missing and starts both.
    pub async fn start(self, say: &(dyn Fn(&str) + Sync)) -> Result<Kept> {
        let pair = Rc::new(self);
        let first = pair.first();
        let home = &pair.homes[first];
        postgres::create(&pair.account, home, &pair.tools, &pair.passwords, Durability::Kept, say).await?;
        pair.homes[1 - first].share_passwords(&pair.passwords)?;
        let primary = pair.start_one(first).await?;
        pair.lead(first, &primary);
        say("starting PostgreSQL's standby");
        let standby = pair.stand_by(1 - first).await?;
        pair.up(1 - first, "standby", &standby);
        Ok(Kept { pair, first, primary, standby: Standby::Up(Box::new(standby)) })
    }

    /// Which one was the primary last.
    fn first(&self) -> usize {
        usize::from(fs::read_to_string(self.data.join("primary")).is_ok_and(|name| name.trim() == "2"))
    }

    async fn start_one(&self, nth: usize) -> Result<Server> {
        let home = &self.homes[nth];
        postgres::start_with(&self.account, home, &self.tools, Durability::Kept, SETTINGS, &|_| {}).await
    }

    /// Starts one as the other's standby: from the data it has, or else from a copy of the other's.
    async fn stand_by(&self, nth: usize) -> Result<Server> {
        let signal = self.homes[nth].postgres().join("standby.signal");
        if !signal.exists() {
            self.copy(nth).await?;
        }
        self.follow(nth)?;
        self.start_one(nth).await
    }

    /// Throws away what one has, and copies the other.
    async fn copy(&self, nth: usize) -> Result<()> {
        let (home, other) = (&self.homes[nth], &self.homes[1 - nth]);
        stale::clear(home, &|_| {}).await?;
        let (data, new) = (home.postgres(), home.root().join("postgres.new"));
        for old in [&data, &new] {
            if old.exists() {
                fs::remove_dir_all(old).with_context(|| format!("cannot remove {}", old.display()))?;
            }
        }
        self.account.private_folder(&new)?;
        let primary = self.connection(&other.sockets().display().to_string(), postgres::PORT);
        let mut command = self.account.command(self.tools.beside_postgres("pg_basebackup"));
        command.current_dir(&new).arg("-D").arg(&new).args(["-X", "stream", "-c", "fast", "-d", &primary]);
        let output = tokio::process::Command::from(command).kill_on_drop(true).output().await;
        let output = output.context("cannot run pg_basebackup: it comes with PostgreSQL's client programs")?;
        if !output.status.success() {
            bail!("pg_basebackup fails: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        self.write(&new.join("standby.signal"), "")?;
        fs::rename(&new, &data).context("cannot rename the copied database's folder")
    }

    /// Says whom one follows as a standby: anew each time, for links come and go.
    fn follow(&self, nth: usize) -> Result<()> {
        let primary = match self.through {
            Some(port) => self.connection("127.0.0.1", port),
            None => self.connection(&self.homes[1 - nth].sockets().display().to_string(), postgres::PORT),
        };
        let follows = format!("primary_conninfo = '{primary} application_name=standby'\n");
        self.write(&self.homes[nth].postgres().join("postgresql.auto.conf"), &follows)
    }

    fn write(&self, file: &Path, content: &str) -> Result<()> {
        write_private(file, content.as_bytes())?;
        self.account.own(file)
    }

    /// How one of the two is reached by the other.
    fn connection(&self, host: &str, port: u16) -> String {
        format!("host={host} port={port} user=postgres password={}", self.passwords.postgres)
    }

    /// Makes a standby the primary.
    async fn promote(&self, nth: usize) -> Result<()> {
        // Noted first: whatever happens now, the other one is not to be written to again.
        write_private(&self.data.join("primary"), format!("{}\n", nth + 1).as_bytes())?;
        let data = self.homes[nth].postgres();
        let mut command = self.account.command(self.tools.beside_postgres("pg_ctl"));
        command.current_dir(&data).arg("promote").arg("-w").arg("-D").arg(&data);
        let output = tokio::process::Command::from(command).kill_on_drop(true).output().await?;
        if !output.status.success() {
            bail!("pg_ctl promote fails: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        // What is left of the other may hold a commit that it can't acknowledge any more; it must not try.
        stale::clear(&self.homes[1 - nth], &|_| {}).await
    }

    /// Tells the world that this one is the primary now.
    fn lead(&self, nth: usize, server: &Server) {
        self.up(nth, "primary", server);
        self.target.send_replace(Some(self.homes[nth].sockets().join(".s.PGSQL.5432")));
    }

    fn up(&self, nth: usize, role: &'static str, server: &Server) {
        let url = postgres::url(&self.homes[nth], "postgres", &self.passwords.postgres, "docket");
        self.board.up(&name(nth), role, &url, server.process());
    }
}

fn name(nth: usize) -> String {
    format!("postgres-{}", nth + 1)
}

impl Kept {
    /// Keeps both running until told to stop.
    pub async fn keep(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                why = self.primary.died() => {
                    tokio::select! {
                        () = self.lost(&why) => {}
                        () = stop.cancelled() => return,
                    }
                }
                news = self.standby.news() => self.hear(news),
                () = stop.cancelled() => break,
            }
        }
        // The primary goes first: its last records still reach the standby.
        self.primary.stop().await;
        if let Standby::Up(standby) = self.standby {
            standby.stop().await;
        }
    }

    /// The primary is gone. A standby takes its place, if there is one; else it has to come back itself.
    async fn lost(&mut self, why: &str) {
        let pair = self.pair.clone();
        pair.target.send_replace(None);
        pair.board.down(&name(self.first));
        tracing::warn!("{} is gone: {}", name(self.first), why.lines().next().unwrap_or_default());
        let standby = std::mem::replace(&mut self.standby, Standby::Coming(Box::pin(std::future::pending())));
        if let Standby::Up(standby) = standby {
            match pair.promote(1 - self.first).await {
                Ok(()) => {
                    self.first = 1 - self.first;
                    self.primary = *standby;
                    let gone = pair.homes[1 - self.first].postgres().join("standby.signal");
                    let _ = fs::remove_file(gone);
                    pair.lead(self.first, &self.primary);
                    return self.await_standby();
                }
                Err(error) => tracing::warn!("the standby does not take over: {error:#}"),
            }
        }
        self.primary = pair
            .insist(async || {
                stale::clear(&pair.homes[self.first], &|_| {}).await?;
                pair.start_one(self.first).await
            })
            .await;
        pair.lead(self.first, &self.primary);
        self.await_standby();
    }

    fn await_standby(&mut self) {
        let (pair, nth) = (self.pair.clone(), 1 - self.first);
        self.standby = Standby::Coming(Box::pin(async move {
            pair.insist(async || {
                stale::clear(&pair.homes[nth], &|_| {}).await?;
                pair.stand_by(nth).await
            })
            .await
        }));
    }

    fn hear(&mut self, news: News) {
        let nth = 1 - self.first;
        match news {
            News::Came(server) => {
                self.pair.up(nth, "standby", &server);
                self.standby = Standby::Up(server);
            }
            News::Died(why) => {
                tracing::warn!("{} is gone: {}", name(nth), why.lines().next().unwrap_or_default());
                self.pair.board.down(&name(nth));
                self.await_standby();
            }
        }
    }
}

impl Pair {
    /// Tries until it works.
    async fn insist(&self, mut start: impl AsyncFnMut() -> Result<Server>) -> Server {
        loop {
            match start().await {
                Ok(server) => return server,
                Err(error) => tracing::warn!("PostgreSQL does not start: {error:#}"),
            }
            sleep(RETRY).await;
        }
    }
}

impl Standby {
    /// Resolves when it comes, or dies.
    async fn news(&mut self) -> News {
        match self {
            Self::Up(server) => News::Died(server.died().await),
            Self::Coming(coming) => News::Came(Box::new(coming.await)),
        }
    }
}
