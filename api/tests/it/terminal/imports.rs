//! `docket import csv`

use std::path::Path;

use serde_json::{Value, json};

use super::{Person, complaint};
use crate::harness::scratch_file;
use crate::server::Server;

const JIRA: &str = "\u{feff}Summary,Issue key,Issue id,Status,Project key,Project name,Priority,Assignee,Created,Due date,Labels,Labels,Description
Fix the login page,WEB-1,10001,In Progress,WEB,Website,Highest,Owner,12/Mar/24 3:04 PM,01/Apr/24,bug,urgent,\"It fails,
on two lines\"
Write the text,WEB-2,10002,Won't Do,WEB,Website,Lowest,Somebody Else,13/Mar/24 9:00 AM,,Bug,,
Measure,OPS-1,10003,Done,OPS,Operations,Medium,,14/Mar/24 9:00 AM,,,,
";

async fn tasks(server: &Server) -> Vec<Value> {
    let page = server.get("/v1/tasks?sort=number&limit=200").await.json();
    page["data"].as_array().expect("data").clone()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_jira_is_shown_then_imported_once() {
    let server = Server::start().await;
    let person = Person::of(&server);
    server.project("Website").await;
    let file = scratch_file("jira.csv", JIRA);

    let plan = person.says(&["import", "csv", text(&file), "--dry-run"]).await;
    for part in [
        "(jira): 3 tasks, 0 bad lines",
        "title        Summary",
        "project      Project name, Project key",
        "not imported: Issue id",
        "statuses: 1 cancelled, 1 done, 1 in_progress",
        "projects: Operations (new), Website",
        "not members, and so not assigned: Somebody Else",
    ] {
        assert!(plan.contains(part), "{part} is missing:\n{plan}");
    }
    let unasked = person.complains(&["import", "csv", text(&file)]).await;
    assert!(unasked.contains("--yes"), "{unasked}");
    assert_eq!(tasks(&server).await.len(), 0, "nothing is imported before it is confirmed");
    assert_eq!(server.get("/v1/labels").await.json()["total"], 0);

    let said = person.says(&["import", "csv", text(&file), "--yes"]).await;
    assert!(said.contains("3 tasks imported, 0 were there already"), "{said}");
    let made = tasks(&server).await;
    let first = &made[0];
    assert_eq!((&first["external_id"], &first["title"]), (&json!("jira:WEB-1"), &json!("Fix the login page")));
    assert_eq!((&first["status"], &first["priority"]), (&json!("in_progress"), &json!("urgent")));
    assert_eq!(
        (&first["due_date"], &first["created_at"]),
        (&json!("2024-04-01"), &json!("2024-03-12T15:04:00.000000Z"))
    );
    assert_eq!(first["description"], "It fails,\non two lines");
    assert_eq!(first["assignee_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!((&made[1]["status"], &made[2]["status"]), (&json!("cancelled"), &json!("done")));
    assert_eq!(server.get("/v1/labels").await.json()["total"], 2);
    assert_eq!(server.get("/v1/projects").await.json()["total"], 2);

    let again = person.says(&["import", "csv", text(&file), "--yes"]).await;
    assert!(again.contains("0 tasks imported, 3 were there already"), "{again}");
    let more = scratch_file("more.csv", &format!("{JIRA}New,WEB-3,10004,To Do,WEB,Website,,,,,,,\n"));
    let again = person.says(&["import", "csv", text(&more), "--yes"]).await;
    assert!(again.contains("1 tasks imported, 3 were there already"), "{again}");
    assert_eq!(tasks(&server).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_are_named_and_stop_or_are_skipped_as_asked() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let table = "Subject,State,When\nfine,doing,\n,doing,\nodd,limbo,\nlate,,04/05/26\nlast,,\n";
    let file = scratch_file("plain.csv", table);
    let base = ["import", "csv", text(&file), "--yes", "--map", "due=When"];

    let said = person.complains(&base).await;
    assert!(said.contains("plain.csv:2: no project: say --project"), "{said}");
    server.project("Home").await;
    let base = [&base[..], &["--project", "home"]].concat();
    let said = person.complains(&base).await;
    for part in
        ["plain.csv:3: the title is empty", "plain.csv:4: “limbo” is no status", "plain.csv:5: “04/05/26” may mean"]
    {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    assert!(said.contains("3 bad lines, nothing was imported"), "{said}");
    assert_eq!(tasks(&server).await.len(), 0);

    let helped = [&base[..], &["--word", "limbo=backlog", "--date-format", "%m/%d/%y", "--on-error", "skip"]].concat();
    let said = person.says(&helped).await;
    assert!(said.contains("4 tasks imported, 0 were there already, 1 bad lines skipped"), "{said}");
    let made = tasks(&server).await;
    assert_eq!((&made[1]["status"], &made[2]["due_date"]), (&json!("backlog"), &json!("2026-04-05")));
    assert!(person.says(&helped).await.contains("0 tasks imported, 4 were there already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_server_can_tell_is_told_by_line_too() {
    let server = Server::start().await;
    let person = Person::of(&server);
    server.project("Home").await;
    let table = "title,start,due,created\nfine,2026-01-01,2026-01-02,\nbackwards,2026-01-02,2026-01-01,\n\
                 ahead,,,2999-01-01T00:00:00Z\nalso fine,,,\n";
    let file = scratch_file("late.csv", table);
    let output = person.run(&["import", "csv", text(&file), "--yes", "--project", "home"]).await;
    let said = complaint(&output);
    assert!(!output.status.success());
    for line in ["late.csv:3: ", "late.csv:4: "] {
        assert!(said.contains(line), "{line} is missing:\n{said}");
    }
    assert!(said.contains("the server refused 2 lines"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("2 tasks imported"));
    assert_eq!(tasks(&server).await.len(), 2);
}
