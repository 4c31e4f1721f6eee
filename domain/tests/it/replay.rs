//! Laws that hold for any history: replaying what was decided gives the state that the decisions gave, in every form
//! in which a state is kept.

mod commands;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use docket_domain::project::Project;
use docket_domain::sprint::Sprint;
use docket_domain::task::{self, Task};
use docket_domain::{
    Actor, Aggregate, AnySnapshot, Context, Intent, Lifecycle, Recorded, References, Snapshot, WorkspaceId, api_key,
    changes, comment, key_ring, kinds, label, member, notification, preferences, team, timelog, webhook, workspace,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use self::commands::*;
use crate::{id, recorded, time};

/// A history as it was lived: the state that the decisions made, and the events as the log has them.
struct Lived<A> {
    state: Snapshot<A>,
    log: Vec<Recorded>,
}

/// Carries out the commands that are not refused, each a second after the other.
fn live<A>(commands: Vec<A::Command>) -> Lived<A>
where
    A: Aggregate<Command: Send + Sync> + PartialEq + std::fmt::Debug,
{
    let stream: Uuid = id(0x7a);
    let mut state: Arc<dyn AnySnapshot> = Arc::new(Snapshot::<A>::blank(stream));
    let mut log = Vec::new();
    for (second, command) in (0..).map(TimeDelta::seconds).zip(commands) {
        let context = Context {
            id: stream,
            workspace: WorkspaceId(id(1)),
            actor: Actor::Member(id(5)),
            now: time("2026-07-14T09:30:00Z") + second,
            salt: id(8),
            references: References::default(),
        };
        let Ok(decision) = Intent::new::<A>(stream, command).command.decide(&state, &context) else { continue };
        assert_eq!(decision.events.is_empty(), decision.after.version() == state.version());
        let born = state.version() == 0;
        for event in &decision.events {
            log.push(Recorded {
                version: log.len() as i64 + 1,
                occurred_at: context.now,
                event_type: event.event_type.clone(),
                event_version: event.event_version,
                payload: event.payload.clone(),
                personal: event.personal.clone(),
                ..template::<A>(stream, born && log.is_empty())
            });
        }
        if let Some(lifecycle) = decision.effects.lifecycle {
            assert_eq!(lifecycle == Lifecycle::Alive, decision.after.alive(), "at {second}");
        } else {
            assert_eq!(state.alive(), decision.after.alive(), "at {second}");
        }
        state = if born && !decision.events.is_empty() {
            let mut numbered = decision.after.copy();
            numbered.assign(12, Some("2026-0012"));
            numbered.into()
        } else {
            decision.after
        };
    }
    let state: &Snapshot<A> = state.as_any().downcast_ref().expect("a state of its kind");
    Lived { state: state.clone(), log }
}

fn template<A: Aggregate>(stream: Uuid, first: bool) -> Recorded {
    let any = recorded::<Task>(stream, 0, &task::Event::Deleted);
    let series = first.then(|| "2026-0012".to_owned());
    Recorded { kind: A::TYPE.to_owned(), number: first.then_some(12), series, ..any }
}

fn replayed<A: Aggregate>(log: &[Recorded]) -> Snapshot<A> {
    let mut snapshot = Snapshot::blank(id(0x7a));
    for event in log {
        let travelled = serde_json::to_string(event).expect("JSON");
        let read: Recorded = serde_json::from_str(&travelled).expect("an envelope");
        assert_eq!(read.is_withheld(), event.personal.is_some() || event.is_withheld());
        // What is personal does not travel: it is looked up in the log.
        let looked_up = Recorded { personal: event.personal.clone(), ..read };
        snapshot.fold(&looked_up).expect("a readable event");
    }
    snapshot
}

/// Replay = live, from the start or from any point on; and a state survives being written as JSON.
fn laws<A>(commands: Vec<A::Command>) -> Result<(), TestCaseError>
where
    A: Aggregate<Command: Send + Sync> + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned,
{
    let Lived { state, log } = live::<A>(commands);
    prop_assert_eq!(&replayed::<A>(&log), &state);
    let json = state.to_json();
    let read: Snapshot<A> = serde_json::from_str(&json).expect("a state");
    prop_assert_eq!(&read, &state);
    prop_assert_eq!(read.to_json(), json);
    undoing::<A>(&log)?;
    if log.iter().any(Recorded::erases) {
        let erased: Vec<_> = log.iter().map(|event| Recorded { personal: None, ..event.clone() }).collect();
        prop_assert_eq!(&replayed::<A>(&erased), &state);
    }
    for cut in 0..=log.len() {
        let mut resumed: Snapshot<A> =
            serde_json::from_str(&replayed::<A>(&log[..cut]).to_json()).expect("a state at any point");
        log[cut..].iter().for_each(|event| resumed.fold(event).expect("the rest"));
        prop_assert_eq!(&resumed, &state);
    }
    Ok(())
}

/// Whatever happened last: undone, all is as it was before; and undoing a beginning leaves nothing.
fn undoing<A: Aggregate>(log: &[Recorded]) -> Result<(), TestCaseError> {
    for cut in 1..=log.len() {
        let (before, after) = (replayed::<A>(&log[..cut - 1]), replayed::<A>(&log[..cut]));
        let now = time("2026-07-15T09:30:00Z");
        let last = BTreeSet::from([cut as i64]);
        let undo = kinds::undo(A::TYPE, after.id, &log[..cut], &last, now).expect("a kind").expect("readable");
        let ended = !after.state.alive();
        prop_assert!(undo.obstacles.is_empty() || ended, "{:?}", undo.obstacles);
        let workspace = WorkspaceId(id(1));
        let (actor, references) = (Actor::System, References::default());
        let context = Context { id: after.id, workspace, actor, now, salt: id(8), references };
        let state: Arc<dyn AnySnapshot> = Arc::new(after);
        let Ok(decision) = undo.intent.command.decide(&state, &context) else { continue };
        if cut == 1 {
            prop_assert!(!decision.after.alive() || A::TYPE == "key_ring");
            continue;
        }
        // A ring that takes in a key lets go of those that have expired.
        if A::TYPE == "key_ring" {
            continue;
        }
        // Lists are sets here; and that a comment was edited once stays.
        let left = changes::between(&changes::members(&before), &changes::members(decision.after.as_ref()));
        for change in left.into_iter().filter(|change| change.field != "edited_at") {
            let sorted = |value: &Value| {
                let mut texts: Vec<_> = value.as_array().into_iter().flatten().map(Value::to_string).collect();
                texts.sort();
                texts.dedup();
                texts
            };
            prop_assert!(change.from.is_array(), "{change:?}");
            prop_assert_eq!(sorted(&change.from), sorted(&change.to), "{:?}", change);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_preferences(commands in vec(preferences_command(), 0..8)) {
        laws::<preferences::Preferences>(commands)?;
    }

    #[test]
    fn of_webhooks(commands in vec(webhook_command(), 0..12)) {
        laws::<webhook::Webhook>(commands)?;
    }

    #[test]
    fn of_notifications(commands in vec(notification_command(), 0..8)) {
        laws::<notification::Notification>(commands)?;
    }

    #[test]
    fn of_timelogs(commands in vec(timelog_command(), 0..16)) {
        laws::<timelog::Timelog>(commands)?;
    }

    #[test]
    fn of_tasks(first in new_task(), then in vec(task_command(), 0..16)) {
        laws::<Task>(std::iter::once(first).chain(then).collect())?;
    }

    #[test]
    fn of_projects(commands in vec(project_command(), 0..16)) {
        laws::<Project>(commands)?;
    }

    #[test]
    fn of_comments(commands in vec(comment_command(), 0..12)) {
        laws::<comment::Comment>(commands)?;
    }

    #[test]
    fn of_sprints(commands in vec(sprint_command(), 0..16)) {
        laws::<Sprint>(commands)?;
    }

    #[test]
    fn of_members(commands in vec(member_command(), 0..12)) {
        laws::<member::Member>(commands)?;
    }

    #[test]
    fn of_keys(commands in vec(key_command(), 0..10)) {
        laws::<api_key::ApiKey>(commands)?;
    }

    #[test]
    fn of_key_rings(commands in vec(ring_command(), 0..12)) {
        laws::<key_ring::KeyRing>(commands)?;
    }

    #[test]
    fn of_workspaces(commands in vec(workspace_command(), 0..12)) {
        laws::<workspace::Workspace>(commands)?;
    }

    #[test]
    fn of_labels(commands in vec(label_command(), 0..12)) {
        laws::<label::Label>(commands)?;
    }

    #[test]
    fn of_teams(commands in vec(team_command(), 0..12)) {
        laws::<team::Team>(commands)?;
    }

    /// What a patch asks for is what is there afterwards; asked again, it changes nothing.
    #[test]
    fn a_patch_is_carried_out_and_idempotent(first in new_task(), changes in changes()) {
        let before = live::<Task>(vec![first.clone()]).state;
        let after = live::<Task>(vec![first.clone(), task::Command::Update(changes.clone())]);
        let twice = live::<Task>(vec![first, task::Command::Update(changes.clone()), task::Command::Update(changes.clone())]);
        prop_assert_eq!(&after.state, &twice.state);
        let refused = after.log.len() == 1;
        let task = after.state.state;
        if refused {
            prop_assert_eq!(&task, &before.state);
        } else {
            let set = |ids: &[Uuid]| ids.iter().copied().collect::<std::collections::BTreeSet<_>>();
            let members = |ids: &[docket_domain::MemberId]| set(&ids.iter().map(|id| id.0).collect::<Vec<_>>());
            prop_assert_eq!(task.title, changes.title.unwrap_or(before.state.title));
            prop_assert_eq!(task.status, changes.status.unwrap_or(before.state.status));
            prop_assert_eq!(task.due_date, changes.due_date.unwrap_or(before.state.due_date));
            prop_assert_eq!(
                members(&task.assignee_ids),
                members(changes.assignee_ids.as_ref().unwrap_or(&before.state.assignee_ids))
            );
            prop_assert!(task.start_date.zip(task.due_date).is_none_or(|(start, due)| start <= due));
        }
    }
}
