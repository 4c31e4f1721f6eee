//! Query strings, the filters of every list, and cursors.

use docket_api::edge::{listing, query};
use docket_domain::ids::WorkspaceId;
use docket_projections::{Cursors, LISTS};
use uuid::Uuid;

use crate::text;

/// No parameter comes twice, none has U+0000, and what is left of one is as many as there were.
pub fn queries(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(pairs) = query::pairs(text) else { return };
    for (at, (name, value)) in pairs.iter().enumerate() {
        assert!(!name.contains('\0') && !value.contains('\0'));
        assert!(pairs[..at].iter().all(|(other, _)| other != name), "{name} twice");
    }
    assert_eq!(pairs.len(), text.split('&').filter(|part| !part.is_empty()).count(), "{text}");
}

/// The first byte says which list. What it takes it takes again, but no parameter twice; else it says which is wrong.
pub fn lists(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let (list, Some(text)) = (LISTS[usize::from(*which) % LISTS.len()], text(rest)) else { return };
    match listing::read(list, text, 3) {
        Ok(asked) => {
            let again = listing::read(list, text, 3).expect("what was taken is taken again");
            assert_eq!(format!("{asked:?}"), format!("{again:?}"));
            if !text.split('&').all(str::is_empty) {
                let twice = listing::read(list, &format!("{text}&{text}"), 3).expect_err("everything twice");
                assert_eq!(twice.code, "duplicate-parameter");
            }
        }
        Err(problem) => assert!([400, 422].contains(&problem.status.as_u16()), "{problem:?}"),
    }
}

/// A place that is sealed is found again, and nothing else is a cursor: not even another spelling of one.
pub fn cursors(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let workspace = WorkspaceId(Uuid::from_u128(7));
    let cursors = Cursors { secret: b"a secret", workspace, query: "tasks by number" };
    if let Ok(place) = cursors.open(text) {
        assert_eq!(cursors.seal(&place), text);
    }
    let sealed = cursors.seal(text);
    assert_eq!(cursors.open(&sealed).ok().as_deref(), Some(text));
    let others = Cursors { workspace: WorkspaceId(Uuid::from_u128(8)), ..cursors };
    assert!(others.open(&sealed).is_err(), "another workspace's cursor");
}
