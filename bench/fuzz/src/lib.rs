//! The laws of everything that reads what others send. Each takes any bytes; it panics where it does not hold.
//!
//! A law says more than that nothing panics: what is printed is read back as what it was, what is accepted means the same
//! when it is written anew, and where bytes are cut on their way makes no difference.
//!
//! `tests/it.rs` tries each with the inputs in `corpus/` and with changes of them; `src/main.rs` lets libFuzzer search.

mod audit;
mod bodies;
mod dialects;
mod events;
mod heads;
mod merges;
mod queries;
mod scalars;
mod sheets;

/// A reader and its law.
#[derive(Debug)]
pub struct Target {
    /// What it is called, and the folder of its inputs.
    pub name: &'static str,
    /// Panics if the law does not hold for these bytes.
    pub law: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "batches", law: bodies::batches },
    Target { name: "bodies", law: bodies::objects },
    Target { name: "bundles", law: audit::bundles },
    Target { name: "checkpoints", law: audit::checkpoints },
    Target { name: "cursors", law: queries::cursors },
    Target { name: "dates", law: scalars::dates },
    Target { name: "dialects", law: dialects::dialects },
    Target { name: "events", law: events::events },
    Target { name: "folds", law: events::folds },
    Target { name: "heads", law: heads::framing },
    Target { name: "headers", law: heads::headers },
    Target { name: "ids", law: scalars::ids },
    Target { name: "keys", law: scalars::keys },
    Target { name: "lists", law: queries::lists },
    Target { name: "merges", law: merges::merges },
    Target { name: "patches", law: bodies::patches },
    Target { name: "queries", law: queries::queries },
    Target { name: "sheets", law: sheets::sheets },
    Target { name: "signers", law: audit::signers },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The bytes as text; what is none is another reader's to refuse.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
