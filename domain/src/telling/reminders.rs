//! When a task is due, and what is said of it then.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{Kind, Reason};
use crate::ids::{MemberId, TaskId};
use crate::notification::Subject;
use crate::task::Task;
use crate::timelog::Zone;

/// What can be said of a day that a task is due on; each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// It is tomorrow.
    Tomorrow,
    /// It is today: nobody could say so yesterday.
    Today,
    /// It is over.
    Over,
}

impl Reminder {
    /// How much is said after this: 0 is nothing, 2 is all.
    pub fn told(self) -> i16 {
        match self {
            Self::Tomorrow | Self::Today => 1,
            Self::Over => 2,
        }
    }
}

/// What is to be said of a task that is due on this day, when so much is said already.
pub fn reminder(due: NaiveDate, told: i16, now: DateTime<Utc>, time_zone: &str) -> Option<Reminder> {
    let today = time_zone.parse::<Zone>().unwrap_or_default().day_of(now);
    let next = match due {
        due if due < today => Reminder::Over,
        due if due == today => Reminder::Today,
        due if today.checked_add_days(Days::new(1)) == Some(due) => Reminder::Tomorrow,
        _ => return None,
    };
    (told < next.told()).then_some(next)
}

/// How much need not be said any more of a day that a task is given then: nobody is reminded of what was past already.
pub fn told_when_set(due: NaiveDate, at: DateTime<Utc>) -> i16 {
    if Some(due) < at.date_naive().checked_sub_days(Days::new(1)) { 2 } else { 0 }
}

/// The reminder of a task.
pub fn remind(task: &Task, id: TaskId, member: MemberId, reminder: Reminder) -> Reason {
    let title = &task.title;
    let (kind, text) = match reminder {
        Reminder::Tomorrow => (Kind::DueSoon, format!("“{title}” is due tomorrow")),
        Reminder::Today => (Kind::DueSoon, format!("“{title}” is due today")),
        Reminder::Over => (Kind::Overdue, format!("“{title}” is overdue")),
    };
    Reason { member, kind, text, subject: Some(Subject::Task(id)) }
}
