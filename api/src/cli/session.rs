//! What the commands for people have in common: whose account they use, and how they show what the server says.

use serde_json::Value;

use super::account::Account;
use super::client::{Answer, Client};
use super::out::{harmless, say};

/// What they all take.
#[derive(clap::Args)]
pub struct Session {
    #[command(flatten)]
    account: Account,
    /// Print the server's answers as they are.
    #[arg(long, global = true)]
    json: bool,
}

impl Session {
    /// A client for this account.
    pub fn client(&self) -> anyhow::Result<Client> {
        self.account.client()
    }

    /// Whether the answers themselves are wanted.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints the answer itself, or what there is to say of it.
    pub fn show(&self, answer: &Answer, say: impl FnOnce(&Value) -> String) -> anyhow::Result<()> {
        if self.json {
            return say!("{}", answer.text);
        }
        say!("{}", harmless(&say(&answer.json()?)))
    }
}

/// A member of some JSON as text; empty if it is none.
pub fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// A name for an attempt, so that it can be repeated and counts once.
pub fn attempt() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// One resource, for people: facts without a value are left out.
pub fn sheet(title: &str, facts: &[(&str, String)], description: &str) -> String {
    let facts = facts.iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = facts.map(|(name, value)| format!("{name:<11}{value}")).collect();
    let lines = lines.join("\n");
    let rest = if description.is_empty() { String::new() } else { format!("\n\n{description}") };
    format!("{title}\n{lines}{rest}")
}
