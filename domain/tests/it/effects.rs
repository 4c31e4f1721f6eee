//! What several events together mean to the log is what they mean one after the other.

use std::collections::BTreeSet;

use docket_domain::{Claim, Effects, Lifecycle};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::time;

fn claim(value: &str) -> Claim {
    Claim { scope: "seat.place", value: value.to_owned(), pointer: "/place" }
}

/// As the log does it: what is given back goes first.
fn held(mut before: BTreeSet<String>, effects: &Effects) -> BTreeSet<String> {
    for free in &effects.frees {
        assert!(before.remove(&free.value), "{} was not held", free.value);
    }
    for take in &effects.takes {
        assert!(before.insert(take.value.clone()), "{} was held already", take.value);
    }
    before
}

#[test]
fn the_last_word_counts() {
    let mut effects = Effects::lifecycle(Lifecycle::Alive);
    effects.merge(Effects { series: Some("2026".to_owned()), ..Effects::default() });
    effects.merge(Effects { expires_at: Some(time("2027-01-01T00:00:00Z")), ..Effects::lifecycle(Lifecycle::Gone) });
    effects.merge(Effects::default());
    assert_eq!(effects.lifecycle, Some(Lifecycle::Gone));
    assert_eq!(effects.expires_at, Some(time("2027-01-01T00:00:00Z")));
    assert_eq!(effects.series.as_deref(), Some("2026"));
}

#[test]
fn what_is_taken_and_given_back_was_never_taken() {
    let mut effects = Effects { takes: vec![claim("window")], ..Effects::default() };
    effects.merge(Effects { takes: vec![claim("aisle")], frees: vec![claim("window")], ..Effects::default() });
    assert_eq!((effects.takes, effects.frees), (vec![claim("aisle")], vec![]));
}

proptest! {
    /// Each step moves from the place that is held, if any, to another or to none.
    #[test]
    fn claims_end_where_they_would_one_by_one(steps in vec(proptest::option::of("[a-c]"), 1..12), first in any::<bool>()) {
        let start: BTreeSet<String> = first.then(|| "a".to_owned()).into_iter().collect();
        let (mut one_by_one, mut together) = (start.clone(), Effects::default());
        for to in steps {
            let effects = Effects {
                frees: one_by_one.iter().map(|value| claim(value)).collect(),
                takes: to.iter().map(|value| claim(value)).collect(),
                ..Effects::default()
            };
            one_by_one = held(one_by_one, &effects);
            together.merge(effects);
        }
        prop_assert_eq!(held(start, &together), one_by_one);
    }
}
