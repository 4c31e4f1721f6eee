//! Who pays for the time, and where its day is reckoned.

use super::*;
use crate::testing::{id as any_id, known};
use crate::workspace::Workspace;

/// The website has a customer who pays, but not for the task; the workspace is in Tokyo.
fn given_here(events: impl IntoIterator<Item = Event>) -> AggregateTestExecutor<Timelog> {
    let paid = Project { customer_id: Some(any_id(70)), billable: Some(true), deleted: false, ..Project::default() };
    let free = Project { deleted: false, ..Project::default() };
    let task = Task { project_id: website(), billable: Some(false), deleted: false, ..Task::default() };
    let workspace = Workspace { name: "W".to_owned(), time_zone: "Asia/Tokyo".to_owned(), ..Workspace::default() };
    let states = vec![
        known(website().0, paid),
        known(intranet().0, free),
        known(login().0, task),
        known(context().workspace.0, workspace),
    ];
    given_in(Context { references: References::new(states), ..at(now()) }, events)
}

fn for_project(project: ProjectId, billable: Option<bool>) -> Work {
    Work { task_id: None, project_id: Some(project), billable, ..on_the_task() }
}

fn kept(project_id: ProjectId, billable: Option<bool>) -> Event {
    Event::Logged(Entry { task_id: None, project_id, billable, ..logged() })
}

fn say(billable: Option<bool>) -> Command {
    correct(Changes { billable: Some(billable), ..Changes::default() })
}

fn corrected(billable: Option<bool>) -> Event {
    Event::Corrected(Correction { billable: Some(billable), ..Correction::default() })
}

#[test]
fn time_is_billable_as_its_task_or_project_unless_said_otherwise() {
    let logs = |work| log(work, hours_ago(2), hours_ago(1));
    for (said, is) in [(None, true), (Some(false), false)] {
        let event = kept(website(), Some(is));
        given_here([]).when(logs(for_project(website(), said))).then_expect_events(vec![event]);
    }
    let on_task = Event::Logged(Entry { billable: Some(false), ..logged() });
    given_here([]).when(logs(on_the_task())).then_expect_events(vec![on_task]);
    let started = Event::TimerStarted(Entry { started_at: now(), billable: Some(true), ..running() });
    let start = Work { billable: Some(true), ..on_the_task() };
    given_here([]).when(own(Action::Start(start))).then_expect_events(vec![started]);
}

#[test]
fn without_a_customer_time_is_neither_billable_nor_not() {
    let logs = |work| log(work, hours_ago(2), hours_ago(1));
    given_here([]).when(logs(for_project(intranet(), None))).then_expect_events(vec![kept(intranet(), None)]);
    given_here([]).when(logs(for_project(intranet(), Some(true)))).then_expect_error(Error::NoCustomer);
    given_here([kept(intranet(), None)]).when(say(Some(false))).then_expect_error(Error::NoCustomer);
    given_here([kept(intranet(), None)]).when(say(None)).then_expect_events(vec![]);
}

#[test]
fn what_was_said_is_corrected_or_follows_what_the_time_was_for() {
    let paid = || kept(website(), Some(true));
    given_here([paid()]).when(say(Some(true))).then_expect_events(vec![]);
    given_here([paid()]).when(say(Some(false))).then_expect_events(vec![corrected(Some(false))]);
    given_here([paid(), corrected(Some(false))]).when(say(None)).then_expect_events(vec![corrected(Some(true))]);
    let moved = correct(Changes { project_id: Some(intranet()), ..Changes::default() });
    let correction = Correction { project_id: Some(intranet()), billable: Some(None), ..Correction::default() };
    given_here([paid()]).when(moved).then_expect_events(vec![Event::Corrected(correction)]);
    let onto = correct(Changes { task_id: Some(Some(login())), ..Changes::default() });
    let correction = Correction { task_id: Some(Some(login())), billable: Some(Some(false)), ..Correction::default() };
    given_here([paid()]).when(onto).then_expect_events(vec![Event::Corrected(correction)]);
}

#[test]
fn days_are_reckoned_as_in_the_workspace_unless_said_otherwise() {
    let zone = Reckoned::AsIn(context().workspace);
    let late = day(2026, 7, 13).and_hms_opt(20, 0, 0).unwrap().and_utc();
    let work = Work { zone, ..for_project(website(), None) };
    assert_eq!(Timelog::default().references(&log(work.clone(), late, hours_ago(1))).last().unwrap().kind, "workspace");
    let entry = Entry {
        task_id: None,
        started_at: late,
        ended_at: Some(hours_ago(1)),
        time_zone: "Asia/Tokyo".to_owned(),
        date: day(2026, 7, 14),
        billable: Some(true),
        ..logged()
    };
    given_here([]).when(log(work, late, hours_ago(1))).then_expect_events(vec![Event::Logged(entry)]);
}
