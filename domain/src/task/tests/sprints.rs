//! Tasks in sprints.

use super::*;

fn sprint(project_id: ProjectId, status: sprint::Status) -> Sprint {
    Sprint { project_id, status, deleted: false, ..Sprint::default() }
}

fn sprints(july_is: sprint::Status, august_is: sprint::Status) -> crate::Context {
    knowing_all([known(july().0, sprint(website(), july_is)), known(august().0, sprint(website(), august_is))])
}

fn into(sprint_id: Option<SprintId>) -> Command {
    update(Changes { sprint_id: Some(sprint_id), ..Changes::default() })
}

fn in_july() -> Create {
    Create { sprint_id: Some(july()), ..write_the_text() }
}

#[test]
fn a_closed_sprint_takes_no_new_tasks() {
    let context = || sprints(sprint::Status::Closed, sprint::Status::Planned);
    given_in::<Task>(context(), []).when(Command::Create(in_july())).then_expect_error(Error::SprintClosed);
    given_in::<Task>(context(), [created(write_the_text())])
        .when(into(Some(july())))
        .then_expect_error(Error::SprintClosed);
    given_in::<Task>(context(), [created(write_the_text())])
        .when(into(Some(august())))
        .then_expect_events(vec![Event::SprintSet { sprint_id: Some(august()), at_end: false }]);
}

#[test]
fn a_task_that_is_in_a_closed_sprint_can_still_be_changed_and_taken_out() {
    let closed = || sprints(sprint::Status::Closed, sprint::Status::Planned);
    let same = update(Changes {
        sprint_id: Some(Some(july())),
        title: Some("Check the text".to_owned()),
        ..Changes::default()
    });
    given_in::<Task>(closed(), [created(in_july())])
        .when(same)
        .then_expect_events(vec![Event::Retitled { title: "Check the text".to_owned() }]);
    given_in::<Task>(closed(), [created(in_july())])
        .when(into(None))
        .then_expect_events(vec![Event::SprintSet { sprint_id: None, at_end: false }]);
}

#[test]
fn a_sprint_is_for_the_tasks_of_its_own_project() {
    let context = || knowing_all([known(july().0, sprint(intranet(), sprint::Status::Active))]);
    given_in::<Task>(context(), []).when(Command::Create(in_july())).then_expect_error(Error::SprintElsewhere);
    given_in::<Task>(context(), [created(write_the_text())])
        .when(into(Some(july())))
        .then_expect_error(Error::SprintElsewhere);
    let both = Changes { project_id: Some(intranet()), sprint_id: Some(Some(july())), ..Changes::default() };
    given_in::<Task>(context(), [created(write_the_text())]).when(update(both)).then_expect_events(vec![
        Event::Moved { project_id: intranet() },
        Event::SprintSet { sprint_id: Some(july()), at_end: false },
    ]);
}

#[test]
fn who_leaves_a_project_leaves_its_sprint() {
    let away = || Changes { project_id: Some(intranet()), ..Changes::default() };
    let context = || sprints(sprint::Status::Active, sprint::Status::Planned);
    given_in::<Task>(context(), [created(in_july())]).when(update(away())).then_expect_events(vec![
        Event::Moved { project_id: intranet() },
        Event::SprintSet { sprint_id: None, at_end: false },
    ]);
    given_in::<Task>(context(), [created(in_july())])
        .when(update(Changes { sprint_id: Some(Some(july())), ..away() }))
        .then_expect_error(Error::SprintElsewhere);
}

#[test]
fn when_a_sprint_ends_its_open_tasks_move_on_and_no_others() {
    let context = || sprints(sprint::Status::Closed, sprint::Status::Planned);
    let end = |to| Command::LeaveSprint { from: july(), to };
    let moved = |to| vec![Event::SprintSet { sprint_id: to, at_end: true }];
    let there = || given_in::<Task>(context(), [created(in_july())]);
    there().when(end(None)).then_expect_events(moved(None));
    there().when(end(Some(august()))).then_expect_events(moved(Some(august())));
    there().when(end(Some(july()))).then_expect_events(vec![]);
    let done = Event::StatusChanged { status: Status::Done, completed_at: Some(now()) };
    for since in [done, Event::Deleted, Event::SprintSet { sprint_id: Some(august()), at_end: false }] {
        there().and(vec![since]).when(end(None)).then_expect_events(vec![]);
    }
    given::<Task>([]).when(end(None)).then_expect_events(vec![]);
    given_in::<Task>(sprints(sprint::Status::Closed, sprint::Status::Closed), [created(in_july())])
        .when(end(Some(august())))
        .then_expect_error(Error::SprintClosed);
}

// Parents
