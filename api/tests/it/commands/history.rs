//! Positions and numbers without a hole, in commit order, and who did it.

use chrono::{DateTime, TimeDelta, Utc};
use docket_commands::{Answer, Error, Request};
use docket_domain::project::Project;
use docket_domain::{Actor, Intent, KeyId, task};
use futures::future::join_all;
use uuid::Uuid;

use super::{Desk, change_task, done, id, new_key, new_member, new_project, new_task, now, retitle, snapshot};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_on_two_nodes_leave_no_hole() {
    let one = Desk::new().await;
    let desks = [one.clone(), one.elsewhere().await, one.neighbour()];
    let (project, foreign) = (one.project().await, desks[2].project().await);
    let shared = [one.task(project).await, one.task(project).await, one.task(project).await];

    let writers = (0..64).map(|writer| {
        let desk = desks[writer % 3].clone();
        let project = if writer % 3 == 2 { foreign } else { project };
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for turn in 0..12 {
                let request = desk.request();
                let command = request.command;
                let answer = desk.send(request, vec![nth_intent(writer + turn, project, shared[turn % 3])]).await;
                answers.push((command, answer));
            }
            answers
        })
    });
    let answers: Vec<_> = join_all(writers).await.into_iter().flat_map(|done| done.expect("a writer")).collect();

    let log = one.audit().await;
    let last = |command: Uuid| log.iter().rfind(|event| event.command == command).map(|event| event.position);
    for (command, answer) in &answers {
        assert_eq!(answer.as_ref().ok().and_then(|answer| answer.position), last(*command), "{:?}", error(answer));
        let refused = matches!(answer, Err(Error::Item { .. } | Error::Contended));
        assert!(answer.is_ok() || refused, "{:?}", error(answer));
    }
    let new = answers.iter().filter(|(_, answer)| answer.as_ref().is_ok_and(|done| done.position.is_some()));
    assert!(new.count() > 64 * 12 / 2, "most are carried out");
}

/// By turns: a new task, one in a project that isn't, dates the wrong way round, a change of what others change, no change.
fn nth_intent(n: usize, project: Uuid, shared: Uuid) -> Intent {
    let backwards = task::Changes {
        start_date: Some(Some("2026-07-02".parse().expect("a date"))),
        due_date: Some(Some("2026-07-01".parse().expect("a date"))),
        ..task::Changes::default()
    };
    match n % 8 {
        0 => new_task(id(), id()),
        1 => change_task(shared, backwards),
        2 => retitle(shared, &format!("Title {n}")),
        3 => change_task(shared, task::Changes::default()),
        _ => new_task(id(), project),
    }
}

fn error(answer: &Result<Answer, Error>) -> Option<&Error> {
    answer.as_ref().err()
}

#[tokio::test]
async fn numbers_are_told_and_none_is_lost_to_a_refusal() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    for number in 1..=5 {
        desk.refused(new_task(id(), id())).await;
        let answer = desk.make(new_task(id(), project)).await;
        assert_eq!(super::task_of(&answer).number, number);
    }
    desk.audit().await;
}

#[tokio::test]
async fn a_deleted_task_keeps_its_number() {
    let desk = Desk::new().await;
    let project = desk.project().await;
    let first = desk.task(project).await;
    desk.make(Intent::new::<task::Task>(first, task::Command::Delete)).await;
    assert_eq!(super::task_of(&desk.make(new_task(id(), project)).await).number, 2);
    let restored = desk.make(Intent::new::<task::Task>(first, task::Command::Restore)).await;
    assert_eq!((super::task_of(&restored).number, super::task_of(&restored).version), (1, 3));
    desk.audit().await;
}

#[tokio::test]
async fn projects_are_numbered_by_year_and_workspace() {
    let desk = Desk::new().await;
    let neighbour = desk.neighbour();
    let in_year = |year: i32| format!("{year}-06-01T12:00:00Z").parse::<DateTime<Utc>>().expect("a time");
    let number_of = async |desk: &Desk, year| {
        let answer = desk.make(new_project(id(), "P").at(Some(in_year(year)))).await;
        let project = snapshot::<Project>(done(&answer, 0).state.as_ref());
        (project.state.project_number, project.number)
    };
    assert_eq!(number_of(&desk, 2025).await, ("2025-0001".to_owned(), 1));
    assert_eq!(number_of(&desk, 2026).await, ("2026-0001".to_owned(), 2));
    assert_eq!(number_of(&neighbour, 2026).await, ("2026-0001".to_owned(), 1));
    assert_eq!(number_of(&desk, 2025).await, ("2025-0002".to_owned(), 3));
    desk.audit().await;
}

#[tokio::test]
async fn the_ten_thousandth_project_of_a_year_has_a_number_of_its_own() {
    let desk = Desk::new().await;
    desk.project().await;
    sqlx::query("update log.counters set last = 9998 where series <> ''").execute(&desk.pool).await.expect("a counter");
    let answer = desk.send(desk.request(), (0..3).map(|_| new_project(id(), "P")).collect()).await.expect("projects");
    let numbers: Vec<String> =
        (0..3).map(|item| snapshot::<Project>(done(&answer, item).state.as_ref()).state.project_number).collect();
    assert_eq!(numbers, ["2020-9999", "2020-10000", "2020-10001"]);
}

#[tokio::test]
async fn an_event_tells_who_did_it_with_what_and_why() {
    let desk = Desk::new().await;
    let (key, member) = (id(), desk.member().await);
    desk.make(new_key(key, None)).await;
    let request = Request {
        actor: Actor::Member(member.into()),
        key: Some(KeyId(key)),
        role: None,
        request_id: "0192-quoted \"\\ \u{1F5C3}".to_owned(),
        dialect: "pike",
        ..desk.keyed(0xab, 1)
    };
    let earlier = now() - TimeDelta::days(400);
    desk.send(request.clone(), vec![new_project(id(), "Website").at(Some(earlier))]).await.expect("a project");

    let log = desk.audit().await;
    let event = log.last().expect("an event");
    assert_eq!(event.metadata.actor, request.actor);
    assert_eq!(event.metadata.key_id, request.key);
    assert_eq!(event.metadata.request_id, request.request_id);
    assert_eq!(event.metadata.correlation_id, request.request_id);
    assert_eq!((event.command, event.metadata.causation_id), (request.command, request.command));
    assert_eq!(event.metadata.dialect, "pike");
    assert_eq!(event.metadata.idempotency_key_hash, Some("ab".repeat(32)));
    assert_eq!(event.occurred_at, earlier);
    assert!(event.recorded_at > now(), "recorded by the database's clock");
    assert_eq!(event.workspace, desk.workspace);

    desk.make(new_member(id(), "byron@example.org")).await;
    let log = desk.audit().await;
    let bare = &log.last().expect("an event").metadata;
    assert_eq!((bare.actor, bare.key_id, &bare.idempotency_key_hash), (Actor::System, None, &None));
}

#[tokio::test]
async fn payloads_are_kept_byte_for_byte() {
    let desk = Desk::new().await;
    let project = id();
    let name = "Zoë \"Z\" \\ \u{7f}\u{1F5C3}\n";
    desk.make(new_project(project, name)).await;
    let log = desk.audit().await;
    let expected = serde_json::to_string(&docket_domain::project::Event::Created(docket_domain::project::Created {
        name: name.to_owned(),
        year: 2020,
        status: "backlog".to_owned(),
        ..Default::default()
    }));
    assert_eq!(log[0].payload.get(), expected.expect("JSON"));
}
