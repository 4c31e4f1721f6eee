use super::{Command, Error, Event, Member, Role, Status};
use crate::aggregate::{Aggregate, Claim};
use crate::testing::{given, now};

fn invite(email: &str) -> Command {
    Command::Invite { email: email.to_owned(), name: "Ada".to_owned(), role: Role::Manager }
}

fn invited(email: &str) -> Event {
    Event::Invited { email: email.to_owned(), name: "Ada".to_owned(), role: Role::Manager, at: now() }
}

#[test]
fn a_person_is_invited_once() {
    given::<Member>([]).when(invite("ada@example.org")).then_expect_events(vec![invited("ada@example.org")]);
    given::<Member>([invited("ada@example.org")])
        .when(invite("ada@example.com"))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn the_invited_join_once() {
    let joined = || Event::Joined { at: now() };
    given::<Member>([invited("a@b.cc")]).when(Command::Join).then_expect_events(vec![joined()]);
    given::<Member>([invited("a@b.cc"), joined()]).when(Command::Join).then_expect_events(vec![]);
    given::<Member>([]).when(Command::Join).then_expect_error(Error::NotFound);
}

#[test]
fn both_the_invited_and_the_joined_are_members() {
    let mut member = Member::default();
    assert!(!member.alive());
    member.evolve(invited("a@b.cc"));
    assert!(member.alive() && member.status == Status::Invited && member.joined_at.is_none());
    member.evolve(Event::Joined { at: now() });
    assert!(member.alive() && member.status == Status::Active && member.joined_at == Some(now()));
}

#[test]
fn an_address_belongs_to_one_member_whatever_its_case() {
    let takes = Member::default().effects(&invited("Ada@Example.ORG")).takes;
    assert_eq!(takes, [Claim { scope: "member.email", value: "ada@example.org".to_owned(), pointer: "/email" }]);
}

#[test]
fn what_has_the_form_of_an_address_is_taken() {
    let longest = format!("{}@example.org", "x".repeat(242));
    for address in ["ada@example.org", "a@b.cc", "root@localhost", "änne+x@exämple.org", &longest] {
        given::<Member>([]).when(invite(address)).then_expect_events(vec![invited(address)]);
    }
}

#[test]
fn what_has_not_is_refused() {
    let too_long = format!("{}@example.org", "x".repeat(243));
    let wrong = [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "a@b@c.dd",
        "a b@c.dd",
        "a@c.dd\n",
        "a@.dd",
        "a@c.",
        "a@c.dd ",
        "a\0@c.dd",
        &too_long,
    ];
    for address in wrong {
        given::<Member>([]).when(invite(address)).then_expect_error(Error::NotAnAddress);
    }
}

#[test]
fn roles_are_ordered_from_least_to_most() {
    assert!(Role::ALL.is_sorted());
}
