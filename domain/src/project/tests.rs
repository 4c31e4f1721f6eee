mod fields;
mod phases;

use super::{Changes, Command, Create, Created, Error, Event, Project};
use crate::aggregate::{Aggregate, Effects, Lifecycle};
use crate::testing::given;

fn website() -> Created {
    Created {
        name: "Website".to_owned(),
        description: Some("Ours.".to_owned()),
        year: 2026,
        status: "backlog".to_owned(),
        ..Created::default()
    }
}

fn created() -> Event {
    Event::Created(website())
}

fn create(name: &str, set: Changes) -> Command {
    Command::Create(Create { set, ..Create::new(name) })
}

fn patch(name: Option<&str>, description: Option<Option<&str>>, archived: Option<bool>) -> Command {
    let name = name.map(str::to_owned);
    let description = description.map(|text| text.map(str::to_owned));
    Command::Update(Changes { name, description, archived, ..Changes::default() })
}

#[test]
fn a_project_is_created_in_the_year_it_happens() {
    given::<Project>([])
        .when(create("Website", Changes { description: Some(Some("Ours.".to_owned())), ..Changes::default() }))
        .then_expect_events(vec![created()]);
    assert_eq!(Project::default().effects(&created()).series.as_deref(), Some("2026"));
}

#[test]
fn an_id_is_used_once_even_after_a_delete() {
    let again = || create("Another", Changes::default());
    given::<Project>([created()]).when(again()).then_expect_error(Error::AlreadyExists);
    given::<Project>([created(), Event::Deleted]).when(again()).then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_patch_that_changes_nothing_emits_nothing() {
    given::<Project>([created()]).when(patch(None, None, None)).then_expect_events(vec![]);
    given::<Project>([created()])
        .when(patch(Some("Website"), Some(Some("Ours.")), Some(false)))
        .then_expect_events(vec![]);
}

#[test]
fn each_changed_field_is_one_event() {
    given::<Project>([created()]).when(patch(Some("Shop"), Some(None), Some(true))).then_expect_events(vec![
        Event::Renamed { name: "Shop".to_owned() },
        Event::Described { description: None },
        Event::Archived,
    ]);
}

#[test]
fn an_archived_project_can_be_taken_back_into_use_once() {
    let archived = || given::<Project>([created(), Event::Archived]);
    archived().when(patch(None, None, Some(true))).then_expect_events(vec![]);
    archived().when(patch(None, None, Some(false))).then_expect_events(vec![Event::Unarchived]);
    archived().and(vec![Event::Unarchived]).when(patch(None, None, Some(false))).then_expect_events(vec![]);
}

#[test]
fn a_project_that_never_was_is_not_found() {
    for command in [patch(None, None, None), Command::Delete, Command::Restore] {
        given::<Project>([]).when(command).then_expect_error(Error::NotFound);
    }
}

#[test]
fn a_deleted_project_is_not_found_until_it_is_restored() {
    let deleted = || given::<Project>([created(), Event::Archived, Event::Deleted]);
    deleted().when(patch(Some("Shop"), None, None)).then_expect_error(Error::NotFound);
    deleted().when(Command::Delete).then_expect_error(Error::NotFound);
    deleted().when(Command::Restore).then_expect_events(vec![Event::Restored]);
    deleted().and(vec![Event::Restored]).when(patch(None, None, Some(true))).then_expect_events(vec![]);
    deleted().and(vec![Event::Restored]).when(Command::Restore).then_expect_events(vec![]);
}

#[test]
fn its_number_comes_from_the_log_and_stays() {
    let mut project = Project::default();
    project.evolve(created());
    project.take_series("2026-0007");
    for event in [Event::Renamed { name: "Shop".to_owned() }, Event::Deleted, Event::Restored] {
        project.evolve(event);
    }
    assert_eq!(project.project_number, "2026-0007");
}

#[test]
fn only_creating_deleting_and_restoring_matter_to_others() {
    assert_eq!(Project::default().effects(&Event::Deleted), Effects::lifecycle(Lifecycle::Gone));
    assert_eq!(Project::default().effects(&Event::Restored), Effects::lifecycle(Lifecycle::Alive));
    assert_eq!(Project::default().effects(&Event::Archived), Effects::default());
}
