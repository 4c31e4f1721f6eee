use super::{Command, Entry, Error, Event, Kind, Patch, customer, label, position, space, team};
use crate::aggregate::{Aggregate, Claim, Effects, Lifecycle};
use crate::testing::{given, id};

fn bug() -> label::Fields {
    label::Fields { name: "Bug".to_owned(), color: Some("#d73a4a".to_owned()) }
}

fn renamed(name: &str) -> label::Changes {
    label::Changes { name: Some(name.to_owned()), ..label::Changes::default() }
}

fn created<F: Kind>(fields: &F) -> Event<F> {
    Event::Created(F::Changes::between(&F::default(), fields))
}

/// A state with this history.
fn entry<F: Kind>(events: impl IntoIterator<Item = Event<F>>) -> Entry<F> {
    let mut entry = Entry::default();
    events.into_iter().for_each(|event| entry.evolve(event));
    entry
}

fn name(value: &str) -> Vec<Claim> {
    vec![Claim { scope: "label.name", value: value.to_owned(), pointer: "/name" }]
}

#[test]
fn an_entry_comes_into_being_once() {
    given::<label::Label>([]).when(Command::Create(bug())).then_expect_events(vec![created(&bug())]);
    given::<label::Label>([created(&bug())]).when(Command::Create(bug())).then_expect_error(Error::AlreadyExists);
    given::<label::Label>([created(&bug()), Event::Deleted])
        .when(Command::Create(bug()))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn only_what_differs_changes() {
    let given_bug = || given::<label::Label>([created(&bug())]);
    let patch = label::Changes { name: Some("Bug".to_owned()), color: Some(None) };
    let cleared = label::Changes { color: Some(None), ..label::Changes::default() };
    given_bug().when(Command::Update(patch)).then_expect_events(vec![Event::Changed(cleared)]);
    given_bug().when(Command::Update(renamed("Bug"))).then_expect_events(vec![]);
    given_bug().when(Command::Update(label::Changes::default())).then_expect_events(vec![]);
    given_bug().when(Command::Update(renamed("Defect"))).then_expect_events(vec![Event::Changed(renamed("Defect"))]);
}

#[test]
fn what_is_not_there_can_t_be_changed_but_can_be_brought_back() {
    for (history, restored) in [
        (vec![], Err(Error::NotFound)),
        (vec![created(&bug()), Event::Deleted], Ok(vec![Event::Restored])),
        (vec![created(&bug())], Ok(vec![])),
    ] {
        let there = || given::<label::Label>(history.clone());
        if history.len() != 1 {
            there().when(Command::Update(renamed("Defect"))).then_expect_error(Error::NotFound);
            there().when(Command::Delete).then_expect_error(Error::NotFound);
        }
        match restored {
            Ok(events) => there().when(Command::Restore).then_expect_events(events),
            Err(error) => there().when(Command::Restore).then_expect_error(error),
        }
    }
    given::<label::Label>([created(&bug())]).when(Command::Delete).then_expect_events(vec![Event::Deleted]);
}

#[test]
fn a_name_belongs_to_one_entry_whatever_its_case_and_as_long_as_it_is_there() {
    let there = entry([created(&label::Fields { name: "ÄRGER".to_owned(), color: None })]);
    let effects = entry([]).effects(&created(&there.fields));
    assert_eq!(effects, Effects { takes: name("ärger"), ..Effects::lifecycle(Lifecycle::Alive) });
    let effects = there.effects(&Event::Changed(renamed("Freude")));
    assert_eq!(effects, Effects { takes: name("freude"), frees: name("ärger"), ..Effects::default() });
    assert_eq!(there.effects(&Event::Changed(renamed("Ärger"))), Effects::default());
    let effects = there.effects(&Event::Deleted);
    assert_eq!(effects, Effects { frees: name("ärger"), ..Effects::lifecycle(Lifecycle::Gone) });
    let gone = entry([created(&there.fields), Event::Deleted]);
    let effects = gone.effects(&Event::Restored);
    assert_eq!(effects, Effects { takes: name("ärger"), ..Effects::lifecycle(Lifecycle::Alive) });
}

#[test]
fn a_color_is_a_hash_and_six_hex_digits() {
    let label = |color: &str| label::Fields { name: "Bug".to_owned(), color: Some(color.to_owned()) };
    let space =
        |color: &str| space::Fields { color: Some(color.to_owned()), name: "S".to_owned(), ..Default::default() };
    for color in ["#000000", "#d73A4a"] {
        given::<label::Label>([]).when(Command::Create(label(color))).then_expect_events(vec![created(&label(color))]);
    }
    for color in ["", "red", "#fff", "#gggggg", "d73a4a", "#d73a4a0", "#d73a4", "#ääa", "ä12345"] {
        given::<label::Label>([]).when(Command::Create(label(color))).then_expect_error(Error::NotAColor);
        given::<space::Space>([]).when(Command::Create(space(color))).then_expect_error(Error::NotAColor);
        let changes = label::Changes { color: Some(Some(color.to_owned())), ..Default::default() };
        given::<label::Label>([created(&bug())]).when(Command::Update(changes)).then_expect_error(Error::NotAColor);
    }
}

#[test]
fn who_joins_a_team_has_to_be_there() {
    let core = team::Fields { name: "Core".to_owned(), description: None, member_ids: vec![id(5), id(6)] };
    let needs = |state: &team::Team, command| -> Vec<_> {
        state.references(&command).iter().map(|one| (one.kind, one.id, one.missing.pointer.clone())).collect()
    };
    let five = ("member", id(5), Some("/member_ids/0".into()));
    let six = ("member", id(6), Some("/member_ids/1".into()));
    assert_eq!(needs(&team::Team::default(), Command::Create(core.clone())), [five, six]);
    let there = entry([created(&core)]);
    let with = |ids| Command::Update(team::Changes { member_ids: Some(ids), ..Default::default() });
    assert_eq!(needs(&there, with(vec![id(6), id(5)])), []);
    assert_eq!(needs(&there, with(vec![id(6), id(7)])), [("member", id(7), Some("/member_ids/1".into()))]);
    assert_eq!(needs(&there, Command::Delete), []);
}

#[test]
fn a_member_is_in_a_team_once() {
    let core = |member_ids| team::Fields { name: "Core".to_owned(), description: None, member_ids };
    given::<team::Team>([])
        .when(Command::Create(core(vec![id(5), id(6), id(5)])))
        .then_expect_events(vec![created(&core(vec![id(5), id(6)]))]);
}

#[test]
fn a_customer_is_who_can_be_written_to_and_can_pay() {
    let acme = customer::Fields {
        name: "Acme".to_owned(),
        reference: Some("C-10492".to_owned()),
        email: Some("books@acme.example".to_owned()),
        currency: Some("EUR".to_owned()),
        ..Default::default()
    };
    given::<customer::Customer>([]).when(Command::Create(acme.clone())).then_expect_events(vec![created(&acme)]);
    let wrong = customer::Fields { email: Some("acme".to_owned()), ..acme.clone() };
    given::<customer::Customer>([]).when(Command::Create(wrong)).then_expect_error(Error::NotAnAddress);
    let wrong = customer::Fields { currency: Some("Euro".to_owned()), ..acme.clone() };
    given::<customer::Customer>([]).when(Command::Create(wrong)).then_expect_error(Error::NotACurrency);
    let scopes: Vec<_> = entry([]).effects(&created(&acme)).takes.into_iter().map(|c| (c.scope, c.value)).collect();
    assert_eq!(scopes, [("customer.name", "acme".to_owned()), ("customer.reference", "c-10492".to_owned())]);
}

#[test]
fn each_kind_has_names_of_its_own() {
    fn names<F: Kind>() -> [&'static str; 4] {
        let kind = F::KIND;
        let all = [F::EVENTS.created, F::EVENTS.changed, F::EVENTS.deleted, F::EVENTS.restored];
        let expected = ["created", "changed", "deleted", "restored"].map(|verb| format!("{kind}.{verb}"));
        assert_eq!(all.map(str::to_owned), expected);
        all
    }
    names::<label::Fields>();
    names::<team::Fields>();
    names::<position::Fields>();
    names::<space::Fields>();
    names::<customer::Fields>();
}
