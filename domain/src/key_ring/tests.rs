use chrono::TimeDelta;

use super::{Command, Error, Event, KeyRing, MOST, id as ring_id};
use crate::aggregate::Aggregate;
use crate::ids::{KeyId, MemberId, WorkspaceId};
use crate::testing::{given, id, now};

fn add(key: u128) -> Command {
    Command::Add { key_id: id(key), expires_at: None }
}

fn added(key: u128) -> Event {
    Event::Added { key_id: id(key), expires_at: None, at: now() }
}

fn full() -> Vec<Event> {
    (1..=MOST as u128).map(added).collect()
}

#[test]
fn a_ring_holds_twenty_keys() {
    given::<KeyRing>([]).when(add(1)).then_expect_events(vec![added(1)]);
    given::<KeyRing>(full().into_iter().skip(1)).when(add(21)).then_expect_events(vec![added(21)]);
    given::<KeyRing>(full()).when(add(21)).then_expect_error(Error::Full);
    given::<KeyRing>(full()).when(add(20)).then_expect_events(vec![]);
}

#[test]
fn a_key_that_goes_makes_room() {
    let removed = |key| Event::Removed { key_id: id(key) };
    let remove = |key| Command::Remove { key_id: id(key) };
    given::<KeyRing>(full()).when(remove(3)).then_expect_events(vec![removed(3)]);
    given::<KeyRing>(full()).when(remove(33)).then_expect_events(vec![]);
    let history = full().into_iter().chain([removed(3)]);
    given::<KeyRing>(history).when(add(21)).then_expect_events(vec![added(21)]);
}

#[test]
fn a_key_that_takes_the_place_of_another_needs_no_room() {
    let replace = |old: u128| Command::Replace { old: id(old), key_id: id(21), expires_at: None };
    given::<KeyRing>(full()).when(replace(3)).then_expect_events(vec![Event::Removed { key_id: id(3) }, added(21)]);
    given::<KeyRing>(full()).when(replace(33)).then_expect_error(Error::Full);
    given::<KeyRing>([]).when(replace(33)).then_expect_events(vec![added(21)]);
}

#[test]
fn an_expired_key_takes_no_room() {
    let other = Event::Added { key_id: id(40), expires_at: Some(now() + TimeDelta::seconds(1)), at: now() };
    given::<KeyRing>(full().into_iter().skip(1).chain([other])).when(add(21)).then_expect_error(Error::Full);
    let expired = Event::Added { key_id: id(40), expires_at: Some(now()), at: now() - TimeDelta::seconds(1) };
    let history = full().into_iter().skip(1).chain([expired]);
    given::<KeyRing>(history).when(add(21)).then_expect_events(vec![added(21)]);
    let mut ring = KeyRing::default();
    full().into_iter().skip(1).chain([expired]).for_each(|event| ring.evolve(event));
    assert_eq!((ring.held.len(), ring.active(now())), (MOST, MOST - 1));
    ring.evolve(added(21));
    assert_eq!((ring.held.len(), ring.holds(id::<KeyId>(40))), (MOST, false));
}

#[test]
fn each_member_has_a_ring() {
    let ring = |workspace, member| ring_id(id::<WorkspaceId>(workspace), id::<MemberId>(member));
    assert_eq!(ring(7, 1), ring(7, 1));
    assert_ne!(ring(7, 1), ring(7, 2));
    assert_ne!(ring(7, 1), ring(8, 1), "another workspace's rings are out of reach");
    assert!(!KeyRing::default().alive());
}
