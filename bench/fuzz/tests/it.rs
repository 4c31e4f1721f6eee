//! Every law holds for the inputs that are kept, and for changes of them.

use std::fs;
use std::path::Path;

use docket_fuzz::TARGETS;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How many changed inputs each law is tried with.
const CHANGED: u32 = 2_000;

fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).expect(name).map(|entry| entry.expect(name).path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect(name)).collect()
}

#[test]
fn kept_inputs_break_no_law() {
    for target in TARGETS {
        let kept = kept(target.name);
        assert!(!kept.is_empty(), "{} has inputs", target.name);
        kept.iter().for_each(|input| (target.law)(input));
    }
}

/// A place, as a share of the whole, and what is done there: bytes are put in, taken out, or replaced.
type Change = (u16, u8, Vec<u8>);

fn changed(input: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for (place, what, with) in changes {
        let at = bytes.len() * usize::from(*place) / usize::from(u16::MAX);
        let end = match what % 3 {
            0 => at,
            1 => (at + with.len()).min(bytes.len()),
            _ => (at + usize::from(*what)).min(bytes.len()),
        };
        bytes.splice(at..end, if what % 3 == 2 { Vec::new() } else { with.clone() });
    }
    bytes
}

#[test]
fn changed_inputs_break_no_law() {
    for target in TARGETS {
        let kept = kept(target.name);
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let config = Config { cases: CHANGED, failure_persistence: None, ..Config::default() };
        let change = (any::<u16>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..4));
        let input = (prop::sample::select(kept), prop::collection::vec(change, 0..6));
        let run = TestRunner::new_with_rng(config, random).run(&input, |(input, changes)| {
            (target.law)(&changed(&input, &changes));
            Ok(())
        });
        assert!(run.is_ok(), "{}: {run:?}", target.name);
    }
}
