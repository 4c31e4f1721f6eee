//! Whose time it is: the caller's, unless somebody else is named; and where its day is reckoned. Who may touch whose is
//! for the rules to say.

use docket_domain::ids::MemberId;
use docket_domain::member::Role;
use docket_domain::timelog::{Action, Command, Reach, Reckoned, Timelog};
use docket_domain::{Actor, Intent};
use uuid::Uuid;

use crate::auth::Caller;
use crate::edge::scalars::{Id, TimeZone};

/// The least role that may touch others' time.
const OTHERS: Role = Role::Manager;

/// The named member, or the one the caller's key acts for, if it acts for any.
pub fn whose(named: Option<Id>, caller: &Caller) -> Option<MemberId> {
    match (named, caller.actor) {
        (Some(id), _) => Some(MemberId(id.0)),
        (None, Actor::Member(id)) => Some(id),
        (None, _) => None,
    }
}

/// Where a day is reckoned: as is said, or as in the workspace.
pub fn reckoned(said: Option<TimeZone>, caller: &Caller) -> Reckoned {
    said.map_or(Reckoned::AsIn(caller.workspace), |TimeZone(zone)| Reckoned::In(zone))
}

/// What is to be done to a timelog that is there.
pub fn intent(caller: &Caller, id: Uuid, action: Action) -> Intent {
    Intent::new::<Timelog>(id, command(caller, action))
}

/// The command, as far as the caller may reach.
pub fn command(caller: &Caller, action: Action) -> Command {
    Command { reach: if caller.role >= OTHERS { Reach::All } else { Reach::Own }, action }
}
