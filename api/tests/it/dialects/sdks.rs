//! Our own clients of the generic API, in `api/sdks/<language>`: each can do all that the API can, and passes its
//! conformance run against a server that has a limit.

use std::path::{Path, PathBuf};

use docket_api::auth::token::Format;
use docket_api::limits::Settings;

use super::interpreters::{Interpreter, go, is_content, node, python, ruby};
use crate::server::Server;

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdks").join(language)
}

/// `listTasks`, as `list_tasks`.
fn snake(operation: &str) -> String {
    let mut name = String::new();
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// `listTasks`, as `ListTasks`.
fn pascal(operation: &str) -> String {
    format!("{}{}", operation[..1].to_ascii_uppercase(), &operation[1..])
}

#[test]
fn every_operation_is_a_method_of_every_sdk() {
    let served = docket_api::dialects::served();
    let (_, document) = served.iter().find(|(mount, _)| *mount == "/generic").expect("its document");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations: Vec<_> = paths
        .flat_map(|path| path.as_object().expect("a path").values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert!(operations.contains(&"listTasks"), "{operations:?}");
    let read = |file: &str| std::fs::read_to_string(folder(file)).expect(file);
    let (node, python) = (read("node/docket.mjs"), read("python/docket_client/__init__.py"));
    let (ruby, go) = (read("ruby/lib/docket.rb"), read("go/docket.go"));
    for operation in operations {
        let (snake, pascal) = (snake(operation), pascal(operation));
        assert!(node.contains(&format!("\n  {operation}(")), "Node lacks {operation}");
        assert!(python.contains(&format!("\n    def {snake}(self")), "Python lacks {snake}");
        assert!(ruby.contains(&format!("\n  def {snake}(")), "Ruby lacks {snake}");
        assert!(go.contains(&format!("\nfunc (c *Client) {pascal}(ctx ")), "Go lacks {pascal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sdk_passes_its_conformance_run() {
    let server = Server::start_with(|config| {
        config.limits = Settings { limits: vec!["generic key 10/5s".to_owned()], ..Settings::default() };
    })
    .await;
    let (node, go) = (node().await, go().await);
    tokio::join!(
        conforms(&server, "node", node, &["conformance.mjs"]),
        conforms(&server, "python", python(), &["conformance.py"]),
        conforms(&server, "ruby", ruby(), &["-Ilib", "conformance.rb"]),
        conforms(&server, "go", go, &["run", "./conformance"]),
    );
}

async fn conforms(server: &Server, language: &str, interpreter: Option<Interpreter>, script: &[&str]) {
    let Some(mut interpreter) = interpreter else { return };
    // A workspace of its own, so that the limit is its own too.
    let home = server.workspace_with(&[Format::Generic]).await;
    let command = interpreter.command.args(script).current_dir(folder(language));
    command.env("BASE_URL", format!("{}/generic", server.url)).env("API_KEY", &home.keys[0].token);
    is_content(interpreter, &folder(language)).await;
}
