//! Bodies of the other products' APIs.

use docket_api::dialects::{Term, Translation, translations};
use docket_api::edge::json;
use docket_api::problem::{At, FieldError};
use serde_json::{Map, Value};

/// Every dialect makes a native body of what it understands, or says what of it is wrong. What it does not understand
/// makes no difference, and neither does the order.
pub fn dialects(bytes: &[u8]) {
    let Ok(body) = json::parse::<Map<String, Value>>(bytes) else { return };
    let told = translations(&body);
    for one in &told {
        is_sound(one, &body);
    }
    // What none understands is left out, and something else put in.
    let mut other = only(&body, |name| told.iter().any(|one| understands(one, name)));
    other.insert("nobody understands it".to_owned(), body.values().next().cloned().unwrap_or_default());
    agree(&translations(&other), &told);
    // What one understands is all that it looks at; another one each time, for there are many.
    let at = bytes.len() % told.len();
    let own = translations(&only(&body, |name| understands(&told[at], name)));
    assert_eq!(own[at], told[at]);
    // Maps are sorted, unless a dependency turns that off for all.
    let turned = body.iter().rev().map(|(name, value)| (name.clone(), value.clone()));
    agree(&translations(&turned.collect()), &told);
}

fn is_sound(one: &Translation, sent: &Map<String, Value>) {
    let Translation { operation, terms, native, problem } = one;
    let wrong: Vec<&str> = problem.iter().flat_map(|problem| &problem.errors).map(named).collect();
    if let Some(problem) = problem {
        assert_eq!(problem.status, 422, "{operation:?}");
        assert!(!wrong.is_empty() && !problem.code.is_empty(), "{operation:?} refuses, and says nothing");
    }
    for name in &wrong {
        assert!(terms.iter().any(|term| term.theirs == *name), "{operation:?} has no {name}");
    }
    for ours in native.keys() {
        let is_it = |term: &Term| term.ours == ours && (sent.contains_key(term.theirs) || term.usual.is_some());
        assert!(terms.iter().any(is_it), "{operation:?} makes up {ours}");
    }
    for term in terms.iter().filter(|term| !wrong.contains(&term.theirs)) {
        let (theirs, ours) = (sent.get(term.theirs), native.get(term.ours));
        match theirs {
            Some(_) if term.same => assert_eq!(ours, theirs, "{operation:?} changes {}", term.theirs),
            Some(_) => assert!(ours.is_some(), "{operation:?} loses {}", term.theirs),
            None => assert_eq!(ours.and_then(Value::as_str), term.usual, "{operation:?} adds {}", term.ours),
        }
    }
}

/// The member that an error is about.
fn named(error: &FieldError) -> &str {
    let At::Pointer(pointer) = &error.at else { panic!("no member of a body: {error:?}") };
    pointer.strip_prefix('/').unwrap_or_else(|| panic!("no member of a body: {error:?}"))
}

fn understands(one: &Translation, name: &str) -> bool {
    one.terms.iter().any(|term| term.theirs == name)
}

fn only(body: &Map<String, Value>, keep: impl Fn(&str) -> bool) -> Map<String, Value> {
    let kept = body.iter().filter(|(name, _)| keep(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// One after the other, so that a failure shows the one that differs.
fn agree(some: &[Translation], others: &[Translation]) {
    assert_eq!(some.len(), others.len());
    for (one, other) in some.iter().zip(others) {
        assert_eq!(one, other);
    }
}
