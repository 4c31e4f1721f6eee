//! `docket projections`

/// Temp.
#[derive(clap::Subcommand)]
pub enum Command {
    /// List.
    List,
}
pub async fn run(_: Command) -> anyhow::Result<()> {
    Ok(())
}
