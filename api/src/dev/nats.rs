//! The private nats-servers: JetStream on, loopback only, the same ports at each start if they are still free.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::account::Account;
use super::folder::{Folder, write_private};
use super::server::Server;
use super::tools::Tools;
use crate::consumers::Secrets;

/// Lets the server choose a port.
const ANY: &str = "-1";
/// The file that says which one it was.
const LAST_PORT: &str = "last-port";

/// One of the servers: Docket's own, or the one that consumers come to.
struct Kind<'a> {
    name: &'static str,
    home: PathBuf,
    log: PathBuf,
    /// Whether it answers at this URL.
    answers: &'a (dyn Fn(String) -> BoxFuture<'static, bool> + Sync),
}

fn own(folder: &Folder) -> Kind<'_> {
    let (home, log) = (folder.nats(), folder.root().join("nats.log"));
    Kind { name: "nats-server", home, log, answers: &|url| has_jetstream(url).boxed() }
}

/// Starts Docket's own server, waits until JetStream answers, and tells its URL.
pub async fn start(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Server, String)> {
    own(folder).start(account, tools, &|port| Ok(configuration("docket", port, "")), say).await
}

/// The same with this configuration.
pub async fn launch(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    configuration: &str,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Server, String)> {
    own(folder).launch(account, tools, configuration, say).await
}

/// Where it is kept how Docket gets into the server that consumers come to.
pub fn secrets(folder: &Folder) -> PathBuf {
    folder.root().join("consumers.json")
}

/// Has the server that consumers come to begin on this port, if it never had one.
pub fn settle(folder: &Folder, port: u16) -> Result<()> {
    let last = folder.consumers().join(LAST_PORT);
    if last.exists() { Ok(()) } else { Ok(fs::write(last, port.to_string())?) }
}

/// Starts the server that consumers come to, and tells how Docket gets in there. What they know of each other is made up
/// once for a folder.
pub async fn start_for_consumers(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Server, Secrets)> {
    let file = secrets(folder);
    let mut secrets = if file.exists() { Secrets::read(&file)? } else { Secrets::draw("nats://127.0.0.1")? };
    let known = secrets.clone();
    let answers = |url| {
        let mut there = known.clone();
        there.url = url;
        async move { there.answers().await }.boxed()
    };
    let (home, log) = (folder.consumers(), folder.root().join("consumers.log"));
    let kind = Kind { name: "nats-server for consumers", home, log, answers: &answers };
    let configuration = |port: &str| known.configuration(&format!("127.0.0.1:{port}"));
    let (server, url) = kind.start(account, tools, &configuration, say).await?;
    secrets.url = url;
    secrets.write(&file)?;
    Ok((server, secrets))
}

async fn has_jetstream(url: String) -> bool {
    let Ok(client) = async_nats::connect(url).await else { return false };
    async_nats::jetstream::new(client).query_account().await.is_ok()
}

impl Kind<'_> {
    /// Starts it on the port it had last, if that is free; `configuration` is for a port.
    async fn start(
        &self,
        account: &Account,
        tools: &Tools,
        configuration: &(dyn Fn(&str) -> Result<String> + Sync),
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<(Server, String)> {
        let last = self.home.join(LAST_PORT);
        let port = fs::read_to_string(&last).ok().filter(|port| is_free(port)).unwrap_or(ANY.into());
        let (server, url) = match self.launch(account, tools, &configuration(&port)?, say).await {
            // Somebody was quicker to take the port.
            Err(_) if port != ANY => self.launch(account, tools, &configuration(ANY)?, say).await?,
            launched => launched?,
        };
        let port = url.rsplit(':').next().unwrap_or_default();
        fs::write(&last, port).with_context(|| format!("cannot write {}", last.display()))?;
        Ok((server, url))
    }

    async fn launch(
        &self,
        account: &Account,
        tools: &Tools,
        configuration: &str,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<(Server, String)> {
        let config = self.home.join("nats.conf");
        write_private(&config, configuration.as_bytes())?;
        account.own(&config)?;
        let mut command = account.command(&tools.nats_server);
        command.current_dir(&self.home).arg("-c").arg(&config).args(["--ports_file_dir", "."]);
        let mut server = Server::start(self.name, command, self.log.clone())?;
        let ports = tools.nats_server.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ports = self.home.join(format!("{ports}_{}.ports", server.process().unwrap_or_default()));
        let url = server
            .wait_for(say, async || {
                let url = url(&ports)?;
                (self.answers)(url.clone()).await.then_some(url)
            })
            .await?;
        Ok((server, url))
    }
}

/// Paths are relative to the server's working folder: no path of the user's needs quoting.
pub fn configuration(name: &str, port: &str, more: &str) -> String {
    format!(
        "# Written anew at each start.\nserver_name: {name}\nlisten: \"127.0.0.1:{port}\"\n\
         jetstream {{ store_dir: \".\" }}\n{more}"
    )
}

/// The URL in the file that the server writes once it listens.
fn url(ports: &Path) -> Option<String> {
    let ports: serde_json::Value = serde_json::from_slice(&fs::read(ports).ok()?).ok()?;
    Some(ports["nats"][0].as_str()?.to_owned())
}

fn is_free(port: &str) -> bool {
    port.parse().is_ok_and(|port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok())
}
