//! Commands of every kind, drawn: whatever people might ask for, in few words, so that they meet.

use chrono::{NaiveDate, TimeDelta};
use docket_domain::{
    api_key, catalog, comment, key_ring, label, member, notification, preferences, project, sprint, task, team,
    telling, timelog, webhook, workspace,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::{id, time};

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

pub fn new_task() -> impl Strategy<Value = task::Command> {
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

pub fn changes() -> impl Strategy<Value = task::Changes> {
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

pub fn task_command() -> impl Strategy<Value = task::Command> {
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

pub fn project_command() -> impl Strategy<Value = project::Command> {
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

pub fn sprint_command() -> impl Strategy<Value = sprint::Command> {
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

pub fn comment_command() -> impl Strategy<Value = comment::Command> {
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

pub fn member_command() -> impl Strategy<Value = member::Command> {
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

pub fn key_command() -> impl Strategy<Value = api_key::Command> {
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

pub fn ring_command() -> impl Strategy<Value = key_ring::Command> {
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

pub fn workspace_command() -> impl Strategy<Value = workspace::Command> {
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

pub fn label_command() -> impl Strategy<Value = label::Command> {
    let color = || option::of(prop_oneof![Just("#d73a4a".to_owned()), text()]);
    let changes = (option::of(text()), option::of(color()));
    prop_oneof![
        (text(), color()).prop_map(|(name, color)| catalog::Command::Create(label::Fields { name, color })),
        changes.prop_map(|(name, color)| catalog::Command::Update(label::Changes { name, color })),
        Just(catalog::Command::Delete),
        Just(catalog::Command::Restore),
    ]
}

pub fn team_command() -> impl Strategy<Value = team::Command> {
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

pub fn timelog_command() -> impl Strategy<Value = timelog::Command> {
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

pub fn notification_command() -> impl Strategy<Value = notification::Command> {
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

pub fn preferences_command() -> impl Strategy<Value = preferences::Command> {
    let kind =
        proptest::sample::select(&[telling::Kind::Assigned, telling::Kind::Overdue, telling::Kind::Commented][..]);
    let wish = (option::of(any::<bool>()), option::of(any::<bool>()));
    let wish = wish.prop_map(|(inbox, push)| preferences::Wish { inbox, push });
    let wishes = proptest::collection::btree_map(kind, wish, 0..3);
    ((4..6_u128), wishes).prop_map(|(member, wishes)| preferences::Command { member_id: id(member), wishes })
}

pub fn webhook_command() -> impl Strategy<Value = webhook::Command> {
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
