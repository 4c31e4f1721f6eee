use super::{Action, Command, Comment, Error, Event};
use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle};
use crate::ids::TaskId;
use crate::refusal::Refusal;
use crate::task::Task;
use crate::testing::{context, given_in, id, knowing_all, known, now};

fn task() -> TaskId {
    id(50)
}

fn ada() -> Actor {
    Actor::Member(id(20))
}

fn bo() -> Actor {
    Actor::Member(id(21))
}

fn by(actor: Actor) -> Context {
    Context { actor, ..context() }
}

fn told(action: Action) -> Command {
    Command { task_id: task(), moderates: false, action }
}

fn moderating(action: Action) -> Command {
    Command { moderates: true, ..told(action) }
}

fn say(body: &str) -> Action {
    Action::Create { body: body.to_owned() }
}

fn edit(body: &str) -> Action {
    Action::Edit { body: body.to_owned() }
}

fn said() -> Event {
    Event::Created { task_id: task(), body: "Why?".to_owned(), author: ada() }
}

#[test]
fn who_says_it_is_its_author() {
    given_in::<Comment>(by(ada()), []).when(told(say("Why?"))).then_expect_events(vec![said()]);
    given_in::<Comment>(by(ada()), [said()]).when(told(say("Why?"))).then_expect_error(Error::AlreadyExists);
}

#[test]
fn only_its_author_changes_what_it_says() {
    let edited = Event::Edited { body: "How?".to_owned(), at: now() };
    given_in::<Comment>(by(ada()), [said()]).when(told(edit("How?"))).then_expect_events(vec![edited]);
    given_in::<Comment>(by(ada()), [said()]).when(told(edit("Why?"))).then_expect_events(vec![]);
    for command in [told(edit("How?")), moderating(edit("How?"))] {
        given_in::<Comment>(by(bo()), [said()]).when(command).then_expect_error(Error::NotYours);
    }
}

#[test]
fn its_author_and_managers_take_it_away_and_bring_it_back() {
    for (actor, command) in [(ada(), told(Action::Delete)), (bo(), moderating(Action::Delete))] {
        given_in::<Comment>(by(actor), [said()]).when(command).then_expect_events(vec![Event::Deleted]);
    }
    for (actor, command) in [(ada(), told(Action::Restore)), (bo(), moderating(Action::Restore))] {
        given_in::<Comment>(by(actor), [said(), Event::Deleted])
            .when(command)
            .then_expect_events(vec![Event::Restored]);
    }
    given_in::<Comment>(by(bo()), [said()]).when(told(Action::Delete)).then_expect_error(Error::NotYours);
    given_in::<Comment>(by(bo()), [said(), Event::Deleted])
        .when(told(Action::Restore))
        .then_expect_error(Error::NotYours);
    given_in::<Comment>(by(bo()), [said()]).when(told(Action::Restore)).then_expect_events(vec![]);
}

#[test]
fn what_is_gone_or_elsewhere_is_not_found() {
    for action in [edit("How?"), Action::Delete] {
        given_in::<Comment>(by(ada()), [said(), Event::Deleted])
            .when(told(action.clone()))
            .then_expect_error(Error::NotFound);
        given_in::<Comment>(by(ada()), []).when(told(action.clone())).then_expect_error(Error::NotFound);
        given_in::<Comment>(by(ada()), [said()])
            .when(Command { task_id: id(51), ..told(action) })
            .then_expect_error(Error::NotFound);
    }
}

#[test]
fn it_is_out_of_reach_with_its_task_and_its_project() {
    let command = told(Action::Delete);
    let task_itself = Comment::default().references(&command);
    assert_eq!((task_itself[0].kind, task_itself[0].id), ("task", task().0));
    assert_eq!(task_itself[0].missing, Refusal::not_found());
    let known = knowing_all([known(task().0, Task { project_id: id(10), deleted: false, ..Task::default() })]);
    let project = Comment::default().further_references(&command, &known.references);
    assert_eq!((project[0].kind, project[0].id), ("project", id(10)));
    assert_eq!(project[0].missing, Refusal::not_found());
}

#[test]
fn only_creating_deleting_and_restoring_matter_to_others() {
    let effects = |event: Event| Comment::default().effects(&event);
    assert_eq!(effects(said()), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(effects(Event::Deleted), Effects::lifecycle(Lifecycle::Gone));
    assert_eq!(effects(Event::Restored), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(effects(Event::Edited { body: "How?".to_owned(), at: now() }), Effects::default());
}
