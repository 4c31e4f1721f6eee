use super::*;
use crate::actor::Actor;
use crate::comment::Comment;
use crate::envelope::Recorded;
use crate::notification::Channel;
use crate::preferences::{Preferences, Ways};
use crate::snapshot::{AnySnapshot, Snapshot};
use crate::task::{Status, Task};
use crate::testing::{day, id, now};
use serde_json::{Value, json};

const ADA: u128 = 20;
const GRACE: u128 = 21;

/// An event of a task or a comment, by somebody.
fn event(kind: &str, event_type: &str, actor: Actor) -> Recorded {
    let recorded: Value = json!({
        "partition": 0, "position": 1, "workspace": Uuid::nil(), "kind": kind, "stream": Uuid::from_u128(30), "version": 2,
        "event_type": event_type, "event_version": 1, "command": Uuid::from_u128(40), "occurred_at": now(),
        "recorded_at": now(), "payload": {"type": event_type}, "metadata": {"actor": actor, "request_id": "r",
        "correlation_id": "r", "causation_id": Uuid::nil(), "dialect": "native"},
    });
    serde_json::from_str(&recorded.to_string()).expect("an event")
}

fn task(assignees: &[u128]) -> Task {
    let assignee_ids = assignees.iter().map(|member| id(*member)).collect();
    Task { title: "Login".to_owned(), assignee_ids, deleted: false, ..Task::default() }
}

fn snapshot<A: crate::Aggregate>(state: A) -> Snapshot<A> {
    Snapshot { state, version: 1, ..Snapshot::blank(id(30)) }
}

/// Why whom, when a task becomes another.
fn told(event_type: &str, before: Option<Task>, after: Task, people: &[Person]) -> Vec<(MemberId, Kind)> {
    let event = event("task", event_type, Actor::Member(id(99)));
    let (before, after) = (before.map(snapshot), snapshot(after));
    let before = before.as_ref().map(|before| before as &dyn AnySnapshot);
    let happened = Happened { event: &event, before, after: &after };
    let around = Surroundings { people, ..Surroundings::default() };
    reasons(&happened, &around).into_iter().map(|reason| (reason.member, reason.kind)).collect()
}

fn people() -> Vec<Person> {
    let person =
        |number: u128, name: &str, email: &str| Person { id: id(number), name: name.into(), email: email.into() };
    vec![person(ADA, "Ada Lovelace", "ada@example.com"), person(GRACE, "Grace", "grace@example.com")]
}

#[test]
fn those_a_task_is_assigned_to_are_told_of_it() {
    let both = task(&[ADA, GRACE]);
    let all = |kind| vec![(id(ADA), kind), (id(GRACE), kind)];
    assert_eq!(told("task.created", None, both.clone(), &[]), all(Kind::Assigned));
    assert_eq!(told("task.assigned", Some(task(&[ADA])), both.clone(), &[]), [(id(GRACE), Kind::Assigned)]);
    assert_eq!(told("task.unassigned", Some(both.clone()), task(&[ADA]), &[]), [(id(GRACE), Kind::Unassigned)]);
    let done = Task { status: Status::Done, ..both.clone() };
    assert_eq!(told("task.status_changed", Some(both.clone()), done, &[]), all(Kind::StatusChanged));
    let due = Task { due_date: Some(day(2026, 8, 1)), ..both.clone() };
    assert_eq!(told("task.scheduled", Some(both.clone()), due, &[]), all(Kind::DueChanged));
    let begun = Task { start_date: Some(day(2026, 8, 1)), ..both.clone() };
    assert_eq!(told("task.scheduled", Some(both.clone()), begun, &[]), []);
    assert_eq!(told("task.retitled", Some(both.clone()), both, &[]), []);
}

#[test]
fn nobody_is_told_what_they_did_themselves_or_what_is_long_past() {
    let after = snapshot(task(&[ADA, GRACE]));
    let mut event = event("task", "task.created", Actor::Member(id(ADA)));
    let of = |event: &Recorded| {
        let happened = Happened { event, before: None, after: &after };
        reasons(&happened, &Surroundings::default()).into_iter().map(|reason| reason.member).collect::<Vec<_>>()
    };
    assert_eq!(of(&event), [id(GRACE)]);
    event.occurred_at = now() - chrono::Duration::days(2);
    assert_eq!(of(&event), [id(GRACE)], "a node's clock is late");
    event.metadata.dated = true;
    assert_eq!(of(&event), []);
}

#[test]
fn who_is_named_is_told_once_however_they_are_named() {
    let named = |text: &str| mentioned(text, &people()).into_iter().collect::<Vec<MemberId>>();
    for text in ["@Ada Lovelace!", "hello @ada.", "(@AdaLovelace)", "@ADA@example.com", "@ada @ada"] {
        assert_eq!(named(text), [id(ADA)], "{text}");
    }
    for text in ["ada", "mail ada@example.com", "@adam", "@ Ada", "@", "x@grace", "@grace_hopper"] {
        assert_eq!(named(text), [], "{text}");
    }
    assert_eq!(named("@grace, @ada"), [id(ADA), id(GRACE)]);
    let mut two = people();
    two.push(Person { id: id(22), name: "Ada Byron".to_owned(), email: "byron@example.com".to_owned() });
    assert_eq!(mentioned("@ada", &two).len(), 0, "two are called so");
    assert_eq!(mentioned("@ada lovelace", &two).into_iter().collect::<Vec<_>>(), [id(ADA)]);

    let text = |text: &str| Task { description: Some(text.to_owned()), ..task(&[]) };
    let described = told("task.described", Some(text("@ada")), text("@ada @grace"), &people());
    assert_eq!(described, [(id(GRACE), Kind::Mentioned)], "the other was named before");
}

#[test]
fn a_comment_concerns_who_has_the_task_who_talks_about_it_and_who_is_named() {
    let comment = Comment { task_id: id(31), body: "@grace look".to_owned(), deleted: false, ..Comment::default() };
    let (event, after) = (event("comment", "comment.created", Actor::System), snapshot(comment));
    let (task, people) = (task(&[ADA, GRACE]), people());
    let talkers = [id(22), id(ADA), id(GRACE)];
    let around = Surroundings { task: Some(&task), talkers: &talkers, people: &people, sprinters: &[] };
    let reasons = reasons(&Happened { event: &event, before: None, after: &after }, &around);
    let everything = Preferences::default();
    let notices = notices(id(40), reasons, |_| &everything);
    let kinds: Vec<_> = notices.iter().map(|notice| (notice.sent.member_id, notice.sent.kind.as_str())).collect();
    assert_eq!(kinds, [(id(ADA), "commented"), (id(GRACE), "mentioned"), (id(22), "commented")]);
    assert_eq!(notices[1].sent.title, "You were mentioned in a comment on “Login”");
    assert!(notices.iter().all(|notice| notice.sent.body.is_none()), "each is told once");
}

fn assigned(task: u128) -> Reason {
    let subject = Some(Subject::Task(id(task)));
    Reason { member: id(ADA), kind: Kind::Assigned, text: format!("“{task}” was assigned to you"), subject }
}

#[test]
fn one_command_is_one_notification_for_each() {
    let everything = Preferences::default();
    let one = notices(id(40), [assigned(1)], |_| &everything);
    let many = notices(id(40), (1..=30).map(assigned), |_| &everything);
    assert_eq!((one.len(), many.len(), one[0].id), (1, 1, many[0].id));
    assert_ne!(one[0].id, notices(id(41), [assigned(1)], |_| &everything)[0].id);
    assert_eq!(one[0].sent.subject, Some(Subject::Task(id(1))));
    assert_eq!((many[0].sent.title.as_str(), many[0].sent.subject), ("30 tasks were assigned to you", None));
    let body = many[0].sent.body.as_deref().expect("a body");
    assert!(body.starts_with("- “1” was assigned to you\n") && body.ends_with("- and 10 more"), "{body}");
}

#[test]
fn each_is_told_as_they_want_it() {
    let wants = |inbox, push| {
        let ways = [(Kind::Assigned, Ways { inbox, push })].into();
        let wishes = Preferences { ways, ..Preferences::default() };
        notices(id(40), [assigned(1)], |_| &wishes).first().map(|notice| notice.sent.only)
    };
    assert_eq!(wants(false, false), None);
    assert_eq!(wants(true, true), Some(None));
    assert_eq!(wants(true, false), Some(Some(Channel::Inbox)));
    assert_eq!(wants(false, true), Some(Some(Channel::Push)));
}

#[test]
fn what_comes_together_comes_in_each_way_that_any_of_it_is_wanted_in() {
    let together = |of_the_first: Ways, of_the_second: Ways| {
        let ways = [(Kind::Assigned, of_the_first), (Kind::StatusChanged, of_the_second)].into();
        let wishes = Preferences { ways, ..Preferences::default() };
        let moved = Reason { kind: Kind::StatusChanged, ..assigned(1) };
        let mut told = notices(id(40), [assigned(1), moved], |_| &wishes);
        assert!(told.len() < 2);
        told.pop().map(|notice| (notice.sent.kind, notice.sent.only))
    };
    let [all, none] = [true, false].map(|wanted| Ways { inbox: wanted, push: wanted });
    let (inbox, push) = (Ways { push: false, ..all }, Ways { inbox: false, ..all });
    assert_eq!(together(push, all), Some(("assigned".to_owned(), None)));
    assert_eq!(together(push, inbox), Some(("assigned".to_owned(), None)));
    assert_eq!(together(inbox, inbox), Some(("assigned".to_owned(), Some(Channel::Inbox))));
    assert_eq!(together(none, push), Some(("status_changed".to_owned(), Some(Channel::Push))));
    assert_eq!(together(none, none), None);
}

#[test]
fn what_is_due_is_said_once_and_on_the_right_day() {
    let due = day(2026, 7, 15);
    let at = |time: &str, told, zone: &str| reminder(due, told, time.parse().expect("a time"), zone);
    assert_eq!(at("2026-07-13T23:00:00Z", 0, "UTC"), None);
    assert_eq!(at("2026-07-13T23:00:00Z", 0, "Europe/Berlin"), Some(Reminder::Tomorrow));
    assert_eq!(at("2026-07-14T12:00:00Z", 1, "UTC"), None);
    assert_eq!(at("2026-07-15T12:00:00Z", 0, "UTC"), Some(Reminder::Today), "nobody could say so yesterday");
    assert_eq!(at("2026-07-16T05:00:00Z", 1, "America/New_York"), Some(Reminder::Over));
    assert_eq!(at("2026-07-16T03:00:00Z", 1, "America/New_York"), None);
    assert_eq!(at("2027-01-01T00:00:00Z", 0, "UTC"), Some(Reminder::Over), "and not that it is due tomorrow");
    assert_eq!(at("2027-01-01T00:00:00Z", 2, "UTC"), None);
    assert_eq!((told_when_set(due, now()), told_when_set(day(2020, 1, 1), now())), (0, 2));
}
