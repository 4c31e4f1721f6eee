//! What a command refers to, and what it claims.

use super::*;

#[test]
fn a_new_task_refers_to_its_project_members_and_labels() {
    let new = Create { label_ids: vec![label(1)], ..busy() };
    assert_eq!(
        named(&Task::default().references(&Command::Create(new))),
        [
            ("project", website().0, true, Some("/project_id".to_owned())),
            ("member", member(1).0, false, Some("/assignee_ids/0".to_owned())),
            ("member", member(2).0, false, Some("/assignee_ids/1".to_owned())),
            ("label", label(1).0, false, Some("/label_ids/0".to_owned())),
        ]
    );
}

#[test]
fn a_change_refers_only_to_what_is_new_in_it() {
    let changes = Changes {
        project_id: Some(intranet()),
        assignee_ids: Some(vec![member(2), member(3)]),
        label_ids: Some(vec![label(2)]),
        ..Changes::default()
    };
    assert_eq!(
        named(&task([created(busy())]).references(&update(changes))),
        [
            ("project", website().0, false, None),
            ("project", intranet().0, true, Some("/project_id".to_owned())),
            ("member", member(3).0, false, Some("/assignee_ids/1".to_owned())),
        ]
    );
}

#[test]
fn a_task_is_out_of_reach_with_its_project() {
    // Who comes back has to be as the project says.
    for (command, looks) in [(update(Changes::default()), false), (Command::Delete, false), (Command::Restore, true)] {
        let references = task([created(busy()), Event::Deleted]).references(&command);
        assert_eq!(named(&references), [("project", website().0, looks, None)]);
        assert_eq!(references[0].missing, Refusal::not_found());
    }
}

#[test]
fn only_creating_deleting_and_restoring_matter_to_others() {
    assert_eq!(Task::default().effects(&created(write_the_text())), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(Task::default().effects(&Event::Deleted), Effects::lifecycle(Lifecycle::Gone));
    assert_eq!(Task::default().effects(&Event::Restored), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(Task::default().effects(&Event::Moved { project_id: intranet() }), Effects::default());
}

#[test]
fn an_external_id_belongs_to_one_task_for_ever() {
    let claim = Claim { scope: "task.external_id", value: "JIRA-1".to_owned(), pointer: "/external_id" };
    assert_eq!(Task::default().effects(&created(busy())).takes, [claim]);
    assert!(Task::default().effects(&Event::Deleted).frees.is_empty());
}

// Words
