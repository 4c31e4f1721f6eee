//! The `docket` binary with a bug in it, for `make planted`: the one that `DOCKET_FAILPOINT` names.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    if let Ok(bug) = std::env::var("DOCKET_FAILPOINT") {
        eprintln!("a bug is planted here: {bug}");
        docket_failpoints::plant(&bug);
    }
    docket_api::cli::run().await
}
