//! Two nodes, each with a cache of its own: a decision on something stale is made again, and nobody is refused, or
//! told that there is nothing to change, because of what a cache remembers.

use docket_commands::{Error, Mode};
use docket_domain::task::{self, Status, Task};
use docket_domain::{Intent, project};
use futures::future::join_all;
use uuid::Uuid;

use super::{
    Desk, change_project, change_task, done, id, in_project, is_stale, new_task, refusal_of, retitle, snapshot, task_of,
};

/// Two nodes that both have the task in their caches.
async fn two_nodes() -> (Desk, Desk, Uuid, Uuid) {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    let project = here.project().await;
    let task = here.task(project).await;
    there.make(retitle(task, "Seen there")).await;
    here.make(retitle(task, "Seen here")).await;
    (here, there, project, task)
}

fn dates(start: Option<&str>, due: Option<&str>) -> task::Changes {
    let date = |text: Option<&str>| text.map(|text| Some(text.parse().expect("a date")));
    task::Changes { start_date: date(start), due_date: date(due), ..task::Changes::default() }
}

#[tokio::test]
async fn a_change_on_a_stale_cache_is_decided_again() {
    let (_, there, _, task) = two_nodes().await;
    let status = task::Changes { status: Some(Status::Done), ..task::Changes::default() };
    let changed = task_of(&there.make(change_task(task, status)).await);
    assert_eq!((changed.version, changed.state.title.as_str()), (4, "Seen here"));
    there.audit().await;
}

#[tokio::test]
async fn with_if_match_a_stale_change_is_the_callers_to_decide() {
    let (here, there, _, task) = two_nodes().await;
    let answer = there.send(there.request(), vec![retitle(task, "Old").expecting(Some(vec![2]))]).await;
    assert!(is_stale(&answer, 3));
    // A caller may know more than this node's cache.
    here.make(retitle(task, "Newer")).await;
    let newer = there.make(retitle(task, "Newest").expecting(Some(vec![4]))).await;
    assert_eq!(task_of(&newer).version, 5);
    let never = there.send(there.request(), vec![retitle(task, "?").expecting(Some(vec![9, 4]))]).await;
    assert!(is_stale(&never, 5));
    assert_eq!(task_of(&there.make(retitle(task, "Any of them").expecting(Some(vec![9, 5]))).await).version, 6);
    there.audit().await;
}

#[tokio::test]
async fn if_match_holds_for_a_restore_too() {
    let desk = Desk::new().await;
    let task = desk.task(desk.project().await).await;
    desk.make(Intent::new::<Task>(task, task::Command::Delete).expecting(Some(vec![1]))).await;
    let restore = |version| Intent::new::<Task>(task, task::Command::Restore).expecting(Some(vec![version]));
    assert!(is_stale(&desk.send(desk.request(), vec![restore(1)]).await, 2));
    assert_eq!(task_of(&desk.make(restore(2)).await).version, 3);
    desk.audit().await;
}

#[tokio::test]
async fn nothing_to_change_is_never_said_on_a_stale_cache() {
    let (_, there, _, task) = two_nodes().await;
    let answer = there.make(retitle(task, "Seen there")).await;
    assert!(done(&answer, 0).changed);
    assert_eq!(task_of(&answer).version, 4);
}

#[tokio::test]
async fn what_was_made_on_one_node_is_known_on_the_other_at_once() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    for _ in 0..20 {
        let (project, member, label) = (here.project().await, here.member().await, here.label().await);
        let all =
            task::Create { assignee_ids: vec![member.into()], label_ids: vec![label.into()], ..in_project(project) };
        let task = id();
        there.make(Intent::create::<Task>(task, task::Command::Create(all))).await;
        here.make(retitle(task, "Seen")).await;
    }
    here.audit().await;
}

#[tokio::test]
async fn a_refusal_is_never_decided_on_a_stale_cache() {
    let (here, there, project, task) = two_nodes().await;
    there.make(change_project(project, None, Some(true))).await;
    here.make(change_project(project, None, Some(false))).await;
    there.make(new_task(id(), project)).await;

    there.make(change_task(task, dates(Some("2026-07-10"), None))).await;
    here.make(change_task(task, dates(Some("2026-07-01"), None))).await;
    there.make(change_task(task, dates(None, Some("2026-07-05")))).await;
    there.audit().await;
}

#[tokio::test]
async fn nor_on_what_an_earlier_item_made_of_a_stale_state() {
    let (here, there, project, task) = two_nodes().await;
    there.make(change_task(task, dates(Some("2026-07-10"), None))).await;
    here.make(change_task(task, dates(Some("2026-07-01"), None))).await;
    let both = || vec![retitle(task, &id().to_string()), change_task(task, dates(None, Some("2026-07-05")))];
    there.send(there.request(), both()).await.expect("both");

    there.make(change_project(project, None, Some(true))).await;
    here.make(change_project(project, None, Some(false))).await;
    let both = || vec![change_project(project, Some(&id().to_string()), None), new_task(id(), project)];
    let answer = there.commands.execute(there.request(), both(), Mode::PerItem).await.expect("an answer");
    assert!(answer.items.iter().all(Result::is_ok));
    there.audit().await;
}

#[tokio::test]
async fn a_project_archived_elsewhere_takes_no_tasks_here() {
    let (here, there, project, _) = two_nodes().await;
    here.task(project).await;
    there.make(change_project(project, None, Some(true))).await;
    assert_eq!(here.refused(new_task(id(), project)).await.code, "project-archived");
    here.audit().await;
}

#[tokio::test]
async fn a_project_deleted_elsewhere_is_gone_here_with_its_tasks() {
    let (here, there, project, task) = two_nodes().await;
    there.make(Intent::new::<project::Project>(project, project::Command::Delete)).await;
    assert_eq!(here.refused(new_task(id(), project)).await.code, "unknown-reference");
    assert_eq!(here.refused(retitle(task, "Gone")).await.code, "not-found");
    let items = here.each(here.request(), vec![retitle(task, "Gone"), super::new_label(id(), "Stays")]).await;
    assert_eq!(refusal_of(&items, 0).code, "not-found");
    assert!(items.items[1].is_ok());
    there.make(Intent::new::<project::Project>(project, project::Command::Restore)).await;
    here.make(retitle(task, "Back")).await;
    here.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_updates_of_one_task_all_succeed() {
    let desk = Desk::new().await;
    let task = desk.task(desk.project().await).await;
    let updates = (0..200).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move { task_of(&desk.make(retitle(task, &format!("Title {n}"))).await).version })
    });
    let mut versions: Vec<i64> =
        join_all(updates).await.into_iter().map(|version| version.expect("an update")).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=201).collect::<Vec<_>>());
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_of_one_task_on_two_nodes_are_lost_to_nobody() {
    let (here, there, _, task) = two_nodes().await;
    let updates = (0..100).map(|n| {
        let desk = [&here, &there][n % 2].clone();
        tokio::spawn(async move { desk.send(desk.request(), vec![retitle(task, &format!("Title {n}"))]).await })
    });
    let answers: Vec<_> = join_all(updates).await.into_iter().map(|answer| answer.expect("an update")).collect();
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    // Each node lets its own commands take turns; against another node they try a few times.
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::Contended))));
    assert!(done > 90, "{done} of 100");
    let log = here.audit().await;
    assert_eq!(log.iter().filter(|event| event.stream == task).count(), 3 + done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_is_renamed_all_the_time_still_takes_tasks() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let renamer = {
        let desk = desk.clone();
        tokio::spawn(async move {
            for n in 0.. {
                if *stopped.borrow() {
                    break;
                }
                desk.make(change_project(project, Some(&format!("Name {n}")), None)).await;
            }
        })
    };
    let creators = (0..16).map(|_| {
        let desk = desk.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                desk.make(new_task(id(), project)).await;
            }
        })
    });
    join_all(creators).await.into_iter().for_each(|creator| creator.expect("its tasks"));
    let _ = stop.send(true);
    renamer.await.expect("its names");
    desk.audit().await;
}

#[tokio::test]
async fn a_state_read_back_is_the_state_that_was_told() {
    let (here, there, _, task) = two_nodes().await;
    let told = here.make(retitle(task, "Told")).await;
    let read = there.make(change_task(task, task::Changes::default())).await;
    assert!(!done(&read, 0).changed);
    assert_eq!(snapshot::<Task>(done(&told, 0).state.as_ref()), snapshot::<Task>(done(&read, 0).state.as_ref()));
    assert_eq!(read.position, None);
}
