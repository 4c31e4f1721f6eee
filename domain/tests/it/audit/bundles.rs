//! A sound bundle is believed. Thousands of tampered ones are not.

use docket_domain::audit::bundle::{Counts, Document, Ending, FORMAT};
use docket_domain::audit::{Checkpoint, Failure, Frontier, Hash, Header, Keyring, Leaf, Trust, Verdict, Verifier};
use docket_domain::{Recorded, kinds, label, project};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::keyring;
use crate::{id, recorded};

const EVENTS: usize = 24;

/// A made-up history: projects and labels by turns, each changed now and then. Positions have gaps: other workspaces
/// are in the same partition.
fn history(workspace: Uuid) -> Vec<String> {
    let mut versions = std::collections::HashMap::<Uuid, i64>::new();
    let mut numbers = [0, 0];
    let mut next = |stream: Uuid, kind: usize| {
        let version = versions.entry(stream).or_default();
        *version += 1;
        let number = (*version == 1).then(|| {
            numbers[kind] += 1;
            numbers[kind]
        });
        (*version, number)
    };
    let events = (0..EVENTS).map(|n| {
        let stream: Uuid = id(0x100 + n as u128 % 7);
        let (version, number) = next(stream, (n % 7) % 2);
        let event = match ((n % 7) % 2, version) {
            (0, 1) => project_event(
                stream,
                version,
                &project::Event::Created(project::Created {
                    name: format!("Project {n}"),
                    year: 2026,
                    ..Default::default()
                }),
            ),
            (0, _) => project_event(stream, version, &project::Event::Renamed { name: format!("Renamed {n}") }),
            (_, 1) => {
                let fields = serde_json::json!({"type": "label.created", "name": format!("Label {n}"), "color": null});
                label_event(stream, version, &serde_json::from_value(fields).expect("an event"))
            }
            _ => {
                let fields = serde_json::json!({"type": "label.changed", "name": format!("Label {n}")});
                label_event(stream, version, &serde_json::from_value(fields).expect("an event"))
            }
        };
        let series = number.filter(|_| event.kind == "project").map(|number| format!("2026-{number:04}"));
        Recorded { position: 3 * n as i64 + 1, number, series, workspace: workspace.into(), ..event }
    });
    events.map(|event| line(&event)).collect()
}

fn project_event(stream: Uuid, version: i64, event: &project::Event) -> Recorded {
    recorded::<project::Project>(stream, version, event)
}

fn label_event(stream: Uuid, version: i64, event: &label::Event) -> Recorded {
    recorded::<label::Label>(stream, version, event)
}

fn line(event: &Recorded) -> String {
    let metadata = serde_json::value::to_raw_value(&event.metadata).expect("JSON");
    let leaf = Leaf {
        partition: event.partition,
        position: event.position,
        workspace: event.workspace.0,
        kind: &event.kind,
        stream: event.stream,
        version: event.version,
        event_type: &event.event_type,
        event_version: event.event_version,
        number: event.number,
        series: event.series.as_deref(),
        command: event.command,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        payload: &event.payload,
        metadata: &metadata,
    };
    leaf.line().expect("a line")
}

fn root(leaves: &[String]) -> Hash {
    let mut tree = Frontier::default();
    for leaf in leaves {
        tree.push(Hash::of_leaf(leaf.as_bytes()), |_, _| {});
    }
    tree.root()
}

fn checkpoint(workspace: Uuid, leaves: &[String], keys: &Keyring) -> String {
    Checkpoint::signed(workspace, leaves.len() as u64, root(leaves), keys)
}

fn documents(leaves: &[String]) -> Vec<String> {
    let mut states = std::collections::BTreeMap::new();
    for leaf in leaves {
        let event: Recorded = serde_json::from_str(leaf).expect("an event");
        let state = states
            .entry((if event.kind == "project" { "projects" } else { "labels" }, event.stream))
            .or_insert_with(|| kinds::blank(&event.kind, event.stream).expect("a kind"));
        state.fold(&event).expect("the next one");
    }
    let line = |((model, id), json): ((&str, Uuid), String)| {
        let doc = serde_json::value::RawValue::from_string(json).expect("JSON");
        serde_json::to_string(&Document { model: model.into(), id, doc: &doc }).expect("JSON")
    };
    states.into_iter().map(|(place, state)| line((place, state.to_json()))).collect()
}

/// A bundle of these leaves, the read models being as they were after `models` of them.
fn bundle(workspace: Uuid, leaves: &[String], models: usize, keys: &Keyring) -> Vec<String> {
    let position = |leaf: &String| serde_json::from_str::<Recorded>(leaf).expect("an event").position;
    let header = Header {
        bundle: FORMAT.to_owned(),
        workspace,
        checkpoint: checkpoint(workspace, leaves, keys),
        keys: keys.public(workspace).iter().map(ToString::to_string).collect(),
        models_at: leaves[..models].last().map_or(0, position),
    };
    let documents = documents(&leaves[..models]);
    let end = Ending { end: Counts { events: leaves.len() as u64, documents: documents.len() as u64 } };
    let mut lines = vec![serde_json::to_string(&header).expect("JSON")];
    lines.extend_from_slice(&leaves[..models]);
    lines.extend(documents);
    lines.extend_from_slice(&leaves[models..]);
    lines.push(serde_json::to_string(&end).expect("JSON"));
    lines
}

fn bytes(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

fn verify(bytes: &[u8], trust: &Trust) -> Result<Verdict, Failure> {
    let mut verifier = Verifier::new(trust.clone());
    // In pieces, as from a file.
    for piece in bytes.chunks(997) {
        verifier.feed(piece)?;
    }
    verifier.finish()
}

/// A reviewer who knows the key, and has kept a checkpoint of the first half.
fn reviewer(workspace: Uuid, leaves: &[String], keys: &Keyring) -> Trust {
    let kept = checkpoint(workspace, &leaves[..EVENTS / 2], keys);
    Trust { keys: keys.public(workspace), checkpoint: Some(kept) }
}

#[test]
fn a_sound_bundle_is_believed() {
    let (keys, workspace) = (keyring(1), id(1));
    let leaves = history(workspace);
    for models in [EVENTS, EVENTS - 5, 1, 0] {
        let bundle = bytes(&bundle(workspace, &leaves, models, &keys));
        let verdict = verify(&bundle, &reviewer(workspace, &leaves, &keys)).expect("a sound bundle");
        assert_eq!((verdict.counts.events, verdict.aggregates, verdict.since), (24, 7, Some(12)));
        assert!(verdict.known_key);
        let unknowing = verify(&bundle, &Trust::default()).expect("sound by its own key");
        assert!(!unknowing.known_key);
    }
    let empty = bytes(&bundle(workspace, &[], 0, &keys));
    assert_eq!(verify(&empty, &Trust::default()).expect("nothing yet").counts, Counts::default());
}

#[test]
fn each_failure_has_a_name_of_its_own() {
    let (keys, workspace) = (keyring(1), id(1));
    let leaves = history(workspace);
    let trust = reviewer(workspace, &leaves, &keys);
    let code = |lines: &[String], trust: &Trust| verify(&bytes(lines), trust).expect_err("refused").exit_code();
    let sound = bundle(workspace, &leaves, EVENTS, &keys);
    let signed = |leaves: &[String]| bundle(workspace, leaves, leaves.len(), &keys);

    assert_eq!(code(&[], &trust), 10);
    assert_eq!(code(&["{}".to_owned()], &trust), 10);
    assert_eq!(code(&sound[..9], &trust), 11);
    assert_eq!(code(&bundle(workspace, &leaves, EVENTS, &keyring(2)), &trust), 12);
    let mut changed = sound.clone();
    changed[3] = changed[3].replace("req-1", "req-2");
    assert_eq!(code(&changed, &trust), 13);
    let stranger = Trust { checkpoint: Some(checkpoint(workspace, &leaves, &keyring(2))), ..trust.clone() };
    assert_eq!(code(&sound, &stranger), 14);
    // Whoever holds the key can sign another history, but not one that begins as the kept one does.
    assert_eq!(code(&signed(&leaves[..5]), &trust), 15);
    let mut rewritten = leaves.clone();
    rewritten[3] = rewritten[3].replace("req-1", "req-2");
    assert_eq!(code(&signed(&rewritten), &trust), 15);
    let knows_key = Trust { keys: keys.public(workspace), checkpoint: None };
    let mut swapped = sound.clone();
    swapped.swap(2, 3);
    let resigned = |lines: Vec<String>| {
        let leaves: Vec<String> = lines.iter().filter(|line| line.starts_with("{\"partition\"")).cloned().collect();
        let mut header: Header = serde_json::from_str(&lines[0]).expect("a header");
        header.checkpoint = checkpoint(workspace, &leaves, &keys);
        let mut lines = lines;
        lines[0] = serde_json::to_string(&header).expect("JSON");
        lines
    };
    assert_eq!(code(&resigned(swapped), &knows_key), 16);
    let mut unknown = sound.clone();
    unknown[EVENTS] = unknown[EVENTS].replace("\"event_version\":1", "\"event_version\":9");
    assert_eq!(code(&resigned(unknown), &knows_key), 17, "a version of the future is refused, not skipped");
    let mut models = sound.clone();
    models[EVENTS + 1] = models[EVENTS + 1].replace("Label", "Lapel");
    assert_eq!(code(&models, &trust), 18);
}

/// What somebody might do to a bundle.
#[derive(Clone, Debug)]
enum Deed {
    FlipBit(usize),
    Drop(usize),
    Repeat(usize, usize),
    Swap(usize, usize),
    CutOff(usize),
    Foreign(usize),
    Resign(usize),
    RollBack(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let any = || any::<usize>();
    prop_oneof![
        any().prop_map(Deed::FlipBit),
        any().prop_map(Deed::FlipBit),
        any().prop_map(Deed::Drop),
        (any(), any()).prop_map(|(one, other)| Deed::Repeat(one, other)),
        (any(), any()).prop_map(|(one, other)| Deed::Swap(one, other)),
        any().prop_map(Deed::CutOff),
        any().prop_map(Deed::Foreign),
        any().prop_map(Deed::Resign),
        any().prop_map(Deed::RollBack),
    ]
}

struct Scene {
    workspace: Uuid,
    leaves: Vec<String>,
    foreign: Vec<String>,
    keys: Keyring,
    lines: Vec<String>,
}

impl Scene {
    /// The bundle after the deed; none if the deed changes nothing.
    fn after(&self, deed: &Deed) -> Option<Vec<u8>> {
        let (mut lines, whole) = (self.lines.clone(), bytes(&self.lines));
        let count = lines.len();
        match *deed {
            Deed::FlipBit(at) => {
                let mut bytes = whole.clone();
                let len = bytes.len();
                bytes[at / 8 % len] ^= 1 << (at % 8);
                return (uncaptioned(&bytes) != uncaptioned(&whole)).then_some(bytes);
            }
            Deed::Drop(at) => drop(lines.remove(at % count)),
            Deed::Repeat(at, to) => lines.insert(to % count, lines[at % count].clone()),
            Deed::Swap(one, other) => lines.swap(one % count, other % count),
            Deed::CutOff(at) => return Some(whole[..at % whole.len()].to_vec()),
            Deed::Foreign(at) => lines[1 + at % EVENTS].clone_from(&self.foreign[at % EVENTS]),
            Deed::Resign(at) => {
                let mut leaves = self.leaves.clone();
                leaves[at % EVENTS] = leaves[at % EVENTS].replace("req-1", "req-2");
                lines = bundle(self.workspace, &leaves, EVENTS, &keyring(2));
            }
            Deed::RollBack(to) => {
                lines = bundle(self.workspace, &self.leaves[..to % (EVENTS / 2)], to % (EVENTS / 2), &self.keys);
            }
        }
        let after = bytes(&lines);
        (after != whole).then_some(after)
    }
}

/// A bundle without the names of read models. They say where a document was found; nothing is claimed of them.
fn uncaptioned(bundle: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bundle).into_owned();
    let rest = |line: &str| match (line.starts_with("{\"model\":\""), line.find("\",\"id\":\"")) {
        (true, Some(end)) => line[end..].to_owned(),
        _ => line.to_owned(),
    };
    text.split('\n').map(rest).collect()
}

#[test]
fn no_tampering_goes_unnoticed() {
    let (keys, workspace) = (keyring(1), id(1));
    let (leaves, foreign) = (history(workspace), history(id(2)));
    let lines = bundle(workspace, &leaves, EVENTS, &keys);
    let trust = reviewer(workspace, &leaves, &keys);
    let scene = Scene { workspace, leaves, foreign, keys, lines };
    let mut runner = TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&deed(), |deed| {
        if let Some(tampered) = scene.after(&deed) {
            prop_assert!(verify(&tampered, &trust).is_err(), "{deed:?} went unnoticed");
        }
        Ok(())
    });
    outcome.unwrap_or_else(|missed| panic!("{missed}"));
}
