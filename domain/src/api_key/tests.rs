use chrono::{DateTime, TimeDelta, Utc};

use super::{ApiKey, Command, Error, Event, Mint};
use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle};
use crate::ids::KeyId;
use crate::member::Role;
use crate::testing::{context, given, given_in, id, now};

fn key() -> Mint {
    Mint {
        label: "CI".to_owned(),
        member_id: None,
        role: Role::Member,
        scopes: vec!["tasks:write".to_owned()],
        format: "native".to_owned(),
        kid: "k1".to_owned(),
        sha256: "00".repeat(32),
        expires_at: None,
    }
}

fn revoked() -> Event {
    Event::Revoked { at: now() }
}

#[test]
fn a_key_is_minted_once() {
    given::<ApiKey>([]).when(Command::Mint(key())).then_expect_events(vec![Event::Minted(key())]);
    given::<ApiKey>([Event::Minted(key())]).when(Command::Mint(key())).then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_key_without_scopes_could_do_nothing() {
    given::<ApiKey>([]).when(Command::Mint(Mint { scopes: vec![], ..key() })).then_expect_error(Error::NoScopes);
}

#[test]
fn an_expiry_lies_in_the_future() {
    let expiring = |at| Mint { expires_at: Some(at), ..key() };
    let soon = expiring(now() + TimeDelta::microseconds(1));
    given::<ApiKey>([]).when(Command::Mint(soon.clone())).then_expect_events(vec![Event::Minted(soon)]);
    given::<ApiKey>([]).when(Command::Mint(expiring(now()))).then_expect_error(Error::ExpiresInThePast);
}

#[test]
fn a_key_is_revoked_once_and_never_comes_back() {
    given::<ApiKey>([Event::Minted(key())])
        .when(Command::Revoke { by: Role::Admin })
        .then_expect_events(vec![revoked()]);
    given::<ApiKey>([Event::Minted(key()), revoked()])
        .when(Command::Revoke { by: Role::Admin })
        .then_expect_events(vec![]);
    given::<ApiKey>([Event::Minted(key()), revoked()])
        .when(Command::Mint(key()))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_key_that_never_was_is_not_found() {
    given::<ApiKey>([]).when(Command::Revoke { by: Role::Admin }).then_expect_error(Error::NotFound);
}

#[test]
fn the_log_learns_of_expiry_and_of_the_end() {
    let at = now() + TimeDelta::days(1);
    let minted = ApiKey::default().effects(&Event::Minted(Mint { expires_at: Some(at), ..key() }));
    assert_eq!((minted.lifecycle, minted.expires_at), (Some(Lifecycle::Alive), Some(at)));
    assert_eq!(minted.takes[0].value, "k1");
    assert_eq!(ApiKey::default().effects(&revoked()).lifecycle, Some(Lifecycle::Gone));
}

#[test]
fn a_key_refers_to_its_member_and_acts_as_them() {
    let of_ada = Mint { member_id: Some(id(7)), ..key() };
    let references = ApiKey::default().references(&Command::Mint(of_ada.clone()));
    assert_eq!((references.len(), references[0].kind, references[0].id), (1, "member", id(7)));
    assert!(ApiKey::default().references(&Command::Mint(key())).is_empty());

    let acting = |new: Mint| {
        let mut state = ApiKey::default();
        state.evolve(Event::Minted(new));
        state.actor(KeyId(id(9)))
    };
    assert_eq!(acting(of_ada), Actor::Member(id(7)));
    assert_eq!(acting(key()), Actor::Service(id(9)));
}

/// Whoever asks: Ada (5) herself, or Byron (6), as what they are.
fn asked(by_ada: bool, events: Vec<Event>) -> cqrs_es::test::AggregateTestExecutor<ApiKey> {
    let context = Context { actor: Actor::Member(id(if by_ada { 5 } else { 6 })), ..context() };
    given_in(context, events)
}

fn adas() -> Vec<Event> {
    vec![Event::Minted(Mint { member_id: Some(id(5)), ..key() })]
}

fn rotate(until: Option<DateTime<Utc>>, by: Role) -> Command {
    Command::Rotate { successor_id: id(9), until, by }
}

fn rotated(until: DateTime<Utc>) -> Event {
    Event::Rotated { successor_id: id(9), until }
}

#[test]
fn a_key_is_called_otherwise_as_long_as_it_lives() {
    let rename = |label: &str| Command::Rename { label: label.to_owned(), by: Role::Admin };
    let renamed = Event::Renamed { label: "CD".to_owned() };
    given::<ApiKey>([Event::Minted(key())]).when(rename("CD")).then_expect_events(vec![renamed]);
    given::<ApiKey>([Event::Minted(key())]).when(rename("CI")).then_expect_events(vec![]);
    given::<ApiKey>([Event::Minted(key()), revoked()]).when(rename("CD")).then_expect_error(Error::Ended);
    given::<ApiKey>([]).when(rename("CD")).then_expect_error(Error::NotFound);
}

#[test]
fn a_rotated_key_works_until_the_given_time_and_no_longer_than_it_would_have() {
    let minted = |expires_at| vec![Event::Minted(Mint { expires_at, ..key() })];
    let soon = now() + TimeDelta::hours(1);
    let later = now() + TimeDelta::hours(2);
    let there = |expires_at| given::<ApiKey>(minted(expires_at));
    there(None).when(rotate(Some(soon), Role::Admin)).then_expect_events(vec![rotated(soon)]);
    there(Some(later)).when(rotate(Some(soon), Role::Admin)).then_expect_events(vec![rotated(soon)]);
    there(Some(soon)).when(rotate(Some(later), Role::Admin)).then_expect_events(vec![rotated(soon)]);
    there(None).when(rotate(None, Role::Admin)).then_expect_events(vec![rotated(now()), revoked()]);
    there(None).when(rotate(Some(now()), Role::Admin)).then_expect_error(Error::UntilThePast);
    let effects = ApiKey::default().effects(&rotated(soon));
    assert_eq!(effects, Effects { expires_at: Some(soon), ..Effects::default() });
}

#[test]
fn a_key_has_one_successor_and_an_ended_one_has_none() {
    let soon = now() + TimeDelta::hours(1);
    let history = [Event::Minted(key()), rotated(soon)];
    given::<ApiKey>(history).when(rotate(Some(soon), Role::Admin)).then_expect_error(Error::HasSuccessor);
    let ended = Event::Minted(Mint { expires_at: Some(now()), ..key() });
    given::<ApiKey>([ended]).when(rotate(None, Role::Admin)).then_expect_error(Error::Ended);
    given::<ApiKey>([Event::Minted(key()), revoked()]).when(rotate(None, Role::Admin)).then_expect_error(Error::Ended);
}

#[test]
fn one_s_own_keys_are_one_s_own() {
    for by in Role::ALL {
        let others = by < Role::Admin;
        assert!(asked(true, adas()).when(Command::Revoke { by }).inspect_result().is_ok());
        assert_eq!(asked(false, adas()).when(Command::Revoke { by }).inspect_result().is_err(), others);
        let rename = || Command::Rename { label: "X".to_owned(), by };
        assert!(asked(true, adas()).when(rename()).inspect_result().is_ok());
        assert_eq!(asked(false, adas()).when(rename()).inspect_result().is_err(), others);
        // Who rotates a key learns its token: only an owner may become anybody.
        assert_eq!(asked(true, adas()).when(rotate(None, by)).inspect_result().is_ok(), by >= Role::Manager);
        assert_eq!(asked(false, adas()).when(rotate(None, by)).inspect_result().is_ok(), by == Role::Owner);
        for format in ["ikreo", "krokanti", "pike", "projekt", "generic"] {
            let adas = [Event::Minted(Mint { member_id: Some(id(5)), format: format.to_owned(), ..key() })];
            let may = asked(true, adas.to_vec()).when(rotate(None, by)).inspect_result().is_ok();
            assert_eq!(may, by >= ApiKey::minter(format), "{format} {by:?}");
        }
        let service = |role| vec![Event::Minted(Mint { member_id: None, role, ..key() })];
        assert_eq!(asked(true, service(Role::Viewer)).when(rotate(None, by)).inspect_result().is_ok(), !others);
        assert_eq!(
            asked(true, service(Role::Owner)).when(rotate(None, by)).inspect_result().is_ok(),
            by == Role::Owner
        );
    }
}
