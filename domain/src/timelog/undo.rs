//! What compensates what has happened to a timelog.

use chrono::{DateTime, Utc};

use super::{Action, Command, Correction, Event, Reach, Timelog};

/// A timer that was stopped can't go on as if it had not.
pub(super) fn inverse(before: &Timelog, event: &Event) -> Option<Vec<Event>> {
    Some(vec![match event {
        Event::Logged(_) | Event::TimerStarted(_) | Event::TimerStopped { .. } => return None,
        Event::Corrected(correction) => Event::Corrected(corrected_back(before, correction)?),
        Event::Voided => Event::Restored,
        Event::Restored => Event::Voided,
    }])
}

/// The same fields with the values from before.
fn corrected_back(before: &Timelog, correction: &Correction) -> Option<Correction> {
    let ended_at = match correction.ended_at {
        Some(_) => Some(before.ended_at?),
        None => None,
    };
    Some(Correction {
        task_id: correction.task_id.map(|_| before.task_id),
        project_id: correction.project_id.map(|_| before.project_id),
        started_at: correction.started_at.map(|_| before.started_at),
        ended_at,
        time_zone: correction.time_zone.as_ref().map(|_| before.time_zone.clone()),
        date: correction.date.map(|_| before.date),
        billable: correction.billable.map(|_| before.billable),
        note: correction.note.as_ref().map(|_| before.note.clone()),
    })
}

pub(super) fn removal(log: &Timelog, _: DateTime<Utc>) -> Vec<Event> {
    let stopped = log.is_running().then_some(Event::TimerStopped { ended_at: log.started_at });
    stopped.into_iter().chain([Event::Voided]).collect()
}

pub(super) fn rule(_: &Timelog, event: &Event) -> Option<Command> {
    let action = match event {
        Event::Restored => Action::Restore,
        Event::Voided => Action::Void,
        _ => return None,
    };
    Some(Command { reach: Reach::All, action })
}
