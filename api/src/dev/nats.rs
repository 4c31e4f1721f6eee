//! The private nats-server: JetStream on, loopback only, the same port at each start if it is still free.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};

use super::account::Account;
use super::folder::{Folder, write_private};
use super::server::Server;
use super::tools::Tools;

/// Lets the server choose a port.
const ANY: &str = "-1";

/// Starts the server, waits until JetStream answers, and tells its URL.
pub async fn start(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Server, String)> {
    let last = folder.nats().join("last-port");
    let port = fs::read_to_string(&last).ok().filter(|port| is_free(port)).unwrap_or(ANY.into());
    let (server, url) = match launch(account, folder, tools, &configuration("docket", &port, ""), say).await {
        // Somebody was quicker to take the port.
        Err(_) if port != ANY => launch(account, folder, tools, &configuration("docket", ANY, ""), say).await?,
        launched => launched?,
    };
    let port = url.rsplit(':').next().unwrap_or_default();
    fs::write(&last, port).with_context(|| format!("cannot write {}", last.display()))?;
    Ok((server, url))
}

/// Starts a server with this configuration, and waits until JetStream answers.
pub async fn launch(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    configuration: &str,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Server, String)> {
    let home = folder.nats();
    let config = home.join("nats.conf");
    write_private(&config, configuration.as_bytes())?;
    account.own(&config)?;
    let mut command = account.command(&tools.nats_server);
    command.current_dir(&home).arg("-c").arg(&config).args(["--ports_file_dir", "."]);
    let mut server = Server::start("nats-server", command, folder.root().join("nats.log"))?;
    let ports = tools.nats_server.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ports = home.join(format!("{ports}_{}.ports", server.process().unwrap_or_default()));
    let url = server
        .wait_for(say, async || {
            let url = url(&ports)?;
            let client = async_nats::connect(&url).await.ok()?;
            async_nats::jetstream::new(client).query_account().await.ok()?;
            Some(url)
        })
        .await?;
    Ok((server, url))
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
