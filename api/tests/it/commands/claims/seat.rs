//! A made-up kind of aggregate that claims a place and may give it back: the write path knows no kind by name.

use std::any::Any;
use std::sync::Arc;

use docket_domain::snapshot::Unreadable;
use docket_domain::{
    AnyCommand, AnySnapshot, Claim, Context, Decision, Effects, Intent, Lifecycle, NewEvent, Recorded, Reference,
    Refusal,
};
use serde_json::value::RawValue;
use uuid::Uuid;

/// The state: nothing but how often it changed.
#[derive(Clone)]
pub struct Seat {
    id: Uuid,
    version: i64,
    number: i64,
}

impl Seat {
    pub fn blank(id: Uuid) -> Self {
        Self { id, version: 0, number: 0 }
    }
}

impl AnySnapshot for Seat {
    fn kind(&self) -> &'static str {
        "seat"
    }
    fn id(&self) -> Uuid {
        self.id
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn alive(&self) -> bool {
        self.version > 0
    }
    fn blank(&self) -> Box<dyn AnySnapshot> {
        Box::new(Self::blank(self.id))
    }
    fn copy(&self) -> Box<dyn AnySnapshot> {
        Box::new(self.clone())
    }
    fn fold(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        assert_eq!(event.version, self.version + 1);
        self.version += 1;
        self.number = event.number.unwrap_or(self.number);
        Ok(())
    }
    fn assign(&mut self, number: i64, _: Option<&str>) {
        self.number = number;
    }
    fn to_json(&self) -> String {
        format!(r#"{{"version":{},"number":{}}}"#, self.version, self.number)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Gives one place back and takes another.
#[derive(Default)]
pub struct Change {
    gives: Option<&'static str>,
    takes: Option<&'static str>,
    series: Option<&'static str>,
}

impl Change {
    pub fn new(place: &'static str) -> Self {
        Self::default().to(place)
    }

    pub fn from(place: &'static str) -> Self {
        Self { gives: Some(place), ..Self::default() }
    }

    pub fn to(self, place: &'static str) -> Self {
        Self { takes: Some(place), ..self }
    }

    pub fn in_series(self, series: &'static str) -> Self {
        Self { series: Some(series), ..self }
    }

    pub fn seat(self, id: Uuid, new: bool) -> Intent {
        Intent { id, new, expected: None, occurred_at: None, command: Box::new(self) }
    }
}

impl AnyCommand for Change {
    fn kind(&self) -> &'static str {
        "seat"
    }

    fn blank(&self, id: Uuid) -> Box<dyn AnySnapshot> {
        Box::new(Seat::blank(id))
    }

    fn references(&self, _: &dyn AnySnapshot) -> Vec<Reference> {
        Vec::new()
    }

    fn decide(&self, state: &Arc<dyn AnySnapshot>, _: &Context) -> Result<Decision, Refusal> {
        let claim = |place: &&str| Claim { scope: "seat.place", value: (*place).to_owned(), pointer: "/place" };
        let payload = RawValue::from_string(r#"{"type":"seat.changed"}"#.to_owned()).expect("JSON");
        Ok(Decision {
            events: vec![NewEvent { event_type: "seat.changed".to_owned(), event_version: 1, payload, personal: None }],
            effects: Effects {
                series: self.series.map(str::to_owned),
                takes: self.takes.iter().map(claim).collect(),
                frees: self.gives.iter().map(claim).collect(),
                ..Effects::lifecycle(Lifecycle::Alive)
            },
            after: Arc::new(Seat { id: state.id(), version: state.version() + 1, number: 0 }),
        })
    }
}
