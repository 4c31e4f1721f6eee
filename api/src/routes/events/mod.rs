//! Events, told to those outside: what has happened in a workspace since some position, and what is happening.

pub mod changes;
pub mod stream;

use docket_domain::Actor;
use docket_domain::kinds;
use docket_domain::member::Role;
use docket_domain::message::{Audience, Message};

use crate::auth::Caller;
use crate::problem::Problem;

/// Whether the caller may be told.
pub fn may_see(caller: &Caller, message: &Message) -> bool {
    match message.audience {
        Audience::Everybody => true,
        Audience::Admins => caller.role >= Role::Admin,
        Audience::Member(member) => caller.actor == Actor::Member(member),
        Audience::Nobody => false,
    }
}

/// What is wanted: some kinds of resources, joined by commas, or all.
fn wanted(sent: Option<&str>) -> Result<Vec<String>, Problem> {
    let names = sent.into_iter().flat_map(|sent| sent.split(','));
    let known = |name: &str| {
        if kinds::NAMES.contains(&name) {
            return Ok(name.to_owned());
        }
        let detail = format!("`{name}` is no kind of resource; there are {}", kinds::NAMES.join(", "));
        Err(Problem::parameter("kinds", "unknown-value", detail))
    };
    names.map(known).collect()
}

fn is_wanted(kinds: &[String], message: &Message) -> bool {
    kinds.is_empty() || kinds.contains(&message.kind)
}
