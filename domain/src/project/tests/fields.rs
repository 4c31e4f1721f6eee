//! What a project says of itself: state, code, people, customer, days.

use cqrs_es::test::AggregateTestExecutor;

use super::{create, created, website};
use crate::aggregate::{Aggregate, Claim, Effects, Lifecycle};
use crate::catalog::Entry;
use crate::customer::{self, Customer};
use crate::ids::{CustomerId, MemberId};
use crate::project::{Changes, Command, Created, Error, Event, Project, StatusChoice};
use crate::testing::{context, day, given_in, id, knowing_all, known};
use crate::workspace::{Category, ProjectStatus, Workspace};

fn acme() -> CustomerId {
    id(60)
}

/// Acme pays for what is done, unless said otherwise; projects of this workspace are first of all `doing`.
fn given_here(events: impl IntoIterator<Item = Event>) -> AggregateTestExecutor<Project> {
    let fields = customer::Fields { billable_by_default: true, ..customer::Fields::default() };
    let acme_itself: Customer = Entry { fields, deleted: false };
    let status =
        |key: &str, category| ProjectStatus { key: key.to_owned(), name: key.to_owned(), category, color: None };
    let project_statuses = vec![status("doing", Category::InProgress), status("done", Category::Completed)];
    let workspace = Workspace { name: "Ours".to_owned(), project_statuses, ..Workspace::default() };
    given_in(knowing_all([known(acme().0, acme_itself), known(context().workspace.0, workspace)]), events)
}

fn update(changes: Changes) -> Command {
    Command::Update(changes)
}

fn in_status(key: Option<&str>) -> Changes {
    let status = StatusChoice { workspace: context().workspace, key: key.map(str::to_owned) };
    Changes { status: Some(status), ..Changes::default() }
}

fn for_acme() -> Event {
    Event::Created(Created { customer_id: Some(acme()), billable: Some(true), ..website() })
}

fn states(events: &[Event]) -> Project {
    events.iter().fold(Project::default(), |mut project, event| {
        project.evolve(event.clone());
        project
    })
}

#[test]
fn all_that_is_said_of_a_new_project_is_in_one_event() {
    let (ada, bo): (MemberId, MemberId) = (id(2), id(3));
    let set = Changes {
        code: Some(Some("WEB".to_owned())),
        color: Some(Some("#d73a4a".to_owned())),
        start_date: Some(Some(day(2026, 7, 1))),
        due_date: Some(Some(day(2026, 7, 31))),
        lead_id: Some(Some(ada)),
        member_ids: Some(vec![bo, ada, bo]),
        team_id: Some(Some(id(61))),
        space_id: Some(Some(id(62))),
        customer_id: Some(Some(acme())),
        ..in_status(Some("done"))
    };
    let references = Project::default().references(&create("Website", set.clone()));
    let kinds: Vec<_> = references.iter().map(|one| (one.kind, one.state.is_some())).collect();
    let people = [("member", false); 3];
    let expected = [("workspace", true), ("member", false), ("team", false), ("space", false), ("customer", true)];
    assert_eq!(kinds, expected.into_iter().chain(people).collect::<Vec<_>>());
    given_here([]).when(create("Website", set)).then_expect_events(vec![Event::Created(Created {
        description: None,
        status: "done".to_owned(),
        category: Category::Completed,
        code: Some("WEB".to_owned()),
        color: Some("#d73a4a".to_owned()),
        start_date: Some(day(2026, 7, 1)),
        due_date: Some(day(2026, 7, 31)),
        lead_id: Some(ada),
        member_ids: vec![bo, ada],
        team_id: Some(id(61)),
        space_id: Some(id(62)),
        customer_id: Some(acme()),
        billable: Some(true),
        ..website()
    })]);
}

#[test]
fn its_state_is_one_of_the_workspaces_and_at_first_their_first() {
    let doing = Created { description: None, status: "doing".to_owned(), category: Category::InProgress, ..website() };
    given_here([]).when(create("Website", in_status(None))).then_expect_events(vec![Event::Created(doing)]);
    given_here([]).when(create("Website", in_status(Some("backlog")))).then_expect_error(Error::UnknownStatus);
    given_here([created()]).when(update(in_status(Some("no_such")))).then_expect_error(Error::UnknownStatus);
    let event = Event::StatusChanged { status: "done".to_owned(), category: Category::Completed };
    given_here([created()]).when(update(in_status(Some("done")))).then_expect_events(vec![event]);
}

#[test]
fn a_state_that_the_workspace_has_no_more_may_be_kept() {
    given_here([created()]).when(update(in_status(Some("backlog")))).then_expect_events(vec![]);
    assert_eq!(states(&[created()]).references(&update(in_status(Some("backlog")))).len(), 0);
}

#[test]
fn a_state_that_goes_is_left_and_no_other() {
    let leave = |key: &str| Command::LeaveStatus {
        to: StatusChoice { workspace: context().workspace, key: Some(key.to_owned()) },
    };
    let done = Event::StatusChanged { status: "done".to_owned(), category: Category::Completed };
    given_here([created()]).when(leave("done")).then_expect_events(vec![done.clone()]);
    given_here([created()]).when(leave("no_such")).then_expect_error(Error::UnknownStatus);
    given_here([created(), done]).when(leave("doing")).then_expect_events(vec![]);
    given_here([created(), Event::Deleted]).when(leave("done")).then_expect_events(vec![]);
}

#[test]
fn a_customer_pays_as_usual_unless_said_otherwise() {
    let to = |billable| update(Changes { customer_id: Some(Some(acme())), billable, ..Changes::default() });
    let set = || Event::CustomerSet { customer_id: Some(acme()) };
    let billable = |billable| Event::BillableSet { billable };
    for usual in [None, Some(None)] {
        given_here([created()]).when(to(usual)).then_expect_events(vec![set(), billable(Some(true))]);
    }
    given_here([created()]).when(to(Some(Some(false)))).then_expect_events(vec![set(), billable(Some(false))]);
    given_here([for_acme()]).when(to(None)).then_expect_events(vec![]);
}

#[test]
fn without_a_customer_it_is_neither_billable_nor_not() {
    let say = |billable| Changes { billable: Some(billable), ..Changes::default() };
    let event = |billable| Event::BillableSet { billable };
    given_here([created()]).when(update(say(Some(true)))).then_expect_error(Error::NoCustomer);
    given_here([created()]).when(update(say(None))).then_expect_events(vec![]);
    given_here([]).when(create("Website", say(Some(false)))).then_expect_error(Error::NoCustomer);
    given_here([for_acme()]).when(update(say(Some(true)))).then_expect_events(vec![]);
    given_here([for_acme()]).when(update(say(Some(false)))).then_expect_events(vec![event(Some(false))]);
    given_here([for_acme()]).when(update(say(None))).then_expect_error(Error::BillableOrNot);
    let nobody = Changes { customer_id: Some(None), ..Changes::default() };
    given_here([for_acme()])
        .when(update(nobody.clone()))
        .then_expect_events(vec![Event::CustomerSet { customer_id: None }, event(None)]);
    let both = Changes { billable: Some(Some(true)), ..nobody };
    given_here([for_acme()]).when(update(both)).then_expect_error(Error::NoCustomer);
}

#[test]
fn due_is_never_before_start() {
    let dates = |start, due| Changes { start_date: Some(start), due_date: Some(due), ..Changes::default() };
    let (first, last) = (Some(day(2026, 7, 1)), Some(day(2026, 7, 31)));
    given_here([created()]).when(update(dates(last, first))).then_expect_error(Error::DueBeforeStart);
    given_here([]).when(create("Website", dates(last, first))).then_expect_error(Error::DueBeforeStart);
    let scheduled = Event::Scheduled { start_date: first, due_date: last };
    given_here([created()]).when(update(dates(first, last))).then_expect_events(vec![scheduled.clone()]);
    let earlier = Changes { due_date: Some(Some(day(2026, 6, 30))), ..Changes::default() };
    given_here([created(), scheduled]).when(update(earlier)).then_expect_error(Error::DueBeforeStart);
}

#[test]
fn codes_and_colours_have_their_form() {
    let code = |code: &str| update(Changes { code: Some(Some(code.to_owned())), ..Changes::default() });
    for bad in ["", "web", "1WEB", "WEB-1", "WÄB", "ABCDEFGHIJK"] {
        given_here([created()]).when(code(bad)).then_expect_error(Error::BadCode);
    }
    for good in ["W", "WEB2", "ABCDEFGHIJ"] {
        let event = Event::CodeSet { code: Some(good.to_owned()) };
        given_here([created()]).when(code(good)).then_expect_events(vec![event]);
    }
    let red = Changes { color: Some(Some("red".to_owned())), ..Changes::default() };
    given_here([created()]).when(update(red)).then_expect_error(Error::NotAColor);
}

#[test]
fn a_code_is_its_own_as_long_as_the_project_is_there() {
    let claim = |value: &str| Claim { scope: "project.code", value: value.to_owned(), pointer: "/code" };
    let web = Event::Created(Created { code: Some("WEB".to_owned()), ..website() });
    let effects = |events: &[Event], event: &Event| states(events).effects(event);
    let born = Effects { series: Some("2026".to_owned()), ..Effects::lifecycle(Lifecycle::Alive) };
    assert_eq!(effects(&[], &web), Effects { takes: vec![claim("WEB")], ..born });
    let shop = Event::CodeSet { code: Some("SHOP".to_owned()) };
    let other = Effects { takes: vec![claim("SHOP")], frees: vec![claim("WEB")], ..Effects::default() };
    assert_eq!(effects(std::slice::from_ref(&web), &shop), other);
    let gone = Effects { frees: vec![claim("WEB")], ..Effects::lifecycle(Lifecycle::Gone) };
    assert_eq!(effects(std::slice::from_ref(&web), &Event::Deleted), gone);
    let back = Effects { takes: vec![claim("WEB")], ..Effects::lifecycle(Lifecycle::Alive) };
    assert_eq!(effects(&[web, Event::Deleted], &Event::Restored), back);
}

#[test]
fn its_members_are_exactly_those_that_are_said() {
    let members = |ids: &[u128]| {
        update(Changes { member_ids: Some(ids.iter().map(|one| id(*one)).collect()), ..Changes::default() })
    };
    let with = || Event::Created(Created { member_ids: vec![id(2), id(3)], ..website() });
    given_here([with()]).when(members(&[3, 2, 3])).then_expect_events(vec![]);
    given_here([with()])
        .when(members(&[3, 4]))
        .then_expect_events(vec![Event::MemberRemoved { member_id: id(2) }, Event::MemberAdded { member_id: id(4) }]);
    let references = states(&[with()]).references(&members(&[3, 4]));
    assert_eq!(references.iter().map(|one| one.id).collect::<Vec<_>>(), [id::<MemberId>(4).0]);
    let many: Vec<u128> = (0..=super::super::MOST_MEMBERS as u128).collect();
    given_here([with()]).when(members(&many)).then_expect_error(Error::TooManyMembers);
}
