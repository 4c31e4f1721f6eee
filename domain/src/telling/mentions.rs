//! Whom a text names: `@` and a member's e-mail address, their name (with or without its spaces), or their first name, if
//! only one has it. Whatever the case.

use std::collections::BTreeSet;

use crate::ids::MemberId;

/// Somebody who can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
}

/// Who is named in `text`.
pub fn mentioned(text: &str, people: &[Person]) -> BTreeSet<MemberId> {
    let text = text.to_lowercase();
    let names: Vec<(MemberId, [String; 4])> = people.iter().map(|person| (person.id, names(person))).collect();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices('@') {
        let is_inside_a_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if !is_inside_a_word {
            found.extend(named_at(&text[at + 1..], &names));
        }
    }
    found
}

fn names(person: &Person) -> [String; 4] {
    let name = person.name.to_lowercase();
    let first = name.split_whitespace().next().unwrap_or_default().to_owned();
    [person.email.to_lowercase(), name.split_whitespace().collect(), first, name]
}

/// The one whose name the text begins with: the longest name counts, and only if it is one person's.
fn named_at(text: &str, people: &[(MemberId, [String; 4])]) -> Option<MemberId> {
    let begins = |name: &str| {
        let rest = text.strip_prefix(name).filter(|_| !name.is_empty());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    let longest = |names: &[String; 4]| names.iter().filter(|name| begins(name)).map(String::len).max();
    let mut best = (0, None);
    for (id, length) in people.iter().filter_map(|(id, names)| Some((*id, longest(names)?))) {
        match length.cmp(&best.0) {
            std::cmp::Ordering::Greater => best = (length, Some(id)),
            std::cmp::Ordering::Equal => best.1 = None,
            std::cmp::Ordering::Less => {}
        }
    }
    best.1
}
