//! A webhook: where the workspace's events are sent as they happen.
//!
//! Its secrets are in none of its fields: they follow from the installation's secret, the webhook's id and the generation,
//! see [`crate::signatures`].

use chrono::{DateTime, Utc};
use url::Url;

use super::fields::fields;
use super::{Entry, Error, Kind, Names, claim};
use crate::aggregate::Claim;

/// A webhook of the workspace.
pub type Webhook = Entry<Fields>;
/// What one can ask of a webhook.
pub type Command = super::Command<Fields>;
/// What can have happened to a webhook.
pub type Event = super::Event<Fields>;

/// Ports below this are for other services than the web's, but for these two.
const FIRST_FREE_PORT: u16 = 1_024;
const WEB: [u16; 2] = [80, 443];

fields! {
    /// What a webhook has of its own.
    WebhookFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
        /// Where events are sent.
        url: String,
        /// Which: `task.created`, or `task.*` for all of tasks. All, if there are none.
        event_types: Vec<String>,
        /// Whether it waits. It loses nothing meanwhile.
        paused: bool,
        /// Whether it is sent everything from the workspace's first event on.
        from_beginning: bool,
        /// Which of its secrets it is signed with: 1, 2, 3 …
        secret_generation: i64,
        /// Until when it is signed with the secret before as well.
        previous_secret_until: Option<DateTime<Utc>>,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "webhook";
    const EVENTS: Names = Names {
        created: "webhook.created",
        changed: "webhook.changed",
        deleted: "webhook.deleted",
        restored: "webhook.restored",
    };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        vec![claim("webhook.name", &self.name, "/name")]
    }

    /// A secret that was given up is not used again: whoever is to be kept out may know it.
    fn lasts(changes: &Changes) -> bool {
        changes.secret_generation.is_some()
    }

    fn check(&self) -> Result<(), Error> {
        if !is_target(&self.url) {
            return Err(Error::NotATarget);
        }
        if self.event_types.iter().all(|one| is_type(one)) { Ok(()) } else { Err(Error::NotAnEventType) }
    }
}

impl Fields {
    /// Whether it is to be sent events of this type.
    pub fn wants(&self, event_type: &str) -> bool {
        let fits = |one: &String| match one.strip_suffix('*') {
            Some(begin) => event_type.starts_with(begin),
            None => one == event_type,
        };
        self.event_types.is_empty() || self.event_types.iter().any(fits)
    }
}

/// Whether a URL is one that could be sent to: of the web, with nothing in it that is not needed. Where it leads is
/// looked at when something is sent, for that may change.
fn is_target(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let port = url.port_or_known_default().unwrap_or_default();
    matches!(url.scheme(), "https" | "http")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && (WEB.contains(&port) || port >= FIRST_FREE_PORT)
        && text.chars().all(|c| c.is_ascii_graphic())
}

/// `kind.event` or `kind.*`, of a kind that there is.
fn is_type(text: &str) -> bool {
    let Some((kind, event)) = text.split_once('.') else { return false };
    let is_word = !event.is_empty() && event.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    crate::kinds::NAMES.contains(&kind) && (event == "*" || is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_the_web_is_a_target() {
        for good in
            ["https://example.org", "https://example.org/hook?a=b", "http://10.0.0.1:8080/", "https://a.example:8443/x"]
        {
            assert!(is_target(good), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "ftp://example.org",
            "file:///etc/passwd",
            "gopher://example.org",
            "https://",
            "https://user@example.org",
            "https://user:pass@example.org",
            "https://example.org#x",
            "https://example.org:22",
            "https://example.org:25",
            "https://example.org:99999",
            "https://exa mple.org",
            "https://example.org/\n",
            "https://bücher.example",
            "https://127\u{3002}0\u{3002}0\u{3002}1",
            "https://[::1%25lo]/",
            "javascript:alert(1)",
        ] {
            assert!(!is_target(bad), "{bad}");
        }
    }

    #[test]
    fn it_wants_what_it_names() {
        let of = |types: &[&str]| Fields {
            event_types: types.iter().map(|one| (*one).to_owned()).collect(),
            ..Fields::default()
        };
        assert!(of(&[]).wants("task.created"));
        assert!(of(&["label.created", "task.*"]).wants("task.created"));
        assert!(!of(&["task.created", "label.*"]).wants("task.deleted"));
        for bad in ["task", "*", "task.", "tasks.*", "task.Created", "task.*.x", ".*"] {
            assert!(!is_type(bad), "{bad}");
        }
    }
}
