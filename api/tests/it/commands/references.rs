//! What a command refers to is alive, of the right kind and in the same workspace when it commits.

use docket_domain::task::{self, Task};
use docket_domain::{Intent, Refusal, project};
use uuid::Uuid;

use super::{Desk, change_task, id, in_project, new_task, refusal_of, retitle};

fn assigned(project: Uuid, members: &[Uuid], labels: &[Uuid]) -> Intent {
    let new = task::Create {
        assignee_ids: members.iter().copied().map(Into::into).collect(),
        label_ids: labels.iter().copied().map(Into::into).collect(),
        ..in_project(project)
    };
    Intent::create::<Task>(id(), task::Command::Create(new))
}

#[tokio::test]
async fn the_unknown_the_foreign_and_the_wrong_kind_are_refused_alike() {
    let desk = Desk::new().await;
    let foreign = desk.neighbour();
    let (project, member, label) = (desk.project().await, desk.member().await, desk.label().await);
    desk.make(assigned(project, &[member], &[label])).await;

    for stranger in [id(), foreign.project().await, member, label, foreign.task(foreign.project().await).await] {
        assert_eq!(desk.refused(new_task(id(), stranger)).await, Refusal::unknown_reference("/project_id"));
    }
    for stranger in [id(), foreign.member().await, label, project] {
        let refusal = desk.refused(assigned(project, &[member, stranger], &[])).await;
        assert_eq!(refusal, Refusal::unknown_reference("/assignee_ids/1"));
    }
    for stranger in [id(), foreign.label().await, member, project] {
        let refusal = desk.refused(assigned(project, &[], &[stranger])).await;
        assert_eq!(refusal, Refusal::unknown_reference("/label_ids/0"));
    }
    desk.audit().await;
}

#[tokio::test]
async fn one_id_in_two_roles_is_right_in_one_of_them_at_most() {
    let desk = Desk::new().await;
    let (project, member, label) = (desk.project().await, desk.member().await, desk.label().await);
    let refusal = desk.refused(assigned(project, &[member], &[member])).await;
    assert_eq!(refusal, Refusal::unknown_reference("/label_ids/0"));
    let refusal = desk.refused(assigned(project, &[label], &[label])).await;
    assert_eq!(refusal, Refusal::unknown_reference("/assignee_ids/0"));

    let right_and_wrong = vec![assigned(project, &[member], &[]), assigned(project, &[], &[member])];
    let answer = desk.each(desk.request(), right_and_wrong).await;
    assert!(answer.items[0].is_ok());
    assert_eq!(refusal_of(&answer, 1), &Refusal::unknown_reference("/label_ids/0"));
    desk.audit().await;
}

#[tokio::test]
async fn a_foreign_task_is_as_unknown_as_one_that_never_was() {
    let desk = Desk::new().await;
    let foreign = desk.neighbour();
    let theirs = foreign.task(foreign.project().await).await;
    let ours = desk.member().await;
    for stranger in [id(), theirs, ours] {
        assert_eq!(desk.refused(retitle(stranger, "Mine")).await, Refusal::not_found());
        for command in [task::Command::Delete, task::Command::Restore] {
            assert_eq!(desk.refused(Intent::new::<Task>(stranger, command)).await, Refusal::not_found());
        }
    }
    foreign.make(retitle(theirs, "Ours")).await;
    desk.audit().await;
}

#[tokio::test]
async fn the_deleted_is_unknown_until_it_is_restored() {
    let desk = Desk::new().await;
    let (project, other) = (desk.project().await, desk.project().await);
    let task = desk.task(project).await;
    desk.make(Intent::new::<project::Project>(other, project::Command::Delete)).await;
    assert_eq!(desk.refused(new_task(id(), other)).await, Refusal::unknown_reference("/project_id"));
    let move_there = || change_task(task, task::Changes { project_id: Some(other.into()), ..task::Changes::default() });
    assert_eq!(desk.refused(move_there()).await, Refusal::unknown_reference("/project_id"));
    desk.make(Intent::new::<project::Project>(other, project::Command::Restore)).await;
    desk.make(move_there()).await;
    desk.audit().await;
}

#[tokio::test]
async fn a_task_that_was_deleted_with_its_project_comes_back_with_it_alone() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = desk.task(project).await;
    desk.make(Intent::new::<Task>(task, task::Command::Delete)).await;
    desk.make(Intent::new::<project::Project>(project, project::Command::Delete)).await;
    let restore = || Intent::new::<Task>(task, task::Command::Restore);
    assert_eq!(desk.refused(restore()).await, Refusal::not_found());
    desk.make(Intent::new::<project::Project>(project, project::Command::Restore)).await;
    desk.make(restore()).await;
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_is_created_in_a_project_after_its_end() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    let project = here.project().await;
    there.task(project).await;
    let creators = (0..100).map(|_| {
        let desk = there.clone();
        tokio::spawn(async move { desk.send(desk.request(), vec![new_task(id(), project)]).await.is_ok() })
    });
    let creators: Vec<_> = creators.collect();
    here.make(Intent::new::<project::Project>(project, project::Command::Delete)).await;
    let created = futures::future::join_all(creators).await.into_iter().filter(|made| matches!(made, Ok(true))).count();

    let log = here.audit().await;
    let end = log.iter().find(|event| event.event_type == "project.deleted").expect("its end").position;
    let tasks: Vec<i64> = log.iter().filter(|event| event.kind == "task").map(|event| event.position).collect();
    assert_eq!(tasks.len(), created + 1);
    assert!(tasks.iter().all(|position| *position < end), "{tasks:?} before {end}");
}
