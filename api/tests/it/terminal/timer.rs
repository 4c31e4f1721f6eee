//! The timer.

use super::Person;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_is_started_seen_and_stopped() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    server.task(&project, "Fix the login page").await;
    assert_eq!(person.says(&["timer", "status"]).await, "No timer runs.\n");
    assert_eq!(person.says(&["timer", "status", "--json"]).await, "null\n");
    let said = person.complains(&["timer", "start"]).await;
    assert!(said.contains("<TASK>") || said.contains("--project"), "{said}");

    let started = person.says(&["timer", "start", "1", "--note", "reading"]).await;
    assert_eq!(started, "The timer runs for #1 Fix the login page (reading).\n");
    let status = person.says(&["timer", "status"]).await;
    assert!(status.starts_with("The timer has run for ") && status.contains("#1 Fix the login page"), "{status}");
    person.says(&["timer", "start", "--project", "Website"]).await;
    assert_eq!(server.get("/v1/timelogs").await.json()["total"], 2);
    let stopped = person.says(&["timer", "stop"]).await;
    assert!(stopped.starts_with("Stopped after ") && stopped.ends_with(": #1 Website.\n"), "{stopped}");
    assert!(person.complains(&["timer", "stop"]).await.contains("docket: the server answered"));
}
