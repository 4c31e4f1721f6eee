//! `docket export`

use serde_json::{Value, json};

use super::Person;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_every_task_as_the_api_shows_it() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    let commands: Vec<_> = (1..=450)
        .map(|number| json!({"op": "create", "task": {"project_id": project, "title": format!("Task {number}")}}))
        .collect();
    server.post("/v1/tasks/batch", json!({"commands": commands})).await;
    let exported = person.says(&["export"]).await;
    let numbers: Vec<i64> = exported
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a task")["number"].as_i64().expect("a number"))
        .collect();
    assert_eq!(numbers, (1..=450).collect::<Vec<_>>());
    let first = exported.lines().next().expect("a line");
    let id = serde_json::from_str::<Value>(first).expect("a task")["id"].as_str().expect("an id").to_owned();
    assert_eq!(first, server.get(&format!("/v1/tasks/{id}")).await.text, "byte for byte");

    person.says(&["tasks", "done", "7"]).await;
    assert_eq!(person.says(&["export", "--status", "done"]).await.lines().count(), 1);
    assert_eq!(person.says(&["export", "--project", "1", "--search", "450"]).await.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_names_and_no_formulas_and_can_be_imported_again() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("=Website").await;
    let label = server.made("/v1/labels", json!({"name": "bug"})).await;
    let task = json!({"project_id": project, "title": "=cmd|' /C calc'!A0", "label_ids": [label],
                      "description": "two\nlines, \"quoted\"", "due_date": "2026-12-01"});
    server.made("/v1/tasks", task).await;
    let exported = person.says(&["export", "--format", "csv"]).await;
    let mut reader = csv::Reader::from_reader(exported.as_bytes());
    let heads = reader.headers().expect("heads").clone();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    let cell = |name: &str| &rows[0][heads.iter().position(|head| head == name).expect("a column")];
    assert_eq!(rows.len(), 1);
    assert_eq!((cell("title"), cell("project")), ("'=cmd|' /C calc'!A0", "'=Website"));
    assert_eq!((cell("labels"), cell("description")), ("bug", "two\nlines, \"quoted\""));
    assert_eq!((cell("due_date"), cell("status"), cell("number")), ("2026-12-01", "todo", "1"));

    let file = crate::harness::scratch_file("export.csv", &exported);
    let file = file.to_str().expect("a path");
    person.says(&["import", "csv", file, "--yes", "--project", "1"]).await;
    assert_eq!(server.get("/v1/tasks?q=calc").await.json()["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_lists_can_be_taken_out_too() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("=Website").await;
    let task = server.task(&project, "Fix it").await;
    let entry = json!({"task_id": task, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 3600, "note": "-1"});
    let entry = server.made("/v1/timelogs", entry).await;
    let exported = person.says(&["export", "projects"]).await;
    assert_eq!(exported.trim_end(), server.get(&format!("/v1/projects/{project}")).await.text, "byte for byte");
    let exported = person.says(&["export", "timelogs", "--format", "csv"]).await;
    let mut reader = csv::Reader::from_reader(exported.as_bytes());
    let heads = reader.headers().expect("heads").clone();
    let row = reader.records().next().expect("a row").expect("a row");
    let cell = |name: &str| &row[heads.iter().position(|head| head == name).expect("a column")];
    assert_eq!((cell("id"), cell("duration_seconds"), cell("note")), (entry.as_str(), "3600", "'-1"));
    assert_eq!(person.says(&["export", "labels", "--format", "csv"]).await, "");
    assert!(person.complains(&["export", "members", "--open"]).await.contains("filters are for tasks"));
}
