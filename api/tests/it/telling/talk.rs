//! Who is told what is said about a task: whoever it concerns, and whoever talks about it.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{kinds, run, tell, teller, told, without_a_teller};
use crate::server::{Server, ask, send};

async fn say(server: &Server, key: &str, task: &str, body: &str) {
    let path = format!("/v1/tasks/{task}/comments");
    let said = send(ask(&server.url, key, Method::POST, &path).json(&json!({"body": body}))).await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_made_a_task_or_said_something_about_it_is_told_the_answers() {
    let server = without_a_teller().await;
    let (_, adas) = server.member("ada", "member").await;
    let (_, graces) = server.member("grace", "member").await;
    let (_, silents) = server.member("silent", "member").await;
    let project = server.project("Website").await;
    let (task, other) = (server.task(&project, "Login").await, server.task(&project, "Logout").await);
    say(&server, &adas, &task, "How?").await;
    say(&server, &graces, &task, "Why?").await;
    let mut one = teller(&server).await;
    tell(&server, &mut one).await;
    say(&server, server.key(), &task, "Because.").await;
    say(&server, &adas, &other, "And this?").await;
    // However often it is told, and by whom.
    let mut another = teller(&server).await;
    for _ in 0..2 {
        tell(&server, &mut another).await;
        run(&server, "update log.tellers set position = 0").await;
    }
    server.post("/v1/notifications", json!({"title": "Last"})).await;
    let owners = told(&server, server.key(), 4).await;
    assert_eq!(kinds(&owners), ["message", "commented", "commented", "commented"]);
    assert_eq!(owners[1]["title"], "There is a new comment on “Logout”");
    assert_eq!(kinds(&told(&server, &adas, 3).await), ["commented", "commented", "invited"]);
    assert_eq!(kinds(&told(&server, &graces, 2).await), ["commented", "invited"]);
    assert_eq!(kinds(&told(&server, &silents, 1).await), ["invited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_it_was_somebodys_task_is_not_told_them_later() {
    let server = without_a_teller().await;
    let (ada, adas) = server.member("ada", "member").await;
    let (grace, graces) = server.member("grace", "member").await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    let assign = |member| format!("/v1/tasks/{task}/assignees/{member}");
    send(ask(&server.url, server.key(), Method::PUT, &assign(&ada))).await;
    say(&server, server.key(), &task, "How?").await;
    let mut one = teller(&server).await;
    tell(&server, &mut one).await;
    // Nobody has noted how far all are told when the task becomes another's.
    send(ask(&server.url, server.key(), Method::DELETE, &assign(&ada))).await;
    send(ask(&server.url, server.key(), Method::PUT, &assign(&grace))).await;
    run(&server, "update log.tellers set position = 0").await;
    let mut another = teller(&server).await;
    tell(&server, &mut another).await;
    assert_eq!(kinds(&told(&server, &adas, 4).await), ["unassigned", "commented", "assigned", "invited"]);
    assert_eq!(kinds(&told(&server, &graces, 2).await), ["assigned", "invited"]);
}
