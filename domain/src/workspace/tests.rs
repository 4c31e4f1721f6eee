use super::{Category, Changes, Command, Error, Event, Plan, ProjectStatus, Workspace};
use crate::testing::{given, id};

fn created() -> Event {
    Event::Created { name: "Ada's".to_owned(), plan: Plan::Team, locale: "de-AT".to_owned() }
}

fn create() -> Command {
    Command::Create { name: "Ada's".to_owned(), plan: Plan::Team, locale: "de-AT".to_owned() }
}

fn rename(name: &str) -> Command {
    Command::Update(Changes { name: Some(name.to_owned()), ..Changes::default() })
}

fn status(key: &str, name: &str, category: Category) -> ProjectStatus {
    ProjectStatus { key: key.to_owned(), name: name.to_owned(), category, color: None }
}

fn statuses(next: Vec<ProjectStatus>) -> Command {
    Command::Update(Changes { project_statuses: Some(next), ..Changes::default() })
}

fn review() -> ProjectStatus {
    status("review", "Review", Category::InProgress)
}

#[test]
fn a_workspace_is_set_up_once() {
    given::<Workspace>([]).when(create()).then_expect_events(vec![created()]);
    given::<Workspace>([created()]).when(create()).then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_new_name_is_an_event_and_the_same_name_is_none() {
    let renamed = Event::Renamed { name: "Byron's".to_owned() };
    given::<Workspace>([created()]).when(rename("Byron's")).then_expect_events(vec![renamed.clone()]);
    given::<Workspace>([created()]).when(rename("Ada's")).then_expect_events(vec![]);
    given::<Workspace>([created(), renamed]).when(rename("Byron's")).then_expect_events(vec![]);
}

#[test]
fn a_workspace_that_never_was_is_not_found() {
    given::<Workspace>([]).when(rename("Byron's")).then_expect_error(Error::NotFound);
    given::<Workspace>([]).when(Command::AddOwner(id(5))).then_expect_error(Error::NotFound);
}

#[test]
fn plan_language_and_time_zone_change_by_the_difference() {
    let changes = |plan, locale: &str, zone: &str| {
        let (locale, time_zone) = (Some(locale.to_owned()), Some(zone.to_owned()));
        Command::Update(Changes { plan: Some(plan), locale, time_zone, ..Changes::default() })
    };
    let there = || given::<Workspace>([created()]);
    there().when(changes(Plan::Team, "de-AT", "UTC")).then_expect_events(vec![]);
    there().when(changes(Plan::Free, "fr", "Europe/Vienna")).then_expect_events(vec![
        Event::PlanChanged { plan: Plan::Free },
        Event::LocaleChanged { locale: "fr".to_owned() },
        Event::TimeZoneChanged { time_zone: "Europe/Vienna".to_owned() },
    ]);
    there().when(changes(Plan::Team, "German", "UTC")).then_expect_error(Error::NotALanguage);
    for zone in ["Europe/Atlantis", "../etc/passwd", "", "europe/vienna", "+01:00"] {
        there().when(changes(Plan::Team, "de-AT", zone)).then_expect_error(Error::NotATimeZone);
    }
}

#[test]
fn there_is_always_an_owner() {
    let owner = |member_id| Event::OwnerAdded { member_id };
    let one = || given::<Workspace>([created(), owner(id(5))]);
    let two = || given::<Workspace>([created(), owner(id(5)), owner(id(6))]);
    given::<Workspace>([created()]).when(Command::AddOwner(id(5))).then_expect_events(vec![owner(id(5))]);
    one().when(Command::AddOwner(id(5))).then_expect_events(vec![]);
    one().when(Command::RemoveOwner(id(5))).then_expect_error(Error::LastOwner);
    one().when(Command::RemoveOwner(id(6))).then_expect_events(vec![]);
    two().when(Command::RemoveOwner(id(5))).then_expect_events(vec![Event::OwnerRemoved { member_id: id(5) }]);
    let left = given::<Workspace>([created(), owner(id(5)), owner(id(6)), Event::OwnerRemoved { member_id: id(5) }]);
    left.when(Command::RemoveOwner(id(6))).then_expect_error(Error::LastOwner);
}

#[test]
fn states_of_projects_are_added_renamed_ordered_and_removed() {
    let there = || given::<Workspace>([created()]);
    let mut next = ProjectStatus::defaults();
    there().when(statuses(next.clone())).then_expect_events(vec![]);
    next.push(review());
    there().when(statuses(next.clone())).then_expect_events(vec![Event::StatusAdded(review())]);

    next[2].name = "Doing".to_owned();
    next.swap(3, 5);
    next.remove(0);
    let doing = status("in_progress", "Doing", Category::InProgress);
    let keys = ["planned", "in_progress", "review", "cancelled", "completed"].map(str::to_owned).to_vec();
    let events = vec![
        Event::StatusRemoved { key: "backlog".to_owned() },
        Event::StatusChanged(doing),
        Event::StatusAdded(review()),
        Event::StatusesOrdered { keys },
    ];
    there().when(statuses(next.clone())).then_expect_events(events.clone());
    let mut workspace = Workspace::default();
    std::iter::once(created()).chain(events).for_each(|event| workspace.evolve(event));
    assert_eq!(workspace.project_statuses, next);
}

#[test]
fn states_of_projects_can_be_told_apart_and_keep_their_meaning() {
    let with = |status| ProjectStatus::defaults().into_iter().chain([status]).collect();
    let there = || given::<Workspace>([created()]);
    there().when(statuses(vec![])).then_expect_error(Error::HowManyStatuses);
    let many = (0..51).map(|n| status(&format!("s{n}"), &format!("S{n}"), Category::Planned)).collect();
    there().when(statuses(many)).then_expect_error(Error::HowManyStatuses);
    for key in ["", "In Review", "review!", "Review", &"k".repeat(51)] {
        there().when(statuses(with(status(key, "R", Category::Planned)))).then_expect_error(Error::BadKey(5));
    }
    there().when(statuses(with(status("planned", "P", Category::Planned)))).then_expect_error(Error::SameKey(5));
    there().when(statuses(with(status("p", "PLANNED", Category::Planned)))).then_expect_error(Error::SameName(5));
    let red = ProjectStatus { color: Some("red".to_owned()), ..review() };
    there().when(statuses(with(red))).then_expect_error(Error::NotAColor(5));
    let mut other = ProjectStatus::defaults();
    other[1].category = Category::Completed;
    there().when(statuses(other)).then_expect_error(Error::OtherCategory(1));
}

#[test]
fn a_state_that_projects_are_in_goes_only_if_they_have_another_to_go_to() {
    let there = || given::<Workspace>([created()]);
    let without = |keys: &[&str]| {
        let gone = |status: &ProjectStatus| !keys.contains(&status.key.as_str());
        ProjectStatus::defaults().into_iter().filter(gone).collect::<Vec<_>>()
    };
    let in_use = vec![("planned".to_owned(), 3), ("long_gone".to_owned(), 1)];
    let changes = |next, replace_with: Option<&str>| {
        let (project_statuses, replace_with) = (Some(next), replace_with.map(str::to_owned));
        Command::Update(Changes { project_statuses, replace_with, in_use: in_use.clone(), ..Changes::default() })
    };
    let error = Error::InUse { key: "planned".to_owned(), projects: 3 };
    there().when(changes(without(&["planned"]), None)).then_expect_error(error);
    let removed = |key: &str| Event::StatusRemoved { key: key.to_owned() };
    there().when(changes(without(&["backlog"]), None)).then_expect_events(vec![removed("backlog")]);
    there().when(changes(without(&["planned"]), Some("backlog"))).then_expect_events(vec![removed("planned")]);
    for nowhere in ["planned", "no_such"] {
        there().when(changes(without(&["planned"]), Some(nowhere))).then_expect_error(Error::UnknownReplacement);
    }
}

#[test]
fn a_state_that_is_needed_after_all_comes_back_as_the_last() {
    let backlog = || status("backlog", "Backlog", Category::Backlog);
    let back = || Command::BringBack(vec![backlog(), status("planned", "Other", Category::Planned)]);
    let gone = given::<Workspace>([created(), Event::StatusRemoved { key: "backlog".to_owned() }]);
    gone.when(back()).then_expect_events(vec![Event::StatusAdded(backlog())]);
    given::<Workspace>([created()]).when(back()).then_expect_events(vec![]);
}

#[test]
fn who_pays_nothing_mints_no_keys_for_krokanti() {
    let on = |plan| given::<Workspace>([created(), Event::PlanChanged { plan }]);
    let allow = |format: &str| Command::AllowKey { format: format.to_owned() };
    for plan in [Plan::Pro, Plan::Team, Plan::Enterprise] {
        on(plan).when(allow("krokanti")).then_expect_events(vec![]);
    }
    on(Plan::Free).when(allow("krokanti")).then_expect_error(Error::NotInThePlan);
    for format in ["native", "ikreo", "pike", "projekt", "generic"] {
        on(Plan::Free).when(allow(format)).then_expect_events(vec![]);
    }
}
