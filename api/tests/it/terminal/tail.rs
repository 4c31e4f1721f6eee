//! What happens in a workspace, line by line.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

use super::Person;
use crate::node::Node;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn all_there_ever_was_is_shown_and_what_happens_then() {
    let server = Server::start().await;
    let person = Person::of(&server);
    let project = server.project("Website").await;
    server.task(&project, "Fix the login page").await;
    let all = person.says(&["tail"]).await;
    let of_project = all.lines().find(|line| line.contains("project.created")).unwrap_or_else(|| panic!("{all}"));
    assert!(of_project.ends_with("#1  Website"), "{of_project}");
    assert!(all.contains("workspace.created"), "{all}");

    let tasks = person.says(&["tail", "--kinds", "task", "--json"]).await;
    let [task] = tasks.lines().collect::<Vec<_>>()[..] else { panic!("{tasks}") };
    let task: Value = serde_json::from_str(task).expect("JSON");
    let last = task["id"].as_str().expect("a position");
    assert_eq!(person.says(&["tail", "--after", last]).await, "");
    assert!(person.complains(&["tail", "--after", "x"]).await.contains("after"));
    assert!(person.complains(&["tail", "--kinds", "x"]).await.contains("no kind of resource"));

    // It outlives whom it listens to.
    let mut node = Node::start(&server, "api", &[]).await;
    let mut following = person.command(&["tail", "--follow", "--after", last, "--url", &node.url]);
    let mut child = following.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("docket runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    for title in ["One", "Two"] {
        server.task(&project, title).await;
        let line = timeout(Duration::from_secs(30), lines.next_line()).await.expect("in time");
        let line = line.expect("UTF-8").expect("a line");
        assert!(line.contains("task.created") && line.ends_with(title), "{line}");
        node.replace().await;
    }
}
