use chrono::TimeDelta;

use super::{ApiKey, Command, Error, Event, Mint};
use crate::actor::Actor;
use crate::aggregate::{Aggregate, Lifecycle};
use crate::ids::KeyId;
use crate::member::Role;
use crate::testing::{given, id, now};

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
    given::<ApiKey>([Event::Minted(key())]).when(Command::Revoke).then_expect_events(vec![revoked()]);
    given::<ApiKey>([Event::Minted(key()), revoked()]).when(Command::Revoke).then_expect_events(vec![]);
    given::<ApiKey>([Event::Minted(key()), revoked()])
        .when(Command::Mint(key()))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_key_that_never_was_is_not_found() {
    given::<ApiKey>([]).when(Command::Revoke).then_expect_error(Error::NotFound);
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
