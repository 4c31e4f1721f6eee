//! Documents in other words, once they have been said: lists show the same ones again and again.
//!
//! What a document is in a product's words depends on its text and on numbers that never change, and on nothing else.
//! Its text is what it is found by, so there is nothing to be told of changes, and nothing that could be out of date.

use std::hash::{Hash, Hasher};
use std::ptr;
use std::sync::Arc;

use docket_domain::ids::WorkspaceId;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::dialect::Resource;

/// About so many bytes of texts are remembered.
const MOST: u64 = 16 << 20;
/// So many bytes at both ends of a document are what its hash is made of.
const ENDS: usize = 64;
/// What a document and its words take together, about.
const USUAL: usize = 1_200;

/// What has been said. Cheap to clone.
#[derive(Clone)]
pub struct Memo(Arc<Cache<Said, Arc<str>, Bytes>>);

/// A document of a workspace, as one of these.
struct Said<T = Box<str>> {
    workspace: WorkspaceId,
    resource: &'static Resource,
    doc: T,
}

impl Default for Memo {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(MOST as usize / USUAL, MOST, Bytes)))
    }
}

impl Memo {
    /// What was said of a document.
    pub fn said(&self, workspace: WorkspaceId, resource: &'static Resource, doc: &str) -> Option<Arc<str>> {
        self.0.get(&Said { workspace, resource, doc })
    }

    /// Remembers it.
    pub fn say(&self, workspace: WorkspaceId, resource: &'static Resource, doc: &str, words: &str) {
        self.0.insert(Said { workspace, resource, doc: doc.into() }, words.into());
    }
}

impl Resource {
    /// Whether what is said of one may be remembered: not who somebody is, which may be erased.
    pub fn is_memorable(&self) -> bool {
        !self.native.personal && !self.expand.contains("member")
    }
}

impl<T: AsRef<str>> Hash for Said<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.workspace.hash(state);
        ptr::hash(self.resource, state);
        // Which document it is stands at its beginning, and when it changed at its end: the rest need not be looked at to
        // tell most texts apart, and is when they are compared.
        let doc = self.doc.as_ref().as_bytes();
        let (head, tail) = (&doc[..doc.len().min(ENDS)], &doc[doc.len().saturating_sub(ENDS)..]);
        (doc.len(), head, tail).hash(state);
    }
}

impl<T: AsRef<str>> Said<T> {
    fn is<U: AsRef<str>>(&self, other: &Said<U>) -> bool {
        self.workspace == other.workspace
            && ptr::eq(self.resource, other.resource)
            && self.doc.as_ref() == other.doc.as_ref()
    }
}

impl PartialEq for Said {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for Said {}

impl Equivalent<Said> for Said<&str> {
    fn equivalent(&self, other: &Said) -> bool {
        self.is(other)
    }
}

/// Entries weigh what they take.
#[derive(Clone)]
struct Bytes;

impl Weighter<Said, Arc<str>> for Bytes {
    fn weight(&self, said: &Said, words: &Arc<str>) -> u64 {
        const AROUND: usize = 100;
        (said.doc.len() + words.len() + AROUND) as u64
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::dialects::DIALECTS;
    use crate::dialects::dialect::Operation;
    use crate::dialects::native;

    fn resources() -> impl Iterator<Item = &'static Resource> {
        DIALECTS.iter().flat_map(|dialect| dialect.operations).filter_map(Operation::resource)
    }

    #[test]
    fn what_was_said_is_found_by_all_that_it_depends_on() {
        let memo = Memo::default();
        let [one, other] = [1, 2].map(|nth| WorkspaceId(Uuid::from_u128(nth)));
        let tasks: Vec<_> = resources().filter(|resource| ptr::eq(resource.native, &raw const native::TASKS)).collect();
        let (first, last) = (tasks[0], tasks[tasks.len() - 1]);
        memo.say(one, first, "{}", "words");
        assert_eq!(memo.said(one, first, "{}").as_deref(), Some("words"));
        assert_eq!(memo.said(one, first, "{ }"), None, "another text");
        assert_eq!(memo.said(one, last, "{}"), None, "another product");
        assert_eq!(memo.said(other, first, "{}"), None, "another workspace");
    }

    #[test]
    fn it_holds_no_more_than_it_may() {
        let memo = Memo::default();
        let (workspace, resource) = (WorkspaceId(Uuid::nil()), resources().next().expect("a resource"));
        let words = "w".repeat(100_000);
        (0..1_000).for_each(|nth| memo.say(workspace, resource, &nth.to_string(), &words));
        assert!(memo.0.weight() <= MOST && !memo.0.is_empty(), "{} bytes", memo.0.weight());
    }

    #[test]
    fn nobody_is_remembered() {
        let nouns = |memorable| resources().filter(move |it| it.is_memorable() == memorable).map(|it| it.noun);
        assert!(nouns(true).any(|noun| noun == "Task"));
        for personal in ["Person", "Member", "Timelog"] {
            assert!(
                nouns(false).any(|noun| noun == personal) && nouns(true).all(|noun| noun != personal),
                "{personal}"
            );
        }
    }
}
