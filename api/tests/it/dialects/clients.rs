//! Clients as their users write them, with curl, Python's `requests`, Node's `fetch` and PHP's curl, against a started
//! server.
//!
//! `fixtures/clients/<dialect>/client.<language>` gets `BASE_URL` (with the mount), `API_KEY` and `ORG_ID`, and fails if
//! anything is not as it expects.

use std::path::Path;

use docket_api::auth::token::Format;

use super::interpreters::{is_content, node, php, python_with_requests, shell};
use crate::server::Server;

/// The languages every dialect has a script in.
const ALWAYS: [&str; 3] = ["sh", "py", "mjs"];

/// Runs all scripts of a dialect.
async fn play(dialect: &str, format: Format) {
    let server = Server::start().await;
    let home = server.workspace_with(&[format]).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients").join(dialect).join("client");
    for language in ALWAYS.into_iter().chain(["php"]) {
        let script = script.with_extension(language);
        if !script.is_file() {
            assert!(!ALWAYS.contains(&language), "{} is missing", script.display());
            continue;
        }
        let interpreter = match language {
            "sh" => shell(),
            "py" => python_with_requests().await,
            "mjs" => node().await,
            _ => php().await,
        };
        let Some(mut interpreter) = interpreter else { continue };
        let command = interpreter.command.arg(&script);
        command.env("BASE_URL", format!("{}/{dialect}", server.url));
        command.env("API_KEY", &home.keys[0].token).env("ORG_ID", home.workspace_id.0.to_string());
        is_content(interpreter, &script).await;
    }
}

macro_rules! clients {
    ($($name:ident: $format:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            play(stringify!($name), Format::$format).await;
        }
    )*};
}

clients! {
    ikreo: Ikreo,
    krokanti: Krokanti,
    pike: Pike,
    generic: Generic,
    projekt: Projekt,
}
