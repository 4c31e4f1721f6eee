//! `docket audit key`

use std::path::{Path, PathBuf};

use anyhow::Context;
use docket_domain::audit::{Keyring, SigningKey};
use uuid::Uuid;

use crate::cli::out;
use crate::signing;

/// Look after the keys that sign.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a new key file.
    New(New),
    /// Add a newer key; the older ones go on signing beside it, so that reviewers can get to know it.
    Rotate(Of),
    /// Keep only the newest key.
    Retire(Of),
    /// Print the public keys of a workspace.
    Show(Show),
}

/// A new key file.
#[derive(clap::Args)]
pub struct New {
    /// The file; it must not be there yet.
    file: PathBuf,
    /// What the installation is called in its checkpoints, best a domain name of yours.
    #[arg(long, default_value = signing::NAME)]
    name: String,
}

/// A key file.
#[derive(clap::Args)]
pub struct Of {
    /// The file.
    file: PathBuf,
}

/// The public keys of a workspace.
#[derive(clap::Args)]
pub struct Show {
    /// The file.
    file: PathBuf,
    /// The workspace.
    #[arg(long)]
    workspace: Uuid,
}

pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::New(New { file, name }) => {
            anyhow::ensure!(!file.exists(), "{} is there already", file.display());
            let key = SigningKey::new(&name, rand::random()).context("a name has no spaces and no +")?;
            write(&file, &Keyring::of(key))
        }
        Command::Rotate(Of { file }) => write(&file, &signing::read(&file)?.rotated(rand::random())),
        Command::Retire(Of { file }) => write(&file, &signing::read(&file)?.retired()),
        Command::Show(Show { file, workspace }) => {
            for key in signing::read(&file)?.public(workspace) {
                out::say!("{key}")?;
            }
            Ok(())
        }
    }
}

fn write(file: &Path, keys: &Keyring) -> anyhow::Result<()> {
    signing::write(file, keys)?;
    out::say!("{} is written; restart what runs the role projector.", file.display())
}
