//! What is personal, beside the bytes: is it what they vouch for, and was it erased where it is not there?

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Failure, Personal, strict};
use crate::envelope::Recorded;
use crate::personal;

/// What is personal, as it goes by. The first thing that is wrong is kept.
#[derive(Default)]
pub struct Beside {
    /// What the next event has beside it.
    next: Option<Box<RawValue>>,
    /// Aggregates with events that lack it, and the position of the first.
    lacking: BTreeMap<Uuid, i64>,
    erased: u64,
    wrong: Option<String>,
}

impl Beside {
    /// What stands before an event.
    pub fn line(&mut self, line: &[u8]) {
        match strict::<Personal<'_>>(line) {
            Ok(read) if self.next.is_none() => self.next = Some(read.personal.to_owned()),
            Ok(_) => self.note("it stands beside no event".to_owned()),
            Err(why) => self.note(why),
        }
    }

    /// The event with what stood before it.
    pub fn join(&mut self, mut event: Recorded) -> Recorded {
        event.personal = self.next.take();
        let there = event.personal.as_deref().map(personal::digest);
        match (personal::named(&event.payload), there) {
            (named, Some(there)) if named.as_ref() != Some(&there) => {
                self.note(format!("the event at position {} was written with something else", event.position));
            }
            (Some(_), None) => {
                self.erased += 1;
                self.lacking.entry(event.stream).or_insert(event.position);
            }
            _ => {}
        }
        if event.erases() {
            self.lacking.remove(&event.stream);
        }
        event
    }

    fn note(&mut self, wrong: String) {
        self.wrong.get_or_insert(wrong);
    }

    /// Of how many events it was erased.
    pub fn finish(mut self) -> Result<u64, Failure> {
        if self.next.is_some() {
            self.note("it stands beside no event".to_owned());
        }
        if let Some(at) = self.lacking.values().min() {
            let why = format!(
                "the event at position {at} lacks it, and nothing says that it was erased. If somebody was erased while \
                 this was exported, export it again"
            );
            self.note(why);
        }
        self.wrong.map_or(Ok(self.erased), |why| Err(Failure::Personal(why)))
    }
}
