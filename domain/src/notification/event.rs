//! What can have happened to a notification. Wire names are frozen.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Channel, Subject};
use crate::ids::MemberId;

/// An event of a notification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A member was told something.
    #[serde(rename = "notification.sent")]
    Sent(Sent),
    /// They have read it.
    #[serde(rename = "notification.read")]
    Read {
        /// When.
        at: DateTime<Utc>,
    },
    /// They marked it unread again.
    #[serde(rename = "notification.unread")]
    Unread,
    /// They deleted it.
    #[serde(rename = "notification.deleted")]
    Deleted,
}

/// What a member is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Who.
    pub member_id: MemberId,
    /// What kind of thing it is: a word, for example `message`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The one way in which it comes; in all, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Channel>,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent(_) => "notification.sent",
            Self::Read { .. } => "notification.read",
            Self::Unread => "notification.unread",
            Self::Deleted => "notification.deleted",
        }
    }
}
