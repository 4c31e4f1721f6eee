//! `docket audit`

mod export;
mod key;
mod past;
mod verify;

/// See what happened, and prove that a history is unaltered.
#[derive(clap::Subcommand)]
pub enum Command {
    /// List what happened, newest first.
    Log(past::Log),
    /// List what happened to a resource, and what changed.
    History(past::History),
    /// Say why a field has its value.
    Explain(past::Explain),
    /// Write a workspace's whole history, with all it takes to check it, into one file.
    Export(export::Args),
    /// Check such a file: no database, no network.
    Verify(verify::Args),
    /// Look after the keys that sign.
    #[command(subcommand)]
    Key(key::Command),
}

pub async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Log(args) => past::log(args).await,
        Command::History(args) => past::history(args).await,
        Command::Explain(args) => past::explain(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Verify(args) => tokio::task::spawn_blocking(move || verify::run(&args)).await?,
        Command::Key(command) => key::run(command),
    }
}

/// A bar that counts events.
pub(super) fn bar() -> anyhow::Result<indicatif::ProgressBar> {
    let style = indicatif::ProgressStyle::with_template(
        "[{bar:40}] {human_pos}/{human_len} events, {whole_per_sec} a second, {eta} to go",
    )?;
    let whole = |state: &indicatif::ProgressState, to: &mut dyn std::fmt::Write| {
        let _ = write!(to, "{}", indicatif::HumanCount(state.per_sec() as u64));
    };
    let style = style.with_key("whole_per_sec", whole).progress_chars("=> ");
    let bar = indicatif::ProgressBar::no_length().with_style(style);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    Ok(bar)
}
