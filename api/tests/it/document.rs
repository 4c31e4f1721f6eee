//! The OpenAPI and AsyncAPI documents, as others read them: a linter, a client that is generated from one, a validator of
//! messages that believes the other.

use std::process::Command;

use serde_json::json;

use crate::harness::scratch_file;
use crate::packages::{Node, packages, run, said, tools};
use crate::server::Server;

/// redocly's own rules, warnings too; but in other products' APIs there are operations that never succeed, as no key may
/// use them.
#[tokio::test(flavor = "multi_thread")]
async fn a_linter_finds_nothing_to_complain_about() {
    let server = Server::start().await;
    let document = scratch_file("openapi.json", &server.get("/openapi.json").await.text);
    let messages = scratch_file("asyncapi.yaml", &server.get("/asyncapi.yaml").await.text);
    let Some(node) = Node::with("linter").await else { return };
    let dialects = docket_api::dialects::served().into_iter().map(|(mount, document)| {
        scratch_file(&format!("{}.json", mount.trim_start_matches('/')), &document.to_string())
    });
    let own = [document, messages].into_iter().map(|document| (document, true));
    for (document, is_own) in own.chain(dialects.map(|document| (document, false))) {
        let mut linter = node.command();
        linter.args(["node_modules/@redocly/cli/bin/cli.js", "lint", "--format=json", "--extends=recommended"]);
        let linted = run(linter.arg(&document).env("REDOCLY_TELEMETRY", "off"));
        let report = String::from_utf8_lossy(&linted.stdout);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{}", said(&linted)));
        let problems = report["problems"].as_array().expect("problems").iter();
        let counts = |problem: &&serde_json::Value| is_own || problem["ruleId"] != "operation-2xx-response";
        let problems: Vec<_> = problems.filter(counts).map(story).collect();
        let first = problems[..problems.len().min(20)].join("\n");
        assert!(problems.is_empty(), "{}: {} problems:\n{first}", document.display(), problems.len());
    }
}

/// Whatever happens is told in messages that are as the document says, with nothing in them that it does not name.
#[tokio::test(flavor = "multi_thread")]
async fn messages_are_as_they_are_described() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Sign in", "due_date": "2099-01-01"})).await;
    server.post(&format!("/v1/tasks/{task}/comments"), json!({"body": "Hello"})).await;
    server.post("/v1/notifications", json!({"title": "By hand"})).await;
    server.made("/v1/webhooks", json!({"name": "CI", "url": "https://example.org/"})).await;
    server.delete(&format!("/v1/tasks/{task}")).await;
    let events = scratch_file("events.json", &server.get("/v1/changes?after=0&limit=1000").await.text);
    let document = scratch_file("asyncapi.yaml", &server.get("/asyncapi.yaml").await.text);
    let Some(packages) = packages("fuzz").await else { return };
    let script = "import json, sys, yaml, jsonschema_rs\n\
        schema = yaml.safe_load(open(sys.argv[1]))['components']['schemas']['CloudEvent']\n\
        schema['additionalProperties'] = schema['properties']['data']['additionalProperties'] = False\n\
        events = json.load(open(sys.argv[2]))['data']\n\
        for event in events: jsonschema_rs.validate(schema, event)\n\
        print(len(events))";
    let checked =
        run(Command::new("python3").args(["-c", script]).arg(document).arg(events).env("PYTHONPATH", packages));
    let count = String::from_utf8_lossy(&checked.stdout).trim().parse::<usize>();
    assert!(count.is_ok_and(|count| count > 12), "{}", said(&checked));
}

fn story(problem: &serde_json::Value) -> String {
    format!("{}: {} at {}", problem["ruleId"], problem["message"], problem["location"][0]["pointer"])
}

/// As its authors would: `openapi-python-client generate`, then `import client`.
#[tokio::test(flavor = "multi_thread")]
async fn a_generated_client_works() {
    let server = Server::start().await;
    let document = scratch_file("openapi.json", &server.get("/openapi.json").await.text);
    let Some(packages) = packages("client").await else { return };
    let client = document.with_file_name("client");
    let mut generate = Command::new("python3");
    generate.args(["-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning", "--path"]);
    generate.arg(&document).arg("--output-path").arg(&client).env("PYTHONPATH", &packages);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([packages.join("bin")].into_iter().chain(std::env::split_paths(&path)));
    let generated = run(generate.env("PATH", path.expect("a path")));
    assert!(generated.status.success(), "{}", said(&generated));
    let beside = std::env::join_paths([packages.as_path(), client.parent().expect("a folder")]).expect("a path");
    let mut drive = Command::new("python3");
    let driven = run(drive.arg(tools().join("drive.py")).args([&server.url, server.key()]).env("PYTHONPATH", beside));
    assert!(driven.status.success(), "{}", said(&driven));
}
