//! What a notification is after its events.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Sent};
use crate::ids::{MemberId, ProjectId, TaskId};
use crate::snapshot::micros;

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// A task.
    Task(TaskId),
    /// A project.
    Project(ProjectId),
}

/// A way in which notifications come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Into the list, where it stays.
    Inbox,
    /// At once, to those who listen.
    Push,
}

/// A notification's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NotificationFields))]
pub struct Notification {
    /// Whom it is for.
    pub member_id: MemberId,
    /// What kind of thing it is: a word, for example `message`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: Option<String>,
    /// Where it leads.
    pub link: Option<String>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// When it was read; null if it has not been.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub read_at: Option<DateTime<Utc>>,
    /// The one way in which it comes; in all, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub only: Option<Channel>,
    /// Whether it is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub deleted: bool,
}

impl Default for Notification {
    fn default() -> Self {
        Self {
            member_id: MemberId(Uuid::nil()),
            kind: String::new(),
            title: String::new(),
            body: None,
            link: None,
            subject: None,
            read_at: None,
            only: None,
            deleted: true,
        }
    }
}

impl Notification {
    /// Whether it is in the list.
    pub fn is_listed(&self) -> bool {
        !self.deleted && self.only != Some(Channel::Push)
    }

    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Sent(Sent { member_id, kind, title, body, link, subject, only }) => {
                *self = Self { member_id, kind, title, body, link, subject, only, read_at: None, deleted: false };
            }
            Event::Read { at } => self.read_at = Some(at),
            Event::Unread => self.read_at = None,
            Event::Deleted => self.deleted = true,
        }
    }
}
