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
        "alias        Issue id",
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
    assert!(again.contains("1 task imported, 3 were there already"), "{again}");
    assert_eq!(tasks(&server).await.len(), 4);
}

const JIRA_WITH_MORE: &str =
    "Issue id,Parent,Summary,Issue key,Status,Project name,Created,Resolved,Custom field (Story Points),Original estimate,Sprint
10001,,Move house,WEB-1,In Progress,Website,12/Mar/24 3:04 PM,,,,Sprint 1
10002,10001,Pack,WEB-2,Done,Website,13/Mar/24 9:00 AM,15/Mar/24 9:00 AM,3.0,5400,Sprint 1
10003,10001,Carry,WEB-3,Won't Do,Website,13/Mar/24 9:00 AM,16/Mar/24 9:00 AM,,,
10004,99999,Stray,WEB-4,To Do,Website,13/Mar/24 9:00 AM,,,,
";

#[tokio::test(flavor = "multi_thread")]
async fn parents_estimates_and_ends_come_along() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let file = scratch_file("more.csv", JIRA_WITH_MORE);
    let said = person.says(&["import", "csv", text(&file), "--yes"]).await;
    for part in ["not imported: Sprint", "4 tasks imported, 0 were there already", "1 task: a parent that is not there"]
    {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    let made = tasks(&server).await;
    let [house, pack, carry, stray] = &made[..] else { panic!("{made:?}") };
    assert_eq!((&pack["parent_id"], &carry["parent_id"]), (&house["id"], &house["id"]));
    assert_eq!((&house["parent_id"], &stray["parent_id"]), (&Value::Null, &Value::Null));
    assert_eq!((&pack["estimate_points"], &pack["estimate_minutes"]), (&json!(3), &json!(90)));
    assert_eq!((&pack["status"], &carry["status"]), (&json!("done"), &json!("cancelled")));
    assert_eq!(pack["created_at"], "2024-03-13T09:00:00.000000Z");
    assert_eq!(pack["completed_at"], "2024-03-15T09:00:00.000000Z");

    // What somebody has changed since stays as it is.
    let at = format!("/v1/tasks/{}", pack["id"].as_str().expect("an id"));
    server.patch(&at, json!({"status": "todo", "parent_id": null})).await;
    let again = person.says(&["import", "csv", text(&file), "--yes"]).await;
    assert!(again.contains("0 tasks imported, 4 were there already"), "{again}");
    let now = server.get(&at).await.json();
    assert_eq!((&now["status"], &now["parent_id"]), (&json!("todo"), &Value::Null));
}

const LINEAR: &str =
    "ID,Team,Title,Description,Status,Estimate,Priority,Project,Assignee,Labels,Cycle Number,Created,Completed,Canceled,Due Date,Parent issue
ENG-1,Engineering,Sign in,With a key,In Progress,5,Urgent,Website,owner@example.com,\"Bug, Urgent\",4,2025-10-01T08:00:00.000Z,,,2025-11-01,
ENG-2,Engineering,Remember keys,,Done,2,High,Website,,,4,2025-10-02T08:00:00.000Z,2025-10-22T10:30:00.000Z,,,ENG-1
ENG-3,Engineering,Forget keys,,Canceled,,No priority,,,,,2025-10-03T08:00:00.000Z,,2025-10-05T08:00:00.000Z,,
";

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_linear_is_imported_with_its_tree() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let file = scratch_file("linear.csv", LINEAR);
    let said = person.says(&["import", "csv", text(&file), "--yes"]).await;
    for part in [
        "(linear): 3 tasks, 0 bad lines",
        "not imported: Cycle Number",
        "projects: Engineering (new), Website (new)",
        "3 tasks imported",
    ] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    let made = tasks(&server).await;
    let [sign_in, remember, forget] = &made[..] else { panic!("{made:?}") };
    assert_eq!((&sign_in["external_id"], &sign_in["priority"]), (&json!("linear:ENG-1"), &json!("urgent")));
    assert_eq!((&sign_in["estimate_points"], &sign_in["due_date"]), (&json!(5), &json!("2025-11-01")));
    assert_eq!(sign_in["assignee_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(sign_in["label_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!((&remember["parent_id"], &remember["status"]), (&sign_in["id"], &json!("done")));
    assert_eq!(remember["completed_at"], "2025-10-22T10:30:00.000000Z");
    assert_eq!((&forget["status"], &forget["completed_at"]), (&json!("cancelled"), &Value::Null));
}

const TRELLO: &str =
    "Card ID,Card Name,Card URL,Card Description,Labels,Members,Due Date,List Name,Board ID,Board Name,Archived,Start Date,Due Complete
5f1,Paint it,https://trello.com/c/5f1,,\"bug (red), later (green)\",Owner (owner1),2026-03-12T23:00:00.000Z,Doing,b1,House,false,,false
5f2,Sweep it,https://trello.com/c/5f2,,,,2026-03-10T10:00:00.000Z,To Do,b1,House,false,,true
5f3,Forget it,https://trello.com/c/5f3,,,,,To Do,b1,House,true,,false
";

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_trello_is_imported_without_what_was_put_away() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let file = scratch_file("trello.csv", TRELLO);
    let said = person.says(&["import", "csv", text(&file), "--yes"]).await;
    for part in ["(trello): 2 tasks, 0 bad lines", "put away: 1 (--archived", "not imported: Card URL, Board ID"] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
    let made = tasks(&server).await;
    let [paint, sweep] = &made[..] else { panic!("{made:?}") };
    assert_eq!((&paint["status"], &paint["due_date"]), (&json!("in_progress"), &json!("2026-03-12")));
    assert_eq!(paint["assignee_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(sweep["status"], "done");
    let labels = server.get("/v1/labels?sort=name").await.json();
    assert_eq!((&labels["data"][0]["name"], &labels["data"][1]["name"]), (&json!("bug"), &json!("later")));
    let said = person.says(&["import", "csv", text(&file), "--yes", "--archived"]).await;
    assert!(said.contains("1 task imported, 2 were there already, 0 bad lines skipped"), "{said}");
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
    assert!(said.contains("4 tasks imported, 0 were there already, 1 bad line skipped"), "{said}");
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
