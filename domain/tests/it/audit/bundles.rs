//! A sound bundle is believed. Thousands of tampered ones are not.

use docket_domain::audit::bundle::{Counts, Document, Ending, FORMAT, PART, Part};
use docket_domain::audit::{
    Checkpoint, Failure, Frontier, Hash, Header, Keyring, Leaf, PublicKey, Trust, Verdict, Verifier, proof,
};
use docket_domain::{Recorded, kinds, label, project};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::keyring;
use crate::{id, recorded};

const EVENTS: usize = 24;
/// The line of the first event: a header stands before it, and the proof of its part.
const FIRST: usize = 2;

/// A made-up history: projects and labels by turns, each changed now and then. Positions have gaps: other workspaces
/// are in the same partition.
fn history(workspace: Uuid, count: usize) -> Vec<String> {
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
    let events = (0..count).map(|n| {
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
        let recorded_at = event.recorded_at + chrono::TimeDelta::seconds(30 * n as i64);
        Recorded { position: 3 * n as i64 + 1, number, series, workspace: workspace.into(), recorded_at, ..event }
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
            .entry((kinds::model(&event.kind).expect("a model"), event.stream))
            .or_insert_with(|| kinds::blank(&event.kind, event.stream).expect("a kind"));
        state.fold(&event).expect("the next one");
    }
    let line = |((model, id), json): ((&str, Uuid), String)| {
        let doc = serde_json::value::RawValue::from_string(json).expect("JSON");
        serde_json::to_string(&Document { model: model.into(), id, doc: &doc }).expect("JSON")
    };
    states.into_iter().map(|(place, state)| line((place, state.to_json()))).collect()
}

/// What stands before the part that begins with this leaf.
fn part(leaves: &[String], first: usize) -> String {
    let part = PART as usize;
    let within = |start: usize, end: usize| root(&leaves[start * part..(end * part).min(leaves.len())]).to_string();
    let (index, count) = (first / part, leaves.len().div_ceil(part));
    let path = proof::inclusion(index as u64, count as u64).expect("a path").into_iter();
    let proof = path.map(|span| within(span.start as usize, span.end as usize)).collect();
    serde_json::to_string(&Part { leaf: first as u64, root: within(index, index + 1), proof }).expect("JSON")
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
    for (number, leaf) in leaves.iter().enumerate() {
        if number == models {
            lines.extend_from_slice(&documents);
        }
        if number.is_multiple_of(PART as usize) {
            lines.push(part(leaves, number));
        }
        lines.push(leaf.clone());
    }
    if models == leaves.len() {
        lines.extend(documents);
    }
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
    let leaves = history(workspace, EVENTS);
    for models in [EVENTS, EVENTS - 5] {
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
    let leaves = history(workspace, EVENTS);
    let trust = reviewer(workspace, &leaves, &keys);
    let code = |lines: &[String], trust: &Trust| verify(&bytes(lines), trust).expect_err("refused").exit_code();
    let sound = bundle(workspace, &leaves, EVENTS, &keys);
    let signed = |leaves: &[String]| bundle(workspace, leaves, leaves.len(), &keys);

    assert_eq!(code(&[], &trust), 10);
    assert_eq!(code(&["{}".to_owned()], &trust), 10);
    assert_eq!(code(&sound[..9], &trust), 11);
    assert_eq!(code(&bundle(workspace, &leaves, EVENTS, &keyring(2)), &trust), 12);
    let mut changed = sound.clone();
    changed[FIRST] = changed[FIRST].replace("req-1", "req-2");
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
    swapped.swap(FIRST + 1, FIRST + 2);
    let resigned = |lines: Vec<String>| {
        let leaves: Vec<String> = lines.iter().filter(|line| line.starts_with("{\"partition\"")).cloned().collect();
        let mut lines = lines;
        with_checkpoint(&mut lines, checkpoint(workspace, &leaves, &keys));
        lines[1] = part(&leaves, 0);
        lines
    };
    assert_eq!(code(&resigned(swapped), &knows_key), 16);
    let mut unknown = sound.clone();
    unknown[EVENTS + 1] = unknown[EVENTS + 1].replace("\"event_version\":1", "\"event_version\":9");
    assert_eq!(code(&resigned(unknown), &knows_key), 17, "a version of the future is refused, not skipped");
    let mut models = sound.clone();
    models[FIRST + EVENTS] = models[FIRST + EVENTS].replace("Label", "Lapel");
    assert_eq!(code(&models, &trust), 18);
    // Documents that end long before the events do are none that were exported.
    assert_eq!(code(&bundle(workspace, &leaves, 1, &keys), &trust), 18);
    assert_eq!(code(&bundle(workspace, &leaves, 0, &keys), &trust), 18);
}

#[test]
fn who_knows_both_keys_goes_on_after_a_rotation() {
    let (old, workspace) = (keyring(1), id(1));
    let leaves = history(workspace, EVENTS);
    let kept = Some(checkpoint(workspace, &leaves[..EVENTS / 2], &old));
    let both = old.rotated([9; 32]);
    let new = both.retired();
    let (bundle_of_both, bundle_of_new) =
        (bytes(&bundle(workspace, &leaves, EVENTS, &both)), bytes(&bundle(workspace, &leaves, EVENTS, &new)));
    let trust = |keys: Vec<PublicKey>| Trust { keys, checkpoint: kept.clone() };
    let code = |bundle: &[u8], keys| verify(bundle, &trust(keys)).map_or_else(|failure| failure.exit_code(), |_| 0);
    let (a, b) = (old.public(workspace).remove(0), new.public(workspace).remove(0));
    for keys in [vec![a.clone(), b.clone()], vec![b.clone(), a.clone()]] {
        assert_eq!(code(&bundle_of_both, keys.clone()), 0);
        assert_eq!(code(&bundle_of_new, keys), 0);
    }
    assert_eq!(code(&bundle_of_both, vec![a.clone()]), 0);
    assert_eq!(code(&bundle_of_new, vec![a]), 12, "the bundle is signed with a key that nobody named");
    assert_eq!(code(&bundle_of_new, vec![b]), 14, "the kept checkpoint is");
    // Where nobody names a key, who has signed what was kept vouches for the bundle.
    assert_eq!(code(&bundle_of_both, vec![]), 0);
    assert_eq!(code(&bundle_of_new, vec![]), 14);
}

#[test]
fn every_part_of_a_bundle_is_proved_by_itself() {
    let (keys, workspace) = (keyring(1), id(1));
    for count in [255, 256, 257, 512, 700, 1100] {
        let leaves = history(workspace, count);
        let sound = bundle(workspace, &leaves, count, &keys);
        assert_eq!(sound.iter().filter(|line| line.starts_with("{\"leaf\"")).count(), count.div_ceil(PART as usize));
        let trust = Trust { keys: keys.public(workspace), checkpoint: None };
        verify(&bytes(&sound), &trust).expect("a sound bundle");
        for (at, line) in sound.iter().enumerate().filter(|(_, line)| line.starts_with("{\"leaf\"")) {
            // What is wrong is found in its part.
            let mut changed = sound.clone();
            changed[at + 1] = changed[at + 1].replace("req-1", "req-2");
            let said = verify(&bytes(&changed), &trust).expect_err("changed").to_string();
            let part: Part = serde_json::from_str(line).expect("a part");
            assert!(said.contains(&format!("numbers {} to", part.leaf)), "{said}");
            let mut without = sound.clone();
            without.remove(at);
            assert_eq!(verify(&bytes(&without), &trust).expect_err("no proof").exit_code(), 13);
            let mut renumbered = sound.clone();
            renumbered[at] = renumbered[at].replace("\"leaf\":", "\"leaf\":1");
            assert_eq!(verify(&bytes(&renumbered), &trust).expect_err("another number").exit_code(), 13);
        }
    }
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
    RollBackCheckpoint(usize),
    Shorten(usize),
    DropModel(usize),
    DropModels,
    Relabel(usize),
}

impl Deed {
    fn name(&self) -> String {
        let name = format!("{self:?}");
        name.split('(').next().unwrap_or_default().to_owned()
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let any = || any::<usize>();
    prop_oneof![
        4 => any().prop_map(Deed::FlipBit),
        2 => any().prop_map(Deed::Drop),
        2 => (any(), any()).prop_map(|(one, other)| Deed::Repeat(one, other)),
        2 => (any(), any()).prop_map(|(one, other)| Deed::Swap(one, other)),
        2 => any().prop_map(Deed::CutOff),
        2 => any().prop_map(Deed::Foreign),
        2 => any().prop_map(Deed::Resign),
        2 => any().prop_map(Deed::RollBack),
        2 => any().prop_map(Deed::RollBackCheckpoint),
        2 => any().prop_map(Deed::Shorten),
        1 => any().prop_map(Deed::DropModel),
        1 => Just(Deed::DropModels),
        1 => any().prop_map(Deed::Relabel),
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
                let mut bytes = whole;
                let len = bytes.len();
                bytes[at / 8 % len] ^= 1 << (at % 8);
                return Some(bytes);
            }
            Deed::Drop(at) => drop(lines.remove(at % count)),
            Deed::Repeat(at, to) => lines.insert(to % count, lines[at % count].clone()),
            Deed::Swap(one, other) => lines.swap(one % count, other % count),
            Deed::CutOff(at) => return Some(whole[..at % whole.len()].to_vec()),
            Deed::Foreign(at) => lines[FIRST + at % EVENTS].clone_from(&self.foreign[at % EVENTS]),
            Deed::Resign(at) => {
                let mut leaves = self.leaves.clone();
                leaves[at % EVENTS] = leaves[at % EVENTS].replace("req-1", "req-2");
                lines = bundle(self.workspace, &leaves, EVENTS, &keyring(2));
            }
            Deed::RollBack(to) => {
                lines = bundle(self.workspace, &self.leaves[..to % (EVENTS / 2)], to % (EVENTS / 2), &self.keys);
            }
            Deed::RollBackCheckpoint(to) => {
                with_checkpoint(&mut lines, checkpoint(self.workspace, &self.leaves[..to % EVENTS], &self.keys));
            }
            Deed::Shorten(to) => {
                let all = checkpoint(self.workspace, &self.leaves, &self.keys);
                lines = bundle(self.workspace, &self.leaves[..to % EVENTS], to % EVENTS, &self.keys);
                with_checkpoint(&mut lines, all);
            }
            Deed::DropModel(at) => {
                let dropped = model(["projects", "entries"][at % 2]);
                lines.retain(|line| !line.starts_with(&dropped));
                put_right(&mut lines);
            }
            Deed::DropModels => {
                lines.retain(|line| !line.starts_with("{\"model\""));
                put_right(&mut lines);
                let mut header: Header = serde_json::from_str(&lines[0]).expect("a header");
                header.models_at = 0;
                lines[0] = serde_json::to_string(&header).expect("JSON");
            }
            Deed::Relabel(at) => {
                let (from, to) = [("projects", "projectz"), ("entries", "projects"), ("entries", "zebras")][at % 3];
                for line in &mut lines {
                    *line = line.replace(&model(from), &model(to));
                }
            }
        }
        let after = bytes(&lines);
        (after != whole).then_some(after)
    }
}

fn model(name: &str) -> String {
    format!("{{\"model\":\"{name}\"")
}

/// Puts another checkpoint into the header.
fn with_checkpoint(lines: &mut [String], checkpoint: String) {
    let header: Header = serde_json::from_str(&lines[0]).expect("a header");
    lines[0] = serde_json::to_string(&Header { checkpoint, ..header }).expect("JSON");
}

/// Lets the last line count what there is.
fn put_right(lines: &mut [String]) {
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count() as u64;
    let end = Ending { end: Counts { events: count("{\"partition\""), documents: count("{\"model\"") } };
    *lines.last_mut().expect("a last line") = serde_json::to_string(&end).expect("JSON");
}

#[test]
fn no_tampering_goes_unnoticed() {
    let (keys, workspace) = (keyring(1), id(1));
    let (leaves, foreign) = (history(workspace, EVENTS), history(id(2), EVENTS));
    let lines = bundle(workspace, &leaves, EVENTS, &keys);
    let trust = reviewer(workspace, &leaves, &keys);
    let scene = Scene { workspace, leaves, foreign, keys, lines };
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let mut done = std::collections::BTreeMap::<String, usize>::new();
    while done.values().sum::<usize>() < 10_000 {
        let deed = deed().new_tree(&mut runner).expect("a deed").current();
        if let Some(tampered) = scene.after(&deed) {
            assert!(verify(&tampered, &trust).is_err(), "{deed:?} went unnoticed");
            *done.entry(deed.name()).or_default() += 1;
        }
    }
    println!("noticed: {done:?}");
    assert_eq!(done.len(), 13, "{done:?}");
}
