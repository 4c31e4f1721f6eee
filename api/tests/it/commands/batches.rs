//! Commands of several items: all or nothing, or each for itself, and one append either way.

use docket_commands::{Error, ItemError, Mode};
use docket_domain::project::Project;
use docket_domain::task::{self, Status, Task};
use docket_domain::{Intent, Refusal, project};

use super::{
    Desk, change_task, done, id, in_project, is_stale, new_label, new_member, new_project, new_task, refusal_of,
    retitle, snapshot,
};

#[tokio::test]
async fn all_items_or_none() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let tasks = [desk.task(project).await, desk.task(project).await];
    let before = desk.head().await;
    for bad in [new_task(id(), id()), retitle(id(), "?"), retitle(tasks[1], "?").expecting(Some(vec![9]))] {
        let items = vec![retitle(tasks[0], "Changed"), new_label(id(), "New"), bad];
        let answer = desk.send(desk.request(), items).await;
        assert!(matches!(answer, Err(Error::Item { index: 2, .. })));
        assert_eq!(desk.head().await, before);
    }
    let label = id();
    let items = vec![retitle(tasks[0], "Changed"), new_label(label, "New"), retitle(tasks[1], "Changed, too")];
    let answer = desk.send(desk.request(), items).await.expect("all");
    assert_eq!(answer.position, Some(before + 3));
    let log = desk.audit().await;
    assert_eq!(log.iter().rev().take(3).map(|event| event.stream).collect::<Vec<_>>(), [tasks[1], label, tasks[0]]);
}

#[tokio::test]
async fn each_for_itself_but_in_one_append() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = desk.task(project).await;
    let before = desk.head().await;
    let items = vec![
        new_task(id(), project),
        new_task(id(), id()),
        retitle(task, "?").expecting(Some(vec![9])),
        retitle(task, "Changed"),
        new_task(id(), project),
    ];
    let answer = desk.each(desk.request(), items).await;
    assert_eq!(refusal_of(&answer, 1), &Refusal::unknown_reference("/project_id"));
    assert!(matches!(answer.items[2], Err(ItemError::Stale { current: 1 })));
    assert_eq!(answer.position, Some(before + 3));
    let log = desk.audit().await;
    let written: Vec<_> = log.iter().filter(|event| event.position > before).collect();
    assert_eq!(written.len(), 3);
    assert!(written.iter().all(|event| event.recorded_at == written[0].recorded_at));
    assert!(written.iter().all(|event| event.command == written[0].command));
}

#[tokio::test]
async fn what_a_node_has_not_seen_yet_it_reads_at_once() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let tasks = [desk.task(project).await, desk.task(project).await, desk.task(project).await];
    desk.make(retitle(tasks[1], "Once")).await;
    let neighbour = desk.neighbour();
    let theirs = neighbour.task(neighbour.project().await).await;
    let versions = |answer: &docket_commands::Answer| {
        let version = |item: &Result<docket_commands::Outcome, ItemError>| Some(item.as_ref().ok()?.state.version());
        answer.items.iter().map(version).collect::<Vec<_>>()
    };

    let elsewhere = desk.elsewhere().await;
    let all = |title: &str| tasks.map(|task| retitle(task, title));
    let others = [theirs, project, tasks[0]].map(|id| retitle(id, "More"));
    let answer = elsewhere.each(elsewhere.request(), all("There").into_iter().chain(others).collect()).await;
    assert_eq!(versions(&answer), [Some(3), Some(3), Some(2), None, None, Some(3)], "as they are after all of it");
    assert_eq!([refusal_of(&answer, 3), refusal_of(&answer, 4)], [&Refusal::not_found(); 2]);
    // What it knows of them is out of date.
    let answer = desk.each(desk.request(), all("Here").into()).await;
    assert_eq!(versions(&answer), [Some(4), Some(4), Some(3)]);
    desk.audit().await;
}

#[tokio::test]
async fn later_items_see_what_earlier_ones_made() {
    let desk = Desk::new().await;
    let (project, task, label, member) = (id(), id(), id(), id());
    let items = || {
        let all =
            task::Create { assignee_ids: vec![member.into()], label_ids: vec![label.into()], ..in_project(project) };
        let finish = task::Changes { status: Some(Status::Done), ..task::Changes::default() };
        vec![
            new_label(label, "New"),
            new_member(member, "ada@example.org"),
            new_project(project, "New"),
            Intent::create::<Task>(task, task::Command::Create(all)),
            change_task(task, finish),
            change_task(task, task::Changes::default()),
            Intent::new::<Project>(
                project,
                project::Command::Update(project::Changes { archived: Some(true), ..Default::default() }),
            ),
        ]
    };
    for mode in [Mode::Atomic, Mode::PerItem] {
        let desk = if mode == Mode::Atomic { desk.clone() } else { Desk::new().await };
        let answer = desk.commands.execute(desk.request(), items(), mode).await.expect("an answer");
        for item in 3..6 {
            let outcome = done(&answer, item);
            let made = snapshot::<Task>(outcome.state.as_ref());
            assert_eq!((made.number, made.version, outcome.changed), (1, 2, item != 5), "item {item}");
            assert_eq!(made.state.status, Status::Done);
        }
        let made = snapshot::<Project>(done(&answer, 2).state.as_ref());
        assert_eq!((made.number, made.version, made.state.project_number.as_str()), (1, 2, "2020-0001"));
        desk.audit().await;
        let next = desk.send(desk.request(), vec![retitle(task, "On").expecting(Some(vec![2]))]).await;
        assert!(next.is_ok(), "the cache knows what was made");
    }
}

#[tokio::test]
async fn what_rests_on_a_refused_item_is_refused_with_it() {
    let desk = Desk::new().await;
    desk.make(new_label(id(), "Taken")).await;
    let (project, label) = (desk.project().await, id());
    let labelled = || {
        let new = task::Create { label_ids: vec![label.into()], ..in_project(project) };
        Intent::create::<Task>(id(), task::Command::Create(new))
    };
    let answer = desk.each(desk.request(), vec![new_label(label, "taken"), labelled(), new_task(id(), project)]).await;
    assert_eq!(refusal_of(&answer, 0).code, "already-taken");
    assert_eq!(refusal_of(&answer, 1), &Refusal::unknown_reference("/label_ids/0"));
    assert!(answer.items[2].is_ok());
    desk.audit().await;
}

#[tokio::test]
async fn an_archived_project_takes_no_tasks_of_the_same_command() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let archive = || super::change_project(project, None, Some(true));
    let answer = desk.send(desk.request(), vec![archive(), new_task(id(), project)]).await;
    assert!(matches!(answer, Err(Error::Item { index: 1, .. })));
    desk.send(desk.request(), vec![new_task(id(), project), archive()]).await.expect("both");
    desk.audit().await;
}

#[tokio::test]
async fn an_item_is_stale_after_an_earlier_one_of_the_same_command() {
    let desk = Desk::new().await;
    let task = desk.task(desk.project().await).await;
    let twice = |version| vec![retitle(task, "One"), retitle(task, "Two").expecting(Some(vec![version]))];
    assert!(matches!(
        desk.send(desk.request(), twice(1)).await,
        Err(Error::Item { index: 1, error: ItemError::Stale { current: 2 } })
    ));
    desk.send(desk.request(), twice(2)).await.expect("both");
    assert!(is_stale(&desk.send(desk.request(), vec![retitle(task, "?").expecting(Some(vec![2]))]).await, 3));
    desk.audit().await;
}

#[tokio::test]
async fn five_hundred_items_are_one_append() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let items = (0..500).map(|_| new_task(id(), project)).collect();
    let answer = desk.each(desk.request(), items).await;
    let numbers: Vec<i64> = (0..500).map(|item| snapshot::<Task>(done(&answer, item).state.as_ref()).number).collect();
    assert_eq!(numbers, (1..=500).collect::<Vec<_>>());
    let tasks: Vec<_> = answer.items.iter().flatten().map(|outcome| outcome.state.id()).collect();
    let items = tasks.iter().flat_map(|task| [retitle(*task, "One"), retitle(*task, "Two")]).collect();
    assert_eq!(desk.each(desk.request(), items).await.position, Some(1 + 500 + 1_000));
    desk.audit().await;
}

#[tokio::test]
async fn nothing_at_all_is_nothing() {
    let desk = Desk::new().await;
    for mode in [Mode::Atomic, Mode::PerItem] {
        let answer = desk.commands.execute(desk.request(), Vec::new(), mode).await.expect("an answer");
        assert!(answer.items.is_empty() && answer.position.is_none());
    }
    assert!(desk.audit().await.is_empty());
}
