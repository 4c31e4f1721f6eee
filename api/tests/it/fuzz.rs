//! Every API, told whatever its document allows and much that it does not, by somebody else's program: none of it is the
//! server's fault, and every answer is one that the document knows.
//!
//! `make fuzz` goes on for longer: `DOCKET_FUZZ_CASES` says how many cases each operation gets.

use std::process::Command;

use crate::packages::{packages, run, said, tools};
use crate::server::Server;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// What would lock the run out, never ends by itself, or takes keys to sign with.
const LEFT_OUT: &str = "/v1/(keys|members|events/stream|notifications/stream|changes|workspace|audit/[cp])";

async fn fuzz(mount: &str) {
    let server = Server::start().await;
    let Some(packages) = packages("fuzz").await else { return };
    let long = std::env::var("DOCKET_FUZZ_CASES").ok();
    // One operation of ikreo's stands for many.
    let few = if mount == "/ikreo" { "12" } else { "2" };
    let cases = long.clone().unwrap_or_else(|| few.to_owned());
    let base = format!("{}{mount}", server.url);
    let mut program = Command::new("python3");
    program.args(["-m", "schemathesis.cli", "--config-file"]).arg(tools().join("fuzz.toml"));
    program.args(["run", &format!("{base}/openapi.json"), "--url", &base]);
    program.args(["--header", &format!("Authorization: Bearer {}", server.key())]);
    if mount == "/projekt" {
        // Any other organization is refused before anything else is looked at.
        program.args(["--header", &format!("X-Org-Id: {}", server.workspace.workspace_id.0)]);
    }
    program.args(["--phases", if long.is_some() { "coverage,fuzzing" } else { "fuzzing" }]);
    program.args(["--max-examples", &cases, "--checks", CHECKS, "--continue-on-failure", "--no-color"]);
    program.args(["--suppress-health-check", "all", "--exclude-path-regex", LEFT_OUT]);
    if long.is_none() {
        program.args(["--seed", "7"]);
    }
    let output = run(program.env("PYTHONPATH", &packages).current_dir(std::env::temp_dir()));
    assert!(output.status.success(), "{mount}: {}", said(&output));
}

macro_rules! fuzzed {
    ($($name:ident: $mount:literal,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            fuzz($mount).await;
        }
    )*};
}

fuzzed! {
    native: "",
    ikreo: "/ikreo",
    krokanti: "/krokanti",
    pike: "/pike",
    projekt: "/projekt",
    generic: "/generic",
}
