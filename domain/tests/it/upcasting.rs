//! Events of every schema version ever written are read; those of versions yet to come are refused.

use docket_domain::snapshot::{Unreadable, read_event};
use docket_domain::task::{Event, Task};
use docket_domain::{Actor, Recorded, Snapshot};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{id, recorded, stored, time};

const V1: &str = include_str!("../fixtures/events/task.created.v1.json");
const V1_UNASSIGNED: &str = include_str!("../fixtures/events/task.created.v1.unassigned.json");
const V2: &str = include_str!("../fixtures/events/task.created.v2.json");

fn task() -> Uuid {
    id(0x7a)
}

fn created(version: i16, payload: &str) -> Recorded {
    let any: Event = serde_json::from_str(V2).expect("an event of the present version");
    let payload = RawValue::from_string(payload.trim().to_owned()).expect("JSON");
    let event = stored::<Task>(task(), &any, payload);
    Recorded { event_version: version, number: Some(12), ..event }
}

fn folded(events: &[Recorded]) -> Result<Snapshot<Task>, Unreadable> {
    let mut snapshot = Snapshot::blank(task());
    events.iter().try_for_each(|event| snapshot.fold(event))?;
    Ok(snapshot)
}

#[test]
fn version_1_had_one_assignee() {
    let snapshot = folded(&[created(1, V1)]).expect("version 1");
    assert_eq!(snapshot.state.assignee_ids, [id(0xb)]);
    let unassigned = folded(&[created(1, V1_UNASSIGNED)]).expect("version 1");
    assert!(unassigned.state.assignee_ids.is_empty());
}

#[test]
fn but_for_that_both_versions_say_the_same() {
    let old = folded(&[created(1, V1)]).expect("version 1");
    let mut new = folded(&[created(2, V2)]).expect("version 2");
    assert_eq!(new.state.assignee_ids, [id(0xb), id(0xd)]);
    new.state.assignee_ids.truncate(1);
    assert_eq!(old, new);
}

#[test]
fn the_log_says_what_the_event_cannot() {
    let snapshot = folded(&[created(2, V2), recorded::<Task>(task(), 2, &Event::Deleted)]).expect("two events");
    assert_eq!((snapshot.number, snapshot.version), (12, 2));
    assert_eq!(snapshot.created_by, Actor::Member(id(5)));
    assert_eq!(snapshot.created_at, time("2026-07-14T09:30:00.00025Z"));
    assert!(snapshot.state.deleted);
}

#[test]
fn a_version_of_the_future_is_refused() {
    let refused = folded(&[created(3, V2)]).expect_err("too new");
    assert!(matches!(refused, Unreadable::TooNew { found: 3, known: 2, .. }), "{refused}");
    assert_eq!(
        refused.to_string(),
        "event type task.created has schema version 3; this program knows up to 2: upgrade it"
    );
    let deleted = Recorded { event_version: 2, ..recorded::<Task>(task(), 1, &Event::Deleted) };
    assert!(matches!(read_event::<Task>(&deleted), Err(Unreadable::TooNew { found: 2, known: 1, .. })));
}

#[test]
fn an_event_out_of_turn_is_refused_and_changes_nothing() {
    let mut snapshot = folded(&[created(2, V2)]).expect("an event");
    let before = snapshot.clone();
    for version in [0, 1, 3] {
        let refused = snapshot.fold(&recorded::<Task>(task(), version, &Event::Deleted)).expect_err("out of turn");
        assert!(matches!(refused, Unreadable::OutOfTurn { at: 1, version: v, .. } if v == version), "{refused}");
        assert_eq!(snapshot, before);
    }
}

#[test]
fn what_does_not_fit_its_type_is_refused_by_name() {
    for payload in ["null", "[]", r#"{"type":"task.created"}"#, r#"{"type":"task.invented"}"#] {
        for version in [1, 2] {
            let refused = folded(&[created(version, payload)]).expect_err("no event");
            assert!(matches!(&refused, Unreadable::Payload { event_type, .. } if event_type == "task.created"));
        }
    }
}
