use super::{Command, Error, Event, Label};
use crate::aggregate::{Aggregate, Claim};
use crate::testing::given;

fn create(color: Option<&str>) -> Command {
    Command::Create { name: "Bug".to_owned(), color: color.map(str::to_owned) }
}

fn created(color: Option<&str>) -> Event {
    Event::Created { name: "Bug".to_owned(), color: color.map(str::to_owned) }
}

#[test]
fn a_label_comes_into_being_once() {
    given::<Label>([]).when(create(None)).then_expect_events(vec![created(None)]);
    given::<Label>([created(None)]).when(create(None)).then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_color_is_a_hash_and_six_hex_digits() {
    for color in ["#000000", "#d73A4a"] {
        given::<Label>([]).when(create(Some(color))).then_expect_events(vec![created(Some(color))]);
    }
    for color in ["", "red", "#fff", "#gggggg", "d73a4a", "#d73a4a0", "#d73a4", "#ääa", "ä12345"] {
        given::<Label>([]).when(create(Some(color))).then_expect_error(Error::NotAColor);
    }
}

#[test]
fn a_name_belongs_to_one_label_whatever_its_case() {
    let takes = Label::default().effects(&Event::Created { name: "ÄRGER".to_owned(), color: None }).takes;
    assert_eq!(takes, [Claim { scope: "label.name", value: "ärger".to_owned(), pointer: "/name" }]);
}
