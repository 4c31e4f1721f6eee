//! A project's phases.

use super::{created, website};
use crate::ids::PhaseId;
use crate::project::{Command, Create, Created, Error, Event, MOST_PHASES, Phase, PhaseChanges, Project};
use crate::testing::{day, given, id};

fn phase(number: u128, name: &str) -> Phase {
    Phase { id: id(number), name: name.to_owned(), start_date: Some(day(2026, 7, 1)), end_date: None }
}

fn added() -> Vec<Event> {
    let phases = [phase(1, "Design"), phase(2, "Build"), phase(3, "Launch")];
    std::iter::once(created()).chain(phases.map(Event::PhaseAdded)).collect()
}

fn add(phase: Phase, place: Option<usize>) -> Command {
    Command::AddPhase { phase, place }
}

fn change(number: u128, changes: PhaseChanges) -> Command {
    Command::ChangePhase { id: id(number), changes }
}

fn ordered(numbers: [u128; 3]) -> Event {
    Event::PhasesOrdered { phase_ids: numbers.map(id::<PhaseId>).to_vec() }
}

#[test]
fn a_phase_comes_last_unless_said_otherwise() {
    let (design, build, launch) = (phase(1, "Design"), phase(2, "Build"), phase(3, "Launch"));
    let two = || given::<Project>([created(), Event::PhaseAdded(design.clone()), Event::PhaseAdded(build.clone())]);
    let last = Event::PhaseAdded(launch.clone());
    for place in [None, Some(2), Some(9)] {
        two().when(add(launch.clone(), place)).then_expect_events(vec![last.clone()]);
    }
    two().when(add(launch.clone(), Some(0))).then_expect_events(vec![last.clone(), ordered([3, 1, 2])]);
}

#[test]
fn it_never_ends_before_it_starts() {
    let backwards = Phase { end_date: Some(day(2026, 6, 30)), ..phase(4, "Before") };
    given::<Project>(added()).when(add(backwards, None)).then_expect_error(Error::PhaseEndsBeforeStart);
    let later = PhaseChanges { end_date: Some(Some(day(2026, 6, 30))), ..PhaseChanges::default() };
    given::<Project>(added()).when(change(1, later)).then_expect_error(Error::PhaseEndsBeforeStart);
    let one_day = PhaseChanges { end_date: Some(Some(day(2026, 7, 1))), ..PhaseChanges::default() };
    let changed = Phase { end_date: Some(day(2026, 7, 1)), ..phase(1, "Design") };
    given::<Project>(added()).when(change(1, one_day)).then_expect_events(vec![Event::PhaseChanged(changed)]);
}

#[test]
fn it_is_changed_and_moved() {
    let same = PhaseChanges { name: Some("Build".to_owned()), place: Some(1), ..PhaseChanges::default() };
    given::<Project>(added()).when(change(2, same)).then_expect_events(vec![]);
    let both = PhaseChanges { name: Some("Make".to_owned()), place: Some(0), ..PhaseChanges::default() };
    given::<Project>(added())
        .when(change(2, both))
        .then_expect_events(vec![Event::PhaseChanged(phase(2, "Make")), ordered([2, 1, 3])]);
    let to_the_end = PhaseChanges { place: Some(99), ..PhaseChanges::default() };
    given::<Project>(added()).when(change(1, to_the_end)).then_expect_events(vec![ordered([2, 3, 1])]);
}

#[test]
fn one_that_is_not_there_is_not_found() {
    given::<Project>(added())
        .when(Command::RemovePhase(id(2)))
        .then_expect_events(vec![Event::PhaseRemoved { phase_id: id(2) }]);
    let gone = || given::<Project>(added()).and(vec![Event::PhaseRemoved { phase_id: id(2) }]);
    gone().when(Command::RemovePhase(id(2))).then_expect_error(Error::NotFound);
    gone().when(change(2, PhaseChanges::default())).then_expect_error(Error::NotFound);
    given::<Project>([created(), Event::Deleted])
        .when(add(phase(1, "Design"), None))
        .then_expect_error(Error::NotFound);
}

#[test]
fn there_are_only_so_many() {
    let full = (0..MOST_PHASES).map(|at| Event::PhaseAdded(phase(at as u128 + 1, "One")));
    let full: Vec<_> = std::iter::once(created()).chain(full).collect();
    given::<Project>(full).when(add(phase(999, "More"), None)).then_expect_error(Error::TooManyPhases);
}

#[test]
fn a_project_is_made_with_its_phases() {
    let phases = vec![phase(1, "Design"), phase(2, "Build")];
    let new = |phases: Vec<Phase>| Command::Create(Create { phases, ..Create::new("Website") });
    let made = Created { description: None, ..website() };
    given::<Project>([]).when(new(phases.clone())).then_expect_events(
        std::iter::once(Event::Created(made)).chain(phases.into_iter().map(Event::PhaseAdded)).collect(),
    );
    let backwards = Phase { end_date: Some(day(2026, 6, 30)), ..phase(2, "Before") };
    given::<Project>([])
        .when(new(vec![phase(1, "Design"), backwards]))
        .then_expect_error(Error::NewPhaseEndsBeforeStart(1));
    let many = (0..=MOST_PHASES).map(|at| phase(at as u128 + 1, "One")).collect();
    given::<Project>([]).when(new(many)).then_expect_error(Error::HowManyPhases);
}

#[test]
fn one_that_was_removed_comes_back_as_the_last() {
    let gone = || given::<Project>(added()).and(vec![Event::PhaseRemoved { phase_id: id(2) }]);
    let back = Event::PhaseAdded(phase(2, "Build"));
    gone().when(Command::RestorePhase(id(2))).then_expect_events(vec![back.clone()]);
    gone().and(vec![back]).when(Command::RestorePhase(id(2))).then_expect_events(vec![]);
    gone().when(Command::RestorePhase(id(4))).then_expect_error(Error::NotFound);
}

#[test]
fn what_was_removed_is_remembered_until_it_is_back_and_no_more_than_so_many() {
    let mut project = Project::default();
    for event in added() {
        project.evolve(event);
    }
    for round in 0..=MOST_PHASES as u128 {
        project.evolve(Event::PhaseAdded(phase(100 + round, "Short")));
        project.evolve(Event::PhaseRemoved { phase_id: id(100 + round) });
    }
    assert_eq!(project.removed_phases.len(), MOST_PHASES);
    assert_eq!((project.removed_phases[0].id, project.phases.len()), (id(101), 3));
    project.evolve(Event::PhaseAdded(phase(101, "Short")));
    assert_eq!((project.removed_phases[0].id, project.phases.len()), (id(102), 4));
}
