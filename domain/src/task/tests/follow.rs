//! What a task has of its project: a phase, and whether the customer pays.

use cqrs_es::test::AggregateTestExecutor;

use super::*;
use crate::ids::PhaseId;
use crate::project::Phase;

fn design() -> PhaseId {
    id(60)
}

fn build() -> PhaseId {
    id(61)
}

/// The website has two phases and a customer who pays; the intranet has neither.
fn given_here(events: impl IntoIterator<Item = Event>) -> AggregateTestExecutor<Task> {
    let phase = |id| Phase { id, name: "One".to_owned(), start_date: None, end_date: None };
    let paid = Project {
        phases: vec![phase(design()), phase(build())],
        customer_id: Some(id(70)),
        billable: Some(true),
        deleted: false,
        ..Project::default()
    };
    let unpaid = Project { deleted: false, ..Project::default() };
    given_in(knowing([(website().0, paid), (intranet().0, unpaid)]), events)
}

fn in_design() -> Create {
    Create { phase_id: Some(design()), billable: Some(true), ..write_the_text() }
}

fn into(phase_id: Option<PhaseId>) -> Changes {
    Changes { phase_id: Some(phase_id), ..Changes::default() }
}

fn say(billable: Option<bool>) -> Changes {
    Changes { billable: Some(billable), ..Changes::default() }
}

fn billable(billable: Option<bool>) -> Event {
    Event::BillableSet { billable }
}

#[test]
fn a_phase_is_one_of_its_projects() {
    given_here([]).when(Command::Create(in_design())).then_expect_events(vec![created(in_design())]);
    let elsewhere = Create { project_id: intranet(), billable: None, ..in_design() };
    given_here([]).when(Command::Create(elsewhere)).then_expect_error(Error::NoSuchPhase);
    given_here([created(in_design())]).when(update(into(Some(design())))).then_expect_events(vec![]);
    given_here([created(in_design())]).when(update(into(Some(id(62))))).then_expect_error(Error::NoSuchPhase);
    for phase_id in [Some(build()), None] {
        let event = Event::PhaseSet { phase_id };
        given_here([created(in_design())]).when(update(into(phase_id))).then_expect_events(vec![event]);
    }
}

#[test]
fn it_is_billable_as_its_project_unless_said_otherwise() {
    for (said, kept) in [(None, Some(true)), (Some(false), Some(false)), (Some(true), Some(true))] {
        let new = Create { billable: said, ..write_the_text() };
        let kept = created(Create { billable: kept, ..write_the_text() });
        given_here([]).when(Command::Create(new)).then_expect_events(vec![kept]);
    }
    given_here([created(in_design())]).when(update(say(Some(false)))).then_expect_events(vec![billable(Some(false))]);
    given_here([created(in_design()), billable(Some(false))])
        .when(update(say(None)))
        .then_expect_events(vec![billable(Some(true))]);
}

#[test]
fn without_a_customer_it_is_neither_billable_nor_not() {
    let unpaid = || Create { project_id: intranet(), ..write_the_text() };
    given_here([]).when(Command::Create(unpaid())).then_expect_events(vec![created(unpaid())]);
    let said = Create { billable: Some(false), ..unpaid() };
    given_here([]).when(Command::Create(said)).then_expect_error(Error::NoCustomer);
    given_here([created(unpaid())]).when(update(say(Some(true)))).then_expect_error(Error::NoCustomer);
    given_here([created(unpaid())]).when(update(say(None))).then_expect_events(vec![]);
}

#[test]
fn who_leaves_a_project_leaves_its_phase_and_its_customer() {
    let away = || Changes { project_id: Some(intranet()), ..Changes::default() };
    let moved = Event::Moved { project_id: intranet() };
    given_here([created(in_design())]).when(update(away())).then_expect_events(vec![
        moved,
        Event::PhaseSet { phase_id: None },
        billable(None),
    ]);
    let with = Changes { phase_id: Some(Some(design())), ..away() };
    given_here([created(in_design())]).when(update(with)).then_expect_error(Error::NoSuchPhase);
    let there = Changes { project_id: Some(website()), phase_id: Some(Some(build())), ..Changes::default() };
    given_here([created(Create { project_id: intranet(), ..write_the_text() })])
        .when(update(there))
        .then_expect_events(vec![
            Event::Moved { project_id: website() },
            Event::PhaseSet { phase_id: Some(build()) },
            billable(Some(true)),
        ]);
}

#[test]
fn it_follows_its_project() {
    given_here([created(in_design())]).when(Command::FollowProject).then_expect_events(vec![]);
    let lost = Create { phase_id: Some(id(62)), billable: None, ..write_the_text() };
    let events = || vec![Event::PhaseSet { phase_id: None }, billable(Some(true))];
    given_here([created(lost.clone())]).when(Command::FollowProject).then_expect_events(events());
    given_here([created(lost.clone()), Event::Deleted]).when(Command::FollowProject).then_expect_events(vec![]);
    let restored = [vec![Event::Restored], events()].concat();
    given_here([created(lost), Event::Deleted]).when(Command::Restore).then_expect_events(restored);
    let unpaid = Create { project_id: intranet(), billable: Some(true), ..write_the_text() };
    given_here([created(unpaid)]).when(Command::FollowProject).then_expect_events(vec![billable(None)]);
    given::<Task>([]).when(Command::FollowProject).then_expect_events(vec![]);
}

#[test]
fn what_the_project_has_to_allow_is_decided_on_its_state() {
    let mut task = Task::default();
    task.evolve(created(in_design()));
    let looks = |command: &Command| task.references(command)[0].state.is_some();
    for command in [update(into(Some(build()))), update(say(None)), Command::Restore, Command::FollowProject] {
        assert!(looks(&command), "{command:?}");
    }
    for command in [update(into(None)), update(into(Some(design()))), update(Changes::default()), Command::Delete] {
        assert!(!looks(&command), "{command:?}");
    }
}
