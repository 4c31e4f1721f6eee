//! `docket consumers`

use std::path::PathBuf;

use anyhow::Context;

use super::out;
use crate::consumers::Secrets;

/// Let consumers in over NATS.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make what Docket and the consumers' nats-server know of each other: `consumers.json` and `nats.conf`.
    New(New),
}

/// A new pair of files.
#[derive(clap::Args)]
pub struct New {
    /// Where they are put; neither may be there yet.
    folder: PathBuf,
    /// Where the server will listen.
    #[arg(long, default_value = "0.0.0.0:4222")]
    listen: String,
    /// Where Docket will find it.
    #[arg(long, default_value = "nats://127.0.0.1:4222")]
    url: String,
}

pub fn run(command: Command) -> anyhow::Result<()> {
    let Command::New(New { folder, listen, url }) = command;
    let (own, server) = (folder.join("consumers.json"), folder.join("nats.conf"));
    for file in [&own, &server] {
        anyhow::ensure!(!file.exists(), "{} is there already", file.display());
    }
    let secrets = Secrets::draw(&url)?;
    super::private::write_private(&server, &secrets.configuration(&listen)?)
        .with_context(|| format!("can't write {}", server.display()))?;
    secrets.write(&own)?;
    out::say!("Start nats-server -c {}, and docket serve --consumers {}.", server.display(), own.display())
}
