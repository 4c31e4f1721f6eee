//! What happened, at a terminal.

use serde_json::{Value, json};

use super::Person;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_can_be_listed_and_explained() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    let id = server.task(&project, "Fix the login page").await;
    server.patch(&format!("/v1/tasks/{id}"), json!({"status": "done"})).await;

    let history = person.says(&["audit", "history", "tasks", "1"]).await;
    assert!(history.contains("status: \"todo\" → \"done\""), "{history}");
    assert_eq!(history.lines().count(), 3, "{history}");
    let told = person.says(&["audit", "explain", "tasks", "1", "status"]).await;
    assert!(told.starts_with("status is \"done\"\n") && told.contains("task.status_changed"), "{told}");
    let log = person.says(&["audit", "log", "--kind", "project"]).await;
    assert!(log.contains("project.created") && !log.contains("task."), "{log}");
    let log: Value =
        serde_json::from_str(&person.says(&["audit", "log", "--limit", "1", "--json"]).await).expect("JSON");
    assert_eq!(log["data"][0]["type"], "task.status_changed");
    assert!(person.complains(&["audit", "explain", "tasks", "1", "nonsense"]).await.contains("field is one of"));
}
