mod follow;
mod parents;
mod references;
mod sprints;

use super::{Changes, Command, Create, Error, Estimate, Event, MOST_REFERENCES, Priority, Status, Task};
use crate::aggregate::{Aggregate, Claim, Effects, Lifecycle, Reference};
use crate::ids::{LabelId, MemberId, ProjectId, SprintId, TaskId};
use crate::project::Project;
use crate::refusal::{Kind, Refusal};
use crate::sprint::{self, Sprint};
use crate::testing::{context, day, given, given_in, id, knowing, knowing_all, known, now};

fn website() -> ProjectId {
    id(10)
}

fn intranet() -> ProjectId {
    id(11)
}

fn member(number: u128) -> MemberId {
    id(20 + number)
}

fn label(number: u128) -> LabelId {
    id(30 + number)
}

fn july() -> SprintId {
    id(40)
}

fn august() -> SprintId {
    id(41)
}

fn epic() -> TaskId {
    id(50)
}

fn write_the_text() -> Create {
    Create::new(website(), "Write the text")
}

fn created(new: Create) -> Event {
    Event::Created {
        project_id: new.project_id,
        title: new.title,
        description: new.description,
        status: new.status,
        priority: new.priority,
        assignee_ids: new.assignee_ids,
        label_ids: new.label_ids,
        sprint_id: new.sprint_id,
        phase_id: new.phase_id,
        parent_id: new.parent_id,
        start_date: new.start_date,
        due_date: new.due_date,
        estimate_minutes: new.estimate.minutes,
        estimate_points: new.estimate.points,
        billable: new.billable,
        completed_at: (new.status == Status::Done).then(now),
        external_id: new.external_id,
    }
}

/// A task with two people, two labels, both dates and both estimates.
fn busy() -> Create {
    Create {
        description: Some("In plain words.".to_owned()),
        status: Status::InProgress,
        priority: Priority::High,
        assignee_ids: vec![member(1), member(2)],
        label_ids: vec![label(1), label(2)],
        start_date: Some(day(2026, 7, 1)),
        due_date: Some(day(2026, 7, 31)),
        estimate: Estimate { minutes: Some(90), points: Some(3) },
        external_id: Some("JIRA-1".to_owned()),
        ..write_the_text()
    }
}

fn archived() -> Project {
    Project { name: "Website".to_owned(), archived: true, deleted: false, ..Project::default() }
}

fn in_use() -> Project {
    Project { archived: false, ..archived() }
}

fn update(changes: Changes) -> Command {
    Command::Update(changes)
}

// Coming into being

fn named(references: &[Reference]) -> Vec<(&'static str, uuid::Uuid, bool, Option<String>)> {
    let line = |r: &Reference| (r.kind, r.id, r.state.is_some(), r.missing.pointer.as_ref().map(ToString::to_string));
    references.iter().map(line).collect()
}

fn task(events: impl IntoIterator<Item = Event>) -> Task {
    events.into_iter().fold(Task::default(), |mut task, event| {
        task.evolve(event);
        task
    })
}

#[test]
fn a_task_is_created_with_all_that_was_said() {
    given::<Task>([]).when(Command::Create(busy())).then_expect_events(vec![created(busy())]);
}

#[test]
fn an_id_is_used_once_even_after_a_delete() {
    given::<Task>([created(busy())]).when(Command::Create(busy())).then_expect_error(Error::AlreadyExists);
    given::<Task>([created(busy()), Event::Deleted])
        .when(Command::Create(busy()))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn an_archived_project_takes_no_new_tasks() {
    given_in::<Task>(knowing([(website().0, archived())]), [])
        .when(Command::Create(write_the_text()))
        .then_expect_error(Error::ProjectArchived);
    given_in::<Task>(knowing([(website().0, in_use())]), [])
        .when(Command::Create(write_the_text()))
        .then_expect_events(vec![created(write_the_text())]);
}

#[test]
fn who_is_named_twice_is_assigned_once_and_the_order_stays() {
    let said = Create {
        assignee_ids: vec![member(2), member(1), member(2)],
        label_ids: vec![label(3), label(3), label(1)],
        ..write_the_text()
    };
    let meant =
        Create { assignee_ids: vec![member(2), member(1)], label_ids: vec![label(3), label(1)], ..write_the_text() };
    given::<Task>([]).when(Command::Create(said)).then_expect_events(vec![created(meant)]);
}

#[test]
fn due_is_never_before_start() {
    let backwards = Create { start_date: Some(day(2026, 7, 2)), due_date: Some(day(2026, 7, 1)), ..write_the_text() };
    given::<Task>([]).when(Command::Create(backwards)).then_expect_error(Error::DueBeforeStart);
    let one_day = Create { start_date: Some(day(2026, 7, 2)), due_date: Some(day(2026, 7, 2)), ..write_the_text() };
    given::<Task>([]).when(Command::Create(one_day.clone())).then_expect_events(vec![created(one_day)]);
}

// Changing

#[test]
fn a_patch_that_changes_nothing_emits_nothing() {
    given::<Task>([created(busy())]).when(update(Changes::default())).then_expect_events(vec![]);
}

#[test]
fn unchanged_fields_emit_nothing() {
    let same = Changes {
        project_id: Some(website()),
        title: Some(busy().title),
        description: Some(busy().description),
        status: Some(busy().status),
        priority: Some(busy().priority),
        assignee_ids: Some(busy().assignee_ids),
        label_ids: Some(busy().label_ids),
        start_date: Some(busy().start_date),
        due_date: Some(busy().due_date),
        sprint_id: Some(None),
        parent_id: Some(None),
        estimate_minutes: Some(Some(90)),
        estimate_points: Some(Some(3)),
        phase_id: Some(None),
        billable: Some(None),
    };
    given::<Task>([created(busy())]).when(update(same.clone())).then_expect_events(vec![]);
    given::<Task>([created(busy())])
        .when(update(Changes { title: Some("Check the text".to_owned()), ..same }))
        .then_expect_events(vec![Event::Retitled { title: "Check the text".to_owned() }]);
}

#[test]
fn each_changed_field_is_one_event() {
    let all = Changes {
        project_id: Some(intranet()),
        title: Some("Check the text".to_owned()),
        description: Some(None),
        status: Some(Status::Done),
        priority: Some(Priority::Urgent),
        assignee_ids: Some(vec![member(3)]),
        label_ids: Some(vec![]),
        start_date: Some(None),
        due_date: None,
        sprint_id: Some(Some(july())),
        parent_id: Some(Some(epic())),
        estimate_minutes: Some(None),
        estimate_points: Some(Some(5)),
        phase_id: Some(Some(id(60))),
        billable: Some(Some(true)),
    };
    given::<Task>([created(busy())]).when(update(all)).then_expect_events(vec![
        Event::Moved { project_id: intranet() },
        Event::SprintSet { sprint_id: Some(july()), at_end: false },
        Event::PhaseSet { phase_id: Some(id(60)) },
        Event::BillableSet { billable: Some(true) },
        Event::ParentSet { parent_id: Some(epic()) },
        Event::Retitled { title: "Check the text".to_owned() },
        Event::Described { description: None },
        Event::StatusChanged { status: Status::Done, completed_at: Some(now()) },
        Event::PriorityChanged { priority: Priority::Urgent },
        Event::Unassigned { member_id: member(1) },
        Event::Unassigned { member_id: member(2) },
        Event::Assigned { member_id: member(3) },
        Event::LabelRemoved { label_id: label(1) },
        Event::LabelRemoved { label_id: label(2) },
        Event::Scheduled { start_date: None, due_date: Some(day(2026, 7, 31)) },
        Event::Estimated { estimate_minutes: None, estimate_points: Some(5) },
    ]);
}

#[test]
fn assignees_and_labels_change_by_the_difference() {
    let wanted = Changes {
        assignee_ids: Some(vec![member(3), member(2), member(3)]),
        label_ids: Some(vec![label(2), label(1)]),
        ..Changes::default()
    };
    given::<Task>([created(busy())])
        .when(update(wanted))
        .then_expect_events(vec![Event::Unassigned { member_id: member(1) }, Event::Assigned { member_id: member(3) }]);
}

#[test]
fn one_new_date_is_judged_beside_the_one_that_stays() {
    given::<Task>([created(busy())])
        .when(update(Changes { due_date: Some(Some(day(2026, 6, 30))), ..Changes::default() }))
        .then_expect_error(Error::DueBeforeStart);
    given::<Task>([created(busy())])
        .when(update(Changes { start_date: Some(Some(day(2026, 8, 1))), ..Changes::default() }))
        .then_expect_error(Error::DueBeforeStart);
    given::<Task>([created(busy())])
        .when(update(Changes { start_date: Some(None), due_date: Some(Some(day(2020, 1, 1))), ..Changes::default() }))
        .then_expect_events(vec![Event::Scheduled { start_date: None, due_date: Some(day(2020, 1, 1)) }]);
}

#[test]
fn a_task_is_not_moved_into_an_archived_project() {
    let both = || knowing([(website().0, in_use()), (intranet().0, archived())]);
    given_in::<Task>(both(), [created(busy())])
        .when(update(Changes { project_id: Some(intranet()), ..Changes::default() }))
        .then_expect_error(Error::ProjectArchived);
}

#[test]
fn a_task_in_an_archived_project_can_still_be_changed() {
    given_in::<Task>(knowing([(website().0, archived())]), [created(busy())])
        .when(update(Changes { project_id: Some(website()), status: Some(Status::Done), ..Changes::default() }))
        .then_expect_events(vec![Event::StatusChanged { status: Status::Done, completed_at: Some(now()) }]);
}

#[test]
fn it_knows_when_it_was_done() {
    let done = Event::StatusChanged { status: Status::Done, completed_at: Some(now()) };
    assert_eq!(task([created(busy()), done.clone()]).completed_at, Some(now()));
    let again = update(Changes { status: Some(Status::InReview), ..Changes::default() });
    given::<Task>([created(busy()), done.clone()])
        .when(again)
        .then_expect_events(vec![Event::StatusChanged { status: Status::InReview, completed_at: None }]);
    let given_up = Event::StatusChanged { status: Status::Cancelled, completed_at: None };
    assert_eq!(task([created(busy()), done, given_up]).completed_at, None);
}

#[test]
fn people_and_labels_come_and_go_one_by_one() {
    let busy = || given::<Task>([created(busy())]);
    busy().when(Command::Assign(member(3))).then_expect_events(vec![Event::Assigned { member_id: member(3) }]);
    busy().when(Command::Assign(member(1))).then_expect_events(vec![]);
    busy().when(Command::Unassign(member(1))).then_expect_events(vec![Event::Unassigned { member_id: member(1) }]);
    busy().when(Command::Unassign(member(3))).then_expect_events(vec![]);
    busy().when(Command::AddLabel(label(3))).then_expect_events(vec![Event::LabelAdded { label_id: label(3) }]);
    busy().when(Command::AddLabel(label(1))).then_expect_events(vec![]);
    busy().when(Command::RemoveLabel(label(1))).then_expect_events(vec![Event::LabelRemoved { label_id: label(1) }]);
    busy().when(Command::RemoveLabel(label(3))).then_expect_events(vec![]);
}

#[test]
fn there_is_an_end_to_assignees_and_labels() {
    let everybody = (0..MOST_REFERENCES as u128).map(|n| id(1_000 + n)).collect();
    let crowded = Create { assignee_ids: everybody, ..write_the_text() };
    given::<Task>([created(crowded.clone())]).when(Command::Assign(member(1))).then_expect_error(Error::TooMany);
    given::<Task>([created(crowded)]).when(Command::Assign(id(1_000))).then_expect_events(vec![]);
}

// Sprints

#[test]
fn a_task_that_never_was_is_not_found() {
    for command in [update(Changes::default()), Command::Delete, Command::Restore] {
        given::<Task>([]).when(command).then_expect_error(Error::NotFound);
    }
}

#[test]
fn a_deleted_task_is_not_found_until_it_is_restored() {
    let deleted = || given::<Task>([created(busy()), Event::Deleted]);
    deleted()
        .when(update(Changes { title: Some("?".to_owned()), ..Changes::default() }))
        .then_expect_error(Error::NotFound);
    deleted().when(Command::Delete).then_expect_error(Error::NotFound);
    deleted().when(Command::Restore).then_expect_events(vec![Event::Restored]);
    deleted().and(vec![Event::Restored]).when(Command::Delete).then_expect_events(vec![Event::Deleted]);
}

#[test]
fn restoring_a_task_that_is_there_changes_nothing() {
    given::<Task>([created(busy())]).when(Command::Restore).then_expect_events(vec![]);
}

// What it rests on

#[test]
fn refusals_name_the_member_at_fault() {
    let blamed = |error: Error| {
        let refusal = Refusal::from(error);
        (refusal.kind, refusal.code.into_owned(), refusal.pointer.map(std::borrow::Cow::into_owned))
    };
    assert_eq!(blamed(Error::NotFound), (Kind::NotFound, "not-found".to_owned(), None));
    assert_eq!(
        blamed(Error::SprintClosed),
        (Kind::Conflict, "sprint-closed".to_owned(), Some("/sprint_id".to_owned()))
    );
    assert_eq!(
        blamed(Error::PartOfItself),
        (Kind::Conflict, "part-of-itself".to_owned(), Some("/parent_id".to_owned()))
    );
    assert_eq!(blamed(Error::AlreadyExists), (Kind::Conflict, "already-exists".to_owned(), None));
    assert_eq!(
        blamed(Error::DueBeforeStart),
        (Kind::Invalid, "due-before-start".to_owned(), Some("/due_date".to_owned()))
    );
    assert_eq!(
        blamed(Error::ProjectArchived),
        (Kind::Conflict, "project-archived".to_owned(), Some("/project_id".to_owned()))
    );
}

#[test]
fn words_are_the_same_in_json_and_in_code() {
    for status in Status::ALL {
        assert_eq!(serde_json::to_value(status).expect("JSON"), status.as_str());
        assert_eq!(Status::parse(status.as_str()), Some(status));
    }
    for priority in Priority::ALL {
        assert_eq!(serde_json::to_value(priority).expect("JSON"), priority.as_str());
        assert_eq!(Priority::parse(priority.as_str()), Some(priority));
    }
    assert_eq!((Status::parse("Done"), Priority::parse("")), (None, None));
}

#[test]
fn a_task_is_open_until_it_is_done_given_up_or_a_duplicate() {
    let open: Vec<_> = Status::ALL.into_iter().filter(|status| status.is_open()).collect();
    assert_eq!(open, [Status::Backlog, Status::Todo, Status::InProgress, Status::InReview]);
}
