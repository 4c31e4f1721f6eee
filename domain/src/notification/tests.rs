use super::{Command, Error, Event, Notification, Sent, Subject};
use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle};
use crate::testing::{context, given_in, id, now};
use cqrs_es::test::AggregateTestExecutor;

fn hello() -> Sent {
    Sent {
        member_id: id(20),
        kind: "message".to_owned(),
        title: "Hello".to_owned(),
        body: None,
        link: Some("https://example.org/a?b#c".to_owned()),
        subject: Some(Subject::Task(id(30))),
        only: None,
    }
}

/// As the member whom it is for.
fn given(events: impl IntoIterator<Item = Event>) -> AggregateTestExecutor<Notification> {
    given_in(Context { actor: Actor::Member(id(20)), ..context() }, events)
}

#[test]
fn a_member_is_told_something() {
    given([]).when(Command::Send(hello())).then_expect_events(vec![Event::Sent(hello())]);
    given([Event::Sent(hello())]).when(Command::Send(hello())).then_expect_error(Error::AlreadyExists);
}

#[test]
fn what_it_refers_to_must_be_there() {
    let references = Notification::default().references(&Command::Send(hello()));
    let named: Vec<_> = references.iter().map(|reference| (reference.kind, reference.id)).collect();
    assert_eq!(named, [("member", id(20)), ("task", id(30))]);
}

#[test]
fn a_link_leads_somewhere_and_runs_nothing() {
    for link in ["/v1/tasks", "http://example.org", "https://example.org/ä"] {
        let new = Sent { link: Some(link.to_owned()), ..hello() };
        given([]).when(Command::Send(new.clone())).then_expect_events(vec![Event::Sent(new)]);
    }
    let long = format!("https://{}", "a".repeat(2_000));
    for link in
        ["", "javascript:alert(1)", "//evil.example", "/\\evil.example", "https://", "https://a b", "ftp://a", &long]
    {
        let new = Sent { link: Some(link.to_owned()), ..hello() };
        given([]).when(Command::Send(new)).then_expect_error(Error::NotALink);
    }
}

#[test]
fn a_kind_is_a_word() {
    for kind in ["", "Message", "1st", "a b", &"a".repeat(51)] {
        let new = Sent { kind: kind.to_owned(), ..hello() };
        given([]).when(Command::Send(new)).then_expect_error(Error::NotAKind);
    }
}

#[test]
fn it_is_read_once_and_may_be_unread_again() {
    let read = || Event::Read { at: now() };
    given([Event::Sent(hello())]).when(Command::Read).then_expect_events(vec![read()]);
    given([Event::Sent(hello()), read()]).when(Command::Read).then_expect_events(vec![]);
    given([Event::Sent(hello()), read()]).when(Command::Unread).then_expect_events(vec![Event::Unread]);
    given([Event::Sent(hello())]).when(Command::Unread).then_expect_events(vec![]);
}

#[test]
fn a_deleted_one_is_gone() {
    given([Event::Sent(hello())]).when(Command::Delete).then_expect_events(vec![Event::Deleted]);
    for command in [Command::Delete, Command::Read, Command::Unread] {
        given([Event::Sent(hello()), Event::Deleted]).when(command.clone()).then_expect_error(Error::NotFound);
        given([]).when(command).then_expect_error(Error::NotFound);
    }
    assert_eq!(Notification::default().effects(&Event::Deleted), Effects::lifecycle(Lifecycle::Gone));
}

#[test]
fn nobody_else_knows_of_it() {
    for actor in [Actor::Member(id(21)), Actor::Service(id(20)), Actor::System] {
        for command in [Command::Delete, Command::Read, Command::Unread] {
            given_in::<Notification>(Context { actor, ..context() }, [Event::Sent(hello())])
                .when(command)
                .then_expect_error(Error::NotFound);
        }
    }
}
