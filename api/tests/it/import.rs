//! `docket import work-history`, as a user runs it, against what a small fold of the same file says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::scratch_file;
use crate::server::Server;

const HISTORY: &str = include_str!("../fixtures/work-history.ndjson");

async fn import(server: &Server, file: &Path, more: &[&str]) -> Output {
    tokio::process::Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(["import", "work-history"])
        .arg(file)
        .args(more)
        .env("DOCKET_URL", &server.url)
        .env("DOCKET_KEY", server.key())
        .output()
        .await
        .expect("the import runs")
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/work-history.ndjson")
}

fn lines() -> Vec<Value> {
    HISTORY.lines().map(|line| serde_json::from_str(line).expect("a line")).collect()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The ids of all resources of a list, by one of their fields.
async fn ids(server: &Server, path: &str, field: &str) -> BTreeMap<String, String> {
    let page = server.get(&format!("{path}?limit=200")).await.json();
    assert_eq!(page["has_more"], false);
    page["data"]
        .as_array()
        .expect("data")
        .iter()
        .map(|one| (text(one, field).to_lowercase(), text(one, "id").to_owned()))
        .collect()
}

async fn total(server: &Server, query: &str) -> usize {
    let page = server.get(&format!("/v1/tasks?limit=1&{query}")).await;
    usize::try_from(page.json()["total"].as_u64().unwrap_or_else(|| panic!("{query}: {}", page.text))).expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_history_lists_counts_and_searches_like_a_fold_of_the_file() {
    let server = Server::start().await;
    let first = import(&server, &fixture(), &[]).await;
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let lines = lines();
    assert_eq!(total(&server, "").await, lines.len());

    let mut by_project: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_label: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        *by_project.entry(text(line, "project")).or_default() += 1;
        let labels: BTreeSet<String> = line["labels"]
            .as_array()
            .expect("labels")
            .iter()
            .map(|label| label.as_str().unwrap_or_default().to_lowercase())
            .collect();
        for label in labels {
            *by_label.entry(label).or_default() += 1;
        }
    }
    let projects = ids(&server, "/v1/projects", "name").await;
    for (project, count) in by_project {
        let id = &projects[&project.to_lowercase()];
        assert_eq!(total(&server, &format!("project_id={id}")).await, count, "{project}");
        assert_eq!(server.get(&format!("/v1/projects/{id}")).await.json()["open_tasks"], count);
    }
    let labels = ids(&server, "/v1/labels", "name").await;
    assert_eq!(labels.len(), by_label.len());
    for (label, count) in by_label {
        assert_eq!(total(&server, &format!("label_id={}", labels[&label])).await, count, "{label}");
    }
    for word in ["router", "straße", "日本語", "retry", "export", "nowhere"] {
        let count = lines
            .iter()
            .filter(|line| text(line, "title").to_lowercase().split([' ', '(', ')', '#']).any(|one| one == word))
            .count();
        assert_eq!(total(&server, &format!("q={word}")).await, count, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn items_occur_at_their_own_time_and_are_imported_once() {
    let server = Server::start().await;
    assert!(import(&server, &fixture(), &[]).await.status.success());
    let again = import(&server, &fixture(), &[]).await;
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(said.starts_with("0 tasks imported, 322 were there already"), "{said}");
    // Another cut of the same history, under another idempotency key, still doubles nothing.
    let cut = scratch_file("cut.ndjson", &HISTORY.lines().skip(100).collect::<Vec<_>>().join("\n"));
    let said = String::from_utf8_lossy(&import(&server, &cut, &[]).await.stdout).into_owned();
    assert!(said.starts_with("0 tasks imported, 222 were there already"), "{said}");
    assert_eq!(total(&server, "").await, 322);

    let mut expected: Vec<String> = lines().iter().map(|line| instant(text(line, "at"))).collect();
    expected.sort();
    let oldest = server.get("/v1/tasks?sort=created_at&limit=5").await.json();
    let oldest: Vec<String> =
        oldest["data"].as_array().expect("data").iter().map(|task| instant(text(task, "created_at"))).collect();
    assert_eq!(oldest, expected[..5]);
}

fn instant(text: &str) -> String {
    chrono::DateTime::parse_from_rfc3339(text).expect("a time").to_utc().to_rfc3339()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_named_and_stops_or_is_skipped_as_asked() {
    let server = Server::start().await;
    let good: Vec<&str> = HISTORY.lines().take(3).collect();
    let file = scratch_file("bad.ndjson", &format!("{}\nnonsense\n{}\n{}\n", good[0], good[1], good[2]));
    let stopped = import(&server, &file, &[]).await;
    assert!(!stopped.status.success());
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("bad.ndjson:2: "));
    assert_eq!(total(&server, "").await, 0);
    let skipped = import(&server, &file, &["--on-error", "skip"]).await;
    assert!(skipped.status.success());
    assert_eq!(total(&server, "").await, 3);
}
