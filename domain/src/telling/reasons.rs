//! Whom an event concerns, and why. A task concerns those it is assigned to; what is said about it, those who talk about
//! it as well.

use std::collections::BTreeSet;

use cqrs_es::Aggregate as _;

use super::{Kind, Person, Reason, mentioned};
use crate::actor::Actor;
use crate::comment::Comment;
use crate::envelope::Recorded;
use crate::ids::{MemberId, TaskId};
use crate::notification::Subject;
use crate::snapshot::{AnySnapshot, Snapshot};
use crate::sprint::Sprint;
use crate::task::Task;

/// Whoever says that something happened so much earlier imports it: nobody is told what is long past, in seconds.
const LONG_PAST: i64 = 24 * 60 * 60;

/// An event, with its resource before and after it.
pub struct Happened<'a> {
    /// The event.
    pub event: &'a Recorded,
    /// The resource as it was; none if it is new.
    pub before: Option<&'a dyn AnySnapshot>,
    /// The resource as it is.
    pub after: &'a dyn AnySnapshot,
}

/// What else is to be known of an event.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// The task that a comment is about.
    pub task: Option<&'a Task>,
    /// Who made that task, or has said something about it before.
    pub talkers: &'a [MemberId],
    /// Who has tasks in a sprint.
    pub sprinters: &'a [MemberId],
    /// Who can be named.
    pub people: &'a [Person],
}

/// Whom an event concerns, and why. Never who did it.
pub fn reasons(happened: &Happened<'_>, around: &Surroundings<'_>) -> Vec<Reason> {
    let event = happened.event;
    // Clocks may differ by more than that: of when it happened only its sender's word is taken.
    if event.metadata.dated && (event.recorded_at - event.occurred_at).num_seconds() > LONG_PAST {
        return Vec::new();
    }
    let mut reasons = match event.kind.as_str() {
        Task::TYPE => of_task(happened, around),
        Comment::TYPE => of_comment(happened, around),
        Sprint::TYPE => of_sprint(happened, around),
        crate::member::Member::TYPE if event.event_type == "member.invited" => of_invitation(event),
        _ => Vec::new(),
    };
    reasons.retain(|reason| event.metadata.actor != Actor::Member(reason.member));
    reasons
}

fn state<A: crate::Aggregate>(snapshot: &dyn AnySnapshot) -> Option<&A> {
    snapshot.as_any().downcast_ref::<Snapshot<A>>().map(|snapshot| &snapshot.state)
}

fn of_task(happened: &Happened<'_>, around: &Surroundings<'_>) -> Vec<Reason> {
    let Some(task) = state::<Task>(happened.after) else { return Vec::new() };
    let before = happened.before.and_then(state::<Task>);
    let subject = Subject::Task(TaskId(happened.event.stream));
    let tell = |members: &[MemberId], kind, text: String| -> Vec<Reason> {
        members
            .iter()
            .map(|member| Reason { member: *member, kind, text: text.clone(), subject: Some(subject) })
            .collect()
    };
    let had = before.map_or(&[][..], |task| &task.assignee_ids);
    let title = &task.title;
    let mut reasons = match happened.event.event_type.as_str() {
        "task.created" | "task.assigned" => {
            let new: Vec<_> = task.assignee_ids.iter().filter(|id| !had.contains(id)).copied().collect();
            tell(&new, Kind::Assigned, format!("“{title}” was assigned to you"))
        }
        "task.unassigned" => {
            let gone: Vec<_> = had.iter().filter(|id| !task.assignee_ids.contains(id)).copied().collect();
            tell(&gone, Kind::Unassigned, format!("“{title}” is no longer assigned to you"))
        }
        "task.status_changed" => {
            let text = format!("“{title}” is now {}", task.status.as_str().replace('_', " "));
            tell(&task.assignee_ids, Kind::StatusChanged, text)
        }
        "task.scheduled" if before.is_some_and(|before| before.due_date != task.due_date) => {
            let when = task.due_date.map_or("has no due date any more".to_owned(), |day| format!("is due on {day}"));
            tell(&task.assignee_ids, Kind::DueChanged, format!("“{title}” {when}"))
        }
        _ => Vec::new(),
    };
    let named = |task: &Task| mentioned(task.description.as_deref().unwrap_or_default(), around.people);
    let new = difference(&named(task), &before.map(named).unwrap_or_default());
    reasons.extend(tell(&new, Kind::Mentioned, format!("You were mentioned in “{title}”")));
    reasons
}

fn of_comment(happened: &Happened<'_>, around: &Surroundings<'_>) -> Vec<Reason> {
    let (Some(comment), Some(task)) = (state::<Comment>(happened.after), around.task) else { return Vec::new() };
    let before = happened.before.and_then(state::<Comment>);
    let tell = |member: MemberId, kind, text: String| Reason {
        member,
        kind,
        text,
        subject: Some(Subject::Task(comment.task_id)),
    };
    let title = &task.title;
    let named = |comment: &Comment| mentioned(&comment.body, around.people);
    let new = difference(&named(comment), &before.map(named).unwrap_or_default());
    let mentions = new
        .into_iter()
        .map(|member| tell(member, Kind::Mentioned, format!("You were mentioned in a comment on “{title}”")));
    match happened.event.event_type.as_str() {
        "comment.created" => {
            let text = format!("There is a new comment on “{title}”");
            let concerned = task.assignee_ids.iter().chain(around.talkers);
            mentions.chain(concerned.map(|member| tell(*member, Kind::Commented, text.clone()))).collect()
        }
        "comment.edited" => mentions.collect(),
        _ => Vec::new(),
    }
}

fn of_sprint(happened: &Happened<'_>, around: &Surroundings<'_>) -> Vec<Reason> {
    let Some(sprint) = state::<Sprint>(happened.after) else { return Vec::new() };
    let (kind, what) = match happened.event.event_type.as_str() {
        "sprint.started" => (Kind::SprintStarted, "has started"),
        "sprint.closed" => (Kind::SprintClosed, "is closed"),
        _ => return Vec::new(),
    };
    let text = format!("The sprint “{}” {what}", sprint.name);
    let subject = Some(Subject::Project(sprint.project_id));
    around.sprinters.iter().map(|member| Reason { member: *member, kind, text: text.clone(), subject }).collect()
}

/// Who founds a workspace was asked by nobody.
fn of_invitation(event: &Recorded) -> Vec<Reason> {
    if event.metadata.actor == Actor::System {
        return Vec::new();
    }
    let text = "You were invited to this workspace".to_owned();
    vec![Reason { member: MemberId(event.stream), kind: Kind::Invited, text, subject: None }]
}

fn difference(new: &BTreeSet<MemberId>, old: &BTreeSet<MemberId>) -> Vec<MemberId> {
    new.difference(old).copied().collect()
}
