//! Tasks that are parts of tasks.

use super::*;

/// A chain of so many tasks, each a part of the next: 50 of 51, 51 of 52, and so on. The last has this parent.
fn chain(length: u128, top: Option<TaskId>) -> crate::Context {
    let state = |n: u128| {
        let parent_id = if n + 1 < length { Some(id(51 + n)) } else { top };
        known(id(50 + n), Task { parent_id, ..task([created(write_the_text())]) })
    };
    knowing_all((0..length).map(state))
}

fn under(parent_id: TaskId) -> Command {
    update(Changes { parent_id: Some(Some(parent_id)), ..Changes::default() })
}

#[test]
fn a_task_is_never_a_part_of_itself() {
    let myself: TaskId = context().id.into();
    for context in [context(), chain(1, Some(myself)), chain(5, Some(myself))] {
        let parent = if context.references.get::<Task>(epic().0).is_some() { epic() } else { myself };
        given_in::<Task>(context, [created(write_the_text())])
            .when(under(parent))
            .then_expect_error(Error::PartOfItself);
    }
    given_in::<Task>(chain(5, None), [created(write_the_text())])
        .when(under(epic()))
        .then_expect_events(vec![Event::ParentSet { parent_id: Some(epic()) }]);
}

#[test]
fn there_is_an_end_to_parts_of_parts() {
    let new = || Command::Create(Create { parent_id: Some(epic()), ..write_the_text() });
    given_in::<Task>(chain(33, None), []).when(new()).then_expect_error(Error::TooDeep);
    given_in::<Task>(chain(32, None), [])
        .when(new())
        .then_expect_events(vec![created(Create { parent_id: Some(epic()), ..write_the_text() })]);
}

#[test]
fn all_that_a_parent_is_a_part_of_is_looked_at_up_to_the_top() {
    let ask = |known: &crate::Context| {
        let task = task([created(write_the_text())]);
        assert_eq!(named(&task.references(&under(epic())))[1].1, epic().0);
        let further = task.further_references(&under(epic()), &known.references);
        named(&further).into_iter().map(|(kind, id, state, _)| (kind, id, state)).collect::<Vec<_>>()
    };
    assert_eq!(ask(&context()), []);
    assert_eq!(ask(&chain(1, None)), [("project", website().0, false)]);
    assert_eq!(ask(&chain(3, Some(id(70)))), [("project", website().0, false), ("task", id(70), true)]);
    assert_eq!(ask(&chain(40, None)).len(), 1);
}

#[test]
fn to_leave_a_parent_takes_nothing_else() {
    let part = || Create { parent_id: Some(epic()), ..write_the_text() };
    let out = || update(Changes { parent_id: Some(None), ..Changes::default() });
    given::<Task>([created(part())]).when(out()).then_expect_events(vec![Event::ParentSet { parent_id: None }]);
    assert_eq!(named(&task([created(part())]).references(&out())).len(), 1);
    assert!(task([created(part())]).further_references(&out(), &context().references).is_empty());
}

// Going and coming back
