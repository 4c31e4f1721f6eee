//! `docket audit verify`

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use docket_domain::audit::{PublicKey, Trust, Verdict, Verifier};
use indicatif::ProgressBar;

use crate::cli::out;

/// What to check, and what is known beforehand.
#[derive(clap::Args)]
pub struct Args {
    /// The bundle.
    file: PathBuf,
    /// A checkpoint that was kept: history must go on from it.
    #[arg(long, value_name = "FILE")]
    trusted: Option<PathBuf>,
    /// A public key that may have signed, as text or in a file, one a line; may be repeated. After a rotation, name the
    /// old one and the new one. Without it, the bundle's own word is taken for it.
    #[arg(long, value_name = "PUBLIC_KEY")]
    key: Vec<String>,
}

/// Checks it; the error, if it is a [`docket_domain::audit::Failure`], has an exit code of its own.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let bar = super::bar()?;
    let verdict = check(args, &bar);
    bar.finish_and_clear();
    out::say!("{}", story(&verdict?))
}

fn check(args: &Args, bar: &ProgressBar) -> anyhow::Result<Verdict> {
    let mut file = File::open(&args.file).with_context(|| format!("can't read {}", args.file.display()))?;
    let mut verifier = Verifier::new(trust(args)?);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).with_context(|| format!("can't read {}", args.file.display()))?;
        if count == 0 {
            return Ok(verifier.finish()?);
        }
        verifier.feed(&buffer[..count])?;
        if let Some(expected) = verifier.expected() {
            bar.set_length(expected);
            bar.set_position(verifier.seen());
        }
    }
}

fn trust(args: &Args) -> anyhow::Result<Trust> {
    let checkpoint = args.trusted.as_deref().map(read).transpose()?;
    let mut keys = Vec::new();
    for given in &args.key {
        keys.extend(public_keys(given)?);
    }
    Ok(Trust { keys, checkpoint })
}

/// The keys that are said, or stand in the file that is.
fn public_keys(given: &str) -> anyhow::Result<Vec<PublicKey>> {
    let text = if Path::new(given).exists() { read(Path::new(given))? } else { given.to_owned() };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Option<Vec<_>> = lines.map(PublicKey::parse).collect();
    keys.filter(|keys| !keys.is_empty()).context("--key is no public key: it looks like name+1a2b3c4d+AT…")
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))
}

fn story(verdict: &Verdict) -> String {
    let Verdict { workspace, checkpoint, counts, aggregates, .. } = verdict;
    let mut lines = vec![
        format!("The history of workspace {workspace} is whole and unaltered."),
        format!(
            "{} events, each proved to be in the signed tree, make {aggregates} aggregates; {} documents of the read \
             models say the same.",
            counts.events, counts.documents
        ),
        format!("Root {}", checkpoint.root),
    ];
    lines.extend(verdict.signers.iter().map(|key| format!("Signed with {key}")));
    if let Some(since) = verdict.since {
        lines.push(format!("It begins with the {since} events of the checkpoint that was kept."));
    }
    if verdict.erased > 0 {
        lines.push(format!("What was personal in {} of the events was erased.", verdict.erased));
    }
    if !verdict.undocumented.is_empty() {
        let kinds = verdict.undocumented.join(", ");
        lines.push(format!("Replayed, but there is nothing to compare with, as no read model shows them: {kinds}."));
    }
    if !verdict.known_key {
        let warning =
            "WARNING: nothing but the bundle itself says that this key is the right one. Compare it, or use --key.";
        lines.push(warning.to_owned());
    }
    lines.join("\n")
}
