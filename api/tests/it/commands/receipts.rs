//! A request that is sent again is answered again, and carried out once.

use docket_commands::{Error, Mode, Request};
use docket_domain::api_key::ApiKey;
use docket_domain::task::{self, Status, Task};
use docket_domain::{Actor, Intent, project};
use futures::future::join_all;
use uuid::Uuid;

use super::{
    Desk, change_project, change_task, done, id, in_project, new_key, new_label, new_project, new_task, retitle,
    revoke, task_of, told,
};

#[tokio::test]
async fn a_repeated_create_is_answered_as_it_was_whatever_happened_since() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = id();
    let first = desk.send(desk.keyed(1, 1), vec![new_task(task, project)]).await.expect("a task");
    assert!(!first.replayed);

    let again = async |desk: &Desk| {
        // A client that sends again gets another fresh id for what it creates.
        let again = desk.send(desk.keyed(1, 1), vec![new_task(id(), project)]).await.expect("the answer again");
        assert!(again.replayed);
        assert_eq!((told(&again), again.position), (told(&first), first.position));
    };
    again(&desk).await;
    desk.make(retitle(task, "Changed")).await;
    again(&desk).await;
    desk.make(change_project(project, None, Some(true))).await;
    again(&desk).await;
    desk.make(Intent::new::<Task>(task, task::Command::Delete)).await;
    again(&desk).await;
    desk.make(Intent::new::<project::Project>(project, project::Command::Delete)).await;
    again(&desk).await;
    again(&desk.elsewhere().await).await;
    desk.audit().await;
}

#[tokio::test]
async fn a_repeated_change_is_answered_as_it_was() {
    let desk = Desk::new().await;
    let task = desk.task(desk.project().await).await;
    let change = || vec![retitle(task, "Once").expecting(Some(vec![1]))];
    let first = desk.send(desk.keyed(1, 1), change()).await.expect("a change");
    let again = desk.send(desk.keyed(1, 1), change()).await.expect("the answer again, though the version has moved on");
    assert!(again.replayed);
    assert_eq!(told(&again), told(&first));

    let delete = || vec![Intent::new::<Task>(task, task::Command::Delete)];
    let first = desk.send(desk.keyed(2, 1), delete()).await.expect("a deletion");
    let again = desk.send(desk.keyed(2, 1), delete()).await.expect("the answer again, though the task is gone");
    assert!(again.replayed);
    assert_eq!(told(&again), told(&first));
    assert_eq!(desk.audit().await.iter().filter(|event| event.stream == task).count(), 3);
}

#[tokio::test]
async fn a_repeated_claim_is_answered_as_it_was() {
    let desk = Desk::new().await;
    let first = desk.send(desk.keyed(1, 1), vec![new_label(id(), "Bug")]).await.expect("a label");
    let again = desk.send(desk.keyed(1, 1), vec![new_label(id(), "Bug")]).await.expect("the answer again");
    assert_eq!((told(&again), again.replayed), (told(&first), true));
    desk.audit().await;
}

#[tokio::test]
async fn a_project_is_replayed_with_its_numbers() {
    let desk = Desk::new().await;
    let first = desk.send(desk.keyed(1, 1), vec![new_project(id(), "P")]).await.expect("a project");
    desk.project().await;
    let there = desk.elsewhere().await;
    let again = there.send(there.keyed(1, 1), vec![new_project(id(), "P")]).await.expect("the answer again");
    assert_eq!(told(&again), told(&first));
    assert!(told(&again)[0].as_ref().expect("a project").0.contains(r#""project_number":"2020-0001""#));
}

#[tokio::test]
async fn a_key_used_for_another_request_is_refused() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = id();
    desk.send(desk.keyed(1, 1), vec![new_task(task, project)]).await.expect("a task");
    let allowed = desk.send(desk.keyed(1, 2), vec![new_task(id(), project)]).await;
    assert!(matches!(allowed, Err(Error::KeyReused)));
    // Also when the other request would be refused for itself.
    let refused = desk.send(desk.keyed(1, 3), vec![new_task(id(), id())]).await;
    assert!(matches!(refused, Err(Error::KeyReused)));
    let unchanged = desk.send(desk.keyed(1, 4), vec![change_task(task, task::Changes::default())]).await;
    assert!(matches!(unchanged, Err(Error::KeyReused)));
    desk.audit().await;
}

#[tokio::test]
async fn keys_belong_to_whoever_sends_them() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let (ada, byron) = (desk.member().await, desk.member().await);
    let foreign = desk.neighbour();
    let theirs = foreign.project().await;
    let of = |member: Uuid| Request { actor: Actor::Member(member.into()), ..desk.keyed(1, 1) };
    for request in [of(ada), of(byron), desk.keyed(1, 1)] {
        assert!(!desk.send(request, vec![new_task(id(), project)]).await.expect("a task").replayed);
    }
    assert!(!foreign.send(foreign.keyed(1, 1), vec![new_task(id(), theirs)]).await.expect("a task").replayed);
    assert!(desk.send(of(ada), vec![new_task(id(), project)]).await.expect("the answer again").replayed);
    desk.audit().await;
}

#[tokio::test]
async fn what_changed_nothing_the_first_time_changes_nothing_the_second() {
    let desk = Desk::new().await;
    let task = desk.task(desk.project().await).await;
    let same = || vec![retitle(task, "Write the text")];
    let first = desk.send(desk.keyed(1, 1), same()).await.expect("an answer");
    assert!(!done(&first, 0).changed);
    desk.make(retitle(task, "Another")).await;
    let again = desk.send(desk.keyed(1, 1), same()).await.expect("the answer again");
    assert_eq!((told(&again), again.replayed), (told(&first), true));
    let log = desk.audit().await;
    assert_eq!(log.len(), 3, "a project, a task, a title");
}

#[tokio::test]
async fn nothing_to_change_is_true_when_its_receipt_is_written() {
    let here = Desk::new().await;
    let there = here.elsewhere().await;
    let task = here.task(here.project().await).await;
    there.make(retitle(task, "There")).await;
    here.make(retitle(task, "Here")).await;
    let answer = there.send(there.keyed(1, 1), vec![retitle(task, "There")]).await.expect("an answer");
    assert!(done(&answer, 0).changed, "there is something to change, whatever the cache says");
}

#[tokio::test]
async fn a_refusal_leaves_no_receipt() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    desk.make(change_project(project, None, Some(true))).await;
    let request = || desk.keyed(1, 1);
    desk.send(request(), vec![new_task(id(), project)]).await.map(|_| ()).expect_err("an archived project");
    desk.make(change_project(project, None, Some(false))).await;
    let answer = desk.send(request(), vec![new_task(id(), project)]).await.expect("a task");
    assert!(!answer.replayed);
    desk.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_sends_of_one_request_have_one_effect() {
    let desk = Desk::new().await;
    let there = desk.elsewhere().await;
    let project = desk.project().await;
    let (task, doomed) = (desk.task(project).await, desk.task(project).await);
    let requests: [(u8, Box<dyn Fn() -> Intent + Send + Sync>); 4] = [
        (1, Box::new(move || new_task(id(), project))),
        (
            2,
            Box::new(move || {
                change_task(task, task::Changes { status: Some(Status::Done), ..task::Changes::default() })
            }),
        ),
        (3, Box::new(move || Intent::new::<Task>(doomed, task::Command::Delete).expecting(Some(vec![1])))),
        (4, Box::new(|| new_label(id(), "Bug"))),
    ];
    let before = desk.head().await;
    for (key, intent) in requests {
        let sends = (0..16).map(|n| {
            let desk = [&desk, &there][n % 2].clone();
            let intent = intent();
            tokio::spawn(async move { desk.send(desk.keyed(key, 1), vec![intent]).await })
        });
        let answers: Vec<_> = join_all(sends).await.into_iter().map(|sent| sent.expect("a task")).collect();
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect("an answer")).collect();
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1, "request {key}");
        assert!(answers.iter().all(|answer| told(answer) == told(&answers[0])), "request {key}");
    }
    desk.audit().await;
    assert_eq!(desk.head().await, before + 4);
}

#[tokio::test]
async fn a_batch_is_replayed_item_by_item() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let task = desk.task(project).await;
    desk.make(new_label(id(), "Bug")).await;
    let dated = task::Create {
        due_date: "2026-07-01".parse().ok(),
        start_date: "2026-07-02".parse().ok(),
        ..in_project(project)
    };
    let items = || {
        vec![
            new_task(id(), project),
            new_label(id(), "bug"),
            retitle(task, "Write the text"),
            Intent::create::<Task>(id(), task::Command::Create(dated.clone())),
            retitle(task, "Batch").expecting(Some(vec![7])),
            retitle(task, "Batched"),
            new_task(id(), id()),
        ]
    };
    let first = desk.each(desk.keyed(1, 1), items()).await;
    let ok: Vec<bool> = first.items.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true, false, false, true, false]);
    desk.make(retitle(task, "Later")).await;
    for desk in [&desk, &desk.elsewhere().await] {
        let again = desk.each(desk.keyed(1, 1), items()).await;
        assert!(again.replayed);
        assert_eq!((told(&again), again.position), (told(&first), first.position));
    }
    desk.audit().await;
}

#[tokio::test]
async fn a_batch_of_refusals_is_remembered_as_well() {
    let desk = Desk::new().await;
    let items = || vec![new_task(id(), id()), new_task(id(), id())];
    let first = desk.each(desk.keyed(1, 1), items()).await;
    let again = desk.each(desk.keyed(1, 1), items()).await;
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(told(&first), told(&again));
    let atomic = desk.commands.execute(desk.keyed(1, 2), items(), Mode::PerItem).await;
    assert!(matches!(atomic, Err(Error::KeyReused)));
    assert!(desk.audit().await.is_empty());
}

#[tokio::test]
async fn a_key_that_ended_itself_is_not_answered_again() {
    let desk = Desk::new().await;
    let key = id();
    desk.make(new_key(key, None)).await;
    let request = || super::with_key(desk.keyed(1, 1), key);
    let first = desk.send(request(), vec![revoke(key)]).await.expect("the end of the key, by itself");
    let state = super::snapshot::<ApiKey>(done(&first, 0).state.as_ref());
    assert!(state.state.revoked_at.is_some());
    let again = desk.send(request(), vec![revoke(key)]).await;
    assert!(matches!(again, Err(Error::Revoked)));
    desk.audit().await;
}

#[tokio::test]
async fn a_task_is_created_with_a_known_number_when_replayed() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    desk.task(project).await;
    desk.send(desk.keyed(1, 1), vec![new_task(id(), project)]).await.expect("a task");
    let again = desk.send(desk.keyed(1, 1), vec![new_task(id(), project)]).await.expect("the answer again");
    assert_eq!((task_of(&again).number, task_of(&again).version), (2, 1));
}
