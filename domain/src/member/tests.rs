use super::{Command, Error, Event, Member, Role, Status};
use crate::aggregate::{Aggregate, Claim, Effects, Lifecycle};
use crate::testing::{given, id, now};

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

fn joined() -> Event {
    Event::Joined { at: now() }
}

fn ada(role: Role) -> Vec<Event> {
    vec![invited("a@b.cc"), joined(), Event::RoleChanged { role }]
}

fn gone(role: Role) -> Vec<Event> {
    ada(role).into_iter().chain([Event::Deactivated { at: now() }]).collect()
}

#[test]
fn nobody_is_an_owner_before_they_have_come() {
    let invite = Command::Invite { email: "a@b.cc".to_owned(), name: "Ada".to_owned(), role: Role::Owner };
    given::<Member>([]).when(invite).then_expect_error(Error::NotJoined);
    let raise = || Command::ChangeRole { role: Role::Owner, by: Role::Owner };
    given::<Member>([invited("a@b.cc")]).when(raise()).then_expect_error(Error::NotJoined);
    given::<Member>([invited("a@b.cc"), joined()])
        .when(raise())
        .then_expect_events(vec![Event::RoleChanged { role: Role::Owner }]);
}

#[test]
fn nobody_does_anything_to_those_above_them() {
    for own in Role::ALL {
        for by in Role::ALL {
            for command in [Command::Deactivate { by }, Command::ChangeRole { role: Role::Viewer, by }] {
                let there = given::<Member>(ada(own)).when(command);
                if own > by {
                    there.then_expect_error(Error::RoleTooLow);
                } else {
                    assert!(there.inspect_result().is_ok());
                }
            }
            let raised = given::<Member>(ada(Role::Viewer)).when(Command::ChangeRole { role: own, by });
            assert_eq!(raised.inspect_result().is_ok(), own <= by);
        }
    }
    given::<Member>(gone(Role::Admin))
        .when(Command::Reactivate { by: Role::Manager })
        .then_expect_error(Error::RoleTooLow);
}

#[test]
fn who_goes_can_come_back_as_what_they_were_but_not_as_an_owner() {
    let by = Role::Owner;
    let went = Event::Deactivated { at: now() };
    given::<Member>(ada(Role::Manager)).when(Command::Deactivate { by }).then_expect_events(vec![went.clone()]);
    given::<Member>(ada(Role::Owner))
        .when(Command::Deactivate { by })
        .then_expect_events(vec![Event::RoleChanged { role: Role::Admin }, went.clone()]);
    given::<Member>(gone(Role::Manager)).when(Command::Deactivate { by }).then_expect_events(vec![]);
    given::<Member>(gone(Role::Manager))
        .when(Command::Reactivate { by })
        .then_expect_events(vec![Event::Reactivated { at: now() }]);
    given::<Member>(ada(Role::Manager)).when(Command::Reactivate { by }).then_expect_events(vec![]);
    given::<Member>([]).when(Command::Deactivate { by }).then_expect_error(Error::NotFound);
    given::<Member>([]).when(Command::Reactivate { by }).then_expect_error(Error::NotFound);

    let mut invitee = Member::default();
    for event in [invited("a@b.cc"), went, Event::Reactivated { at: now() }] {
        invitee.evolve(event);
    }
    assert_eq!((invitee.status, invitee.deactivated_at), (Status::Invited, None));
}

#[test]
fn nothing_is_done_to_who_is_gone() {
    let by = Role::Owner;
    for command in [
        Command::Join,
        Command::Update { name: Some("A".to_owned()), position_id: None },
        Command::ChangeRole { role: Role::Viewer, by },
    ] {
        given::<Member>(gone(Role::Member)).when(command).then_expect_error(Error::NotFound);
    }
    let effects = Member::default().effects(&Event::Deactivated { at: now() });
    assert_eq!(effects, Effects::lifecycle(Lifecycle::Gone));
}

#[test]
fn a_position_has_to_be_there_when_it_is_given() {
    let update = |position_id| Command::Update { name: Some("Ada".to_owned()), position_id };
    let there = || given::<Member>([invited("a@b.cc"), Event::PositionSet { position_id: Some(id(8)) }]);
    there().when(update(Some(Some(id(8))))).then_expect_events(vec![]);
    there().when(update(Some(None))).then_expect_events(vec![Event::PositionSet { position_id: None }]);
    let mut member = Member::default();
    member.evolve(invited("a@b.cc"));
    member.evolve(Event::PositionSet { position_id: Some(id(8)) });
    assert!(member.references(&update(Some(Some(id(8))))).is_empty());
    let needed = member.references(&update(Some(Some(id(9)))));
    assert_eq!(needed.iter().map(|one| (one.kind, one.id)).collect::<Vec<_>>(), [("position", id(9))]);
}

fn erased() -> Event {
    Event::Erased { at: now() }
}

#[test]
fn who_is_erased_goes_and_is_nobody_any_more() {
    let erase = || Command::Erase { by: Role::Owner };
    given::<Member>(ada(Role::Admin))
        .when(erase())
        .then_expect_events(vec![Event::Deactivated { at: now() }, erased()]);
    given::<Member>(ada(Role::Owner)).when(erase()).then_expect_events(vec![
        Event::RoleChanged { role: Role::Admin },
        Event::Deactivated { at: now() },
        erased(),
    ]);
    given::<Member>(gone(Role::Admin)).when(erase()).then_expect_events(vec![erased()]);
    given::<Member>([invited("a@b.cc")])
        .when(erase())
        .then_expect_events(vec![Event::Deactivated { at: now() }, erased()]);
    given::<Member>([]).when(erase()).then_expect_error(Error::NotFound);

    let mut member = Member::default();
    member.evolve(invited("Ada@b.cc"));
    let effects = member.effects(&erased());
    assert_eq!((&*effects.frees[0].value, effects.erases), ("ada@b.cc", true));
    member.evolve(Event::Deactivated { at: now() });
    member.evolve(erased());
    assert_eq!((&*member.name, member.email), ("Former member", None));
}

#[test]
fn who_is_erased_does_not_come_back() {
    let nobody = || gone(Role::Admin).into_iter().chain([erased()]);
    given::<Member>(nobody()).when(Command::Erase { by: Role::Admin }).then_expect_events(vec![]);
    given::<Member>(nobody()).when(Command::Reactivate { by: Role::Owner }).then_expect_error(Error::Erased);
    given::<Member>(nobody()).when(invite("a@b.cc")).then_expect_error(Error::AlreadyExists);
    given::<Member>(ada(Role::Owner)).when(Command::Erase { by: Role::Admin }).then_expect_error(Error::RoleTooLow);
}

#[test]
fn what_is_left_of_events_of_the_erased_can_be_read() {
    let left = r#"{"type":"member.invited","role":"admin","at":"2026-07-14T09:30:00Z","personal":"ab"}"#;
    let mut member = Member::default();
    member.evolve(serde_json::from_str(left).expect("an event"));
    assert_eq!((&*member.name, &member.email, member.alive()), ("Former member", &None, true));
}
