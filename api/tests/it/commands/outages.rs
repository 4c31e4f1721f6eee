//! A connection that breaks between the commit and its answer, or before the request is through: every acknowledged
//! command is in the log once.

pub mod proxy;

use std::sync::Arc;

use docket_commands::{Commands, Config};
use docket_domain::Intent;
use docket_domain::project::Project;
use futures::future::join_all;
use uuid::Uuid;

use super::{Desk, done, id, new_label, new_project, new_task, retitle, snapshot, task_of, told};
use proxy::{Cut, Proxy};

/// A desk whose node reaches the database through a proxy.
async fn fragile() -> (Desk, Arc<Proxy>) {
    let desk = Desk::new().await;
    let proxy = Proxy::start(&desk.db.url).await;
    let commands = Commands::open(proxy.url(), &Config::default()).await.expect("the write side");
    (Desk { commands, ..desk }, proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_answer_is_neither_lost_nor_doubled_work() {
    let (desk, proxy) = fragile().await;
    under_load(&desk, &proxy, 50, |_| Cut::Answer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_never_arrived_is_sent_again() {
    let (desk, proxy) = fragile().await;
    under_load(&desk, &proxy, 25, |_| Cut::Request).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_still_runs_when_it_is_sent_again_changes_nothing() {
    let (desk, proxy) = fragile().await;
    under_load(&desk, &proxy, 50, |_| Cut::Hasty).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_does_it_matter_where_it_breaks() {
    let (desk, proxy) = fragile().await;
    under_load(&desk, &proxy, 50, |n| [Cut::Answer, Cut::Request, Cut::HalfRequest, Cut::Hasty][n % 4]).await;
}

/// Writers write while the connection is cut again and again; then every answer is compared with the log.
async fn under_load(desk: &Desk, proxy: &Arc<Proxy>, cuts: usize, kind: impl Fn(usize) -> Cut) {
    let project = desk.project().await;
    let hot = desk.task(project).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writers = (0..16).map(|writer| {
        let (desk, stopped) = (desk.clone(), stopped.clone());
        tokio::spawn(async move {
            let mut told = Vec::new();
            for n in 0.. {
                if *stopped.borrow() {
                    break;
                }
                let intent = match writer % 4 {
                    0 => retitle(hot, &format!("Title {writer} {n}")),
                    1 => new_label(id(), &format!("Label {writer} {n}")),
                    2 => new_project(id(), "P"),
                    _ => new_task(id(), project),
                };
                let request = desk.request();
                let command = request.command;
                let answer = desk.send(request, vec![intent]).await.expect("an answer, in the end");
                told.push((command, answer.position.expect("a position"), done(&answer, 0).state.clone()));
            }
            told
        })
    });
    let writers: Vec<_> = writers.collect();
    for n in 0..cuts {
        proxy.cut(kind(n), n % 3).await;
    }
    let _ = stop.send(true);
    let told: Vec<_> = join_all(writers).await.into_iter().flat_map(|writer| writer.expect("a writer")).collect();

    let log = desk.audit().await;
    let before = 2;
    assert_eq!(log.len(), before + told.len(), "each acknowledged command once, and nothing else");
    for (command, position, state) in told {
        let event = &log[usize::try_from(position).expect("a position") - 1];
        assert_eq!(event.command, command);
        assert_eq!((event.stream, event.version), (state.id(), state.version()));
        if let Some(number) = event.number {
            assert!(state.to_json().contains(&format!(r#""number":{number},"#)), "{}", state.to_json());
        }
        if let Some(project) = state.as_any().downcast_ref::<docket_domain::Snapshot<Project>>() {
            assert_eq!(Some(&project.state.project_number), event.series.as_ref());
        }
    }
}

#[tokio::test]
async fn a_landed_command_is_answered_in_full() {
    let (desk, proxy) = fragile().await;
    let project = id();
    let alone = async |request, intents: Vec<Intent>| {
        let cut = proxy.cut(Cut::Answer, 0);
        let (answer, ()) = tokio::join!(desk.send(request, intents), cut);
        answer.expect("an answer")
    };
    let batch =
        vec![new_project(project, "P"), new_task(id(), project), new_task(id(), project), new_project(id(), "Q")];
    let answer = alone(desk.keyed(1, 1), batch).await;
    assert_eq!(answer.position, Some(4));
    assert!(!answer.replayed, "it is this very command that landed");
    assert_eq!(snapshot::<Project>(done(&answer, 3).state.as_ref()).state.project_number, "2020-0002");
    let again = desk
        .send(
            desk.keyed(1, 1),
            vec![new_project(id(), "P"), new_task(id(), project), new_task(id(), project), new_project(id(), "Q")],
        )
        .await;
    assert_eq!(told(&again.expect("the answer again")), told(&answer));

    // Nothing to change, but a receipt to write.
    let task = done(&answer, 1).state.id();
    let unchanged = alone(desk.keyed(2, 1), vec![retitle(task, "Write the text")]).await;
    assert!(!done(&unchanged, 0).changed && !unchanged.replayed);
    let changed = alone(desk.request(), vec![retitle(task, "Changed")]).await;
    assert_eq!(task_of(&changed).version, 2);
    desk.audit().await;
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for() {
    let (desk, proxy) = fragile().await;
    let project = desk.project().await;
    proxy.close();
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.task(project).await })
        })
        .collect();
    proxy.refused().await;
    assert!(waiting.iter().all(|task| !task.is_finished()));
    proxy.open();
    let tasks: Vec<Uuid> = join_all(waiting).await.into_iter().map(|task| task.expect("a task")).collect();
    let log = desk.audit().await;
    assert!(tasks.iter().all(|task| log.iter().any(|event| event.stream == *task)));
    assert_eq!(log.len(), 9);
}
