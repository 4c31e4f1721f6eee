mod billable;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::test::AggregateTestExecutor;

use super::{Action, Changes, Command, Correction, Entry, Error, Event, Reach, Reckoned, Timelog, Work, Zone};
use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, References};
use crate::ids::{MemberId, ProjectId, TaskId};
use crate::project::Project;
use crate::snapshot::{AnySnapshot, Snapshot};
use crate::task::Task;
use crate::testing::{context, day, given_in, id, now};

fn ada() -> MemberId {
    id(20)
}

fn website() -> ProjectId {
    id(10)
}

fn intranet() -> ProjectId {
    id(11)
}

/// A task of the website.
fn login() -> TaskId {
    id(30)
}

/// A context in which Ada asks, that knows her projects and the task.
fn at(now: DateTime<Utc>) -> Context {
    fn known<A: Aggregate>(id: uuid::Uuid, state: A) -> Arc<dyn AnySnapshot> {
        Arc::new(Snapshot { state, version: 1, ..Snapshot::<A>::blank(id) })
    }
    let project = || Project { name: "P".to_owned(), deleted: false, ..Project::default() };
    let task = Task { project_id: website(), deleted: false, ..Task::default() };
    let states = vec![known(website().0, project()), known(intranet().0, project()), known(login().0, task)];
    Context { actor: Actor::Member(ada()), now, references: References::new(states), ..context() }
}

fn given(events: impl IntoIterator<Item = Event>) -> AggregateTestExecutor<Timelog> {
    given_in(at(now()), events)
}

fn hours_ago(hours: i64) -> DateTime<Utc> {
    now() - TimeDelta::hours(hours)
}

fn on_the_task() -> Work {
    Work {
        member_id: ada(),
        task_id: Some(login()),
        project_id: None,
        note: None,
        zone: Reckoned::In(Zone::default()),
        billable: None,
    }
}

fn log(work: Work, started_at: DateTime<Utc>, ended_at: DateTime<Utc>) -> Command {
    Command { reach: Reach::Own, action: Action::Log { work, started_at, ended_at } }
}

fn own(action: Action) -> Command {
    Command { reach: Reach::Own, action }
}

fn correct(changes: Changes) -> Command {
    own(Action::Correct(changes))
}

fn running() -> Entry {
    Entry {
        member_id: ada(),
        task_id: Some(login()),
        project_id: website(),
        started_at: hours_ago(2),
        ended_at: None,
        time_zone: "UTC".to_owned(),
        date: day(2026, 7, 14),
        note: None,
        billable: None,
    }
}

fn logged() -> Entry {
    Entry { ended_at: Some(hours_ago(1)), ..running() }
}

#[test]
fn time_on_a_task_belongs_to_the_tasks_project() {
    given([]).when(log(on_the_task(), hours_ago(2), hours_ago(1))).then_expect_events(vec![Event::Logged(logged())]);
    let wrong = Work { project_id: Some(intranet()), ..on_the_task() };
    given([]).when(log(wrong, hours_ago(2), hours_ago(1))).then_expect_error(Error::TaskOfAnotherProject);
}

#[test]
fn time_is_worked_on_something() {
    let nothing = Work { task_id: None, ..on_the_task() };
    given([]).when(log(nothing, hours_ago(2), hours_ago(1))).then_expect_error(Error::NoSubject);
    let project = Work { task_id: None, project_id: Some(intranet()), ..on_the_task() };
    let entry = Entry { task_id: None, project_id: intranet(), ..logged() };
    given([]).when(log(project, hours_ago(2), hours_ago(1))).then_expect_events(vec![Event::Logged(entry)]);
}

#[test]
fn the_end_is_after_the_start_and_neither_in_the_future() {
    let soon = now() + TimeDelta::seconds(1);
    for (start, end, error) in [
        (hours_ago(1), hours_ago(1), Error::EndBeforeStart),
        (hours_ago(1), hours_ago(2), Error::EndBeforeStart),
        (hours_ago(1), soon, Error::EndsInTheFuture),
        (soon, soon + TimeDelta::hours(1), Error::StartsInTheFuture),
        (hours_ago(25), now(), Error::TooLong),
    ] {
        given([]).when(log(on_the_task(), start, end)).then_expect_error(error);
    }
    let whole_day = Entry { started_at: hours_ago(24), ended_at: Some(now()), date: day(2026, 7, 13), ..logged() };
    given([]).when(log(on_the_task(), hours_ago(24), now())).then_expect_events(vec![Event::Logged(whole_day)]);
}

#[test]
fn the_duration_is_the_end_minus_the_start() {
    let mut log = Timelog::default();
    log.evolve(Event::TimerStarted(running()));
    assert_eq!(log.duration_seconds, None);
    log.evolve(Event::TimerStopped { ended_at: hours_ago(2) + TimeDelta::milliseconds(3_720_900) });
    assert_eq!(log.duration_seconds, Some(3720));
    log.evolve(Event::Corrected(Correction { started_at: Some(hours_ago(3)), ..Correction::default() }));
    assert_eq!(log.duration_seconds, Some(3720 + 3600));
}

#[test]
fn the_day_is_that_of_the_start_where_it_was_worked() {
    let before_midnight = "2026-07-13T22:30:00Z".parse().unwrap();
    let in_berlin = Work { zone: Reckoned::In("Europe/Berlin".parse().unwrap()), ..on_the_task() };
    for (work, zone, date) in [(on_the_task(), "UTC", 13), (in_berlin, "Europe/Berlin", 14)] {
        let ended_at = before_midnight + TimeDelta::hours(1);
        let entry = Entry {
            started_at: before_midnight,
            ended_at: Some(ended_at),
            date: day(2026, 7, date),
            time_zone: zone.to_owned(),
            ..logged()
        };
        given([]).when(log(work, before_midnight, ended_at)).then_expect_events(vec![Event::Logged(entry)]);
    }
    for unknown in ["", "Mars/Olympus", "../etc/passwd", "europe/berlin", "+02:00"] {
        assert!(unknown.parse::<Zone>().is_err(), "{unknown}");
    }
}

#[test]
fn a_correction_moves_the_day_only_with_the_start_or_the_zone() {
    let midnight = "2026-07-13T23:00:00Z".parse().unwrap();
    given([Event::Logged(logged())])
        .when(correct(Changes { started_at: Some(midnight), ..Changes::default() }))
        .then_expect_events(vec![Event::Corrected(Correction {
            started_at: Some(midnight),
            date: Some(day(2026, 7, 13)),
            ..Correction::default()
        })]);
    let early = Entry { started_at: midnight, date: day(2026, 7, 13), ..logged() };
    given([Event::Logged(early)])
        .when(correct(Changes { zone: Some("Europe/Berlin".parse().unwrap()), ..Changes::default() }))
        .then_expect_events(vec![Event::Corrected(Correction {
            time_zone: Some("Europe/Berlin".to_owned()),
            date: Some(day(2026, 7, 14)),
            ..Correction::default()
        })]);
}

#[test]
fn a_timer_starts_and_stops_now() {
    let started = Entry { started_at: now(), ..running() };
    given([]).when(own(Action::Start(on_the_task()))).then_expect_events(vec![Event::TimerStarted(started.clone())]);
    given([Event::TimerStarted(running())])
        .when(own(Action::Stop))
        .then_expect_events(vec![Event::TimerStopped { ended_at: now() }]);
    // By a machine whose clock is behind: it still ends after it starts.
    let ended_at = now() + TimeDelta::microseconds(1);
    given_in::<Timelog>(at(hours_ago(1)), [Event::TimerStarted(started)])
        .when(own(Action::Stop))
        .then_expect_events(vec![Event::TimerStopped { ended_at }]);
}

#[test]
fn a_timer_that_was_forgotten_can_be_stopped() {
    let started_at = hours_ago(60);
    given([Event::TimerStarted(Entry { started_at, ..running() })])
        .when(own(Action::Stop))
        .then_expect_events(vec![Event::TimerStopped { ended_at: now() }]);
}

#[test]
fn only_a_running_timer_is_stopped() {
    for events in [vec![], vec![Event::Logged(logged())], vec![Event::Logged(logged()), Event::Voided]] {
        given(events).when(own(Action::Stop)).then_expect_error(Error::NotRunning);
    }
}

#[test]
fn a_member_has_one_running_timer() {
    let mut timer = Timelog::default();
    let started = timer.effects(&Event::TimerStarted(running()));
    timer.evolve(Event::TimerStarted(running()));
    let stopped = timer.effects(&Event::TimerStopped { ended_at: now() });
    assert_eq!(started.takes, stopped.frees);
    assert_eq!(started.takes[0].value, ada().to_string());
    assert!(timer.effects(&Event::Logged(logged())).takes.is_empty());
}

#[test]
fn an_end_stops_a_running_timer() {
    given([Event::TimerStarted(running())])
        .when(correct(Changes { ended_at: Some(hours_ago(1)), note: Some(Some("n".to_owned())), ..Changes::default() }))
        .then_expect_events(vec![
            Event::Corrected(Correction { note: Some(Some("n".to_owned())), ..Correction::default() }),
            Event::TimerStopped { ended_at: hours_ago(1) },
        ]);
}

#[test]
fn a_voided_timer_runs_no_more() {
    given([Event::TimerStarted(running())])
        .when(own(Action::Void))
        .then_expect_events(vec![Event::TimerStopped { ended_at: now() }, Event::Voided]);
    assert_eq!(Timelog::default().effects(&Event::Voided), Effects::lifecycle(Lifecycle::Gone));
    assert_eq!(Timelog::default().effects(&Event::Restored), Effects::lifecycle(Lifecycle::Alive));
}

#[test]
fn what_is_voided_is_not_found_until_it_is_restored() {
    let voided = || given([Event::Logged(logged()), Event::Voided]);
    voided().when(own(Action::Void)).then_expect_error(Error::NotFound);
    voided().when(correct(Changes::default())).then_expect_error(Error::NotFound);
    voided().when(own(Action::Restore)).then_expect_events(vec![Event::Restored]);
    voided().and(vec![Event::Restored]).when(own(Action::Restore)).then_expect_events(vec![]);
    given([]).when(own(Action::Restore)).then_expect_error(Error::NotFound);
}

#[test]
fn others_time_is_for_those_who_reach_it() {
    let grace = id(21);
    let hers = Work { member_id: grace, ..on_the_task() };
    let command = log(hers, hours_ago(2), hours_ago(1));
    given([]).when(command.clone()).then_expect_error(Error::NotYours);
    let entry = Entry { member_id: grace, ..logged() };
    given([]).when(Command { reach: Reach::All, ..command }).then_expect_events(vec![Event::Logged(entry.clone())]);
    for action in [Action::Void, Action::Restore, Action::Correct(Changes::default())] {
        given([Event::Logged(entry.clone())]).when(own(action)).then_expect_error(Error::NotYours);
    }
    let timer = Entry { ended_at: None, ..entry };
    given([Event::TimerStarted(timer)]).when(own(Action::Stop)).then_expect_error(Error::NotYours);
}

#[test]
fn a_correction_says_what_differs() {
    let given = || given([Event::Logged(logged())]);
    given().when(correct(Changes::default())).then_expect_events(vec![]);
    let same = Changes {
        task_id: Some(Some(login())),
        project_id: Some(website()),
        started_at: Some(hours_ago(2)),
        ended_at: Some(hours_ago(1)),
        note: Some(None),
        zone: Some(Zone::default()),
        billable: Some(None),
    };
    given().when(correct(same)).then_expect_events(vec![]);
    given()
        .when(correct(Changes { task_id: Some(None), project_id: Some(intranet()), ..Changes::default() }))
        .then_expect_events(vec![Event::Corrected(Correction {
            task_id: Some(None),
            project_id: Some(intranet()),
            ..Correction::default()
        })]);
    given()
        .when(correct(Changes { project_id: Some(intranet()), ..Changes::default() }))
        .then_expect_error(Error::TaskOfAnotherProject);
    given()
        .when(correct(Changes { ended_at: Some(hours_ago(3)), ..Changes::default() }))
        .then_expect_error(Error::EndBeforeStart);
}

#[test]
fn what_it_refers_to_must_be_there() {
    let kinds = |command: &Command| -> Vec<_> {
        let log = Timelog::default();
        let first = log.references(command);
        let then = log.further_references(command, &at(now()).references);
        first.into_iter().chain(then).map(|reference| (reference.kind, reference.id)).collect()
    };
    let on_task = log(on_the_task(), hours_ago(2), hours_ago(1));
    assert_eq!(kinds(&on_task), [("member", ada().0), ("task", login().0), ("project", website().0)]);
    let on_project = Work { task_id: None, project_id: Some(intranet()), ..on_the_task() };
    assert_eq!(kinds(&own(Action::Start(on_project))), [("member", ada().0), ("project", intranet().0)]);
    assert!(kinds(&own(Action::Void)).is_empty());
}
