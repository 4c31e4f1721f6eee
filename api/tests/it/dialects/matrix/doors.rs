//! The doors through which things are seen and written: one for each API that has things of a kind.

use reqwest::Method;

use super::form::Form;

/// Where an API has things of a kind.
pub struct Door {
    /// The kind.
    pub kind: &'static str,
    /// The API.
    pub api: &'static str,
    /// How one is made and changed.
    pub ways: Vec<Method>,
    /// Where all of them are; `{project}` and `{task}` stand for ids.
    pub list: &'static str,
    /// Where one is: `{id}` stands for its id. None: it is found among all.
    pub one: Option<&'static str>,
    /// What is shown of one.
    pub fields: Vec<Field>,
}

/// A member of what is shown.
pub struct Field {
    /// What they call it.
    pub theirs: &'static str,
    /// What we call it.
    pub ours: &'static str,
    /// How it is said.
    pub form: Form,
    /// Whether it can be said when one is made.
    pub made: bool,
    /// Whether it can be changed.
    pub changed: bool,
}

impl Door {
    /// Whether one can be made here.
    pub fn makes(&self) -> bool {
        self.ways.contains(&Method::POST)
    }

    /// The ways to change one.
    pub fn changes(&self) -> impl Iterator<Item = &Method> {
        self.ways.iter().filter(|way| **way != Method::POST)
    }
}

/// All doors, those of one kind behind each other, the native one first.
pub fn doors() -> Vec<Door> {
    let mut doors: Vec<Door> = Vec::new();
    for line in include_str!("doors.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            doors.last_mut().expect("a door").fields.extend(line.split_whitespace().map(field));
            continue;
        }
        let [kind, api, ways, list, one] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let ways = ways.split(',').filter(|way| *way != "-").map(|way| way.parse().expect("a method")).collect();
        doors.push(Door { kind, api, ways, list, one: Some(one).filter(|one| *one != "-"), fields: Vec::new() });
    }
    doors
}

fn field(text: &'static str) -> Field {
    let (name, form) = text.split_once(':').unwrap_or((text, ""));
    let bare = name.trim_start_matches(['+', '-']);
    let (theirs, ours) = bare.split_once('=').unwrap_or((bare, bare));
    let (made, changed) = (!name.starts_with('-'), bare == name);
    Field { theirs, ours, form: Form::named(form), made, changed }
}

#[test]
fn every_product_has_doors_and_every_kind_a_native_one_first() {
    let doors = doors();
    for (mount, _) in docket_api::dialects::documents() {
        assert!(doors.iter().any(|door| mount == format!("/{}", door.api)), "{mount}");
    }
    for pair in doors.windows(2).filter(|pair| pair[0].kind != pair[1].kind) {
        assert_eq!(pair[1].api, "native", "{}", pair[1].kind);
    }
}
