//! Laws that hold for any history: replaying what was decided gives the state that the decisions gave, in every form
//! in which a state is kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use docket_domain::project::Project;
use docket_domain::sprint::Sprint;
use docket_domain::task::{self, Task};
use docket_domain::{
    Actor, Aggregate, AnySnapshot, Context, Intent, Lifecycle, Recorded, References, Snapshot, WorkspaceId, api_key,
    catalog, changes, comment, key_ring, kinds, label, member, notification, preferences, project, sprint, team,
    telling, timelog, webhook, workspace,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

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

/// Few different values, so that commands meet.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("Ada".to_owned()), Just("ada".to_owned()), Just("Zoë \"Z\"\n".to_owned()), "[^\0]{1,12}"]
}

fn ids<T: From<Uuid> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    (1..5_u128).prop_map(id)
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (1..6_u32).prop_map(|day| NaiveDate::from_ymd_opt(2026, 7, day).expect("a date"))
}

fn status() -> impl Strategy<Value = task::Status> {
    proptest::sample::select(&task::Status::ALL[..])
}

fn priority() -> impl Strategy<Value = task::Priority> {
    proptest::sample::select(&task::Priority::ALL[..])
}

fn estimate() -> impl Strategy<Value = Option<i64>> {
    option::of(0..3_i64)
}

fn new_task() -> impl Strategy<Value = task::Command> {
    let words = (text(), option::of(text()), status(), priority(), option::of(text()));
    let places = (ids(), option::of(ids()), option::of(ids()), estimate(), estimate(), option::of(ids()));
    (places, words, vec(ids(), 0..4), vec(ids(), 0..4), option::of(date()), option::of(date())).prop_map(
        |(places, (title, description, status, priority, external_id), assignee_ids, label_ids, start, due)| {
            let (project_id, sprint_id, parent_id, minutes, points, phase_id) = places;
            task::Command::Create(task::Create {
                project_id,
                title,
                description,
                status,
                priority,
                assignee_ids,
                label_ids,
                sprint_id,
                phase_id,
                parent_id,
                estimate: task::Estimate { minutes, points },
                billable: phase_id.map(|_| true),
                start_date: start,
                due_date: due.map(|due| due.max(start.unwrap_or(due))),
                external_id,
            })
        },
    )
}

fn changes() -> impl Strategy<Value = task::Changes> {
    let words = (option::of(text()), option::of(option::of(text())), option::of(status()), option::of(priority()));
    let lists = (option::of(vec(ids(), 0..4)), option::of(vec(ids(), 0..4)));
    let dates = (option::of(option::of(date())), option::of(option::of(date())));
    let places = (option::of(ids()), option::of(option::of(ids())), option::of(option::of(ids())));
    let estimates = (option::of(estimate()), option::of(estimate()));
    let paid = (option::of(option::of(ids())), option::of(option::of(any::<bool>())));
    (places, words, lists, dates, estimates, paid).prop_map(
        |(
            (project_id, sprint_id, parent_id),
            (title, description, status, priority),
            (assignee_ids, label_ids),
            (start_date, due_date),
            (estimate_minutes, estimate_points),
            (phase_id, billable),
        )| {
            task::Changes {
                project_id,
                title,
                description,
                status,
                priority,
                assignee_ids,
                label_ids,
                sprint_id,
                phase_id,
                parent_id,
                start_date,
                due_date,
                estimate_minutes,
                estimate_points,
                billable,
            }
        },
    )
}

fn task_command() -> impl Strategy<Value = task::Command> {
    prop_oneof![
        2 => new_task(),
        6 => changes().prop_map(task::Command::Update),
        1 => ids().prop_map(task::Command::Assign),
        1 => ids().prop_map(task::Command::Unassign),
        1 => ids().prop_map(task::Command::AddLabel),
        1 => ids().prop_map(task::Command::RemoveLabel),
        1 => (ids(), option::of(ids())).prop_map(|(from, to)| task::Command::LeaveSprint { from, to }),
        1 => Just(task::Command::FollowProject),
        1 => Just(task::Command::Delete),
        1 => Just(task::Command::Restore),
    ]
}

fn project_changes() -> impl Strategy<Value = project::Changes> {
    let code = prop_oneof![Just("WEB".to_owned()), Just("SHOP".to_owned())];
    let texts = (option::of(text()), option::of(option::of(text())), option::of(option::of(code)));
    let people = (option::of(option::of(ids())), option::of(vec(ids(), 0..4)), option::of(option::of(ids())));
    let paid = (option::of(option::of(ids())), option::of(option::of(any::<bool>())));
    let rest = (option::of(option::of(date())), option::of(option::of(date())), option::of(any::<bool>()));
    (texts, people, paid, rest).prop_map(|(texts, people, paid, rest)| project::Changes {
        name: texts.0,
        description: texts.1,
        code: texts.2,
        lead_id: people.0,
        member_ids: people.1,
        team_id: people.2,
        customer_id: paid.0,
        billable: paid.1,
        start_date: rest.0,
        due_date: rest.1,
        archived: rest.2,
        ..project::Changes::default()
    })
}

fn phase() -> impl Strategy<Value = project::Phase> {
    (ids(), text(), option::of(date())).prop_map(|(id, name, start_date)| project::Phase {
        id,
        name,
        start_date,
        end_date: None,
    })
}

fn project_command() -> impl Strategy<Value = project::Command> {
    prop_oneof![
        2 => (text(), vec(phase(), 0..3), project_changes()).prop_map(|(name, phases, set)| {
            project::Command::Create(project::Create { name, phases, set })
        }),
        4 => project_changes().prop_map(project::Command::Update),
        2 => (phase(), option::of(0..4_usize)).prop_map(|(phase, place)| project::Command::AddPhase { phase, place }),
        2 => (phase(), option::of(0..4_usize)).prop_map(|(phase, place)| {
            let changes = project::PhaseChanges {
                name: Some(phase.name),
                start_date: Some(phase.start_date),
                end_date: None,
                place,
            };
            project::Command::ChangePhase { id: phase.id, changes }
        }),
        1 => ids().prop_map(project::Command::RemovePhase),
        1 => ids().prop_map(project::Command::RestorePhase),
        1 => Just(project::Command::Delete),
        1 => Just(project::Command::Restore),
    ]
}

fn sprint_command() -> impl Strategy<Value = sprint::Command> {
    let plan = (ids(), text(), option::of(text()), option::of(date()), option::of(date())).prop_map(
        |(project_id, name, goal, start_date, end_date)| {
            sprint::Command::Plan(sprint::Plan { project_id, name, goal, start_date, end_date })
        },
    );
    let dates = (option::of(option::of(date())), option::of(option::of(date())));
    let update =
        (option::of(text()), option::of(option::of(text())), dates).prop_map(|(name, goal, (start_date, end_date))| {
            sprint::Command::Update(sprint::Changes { name, goal, start_date, end_date })
        });
    prop_oneof![
        2 => plan,
        3 => update,
        2 => Just(sprint::Command::Start),
        2 => Just(sprint::Command::Close),
        1 => Just(sprint::Command::Reopen),
        1 => Just(sprint::Command::Delete),
        1 => Just(sprint::Command::Restore),
    ]
}

fn comment_command() -> impl Strategy<Value = comment::Command> {
    use comment::Action::{Create, Delete, Edit, Restore};
    let action = prop_oneof![
        text().prop_map(|body| Create { body }),
        text().prop_map(|body| Edit { body }),
        Just(Delete),
        Just(Restore),
    ];
    (1..3_u128, any::<bool>(), action).prop_map(|(task, moderates, action)| comment::Command {
        task_id: id(task),
        moderates,
        action,
    })
}

fn member_command() -> impl Strategy<Value = member::Command> {
    let address = prop_oneof![Just("ada@example.org".to_owned()), text()];
    let role = proptest::sample::select(&member::Role::ALL[..]);
    prop_oneof![
        (address, text(), role).prop_map(|(email, name, role)| member::Command::Invite { email, name, role }),
        Just(member::Command::Join),
        (option::of(text()), option::of(option::of(ids())))
            .prop_map(|(name, position_id)| member::Command::Update { name, position_id }),
        proptest::sample::select(&member::Role::ALL[..])
            .prop_map(|role| member::Command::ChangeRole { role, by: member::Role::Owner }),
        Just(member::Command::Deactivate { by: member::Role::Owner }),
        Just(member::Command::Reactivate { by: member::Role::Owner }),
        Just(member::Command::Erase { by: member::Role::Owner }),
    ]
}

fn key_command() -> impl Strategy<Value = api_key::Command> {
    let expiry = option::of((-2..5_i64).prop_map(|days| time("2026-07-14T09:30:00Z") + TimeDelta::days(days)));
    prop_oneof![
        (text(), option::of(ids()), vec(text(), 0..3), expiry).prop_map(|(label, member_id, scopes, expires_at)| {
            api_key::Command::Mint(api_key::Mint {
                label,
                member_id,
                role: member::Role::Member,
                scopes,
                format: "native".to_owned(),
                kid: "k1".to_owned(),
                sha256: "ab12".to_owned(),
                expires_at,
            })
        }),
        text().prop_map(|label| api_key::Command::Rename { label, by: member::Role::Owner }),
        (ids(), option::of((-2..5_i64).prop_map(|days| time("2026-07-14T09:30:00Z") + TimeDelta::days(days))))
            .prop_map(|(successor_id, until)| api_key::Command::Rotate {
                successor_id,
                until,
                by: member::Role::Owner
            }),
        Just(api_key::Command::Revoke { by: member::Role::Owner }),
    ]
}

fn ring_command() -> impl Strategy<Value = key_ring::Command> {
    let expiry =
        || option::of((0..9_i64).prop_map(|seconds| time("2026-07-14T09:30:00Z") + TimeDelta::seconds(seconds)));
    prop_oneof![
        (ids(), expiry()).prop_map(|(key_id, expires_at)| key_ring::Command::Add { key_id, expires_at }),
        (ids(), ids(), expiry()).prop_map(|(old, key_id, expires_at)| key_ring::Command::Replace {
            old,
            key_id,
            expires_at
        }),
        ids().prop_map(|key_id| key_ring::Command::Remove { key_id }),
    ]
}

fn statuses() -> impl Strategy<Value = Vec<workspace::ProjectStatus>> {
    let status = ("[a-d]", text()).prop_map(|(key, name)| workspace::ProjectStatus {
        key,
        name,
        category: workspace::Category::Planned,
        color: None,
    });
    vec(status, 0..5)
}

fn workspace_command() -> impl Strategy<Value = workspace::Command> {
    prop_oneof![
        text().prop_map(|name| workspace::Command::Create {
            name,
            plan: workspace::Plan::Pro,
            locale: "en".to_owned()
        }),
        (option::of(text()), option::of(statuses())).prop_map(|(name, project_statuses)| {
            workspace::Command::Update(workspace::Changes { name, project_statuses, ..Default::default() })
        }),
        ids().prop_map(workspace::Command::AddOwner),
        ids().prop_map(workspace::Command::RemoveOwner),
    ]
}

fn label_command() -> impl Strategy<Value = label::Command> {
    let color = || option::of(prop_oneof![Just("#d73a4a".to_owned()), text()]);
    let changes = (option::of(text()), option::of(color()));
    prop_oneof![
        (text(), color()).prop_map(|(name, color)| catalog::Command::Create(label::Fields { name, color })),
        changes.prop_map(|(name, color)| catalog::Command::Update(label::Changes { name, color })),
        Just(catalog::Command::Delete),
        Just(catalog::Command::Restore),
    ]
}

fn team_command() -> impl Strategy<Value = team::Command> {
    let create = (text(), option::of(text()), vec(ids(), 0..4));
    let changes = (option::of(text()), option::of(option::of(text())), option::of(vec(ids(), 0..4)));
    prop_oneof![
        create.prop_map(|(name, description, member_ids)| {
            catalog::Command::Create(team::Fields { name, description, member_ids })
        }),
        changes.prop_map(|(name, description, member_ids)| {
            catalog::Command::Update(team::Changes { name, description, member_ids })
        }),
        Just(catalog::Command::Delete),
        Just(catalog::Command::Restore),
    ]
}

fn timelog_command() -> impl Strategy<Value = timelog::Command> {
    let minute = || (-3000..20_i64).prop_map(|minutes| time("2026-07-14T09:30:00Z") + TimeDelta::minutes(minutes));
    let zone = || proptest::sample::select(&["UTC", "Europe/Berlin", "Pacific/Auckland"][..]).prop_map(zone_named);
    let work = || {
        (4..6_u128, option::of(ids()), option::of(ids()), option::of(text()), zone()).prop_map(
            |(member, task_id, project_id, note, zone)| timelog::Work {
                member_id: id(member),
                task_id,
                project_id,
                note,
                zone: timelog::Reckoned::In(zone),
                billable: task_id.map(|_| true),
            },
        )
    };
    let changes = (
        option::of(option::of(ids())),
        option::of(ids()),
        (option::of(minute()), option::of(minute())),
        option::of(option::of(text())),
        (option::of(zone()), option::of(option::of(any::<bool>()))),
    );
    let action = prop_oneof![
        (work(), minute(), minute()).prop_map(|(work, started_at, ended_at)| timelog::Action::Log {
            work,
            started_at,
            ended_at
        }),
        work().prop_map(timelog::Action::Start),
        Just(timelog::Action::Stop),
        changes.prop_map(|(task_id, project_id, (started_at, ended_at), note, (zone, billable))| {
            timelog::Action::Correct(timelog::Changes {
                task_id,
                project_id,
                started_at,
                ended_at,
                note,
                zone,
                billable,
            })
        }),
        Just(timelog::Action::Void),
        Just(timelog::Action::Restore),
    ];
    let reach = prop_oneof![Just(timelog::Reach::All), Just(timelog::Reach::Own)];
    (reach, action).prop_map(|(reach, action)| timelog::Command { reach, action })
}

fn zone_named(name: &str) -> timelog::Zone {
    name.parse().expect("a zone")
}

fn notification_command() -> impl Strategy<Value = notification::Command> {
    let link = option::of(prop_oneof![Just("/a".to_owned()), text()]);
    prop_oneof![
        ((4..6_u128), text(), option::of(text()), link).prop_map(|(member, title, body, link)| {
            notification::Command::Send(notification::Sent {
                member_id: id(member),
                kind: "message".to_owned(),
                title,
                body,
                link,
                subject: None,
                only: None,
            })
        }),
        Just(notification::Command::Read),
        Just(notification::Command::Unread),
        Just(notification::Command::Delete),
    ]
}

fn preferences_command() -> impl Strategy<Value = preferences::Command> {
    let kind =
        proptest::sample::select(&[telling::Kind::Assigned, telling::Kind::Overdue, telling::Kind::Commented][..]);
    let wish = (option::of(any::<bool>()), option::of(any::<bool>()));
    let wish = wish.prop_map(|(inbox, push)| preferences::Wish { inbox, push });
    let wishes = proptest::collection::btree_map(kind, wish, 0..3);
    ((4..6_u128), wishes).prop_map(|(member, wishes)| preferences::Command { member_id: id(member), wishes })
}

fn webhook_command() -> impl Strategy<Value = webhook::Command> {
    let url = || prop_oneof![Just("https://example.org/".to_owned()), Just("https://10.1/".to_owned()), text()];
    let types = || vec(prop_oneof![Just("task.*".to_owned()), Just("x.y".to_owned())], 0..3);
    let until = || option::of((0..9_i64).prop_map(|hours| time("2026-07-14T09:30:00Z") + TimeDelta::hours(hours)));
    let create = (text(), url(), types(), any::<bool>(), any::<bool>());
    let changes =
        (option::of(text()), option::of(url()), option::of(types()), option::of(any::<bool>()), 1..4_i64, until());
    prop_oneof![
        create.prop_map(|(name, url, event_types, paused, from_beginning)| {
            let set = webhook::Fields { name, url, event_types, paused, from_beginning, ..webhook::Fields::default() };
            catalog::Command::Create(webhook::Fields { secret_generation: 1, ..set })
        }),
        changes.prop_map(|(name, url, event_types, paused, generation, until)| {
            let secret_generation = paused.map(|_| generation);
            let set = webhook::Changes { name, url, event_types, paused, secret_generation, ..Default::default() };
            catalog::Command::Update(webhook::Changes {
                previous_secret_until: secret_generation.map(|_| until),
                ..set
            })
        }),
        Just(catalog::Command::Delete),
        Just(catalog::Command::Restore),
    ]
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
