//! What is unique in a workspace has one holder.

pub mod seat;

use docket_domain::task::{self, Task};
use docket_domain::{Intent, Refusal};
use futures::future::join_all;

use super::{Desk, id, in_project, new_label, new_member, new_task, refusal, refusal_of};
use seat::Change;

fn is_taken(refusal: &Refusal, pointer: &str) {
    assert_eq!((refusal.code.as_ref(), refusal.pointer.as_deref()), ("already-taken", Some(pointer)));
}

#[tokio::test]
async fn a_name_has_one_label_whatever_its_case() {
    let desk = Desk::new().await;
    desk.make(new_label(id(), "Ärger")).await;
    is_taken(&desk.refused(new_label(id(), "ÄRGER")).await, "/name");
    is_taken(&desk.elsewhere().await.refused(new_label(id(), "ärger")).await, "/name");
    desk.make(new_label(id(), "Arger")).await;
    desk.neighbour().make(new_label(id(), "Ärger")).await;
    desk.make(new_member(id(), "Ada@example.org")).await;
    is_taken(&desk.refused(new_member(id(), "ada@EXAMPLE.org")).await, "/email");
    desk.audit().await;
}

#[tokio::test]
async fn an_external_id_has_one_task_even_after_its_end() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let new = task::Create { external_id: Some("JIRA-1".to_owned()), ..in_project(project) };
    let create = |task| Intent::create::<Task>(task, task::Command::Create(new.clone()));
    let task = id();
    desk.make(create(task)).await;
    is_taken(&desk.refused(create(id())).await, "/external_id");
    desk.make(Intent::new::<Task>(task, task::Command::Delete)).await;
    is_taken(&desk.refused(create(id())).await, "/external_id");
    desk.audit().await;
}

#[tokio::test]
async fn two_of_one_batch_are_one_too_many() {
    let desk = Desk::new().await;
    let twins = || vec![new_label(id(), "One"), new_label(id(), "Two"), new_label(id(), "ONE")];
    let all = desk.send(desk.request(), twins()).await;
    assert!(matches!(&all, Err(docket_commands::Error::Item { index: 2, .. })));
    assert!(desk.audit().await.is_empty());

    let each = desk.each(desk.request(), twins()).await;
    assert!(each.items[0].is_ok() && each.items[1].is_ok());
    is_taken(refusal_of(&each, 2), "/name");
    desk.audit().await;
}

#[tokio::test]
async fn only_the_offender_is_out() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    desk.make(new_label(id(), "Taken")).await;
    let items = vec![
        new_label(id(), "Free"),
        new_label(id(), "taken"),
        new_task(id(), project),
        new_member(id(), "ada@example.org"),
        new_task(id(), id()),
        new_label(id(), "TAKEN"),
    ];
    let answer = desk.each(desk.request(), items).await;
    let ok: Vec<bool> = answer.items.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true, true, false, false]);
    is_taken(refusal_of(&answer, 1), "/name");
    is_taken(refusal_of(&answer, 5), "/name");
    assert_eq!(refusal_of(&answer, 4), &Refusal::unknown_reference("/project_id"));
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_racers_one_wins() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    for round in 0..5 {
        let racers = (0..16).map(|n| {
            let desk = [&here, &there][n % 2].clone();
            let name = if n % 3 == 0 { format!("LABEL {round}") } else { format!("Label {round}") };
            tokio::spawn(async move { desk.send(desk.request(), vec![new_label(id(), &name)]).await })
        });
        let (won, lost): (Vec<_>, Vec<_>) =
            join_all(racers).await.into_iter().map(|racer| racer.expect("a racer")).partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 15));
        for lost in lost {
            is_taken(&refusal(lost), "/name");
        }
    }
    here.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_that_race_for_the_same_names_share_them() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    let racers = (0..8).map(|n| {
        let desk = [&here, &there][n % 2].clone();
        let items = (0..20).map(|label| new_label(id(), &format!("Label {}", (label + n) % 24))).collect();
        tokio::spawn(
            async move { desk.each(desk.request(), items).await.items.iter().filter(|item| item.is_ok()).count() },
        )
    });
    let won: usize = join_all(racers).await.into_iter().map(|racer| racer.expect("a racer")).sum();
    assert_eq!(won, 24);
    here.audit().await;
}

#[tokio::test]
async fn what_is_given_back_is_free_again() {
    let desk = Desk::new().await;
    let (one, two) = (id(), id());
    desk.make(Change::new("window").seat(one, true)).await;
    is_taken(&desk.refused(Change::new("window").seat(two, true)).await, "/place");
    desk.make(Change::from("window").to("aisle").seat(one, false)).await;
    desk.make(Change::new("window").seat(two, true)).await;
    is_taken(&desk.refused(Change::from("aisle").to("window").seat(one, false)).await, "/place");
    desk.audit().await;
}

#[tokio::test]
async fn a_value_can_be_taken_again_by_its_holder() {
    let desk = Desk::new().await;
    let one = id();
    desk.make(Change::new("window").seat(one, true)).await;
    // As when a name only changes its case.
    desk.make(Change::from("window").to("window").seat(one, false)).await;
    is_taken(&desk.refused(Change::new("window").seat(id(), true)).await, "/place");
    desk.audit().await;
}

#[tokio::test]
async fn values_change_hands_within_one_command() {
    let desk = Desk::new().await;
    let (one, two) = (id(), id());
    desk.make(Change::new("window").seat(one, true)).await;
    let swap = vec![Change::from("window").to("aisle").seat(one, false), Change::new("window").seat(two, true)];
    desk.send(desk.request(), swap).await.expect("a swap");
    is_taken(&desk.refused(Change::new("aisle").seat(id(), true)).await, "/place");
    is_taken(&desk.refused(Change::new("window").seat(id(), true)).await, "/place");
    desk.audit().await;
}

#[tokio::test]
async fn what_was_taken_and_given_back_in_one_command_is_free() {
    let desk = Desk::new().await;
    let one = id();
    let through = vec![Change::new("window").seat(one, true), Change::from("window").to("aisle").seat(one, false)];
    desk.send(desk.request(), through).await.expect("a seat");
    desk.make(Change::new("window").seat(id(), true)).await;
    is_taken(&desk.refused(Change::new("aisle").seat(id(), true)).await, "/place");
    desk.audit().await;
}
