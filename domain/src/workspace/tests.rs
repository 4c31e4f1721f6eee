use super::{Command, Error, Event, Plan, Workspace};
use crate::testing::given;

fn created() -> Event {
    Event::Created { name: "Ada's".to_owned(), plan: Plan::Team, locale: "de-AT".to_owned() }
}

fn create() -> Command {
    Command::Create { name: "Ada's".to_owned(), plan: Plan::Team, locale: "de-AT".to_owned() }
}

fn rename(name: &str) -> Command {
    Command::Rename { name: name.to_owned() }
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
}
