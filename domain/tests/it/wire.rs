//! Names and form of every event, frozen: what is in a log somewhere must be readable for ever. A change here needs
//! a new schema version, an upcaster and a fixture.

use cqrs_es::DomainEvent;
use docket_domain::catalog::Event;
use docket_domain::member::Role;
use docket_domain::workspace::Plan;
use docket_domain::{
    Aggregate, api_key, comment, customer, key_ring, label, member, notification, position, preferences, project,
    space, sprint, task, team, timelog, workspace,
};
use serde_json::Value;

use crate::{id, time};

/// Each event is written as told, is named so by its `type`, and is read back as it was.
fn are_frozen<A: Aggregate>(events: impl IntoIterator<Item = (A::Event, &'static str)>) {
    for (event, frozen) in events {
        let written = serde_json::to_string(&event).expect("JSON");
        assert_eq!(written, frozen);
        let json: Value = serde_json::from_str(frozen).expect("JSON");
        assert_eq!(json["type"], event.event_type());
        assert_eq!(event.event_type().split_once('.').map(|(kind, _)| kind), Some(A::TYPE));
        assert_eq!(event.event_version(), A::event_version(&event.event_type()).to_string());
        assert_eq!(serde_json::from_str::<A::Event>(frozen).expect("an event"), event);
    }
}

#[test]
fn of_tasks() {
    use task::Event::{
        Assigned, BillableSet, Created, Deleted, Described, Estimated, LabelAdded, LabelRemoved, Moved, ParentSet,
        PhaseSet, PriorityChanged, Restored, Retitled, Scheduled, SprintSet, StatusChanged, Unassigned,
    };
    let date = |text: &str| Some(text.parse().expect("a date"));
    let events = [
        (
            Created {
                project_id: id(0xa),
                title: "Write".to_owned(),
                description: None,
                status: task::Status::Todo,
                priority: task::Priority::None,
                assignee_ids: vec![],
                label_ids: vec![],
                sprint_id: None,
                phase_id: None,
                parent_id: None,
                start_date: None,
                due_date: None,
                estimate_minutes: None,
                estimate_points: None,
                billable: None,
                completed_at: None,
                external_id: None,
            },
            r#"{"type":"task.created","project_id":"00000000-0000-0000-0000-00000000000a","title":"Write","status":"todo","priority":"none"}"#,
        ),
        (
            Created {
                project_id: id(0xa),
                title: "Write".to_owned(),
                description: Some("Plainly.".to_owned()),
                status: task::Status::InProgress,
                priority: task::Priority::Urgent,
                assignee_ids: vec![id(0xb)],
                label_ids: vec![id(0xc)],
                sprint_id: Some(id(0xe)),
                phase_id: Some(id(0x10)),
                parent_id: Some(id(0xf)),
                start_date: date("2026-07-01"),
                due_date: date("2026-07-31"),
                estimate_minutes: Some(90),
                estimate_points: Some(3),
                billable: Some(false),
                completed_at: Some(time("2026-07-14T09:30:00Z")),
                external_id: Some("JIRA-1".to_owned()),
            },
            r#"{"type":"task.created","project_id":"00000000-0000-0000-0000-00000000000a","title":"Write","description":"Plainly.","status":"in_progress","priority":"urgent","assignee_ids":["00000000-0000-0000-0000-00000000000b"],"label_ids":["00000000-0000-0000-0000-00000000000c"],"sprint_id":"00000000-0000-0000-0000-00000000000e","phase_id":"00000000-0000-0000-0000-000000000010","parent_id":"00000000-0000-0000-0000-00000000000f","start_date":"2026-07-01","due_date":"2026-07-31","estimate_minutes":90,"estimate_points":3,"billable":false,"completed_at":"2026-07-14T09:30:00.000000Z","external_id":"JIRA-1"}"#,
        ),
        (Retitled { title: "Check".to_owned() }, r#"{"type":"task.retitled","title":"Check"}"#),
        (Described { description: None }, r#"{"type":"task.described","description":null}"#),
        (
            StatusChanged { status: task::Status::InReview, completed_at: None },
            r#"{"type":"task.status_changed","status":"in_review"}"#,
        ),
        (
            StatusChanged { status: task::Status::Done, completed_at: Some(time("2026-07-14T09:30:00Z")) },
            r#"{"type":"task.status_changed","status":"done","completed_at":"2026-07-14T09:30:00.000000Z"}"#,
        ),
        (
            SprintSet { sprint_id: Some(id(0xe)), at_end: false },
            r#"{"type":"task.sprint_set","sprint_id":"00000000-0000-0000-0000-00000000000e"}"#,
        ),
        (SprintSet { sprint_id: None, at_end: true }, r#"{"type":"task.sprint_set","sprint_id":null,"at_end":true}"#),
        (
            PhaseSet { phase_id: Some(id(0x10)) },
            r#"{"type":"task.phase_set","phase_id":"00000000-0000-0000-0000-000000000010"}"#,
        ),
        (BillableSet { billable: None }, r#"{"type":"task.billable_set","billable":null}"#),
        (ParentSet { parent_id: None }, r#"{"type":"task.parent_set","parent_id":null}"#),
        (
            Estimated { estimate_minutes: Some(90), estimate_points: None },
            r#"{"type":"task.estimated","estimate_minutes":90,"estimate_points":null}"#,
        ),
        (PriorityChanged { priority: task::Priority::High }, r#"{"type":"task.priority_changed","priority":"high"}"#),
        (
            Assigned { member_id: id(0xb) },
            r#"{"type":"task.assigned","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
        (
            Unassigned { member_id: id(0xb) },
            r#"{"type":"task.unassigned","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
        (
            LabelAdded { label_id: id(0xc) },
            r#"{"type":"task.label_added","label_id":"00000000-0000-0000-0000-00000000000c"}"#,
        ),
        (
            LabelRemoved { label_id: id(0xc) },
            r#"{"type":"task.label_removed","label_id":"00000000-0000-0000-0000-00000000000c"}"#,
        ),
        (
            Scheduled { start_date: date("2026-07-01"), due_date: None },
            r#"{"type":"task.scheduled","start_date":"2026-07-01","due_date":null}"#,
        ),
        (Moved { project_id: id(0xd) }, r#"{"type":"task.moved","project_id":"00000000-0000-0000-0000-00000000000d"}"#),
        (Deleted, r#"{"type":"task.deleted"}"#),
        (Restored, r#"{"type":"task.restored"}"#),
    ];
    for (event, _) in &events {
        // An event that is missing here is missing above.
        match event {
            Created { .. } | Retitled { .. } | Described { .. } | StatusChanged { .. } | PriorityChanged { .. } => {}
            Assigned { .. } | Unassigned { .. } | LabelAdded { .. } | LabelRemoved { .. } => {}
            Scheduled { .. } | Moved { .. } | SprintSet { .. } | ParentSet { .. } | Estimated { .. } => {}
            PhaseSet { .. } | BillableSet { .. } | Deleted | Restored => {}
        }
    }
    are_frozen::<task::Task>(events);
}

#[test]
fn of_projects() {
    use project::Event::{
        Archived, BillableSet, CodeSet, ColorSet, Created, CustomerSet, Deleted, Described, LeadSet, MemberAdded,
        MemberRemoved, PhaseAdded, PhaseChanged, PhaseRemoved, PhasesOrdered, Renamed, Restored, Scheduled, SpaceSet,
        StatusChanged, TeamSet, Unarchived,
    };
    let bare = project::Created {
        name: "Website".to_owned(),
        year: 2026,
        status: "backlog".to_owned(),
        ..project::Created::default()
    };
    let full = project::Created {
        description: Some("Ours.".to_owned()),
        status: "doing".to_owned(),
        category: workspace::Category::InProgress,
        code: Some("WEB".to_owned()),
        color: Some("#d73a4a".to_owned()),
        start_date: "2026-07-01".parse().ok(),
        due_date: "2026-07-31".parse().ok(),
        lead_id: Some(id(0xa)),
        member_ids: vec![id(0xb)],
        team_id: Some(id(0xc)),
        space_id: Some(id(0xd)),
        customer_id: Some(id(0xe)),
        billable: Some(true),
        ..bare.clone()
    };
    let phase = project::Phase {
        id: id(0xf),
        name: "Design".to_owned(),
        start_date: "2026-07-01".parse().ok(),
        end_date: None,
    };
    let events = [
        (
            Created(bare),
            r#"{"type":"project.created","name":"Website","year":2026,"status":"backlog","category":"backlog"}"#,
        ),
        (
            Created(full),
            r##"{"type":"project.created","name":"Website","description":"Ours.","year":2026,"status":"doing","category":"in_progress","code":"WEB","color":"#d73a4a","start_date":"2026-07-01","due_date":"2026-07-31","lead_id":"00000000-0000-0000-0000-00000000000a","member_ids":["00000000-0000-0000-0000-00000000000b"],"team_id":"00000000-0000-0000-0000-00000000000c","space_id":"00000000-0000-0000-0000-00000000000d","customer_id":"00000000-0000-0000-0000-00000000000e","billable":true}"##,
        ),
        (
            StatusChanged { status: "doing".to_owned(), category: workspace::Category::InProgress },
            r#"{"type":"project.status_changed","status":"doing","category":"in_progress"}"#,
        ),
        (CodeSet { code: None }, r#"{"type":"project.code_set","code":null}"#),
        (ColorSet { color: Some("#d73a4a".to_owned()) }, r##"{"type":"project.color_set","color":"#d73a4a"}"##),
        (
            Scheduled { start_date: "2026-07-01".parse().ok(), due_date: None },
            r#"{"type":"project.scheduled","start_date":"2026-07-01","due_date":null}"#,
        ),
        (LeadSet { lead_id: None }, r#"{"type":"project.lead_set","lead_id":null}"#),
        (
            MemberAdded { member_id: id(0xb) },
            r#"{"type":"project.member_added","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
        (
            MemberRemoved { member_id: id(0xb) },
            r#"{"type":"project.member_removed","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
        (TeamSet { team_id: None }, r#"{"type":"project.team_set","team_id":null}"#),
        (SpaceSet { space_id: None }, r#"{"type":"project.space_set","space_id":null}"#),
        (
            CustomerSet { customer_id: Some(id(0xe)) },
            r#"{"type":"project.customer_set","customer_id":"00000000-0000-0000-0000-00000000000e"}"#,
        ),
        (BillableSet { billable: None }, r#"{"type":"project.billable_set","billable":null}"#),
        (
            PhaseAdded(phase.clone()),
            r#"{"type":"project.phase_added","id":"00000000-0000-0000-0000-00000000000f","name":"Design","start_date":"2026-07-01","end_date":null}"#,
        ),
        (
            PhaseChanged(phase),
            r#"{"type":"project.phase_changed","id":"00000000-0000-0000-0000-00000000000f","name":"Design","start_date":"2026-07-01","end_date":null}"#,
        ),
        (
            PhaseRemoved { phase_id: id(0xf) },
            r#"{"type":"project.phase_removed","phase_id":"00000000-0000-0000-0000-00000000000f"}"#,
        ),
        (
            PhasesOrdered { phase_ids: vec![id(0xf)] },
            r#"{"type":"project.phases_ordered","phase_ids":["00000000-0000-0000-0000-00000000000f"]}"#,
        ),
        (Renamed { name: "Shop".to_owned() }, r#"{"type":"project.renamed","name":"Shop"}"#),
        (Described { description: None }, r#"{"type":"project.described","description":null}"#),
        (Archived, r#"{"type":"project.archived"}"#),
        (Unarchived, r#"{"type":"project.unarchived"}"#),
        (Deleted, r#"{"type":"project.deleted"}"#),
        (Restored, r#"{"type":"project.restored"}"#),
    ];
    for (event, _) in &events {
        match event {
            Created(_) | Renamed { .. } | Described { .. } | Archived | Unarchived | Deleted | Restored => {}
            StatusChanged { .. } | CodeSet { .. } | ColorSet { .. } | Scheduled { .. } | LeadSet { .. } => {}
            MemberAdded { .. } | MemberRemoved { .. } | TeamSet { .. } | SpaceSet { .. } | CustomerSet { .. } => {}
            BillableSet { .. } | PhaseAdded(_) | PhaseChanged(_) | PhaseRemoved { .. } | PhasesOrdered { .. } => {}
        }
    }
    are_frozen::<project::Project>(events);
}

#[test]
fn of_sprints() {
    use sprint::Event::{Closed, Deleted, GoalSet, Planned, Renamed, Reopened, Restored, Scheduled, Started};
    let (date, at) = (|text: &str| Some(text.parse().expect("a date")), time("2026-07-14T09:30:00Z"));
    let bare = Planned { project_id: id(0xa), name: "July".to_owned(), goal: None, start_date: None, end_date: None };
    let full = Planned {
        project_id: id(0xa),
        name: "July".to_owned(),
        goal: Some("Go live.".to_owned()),
        start_date: date("2026-07-01"),
        end_date: date("2026-07-14"),
    };
    let events = [
        (bare, r#"{"type":"sprint.planned","project_id":"00000000-0000-0000-0000-00000000000a","name":"July"}"#),
        (
            full,
            r#"{"type":"sprint.planned","project_id":"00000000-0000-0000-0000-00000000000a","name":"July","goal":"Go live.","start_date":"2026-07-01","end_date":"2026-07-14"}"#,
        ),
        (Renamed { name: "Summer".to_owned() }, r#"{"type":"sprint.renamed","name":"Summer"}"#),
        (GoalSet { goal: None }, r#"{"type":"sprint.goal_set","goal":null}"#),
        (
            Scheduled { start_date: None, end_date: date("2026-07-14") },
            r#"{"type":"sprint.scheduled","start_date":null,"end_date":"2026-07-14"}"#,
        ),
        (Started { at }, r#"{"type":"sprint.started","at":"2026-07-14T09:30:00.000000Z"}"#),
        (Closed { at }, r#"{"type":"sprint.closed","at":"2026-07-14T09:30:00.000000Z"}"#),
        (Reopened, r#"{"type":"sprint.reopened"}"#),
        (Deleted, r#"{"type":"sprint.deleted"}"#),
        (Restored, r#"{"type":"sprint.restored"}"#),
    ];
    for (event, _) in &events {
        match event {
            Planned { .. } | Renamed { .. } | GoalSet { .. } | Scheduled { .. } | Started { .. } | Closed { .. } => {}
            Reopened | Deleted | Restored => {}
        }
    }
    are_frozen::<sprint::Sprint>(events);
}

#[test]
fn of_comments() {
    use comment::Event::{Created, Deleted, Edited, Restored};
    let author = docket_domain::Actor::Member(id(0xb));
    let events = [
        (
            Created { task_id: id(0xa), body: "Why?".to_owned(), author },
            r#"{"type":"comment.created","task_id":"00000000-0000-0000-0000-00000000000a","body":"Why?","author":{"type":"member","id":"00000000-0000-0000-0000-00000000000b"}}"#,
        ),
        (
            Edited { body: "How?".to_owned(), at: time("2026-07-14T09:30:00Z") },
            r#"{"type":"comment.edited","body":"How?","at":"2026-07-14T09:30:00.000000Z"}"#,
        ),
        (Deleted, r#"{"type":"comment.deleted"}"#),
        (Restored, r#"{"type":"comment.restored"}"#),
    ];
    for (event, _) in &events {
        match event {
            Created { .. } | Edited { .. } | Deleted | Restored => {}
        }
    }
    are_frozen::<comment::Comment>(events);
}

#[test]
fn of_workspaces() {
    use workspace::Event::{
        Created, LocaleChanged, OwnerAdded, OwnerRemoved, PlanChanged, Renamed, StatusAdded, StatusChanged,
        StatusRemoved, StatusesOrdered, TimeZoneChanged,
    };
    let review = |color: Option<&str>| workspace::ProjectStatus {
        key: "review".to_owned(),
        name: "Review".to_owned(),
        category: workspace::Category::InProgress,
        color: color.map(str::to_owned),
    };
    let events = [
        (
            Created { name: "Ada's".to_owned(), plan: Plan::Enterprise, locale: "de-AT".to_owned() },
            r#"{"type":"workspace.created","name":"Ada's","plan":"enterprise","locale":"de-AT"}"#,
        ),
        (Renamed { name: "Byron's".to_owned() }, r#"{"type":"workspace.renamed","name":"Byron's"}"#),
        (PlanChanged { plan: Plan::Free }, r#"{"type":"workspace.plan_changed","plan":"free"}"#),
        (LocaleChanged { locale: "fr".to_owned() }, r#"{"type":"workspace.locale_changed","locale":"fr"}"#),
        (
            TimeZoneChanged { time_zone: "Europe/Vienna".to_owned() },
            r#"{"type":"workspace.time_zone_changed","time_zone":"Europe/Vienna"}"#,
        ),
        (
            StatusAdded(review(None)),
            r#"{"type":"workspace.status_added","key":"review","name":"Review","category":"in_progress","color":null}"#,
        ),
        (
            StatusChanged(review(Some("#123456"))),
            r##"{"type":"workspace.status_changed","key":"review","name":"Review","category":"in_progress","color":"#123456"}"##,
        ),
        (StatusRemoved { key: "review".to_owned() }, r#"{"type":"workspace.status_removed","key":"review"}"#),
        (
            StatusesOrdered { keys: vec!["a".to_owned(), "b".to_owned()] },
            r#"{"type":"workspace.statuses_ordered","keys":["a","b"]}"#,
        ),
        (
            OwnerAdded { member_id: id(0xb) },
            r#"{"type":"workspace.owner_added","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
        (
            OwnerRemoved { member_id: id(0xb) },
            r#"{"type":"workspace.owner_removed","member_id":"00000000-0000-0000-0000-00000000000b"}"#,
        ),
    ];
    for (event, _) in &events {
        match event {
            Created { .. } | Renamed { .. } | PlanChanged { .. } | LocaleChanged { .. } | TimeZoneChanged { .. } => {}
            StatusAdded(_) | StatusChanged(_) | StatusRemoved { .. } | StatusesOrdered { .. } => {}
            OwnerAdded { .. } | OwnerRemoved { .. } => {}
        }
    }
    are_frozen::<workspace::Workspace>(events);
}

#[test]
fn of_members() {
    use member::Event::{Deactivated, Erased, Invited, Joined, PositionSet, Reactivated, Renamed, RoleChanged};
    let at = time("2026-07-14T09:30:00.00025Z");
    let events = [
        (
            Invited { email: "ada@example.org".to_owned(), name: "Ada".to_owned(), role: Role::Owner, at },
            r#"{"type":"member.invited","email":"ada@example.org","name":"Ada","role":"owner","at":"2026-07-14T09:30:00.000250Z"}"#,
        ),
        (Joined { at }, r#"{"type":"member.joined","at":"2026-07-14T09:30:00.000250Z"}"#),
        (Renamed { name: "Ada".to_owned() }, r#"{"type":"member.renamed","name":"Ada"}"#),
        (
            PositionSet { position_id: Some(id(0xe)) },
            r#"{"type":"member.position_set","position_id":"00000000-0000-0000-0000-00000000000e"}"#,
        ),
        (PositionSet { position_id: None }, r#"{"type":"member.position_set","position_id":null}"#),
        (RoleChanged { role: Role::Admin }, r#"{"type":"member.role_changed","role":"admin"}"#),
        (Deactivated { at }, r#"{"type":"member.deactivated","at":"2026-07-14T09:30:00.000250Z"}"#),
        (Reactivated { at }, r#"{"type":"member.reactivated","at":"2026-07-14T09:30:00.000250Z"}"#),
        (Erased { at }, r#"{"type":"member.erased","at":"2026-07-14T09:30:00.000250Z"}"#),
    ];
    for (event, _) in &events {
        match event {
            Invited { .. } | Joined { .. } | Renamed { .. } | PositionSet { .. } => {}
            RoleChanged { .. } | Deactivated { .. } | Reactivated { .. } | Erased { .. } => {}
        }
    }
    are_frozen::<member::Member>(events);
}

#[test]
fn of_the_catalogue() {
    let changes = |name: &str, color: &str| label::Changes {
        name: Some(name.to_owned()),
        color: (!color.is_empty()).then(|| Some(color.to_owned())),
    };
    are_frozen::<label::Label>([
        (Event::Created(changes("Bug", "")), r#"{"type":"label.created","name":"Bug"}"#),
        (Event::Created(changes("Bug", "#d73a4a")), r##"{"type":"label.created","name":"Bug","color":"#d73a4a"}"##),
        (Event::Changed(label::Changes { name: None, color: Some(None) }), r#"{"type":"label.changed","color":null}"#),
        (Event::Deleted, r#"{"type":"label.deleted"}"#),
        (Event::Restored, r#"{"type":"label.restored"}"#),
    ]);
    are_frozen::<team::Team>([(
        Event::Created(team::Changes {
            name: Some("Core".to_owned()),
            description: None,
            member_ids: Some(vec![id(0xb)]),
        }),
        r#"{"type":"team.created","name":"Core","member_ids":["00000000-0000-0000-0000-00000000000b"]}"#,
    )]);
    are_frozen::<position::Position>([(
        Event::Changed(position::Changes { name: Some("Designer".to_owned()) }),
        r#"{"type":"position.changed","name":"Designer"}"#,
    )]);
    are_frozen::<space::Space>([(
        Event::Created(space::Changes {
            name: Some("Clients".to_owned()),
            description: Some(Some("All of them.".to_owned())),
            color: Some(Some("#123456".to_owned())),
            icon: Some(Some("🏢".to_owned())),
        }),
        r##"{"type":"space.created","name":"Clients","description":"All of them.","color":"#123456","icon":"🏢"}"##,
    )]);
    let text = |text: &str| Some(Some(text.to_owned()));
    are_frozen::<customer::Customer>([(
        Event::Created(customer::Changes {
            name: Some("Acme".to_owned()),
            reference: text("C-10492"),
            email: text("books@acme.example"),
            tax_id: text("DE123456789"),
            currency: text("EUR"),
            billable_by_default: Some(true),
            notes: text("Pays."),
        }),
        r#"{"type":"customer.created","name":"Acme","reference":"C-10492","email":"books@acme.example","tax_id":"DE123456789","currency":"EUR","billable_by_default":true,"notes":"Pays."}"#,
    )]);
}

#[test]
fn of_timelogs() {
    use timelog::Event::{Corrected, Logged, Restored, TimerStarted, TimerStopped, Voided};
    use timelog::{Correction, Entry};
    let (start, end) = (time("2026-07-14T09:30:00Z"), time("2026-07-14T11:00:00.00025Z"));
    let running = Entry {
        member_id: id(0xb),
        task_id: None,
        project_id: id(0xa),
        started_at: start,
        ended_at: None,
        time_zone: "UTC".to_owned(),
        date: "2026-07-14".parse().expect("a date"),
        note: None,
        billable: None,
    };
    let whole = Entry {
        task_id: Some(id(0xc)),
        ended_at: Some(end),
        time_zone: "Europe/Berlin".to_owned(),
        note: Some("Wrote.".to_owned()),
        billable: Some(true),
        ..running.clone()
    };
    let all = Correction {
        task_id: Some(None),
        project_id: Some(id(0xd)),
        started_at: Some(start),
        ended_at: Some(end),
        time_zone: Some("UTC".to_owned()),
        date: Some("2026-07-15".parse().expect("a date")),
        note: Some(None),
        billable: Some(None),
    };
    let events = [
        (
            Logged(whole),
            r#"{"type":"timelog.logged","member_id":"00000000-0000-0000-0000-00000000000b","task_id":"00000000-0000-0000-0000-00000000000c","project_id":"00000000-0000-0000-0000-00000000000a","started_at":"2026-07-14T09:30:00Z","ended_at":"2026-07-14T11:00:00.000250Z","time_zone":"Europe/Berlin","date":"2026-07-14","note":"Wrote.","billable":true}"#,
        ),
        (
            TimerStarted(running),
            r#"{"type":"timelog.timer_started","member_id":"00000000-0000-0000-0000-00000000000b","project_id":"00000000-0000-0000-0000-00000000000a","started_at":"2026-07-14T09:30:00Z","time_zone":"UTC","date":"2026-07-14"}"#,
        ),
        (
            TimerStopped { ended_at: end },
            r#"{"type":"timelog.timer_stopped","ended_at":"2026-07-14T11:00:00.000250Z"}"#,
        ),
        (
            Corrected(all),
            r#"{"type":"timelog.corrected","task_id":null,"project_id":"00000000-0000-0000-0000-00000000000d","started_at":"2026-07-14T09:30:00Z","ended_at":"2026-07-14T11:00:00.000250Z","time_zone":"UTC","date":"2026-07-15","note":null,"billable":null}"#,
        ),
        (
            Corrected(Correction { note: Some(Some("Read.".to_owned())), ..Correction::default() }),
            r#"{"type":"timelog.corrected","note":"Read."}"#,
        ),
        (Voided, r#"{"type":"timelog.voided"}"#),
        (Restored, r#"{"type":"timelog.restored"}"#),
    ];
    for (event, _) in &events {
        match event {
            Logged(_) | TimerStarted(_) | TimerStopped { .. } | Corrected(_) | Voided | Restored => {}
        }
    }
    are_frozen::<timelog::Timelog>(events);
}

#[test]
fn of_notifications() {
    use notification::Event::{Deleted, Read, Sent, Unread};
    use notification::Subject;
    let hello = notification::Sent {
        member_id: id(0xb),
        kind: "message".to_owned(),
        title: "Hello".to_owned(),
        body: None,
        link: None,
        subject: None,
        only: None,
    };
    let about = notification::Sent {
        body: Some("World".to_owned()),
        link: Some("/a".to_owned()),
        subject: Some(Subject::Task(id(0xc))),
        ..hello.clone()
    };
    let events = [
        (
            Sent(hello),
            r#"{"type":"notification.sent","member_id":"00000000-0000-0000-0000-00000000000b","kind":"message","title":"Hello"}"#,
        ),
        (
            Sent(about.clone()),
            r#"{"type":"notification.sent","member_id":"00000000-0000-0000-0000-00000000000b","kind":"message","title":"Hello","body":"World","link":"/a","subject":{"type":"task","id":"00000000-0000-0000-0000-00000000000c"}}"#,
        ),
        (
            Sent(notification::Sent { only: Some(notification::Channel::Push), ..about }),
            r#"{"type":"notification.sent","member_id":"00000000-0000-0000-0000-00000000000b","kind":"message","title":"Hello","body":"World","link":"/a","subject":{"type":"task","id":"00000000-0000-0000-0000-00000000000c"},"only":"push"}"#,
        ),
        (Read { at: time("2026-07-14T09:30:00Z") }, r#"{"type":"notification.read","at":"2026-07-14T09:30:00Z"}"#),
        (Unread, r#"{"type":"notification.unread"}"#),
        (Deleted, r#"{"type":"notification.deleted"}"#),
    ];
    for (event, _) in &events {
        match event {
            Sent(_) | Read { .. } | Unread | Deleted => {}
        }
    }
    are_frozen::<notification::Notification>(events);
}

#[test]
fn of_preferences() {
    let changed = preferences::Event::Changed {
        member_id: id(0xb),
        kind: docket_domain::telling::Kind::StatusChanged,
        inbox: true,
        push: false,
    };
    are_frozen::<preferences::Preferences>([(
        changed,
        r#"{"type":"preferences.changed","member_id":"00000000-0000-0000-0000-00000000000b","kind":"status_changed","inbox":true,"push":false}"#,
    )]);
}

#[test]
fn of_keys() {
    use api_key::Event::{Minted, Renamed, Revoked, Rotated};
    let at = time("2026-07-14T09:30:00Z");
    let service = api_key::Mint {
        label: "CI".to_owned(),
        member_id: None,
        role: Role::Member,
        scopes: vec!["tasks:write".to_owned()],
        format: "native".to_owned(),
        kid: "k1".to_owned(),
        sha256: "ab12".to_owned(),
        expires_at: None,
    };
    let personal = api_key::Mint { member_id: Some(id(0xb)), expires_at: Some(at), ..service.clone() };
    let events = [
        (
            Minted(service),
            r#"{"type":"api_key.minted","label":"CI","member_id":null,"role":"member","scopes":["tasks:write"],"format":"native","kid":"k1","sha256":"ab12"}"#,
        ),
        (
            Minted(personal),
            r#"{"type":"api_key.minted","label":"CI","member_id":"00000000-0000-0000-0000-00000000000b","role":"member","scopes":["tasks:write"],"format":"native","kid":"k1","sha256":"ab12","expires_at":"2026-07-14T09:30:00Z"}"#,
        ),
        (Renamed { label: "CD".to_owned() }, r#"{"type":"api_key.renamed","label":"CD"}"#),
        (
            Rotated { successor_id: id(0xf), until: at },
            r#"{"type":"api_key.rotated","successor_id":"00000000-0000-0000-0000-00000000000f","until":"2026-07-14T09:30:00Z"}"#,
        ),
        (Revoked { at }, r#"{"type":"api_key.revoked","at":"2026-07-14T09:30:00Z"}"#),
    ];
    for (event, _) in &events {
        match event {
            Minted(_) | Renamed { .. } | Rotated { .. } | Revoked { .. } => {}
        }
    }
    are_frozen::<api_key::ApiKey>(events);
}

#[test]
fn of_key_rings() {
    use key_ring::Event::{Added, Removed};
    let at = time("2026-07-14T09:30:00Z");
    are_frozen::<key_ring::KeyRing>([
        (
            Added { key_id: id(0xf), expires_at: None, at },
            r#"{"type":"key_ring.key_added","key_id":"00000000-0000-0000-0000-00000000000f","at":"2026-07-14T09:30:00Z"}"#,
        ),
        (
            Added { key_id: id(0xf), expires_at: Some(at), at },
            r#"{"type":"key_ring.key_added","key_id":"00000000-0000-0000-0000-00000000000f","expires_at":"2026-07-14T09:30:00Z","at":"2026-07-14T09:30:00Z"}"#,
        ),
        (
            Removed { key_id: id(0xf) },
            r#"{"type":"key_ring.key_removed","key_id":"00000000-0000-0000-0000-00000000000f"}"#,
        ),
    ]);
}
