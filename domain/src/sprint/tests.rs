use super::{Changes, Command, Error, Event, Plan, Sprint, Status};
use crate::aggregate::{Aggregate, Effects, Lifecycle};
use crate::ids::ProjectId;
use crate::project::Project;
use crate::refusal::Refusal;
use crate::testing::{day, given, given_in, id, knowing, now};

fn website() -> ProjectId {
    id(10)
}

fn july() -> Plan {
    Plan {
        project_id: website(),
        name: "July".to_owned(),
        goal: Some("Go live.".to_owned()),
        start_date: Some(day(2026, 7, 1)),
        end_date: Some(day(2026, 7, 14)),
    }
}

fn planned() -> Event {
    let Plan { project_id, name, goal, start_date, end_date } = july();
    Event::Planned { project_id, name, goal, start_date, end_date }
}

fn started() -> Event {
    Event::Started { at: now() }
}

fn closed() -> Event {
    Event::Closed { at: now() }
}

fn sprint(events: impl IntoIterator<Item = Event>) -> Sprint {
    events.into_iter().fold(Sprint::default(), |mut sprint, event| {
        sprint.evolve(event);
        sprint
    })
}

#[test]
fn a_sprint_is_planned_with_all_that_was_said() {
    given::<Sprint>([]).when(Command::Plan(july())).then_expect_events(vec![planned()]);
}

#[test]
fn an_id_is_used_once_even_after_a_delete() {
    given::<Sprint>([planned(), Event::Deleted]).when(Command::Plan(july())).then_expect_error(Error::AlreadyExists);
}

#[test]
fn an_archived_project_takes_no_new_sprints() {
    let archived = Project { name: "Website".to_owned(), archived: true, deleted: false, ..Project::default() };
    given_in::<Sprint>(knowing([(website().0, archived)]), [])
        .when(Command::Plan(july()))
        .then_expect_error(Error::ProjectArchived);
}

#[test]
fn it_never_ends_before_it_starts() {
    let backwards = Plan { end_date: Some(day(2026, 6, 30)), ..july() };
    given::<Sprint>([]).when(Command::Plan(backwards)).then_expect_error(Error::EndBeforeStart);
    let later = Changes { start_date: Some(Some(day(2026, 7, 15))), ..Changes::default() };
    given::<Sprint>([planned()]).when(Command::Update(later)).then_expect_error(Error::EndBeforeStart);
    let one_day = Changes { start_date: Some(july().end_date), ..Changes::default() };
    given::<Sprint>([planned()])
        .when(Command::Update(one_day))
        .then_expect_events(vec![Event::Scheduled { start_date: july().end_date, end_date: july().end_date }]);
}

#[test]
fn each_changed_field_is_one_event() {
    let same = Changes {
        name: Some(july().name),
        goal: Some(july().goal),
        start_date: Some(july().start_date),
        end_date: Some(july().end_date),
    };
    given::<Sprint>([planned()]).when(Command::Update(same)).then_expect_events(vec![]);
    let changes = Changes { name: Some("Summer".to_owned()), goal: Some(None), start_date: Some(None), end_date: None };
    given::<Sprint>([planned()]).when(Command::Update(changes)).then_expect_events(vec![
        Event::Renamed { name: "Summer".to_owned() },
        Event::GoalSet { goal: None },
        Event::Scheduled { start_date: None, end_date: july().end_date },
    ]);
}

#[test]
fn it_is_started_closed_and_reopened_in_this_order() {
    given::<Sprint>([planned()]).when(Command::Close).then_expect_error(Error::NotStarted);
    given::<Sprint>([planned()]).when(Command::Reopen).then_expect_error(Error::NotStarted);
    given::<Sprint>([planned()]).when(Command::Start).then_expect_events(vec![started()]);
    given::<Sprint>([planned(), started()]).when(Command::Close).then_expect_events(vec![closed()]);
    given::<Sprint>([planned(), started(), closed()]).when(Command::Start).then_expect_error(Error::Closed);
    given::<Sprint>([planned(), started(), closed()]).when(Command::Reopen).then_expect_events(vec![Event::Reopened]);
}

#[test]
fn to_be_told_twice_changes_nothing() {
    given::<Sprint>([planned(), started()]).when(Command::Start).then_expect_events(vec![]);
    given::<Sprint>([planned(), started(), closed()]).when(Command::Close).then_expect_events(vec![]);
    given::<Sprint>([planned(), started()]).when(Command::Reopen).then_expect_events(vec![]);
    given::<Sprint>([planned()]).when(Command::Restore).then_expect_events(vec![]);
}

#[test]
fn it_knows_when_it_was_worked_on() {
    let over = sprint([planned(), started(), closed()]);
    assert_eq!((over.status, over.started_at, over.closed_at), (Status::Closed, Some(now()), Some(now())));
    let again = sprint([planned(), started(), closed(), Event::Reopened]);
    assert_eq!((again.status, again.started_at, again.closed_at), (Status::Active, Some(now()), None));
}

#[test]
fn a_deleted_sprint_is_not_found_until_it_is_restored() {
    let commands =
        [Command::Update(Changes::default()), Command::Start, Command::Close, Command::Reopen, Command::Delete];
    for command in commands {
        given::<Sprint>([]).when(command.clone()).then_expect_error(Error::NotFound);
        given::<Sprint>([planned(), Event::Deleted]).when(command).then_expect_error(Error::NotFound);
    }
    given::<Sprint>([]).when(Command::Restore).then_expect_error(Error::NotFound);
    given::<Sprint>([planned(), Event::Deleted]).when(Command::Restore).then_expect_events(vec![Event::Restored]);
}

#[test]
fn it_is_out_of_reach_with_its_project() {
    for command in [Command::Start, Command::Delete, Command::Restore] {
        let references = sprint([planned(), Event::Deleted]).references(&command);
        assert_eq!((references[0].kind, references[0].id), ("project", website().0));
        assert_eq!(references[0].missing, Refusal::not_found());
    }
}

#[test]
fn only_planning_deleting_and_restoring_matter_to_others() {
    assert_eq!(Sprint::default().effects(&planned()), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(Sprint::default().effects(&Event::Deleted), Effects::lifecycle(Lifecycle::Gone));
    assert_eq!(Sprint::default().effects(&Event::Restored), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(Sprint::default().effects(&closed()), Effects::default());
}

#[test]
fn words_are_the_same_in_json_and_in_code() {
    for status in Status::ALL {
        assert_eq!(serde_json::to_value(status).expect("JSON"), status.as_str());
        assert_eq!(Status::parse(status.as_str()), Some(status));
    }
}
