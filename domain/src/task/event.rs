//! What can have happened to a task. Wire names are frozen.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Priority, Status};
use crate::ids::{LabelId, MemberId, PhaseId, ProjectId, SprintId, TaskId};
use crate::snapshot::micros;

/// An event of a task: what changed, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[expect(clippy::large_enum_variant, reason = "most events are the large one, and few are held at a time")]
pub enum Event {
    /// It came into being. Version 1 had one `assignee_id` instead of `assignee_ids`.
    #[serde(rename = "task.created")]
    Created {
        /// Its project.
        project_id: ProjectId,
        /// Its title.
        title: String,
        /// Its description, Markdown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// Where it stands.
        status: Status,
        /// How much it matters.
        priority: Priority,
        /// Who does it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        assignee_ids: Vec<MemberId>,
        /// Its labels.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        label_ids: Vec<LabelId>,
        /// The sprint it is to be done in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sprint_id: Option<SprintId>,
        /// The phase of its project it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase_id: Option<PhaseId>,
        /// The task it is a part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent_id: Option<TaskId>,
        /// The day work starts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_date: Option<NaiveDate>,
        /// The day it has to be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_date: Option<NaiveDate>,
        /// Its estimate in minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate_minutes: Option<i64>,
        /// Its estimate in points.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate_points: Option<i64>,
        /// Whether the customer pays for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        billable: Option<bool>,
        /// When it was done, if it is.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "micros::maybe")]
        completed_at: Option<DateTime<Utc>>,
        /// What it is called where it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    /// Its title changed.
    #[serde(rename = "task.retitled")]
    Retitled {
        /// The new one.
        title: String,
    },
    /// Its description changed.
    #[serde(rename = "task.described")]
    Described {
        /// The new one.
        description: Option<String>,
    },
    /// It moved on (or back).
    #[serde(rename = "task.status_changed")]
    StatusChanged {
        /// The new one.
        status: Status,
        /// When it was done, if it is.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "micros::maybe")]
        completed_at: Option<DateTime<Utc>>,
    },
    /// It matters more or less than before.
    #[serde(rename = "task.priority_changed")]
    PriorityChanged {
        /// The new one.
        priority: Priority,
    },
    /// Somebody is to do it.
    #[serde(rename = "task.assigned")]
    Assigned {
        /// Who.
        member_id: MemberId,
    },
    /// Somebody is no longer to do it.
    #[serde(rename = "task.unassigned")]
    Unassigned {
        /// Who.
        member_id: MemberId,
    },
    /// It got a label.
    #[serde(rename = "task.label_added")]
    LabelAdded {
        /// Which.
        label_id: LabelId,
    },
    /// It lost a label.
    #[serde(rename = "task.label_removed")]
    LabelRemoved {
        /// Which.
        label_id: LabelId,
    },
    /// Its dates changed; both are given.
    #[serde(rename = "task.scheduled")]
    Scheduled {
        /// The day work starts.
        start_date: Option<NaiveDate>,
        /// The day it has to be done.
        due_date: Option<NaiveDate>,
    },
    /// It is to be done in another sprint, or in none.
    #[serde(rename = "task.sprint_set")]
    SprintSet {
        /// Which.
        sprint_id: Option<SprintId>,
        /// Whether because the one it was in ended: till then it was part of that.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_end: bool,
    },
    /// It belongs to another phase, or to none.
    #[serde(rename = "task.phase_set")]
    PhaseSet {
        /// Which.
        phase_id: Option<PhaseId>,
    },
    /// The customer pays for it, or not; null without a customer.
    #[serde(rename = "task.billable_set")]
    BillableSet {
        /// Whether they do.
        billable: Option<bool>,
    },
    /// It is a part of another task, or of none.
    #[serde(rename = "task.parent_set")]
    ParentSet {
        /// Which.
        parent_id: Option<TaskId>,
    },
    /// It is thought to be more or less work; both estimates are given.
    #[serde(rename = "task.estimated")]
    Estimated {
        /// In minutes.
        estimate_minutes: Option<i64>,
        /// In points.
        estimate_points: Option<i64>,
    },
    /// It belongs to another project now.
    #[serde(rename = "task.moved")]
    Moved {
        /// Which.
        project_id: ProjectId,
    },
    /// It was taken away.
    #[serde(rename = "task.deleted")]
    Deleted,
    /// It was brought back.
    #[serde(rename = "task.restored")]
    Restored,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "task.created",
            Self::Retitled { .. } => "task.retitled",
            Self::Described { .. } => "task.described",
            Self::StatusChanged { .. } => "task.status_changed",
            Self::PriorityChanged { .. } => "task.priority_changed",
            Self::Assigned { .. } => "task.assigned",
            Self::Unassigned { .. } => "task.unassigned",
            Self::LabelAdded { .. } => "task.label_added",
            Self::LabelRemoved { .. } => "task.label_removed",
            Self::Scheduled { .. } => "task.scheduled",
            Self::SprintSet { .. } => "task.sprint_set",
            Self::PhaseSet { .. } => "task.phase_set",
            Self::BillableSet { .. } => "task.billable_set",
            Self::ParentSet { .. } => "task.parent_set",
            Self::Estimated { .. } => "task.estimated",
            Self::Moved { .. } => "task.moved",
            Self::Deleted => "task.deleted",
            Self::Restored => "task.restored",
        }
    }
}

/// `task.created` v1 → v2: the single assignee became a list.
pub(super) fn upcast(event_type: &str, version: i16, mut payload: Value) -> Value {
    if (event_type, version) == ("task.created", 1)
        && let Some(fields) = payload.as_object_mut()
    {
        let assignees = match fields.remove("assignee_id") {
            None | Some(Value::Null) => json!([]),
            Some(one) => json!([one]),
        };
        fields.insert("assignee_ids".to_owned(), assignees);
    }
    payload
}
