//! Tasks and projects.

use chrono::{Days, Local};
use serde_json::json;

use super::Person;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_added_found_changed_and_done_by_its_number() {
    let server = Server::start().await;
    let person = Person::of(&server);
    assert!(person.says(&["projects", "add", "Website"]).await.starts_with("Added project #1 ("));
    server.made("/v1/labels", json!({"name": "bug"})).await;
    let added = ["tasks", "add", "Fix the login page", "--project", "website", "--label", "BUG", "--assignee", "me"];
    let added = [&added[..], &["--due", "tomorrow", "--priority", "high"]].concat();
    assert_eq!(person.says(&added).await, "Added task #1: Fix the login page\n");

    let tomorrow = (Local::now().date_naive() + Days::new(1)).to_string();
    let shown = person.says(&["tasks", "show", "#1"]).await;
    for part in
        ["#1  Fix the login page", "Project    Website", "Priority   high", "Labels     bug", "Assignees  Owner"]
    {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    assert!(shown.contains(&format!("Due        {tomorrow}")) || Local::now().date_naive().to_string() == tomorrow);

    person.says(&["tasks", "edit", "1", "--title", "Fix it", "--due", "none", "--label", "none"]).await;
    let task = server.get("/v1/tasks?limit=1").await.json()["data"][0].clone();
    assert_eq!((&task["title"], &task["due_date"], &task["label_ids"]), (&json!("Fix it"), &json!(null), &json!([])));
    assert_eq!(task["assignee_ids"].as_array().map(Vec::len), Some(1), "what isn't named stays");

    person.says(&["tasks", "add", "Another", "--project", "1"]).await;
    assert_eq!(person.says(&["tasks", "done", "1", "2"]).await, "Done: #1 Fix it\nDone: #2 Another\n");
    assert_eq!(server.get("/v1/tasks?status=done").await.json()["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_tables_for_people_and_answers_for_programs() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    server.task(&project, "Fix the login page").await;
    server.task(&project, "Write the text").await;
    person.says(&["tasks", "done", "1"]).await;

    let table = person.says(&["tasks", "list"]).await;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "#  status  priority  due  project  assignees  title");
    assert_eq!(lines[1], "2  todo    none           Website             Write the text");
    assert_eq!(lines[2], "1  done    none           Website             Fix the login page");
    assert!(!table.contains('\u{1b}'), "no colours where there is no terminal");
    for (args, query) in [
        (&["--status", "done,todo"][..], "status=done,todo&limit=50"),
        (&["--open", "--limit", "1"], "status=backlog,todo,in_progress,in_review&limit=1"),
        (&["--search", "login page"], "q=login+page&limit=50"),
        (&["--sort", "-due_date,number", "--priority", "low,none"], "priority=low,none&sort=-due_date,number&limit=50"),
        (&["--due-by", "2026-12-01"], "due_date[lte]=2026-12-01&limit=50"),
        (&["--due-from", "2026-12-01"], "due_date[gte]=2026-12-01&limit=50"),
        (&["--project", "website"], &format!("project_id={project}&limit=50")),
    ] {
        let said = person.says(&[&["tasks", "list", "--json"], args].concat()).await;
        assert_eq!(said.trim_end(), server.get(&format!("/v1/tasks?{query}")).await.text, "{args:?}");
    }
    let listed = person.says(&["projects", "list"]).await;
    assert!(listed.contains("backlog            1  Website"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_added_changed_and_shown_with_all_there_is_to_it() {
    let server = Server::start().await;
    let person = Person::of(&server);
    server.made("/v1/customers", json!({"name": "Acme", "reference": "C-1", "billable_by_default": true})).await;
    server.made("/v1/teams", json!({"name": "Web"})).await;
    let add =
        ["projects", "add", "Website", "--code", "WEB", "--status", "planned", "--customer", "c-1", "--lead", "me"];
    person.says(&add).await;
    let edit =
        ["projects", "edit", "web", "--team", "web", "--due", "2026-12-01", "--member", "me", "--billable", "false"];
    assert_eq!(person.says(&edit).await, "Changed project #1: Website\n");
    let shown = person.says(&["projects", "show", "WEB"]).await;
    for line in [
        "Code       WEB",
        "Status     planned",
        "Due        2026-12-01",
        "Lead       Owner",
        "Members    Owner",
        "Team       Web",
        "Customer   Acme",
        "Billable   no",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    person.says(&["projects", "edit", "1", "--customer", "none", "--code", "none", "--archived", "true"]).await;
    let project = server.get("/v1/projects").await.json()["data"][0].clone();
    assert_eq!(
        (&project["customer_id"], &project["code"], &project["archived"]),
        (&json!(null), &json!(null), &json!(true))
    );
    let listed = person.says(&["projects", "list", "--status", "planned,completed", "--team", "web"]).await;
    assert!(listed.contains("planned, archived"), "{listed}");
    let said = person.complains(&["projects", "edit", "website", "--status", "nope"]).await;
    assert!(said.contains("/status"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_lead_to_tasks_whatever_was_deleted() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    let commands: Vec<_> = (1..=450)
        .map(|number| json!({"op": "create", "task": {"project_id": project, "title": format!("Task {number}")}}))
        .collect();
    let made = server.post("/v1/tasks/batch", json!({"commands": commands})).await.json();
    let ids: Vec<&str> =
        made["results"].as_array().expect("results").iter().filter_map(|one| one["task"]["id"].as_str()).collect();
    let deleted: Vec<_> =
        ids[..300].iter().step_by(2).chain(&ids[310..440]).map(|id| json!({"op": "delete", "id": id})).collect();
    server.post("/v1/tasks/batch", json!({"commands": deleted})).await;
    for number in [2, 300, 305, 441, 450] {
        let shown = person.says(&["tasks", "show", &number.to_string(), "--json"]).await;
        assert!(shown.contains(&format!("\"title\":\"Task {number}\"")), "{number}: {shown}");
    }
    for number in [1, 299, 311, 440, 451, 9000] {
        let said = person.complains(&["tasks", "show", &number.to_string()]).await;
        assert_eq!(said, format!("docket: there is no task #{number}\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_answered_with_what_to_do() {
    let server = Server::start().await;
    let person = Person::of(&server);
    server.project("Website").await;
    for (args, part) in [
        (&["tasks", "add", "x", "--project", "web"][..], "there is no project called web; is it Website?"),
        (&["tasks", "add", "x", "--project", "website", "--due", "someday"], "say a day like 2026-12-01"),
        (&["tasks", "add", "x", "--project", "website", "--label", "nope"], "there is no label called nope"),
        (&["tasks", "add", "", "--project", "website"], "/title"),
        (&["tasks", "show", "login"], "login is no task: say its number"),
        (&["tasks", "show", "7"], "there is no task #7"),
        (&["tasks", "edit", "7"], "nothing to change"),
        (&["tasks", "list", "--status", "finished"], "possible values: backlog, todo"),
        (&["tasks", "list", "--key", "dkt_live_wrong"], "docket login"),
    ] {
        let said = person.complains(args).await;
        assert!(said.contains(part), "{args:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sprint_is_planned_started_and_closed() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    let first = ["sprints", "add", "Sprint 1", "--project", "website", "--start", "2026-03-02", "--end", "2026-03-13"];
    assert_eq!(person.says(&first).await, "Added sprint #1: Sprint 1\n");
    person.says(&["sprints", "add", "Sprint 2", "--project", "website"]).await;
    let label = server.made("/v1/labels", json!({"name": "bug"})).await;
    server.made("/v1/tasks", json!({"project_id": project, "title": "Fix it", "label_ids": [label]})).await;
    person.says(&["tasks", "edit", "1", "--sprint", "sprint 1"]).await;
    person.says(&["tasks", "add", "Other", "--project", "website"]).await;
    let listed = person.says(&["tasks", "list", "--sprint", "Sprint 1", "--label", "bug"]).await;
    assert!(listed.contains("Fix it") && !listed.contains("Other"), "{listed}");
    assert_eq!(person.says(&["sprints", "start", "1"]).await, "Started sprint #1: Sprint 1\n");
    assert!(person.complains(&["sprints", "close", "1"]).await.contains("--move-to"));
    assert_eq!(person.says(&["sprints", "close", "1", "--move-to", "2"]).await, "Closed sprint #1: Sprint 1\n");
    let listed = person.says(&["sprints", "list", "--project", "website"]).await;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[1].starts_with("2  planned") && lines[1].contains("  1     0     Sprint 2"), "{listed}");
    assert!(lines[2].starts_with("1  closed   2026-03-02  2026-03-13  0     0     Sprint 1"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_talked_about_and_deleted() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    let task = server.task(&project, "Fix it").await;
    assert_eq!(person.says(&["tasks", "comment", "1", "It is the cookie."]).await, "Said on task 1\n");
    let said = person.says(&["tasks", "comment", "1"]).await;
    assert!(said.starts_with("Owner, 2") && said.ends_with("\nIt is the cookie.\n\n"), "{said}");
    assert!(person.says(&["tasks", "delete", "1"]).await.starts_with("Deleted: 1 ("));
    assert_eq!(server.get(&format!("/v1/tasks/{task}")).await.status.as_u16(), 404);
    assert!(person.complains(&["tasks", "delete", "1"]).await.contains("there is no task #1"));
}
