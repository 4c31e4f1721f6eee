//! `docket completions`

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, out};

/// Print a script that teaches a shell to complete `docket`.
#[derive(clap::Args)]
pub struct Args {
    /// Which shell.
    #[arg(value_parser = clap::builder::EnumValueParser::<Shell>::new())]
    shell: Shell,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "docket", &mut script);
    out::write(&script)
}
