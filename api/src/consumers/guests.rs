//! The list of who is inside, as far as one node knows: kept by who looks after them, read by who lets them in.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use docket_domain::ids::{KeyId, WorkspaceId};
use uuid::Uuid;

use super::grants::LASTS;
use super::pass::Pass;
use crate::auth::Change;

/// So many connections a key may have.
pub const MOST: usize = 10;
/// Whoever has been there for so long is to come again: some minutes before the server would cut them off.
const STAY: TimeDelta = TimeDelta::seconds(LASTS - 300);

/// Where somebody is: a server, and the number of a connection to it.
pub type Place = (String, u64);

/// All who are inside. Cheap to clone.
#[derive(Clone, Default)]
pub struct Guests(Arc<Mutex<HashMap<Place, Guest>>>);

struct Guest {
    pass: Pass,
    since: DateTime<Utc>,
    change: Change,
}

impl Guests {
    fn all(&self) -> MutexGuard<'_, HashMap<Place, Guest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody has come, then.
    pub fn come(&self, place: Place, pass: Pass, since: DateTime<Utc>) {
        self.all().entry(place).or_insert(Guest { pass, since, change: Change::default() });
    }

    /// Somebody has gone.
    pub fn go(&self, place: &Place) {
        self.all().remove(place);
    }

    /// These are there, and nobody else.
    pub fn are(&self, there: &HashMap<Place, (Pass, DateTime<Utc>)>) {
        self.all().retain(|place, _| there.contains_key(place));
        for (place, (pass, since)) in there {
            self.come(place.clone(), *pass, *since);
        }
    }

    /// Whether there is room for one more of a key.
    pub fn have_room_for(&self, key: KeyId) -> bool {
        self.all().values().filter(|guest| guest.pass.key == key).count() < MOST
    }

    /// Who is there, and who has more than their share, those who came last.
    pub fn beyond_their_share(&self) -> Vec<(Place, Pass)> {
        let mut of_keys: HashMap<KeyId, Vec<(Place, Pass)>> = HashMap::new();
        for (place, Guest { pass, .. }) in &*self.all() {
            of_keys.entry(pass.key).or_default().push((place.clone(), *pass));
        }
        let last = |mut places: Vec<(Place, Pass)>| {
            places.sort_by_cached_key(|((server, number), _)| (*number, server.clone()));
            places.split_off(MOST.min(places.len()))
        };
        of_keys.into_values().flat_map(last).collect()
    }

    /// Who has been there for too long to stay.
    pub fn beyond_their_stay(&self, now: DateTime<Utc>) -> Vec<(Place, Pass)> {
        let all = self.all();
        let over = all.iter().filter(|(_, guest)| now - guest.since > STAY);
        over.map(|(place, guest)| (place.clone(), guest.pass)).collect()
    }

    /// Whose state says whether somebody may still be there.
    pub fn whose(&self) -> HashSet<(WorkspaceId, Uuid)> {
        self.all()
            .values()
            .flat_map(|Guest { pass, .. }| pass.ids().into_iter().map(|id| (pass.workspace, id)))
            .collect()
    }

    /// It could not be found out who these are: they are looked at again.
    pub fn remain_in_doubt(&self, pass: Pass) {
        self.all().values_mut().filter(|guest| guest.pass == pass).for_each(|guest| guest.change.remain());
    }

    /// Whom something has changed about, now that these are the versions of all who are alive.
    pub fn unsure(&self, versions: &HashMap<Uuid, i64>) -> HashMap<Pass, Vec<Place>> {
        let mut unsure: HashMap<Pass, Vec<Place>> = HashMap::new();
        for (place, Guest { pass, change, .. }) in &mut *self.all() {
            let ids = pass.ids();
            if change.note(&ids, versions) || ids.iter().any(|id| !versions.contains_key(id)) {
                unsure.entry(*pass).or_default().push(place.clone());
            }
        }
        unsure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_share_and_who_came_last_is_beyond_it() {
        let guests = Guests::default();
        let pass =
            || Pass { workspace: WorkspaceId(Uuid::nil()), key: KeyId(Uuid::new_v4()), member: None, is_admin: false };
        let (many, one) = (pass(), pass());
        let place = |number| ("server".to_owned(), number);
        let now = Utc::now();
        (1..=MOST as u64).for_each(|number| guests.come(place(number), many, now));
        guests.come(place(100), one, now);
        assert!(!guests.have_room_for(many.key) && guests.have_room_for(one.key));
        assert!(guests.beyond_their_share().is_empty());
        guests.come(place(50), many, now);
        assert_eq!(guests.beyond_their_share(), [(place(50), many)]);
        guests.go(&place(3));
        assert!(guests.beyond_their_share().is_empty());
        guests.are(&HashMap::from([(place(100), (one, now)), (place(101), (one, now - TimeDelta::hours(1)))]));
        assert!(guests.have_room_for(many.key));
        assert_eq!(guests.beyond_their_stay(now), [(place(101), one)]);
    }
}
