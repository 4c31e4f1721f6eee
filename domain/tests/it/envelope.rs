//! How an event travels.

use std::collections::BTreeMap;

use docket_domain::envelope::{all_subjects, partition_of, partition_subjects, stream_name};
use docket_domain::ids::WorkspaceId;
use docket_domain::task::{Event, Task};
use docket_domain::{Actor, Recorded};
use uuid::Uuid;

use crate::{id, recorded};

fn event() -> Recorded {
    let event = recorded::<Task>(id(0x7a), 2, &Event::Retitled { title: "Check".to_owned() });
    Recorded { number: Some(12), ..event }
}

#[test]
fn it_is_this_json() {
    let frozen = concat!(
        r#"{"partition":3,"position":1042,"workspace":"00000000-0000-0000-0000-000000000001","kind":"task","#,
        r#""stream":"00000000-0000-0000-0000-00000000007a","version":2,"event_type":"task.retitled","#,
        r#""event_version":1,"number":12,"command":"00000000-0000-0000-0000-000000000002","#,
        r#""occurred_at":"2026-07-14T09:30:00.000250Z","recorded_at":"2026-07-14T09:30:00.125Z","#,
        r#""payload":{"type":"task.retitled","title":"Check"},"#,
        r#""metadata":{"actor":{"type":"member","id":"00000000-0000-0000-0000-000000000005"},"#,
        r#""key_id":"00000000-0000-0000-0000-000000000006","request_id":"req-1","correlation_id":"req-1","#,
        r#""causation_id":"00000000-0000-0000-0000-000000000002","dialect":"native"}}"#,
    );
    assert_eq!(serde_json::to_string(&event()).expect("JSON"), frozen);
    let read: Recorded = serde_json::from_str(frozen).expect("an envelope");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), frozen);
}

#[test]
fn the_payload_travels_byte_for_byte() {
    let text = serde_json::to_string(&event()).expect("JSON").replace(r#""Check""#, r#"  "\u0043heck" "#);
    let read: Recorded = serde_json::from_str(&text).expect("an envelope");
    assert_eq!(read.payload.get(), r#"{"type":"task.retitled","title":  "\u0043heck" }"#);
}

#[test]
fn actors_are_this_json() {
    let json = |actor: Actor| serde_json::to_string(&actor).expect("JSON");
    let nil = Uuid::nil();
    assert_eq!(json(Actor::Member(nil.into())), format!(r#"{{"type":"member","id":"{nil}"}}"#));
    assert_eq!(json(Actor::Service(nil.into())), format!(r#"{{"type":"service","id":"{nil}"}}"#));
    assert_eq!(json(Actor::System), r#"{"type":"system"}"#);
}

#[test]
fn it_goes_to_a_subject_of_its_own_kind() {
    assert_eq!(event().subject("docket"), "docket.ev.3.00000000-0000-0000-0000-000000000001.task.retitled");
    assert_eq!(event().message_id(), "3-1042");
    assert_eq!(all_subjects("docket"), "docket.ev.>");
    assert_eq!(partition_subjects("docket", 3), "docket.ev.3.>");
    assert_eq!(stream_name("docket"), "DOCKET-EVENTS");
}

#[test]
fn a_workspace_stays_in_its_partition_and_they_fill_evenly() {
    // Frozen: a workspace that moved would lose its history.
    let known: Uuid = "6f1c7c6e-6b2e-4b57-9d0e-0b7f3f6f5a21".parse().expect("an id");
    assert_eq!([1, 2, 8, 16, 1024].map(|of| partition_of(WorkspaceId(known), of)), [0, 1, 1, 1, 545]);

    // Multiplying by an odd number is as good as random for the low bits of a version 4 id.
    let mut filled = BTreeMap::<i16, usize>::new();
    for n in 1..=8_000_u128 {
        let random = n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let id = uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid();
        *filled.entry(partition_of(WorkspaceId(id), 8)).or_default() += 1;
    }
    assert_eq!(filled.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(filled.values().all(|count| (800..1_200).contains(count)), "{filled:?}");
}
