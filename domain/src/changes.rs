//! What differs between two moments of an aggregate, field by field, as clients see it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::snapshot::AnySnapshot;

/// One field that is otherwise than it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// The member of the resource.
    pub field: String,
    /// What it was; null if it was absent.
    pub from: Value,
    /// What it is; null if it is absent.
    pub to: Value,
}

/// What the log says of every resource: it goes without saying that it changes, or that it does not.
const CIRCUMSTANCES: [&str; 6] = ["id", "number", "version", "created_by", "created_at", "updated_at"];
/// Nobody's business, in any kind of aggregate; and what `phases` says already.
const UNTOLD: [&str; 2] = ["sha256", "removed_phases"];

/// A resource's members as clients may see them; none before its first event.
pub fn members(of: &dyn AnySnapshot) -> Map<String, Value> {
    if of.version() == 0 {
        return Map::new();
    }
    let mut members: Map<String, Value> = serde_json::from_str(&of.to_json()).unwrap_or_default();
    members.retain(|member, _| !UNTOLD.contains(&member.as_str()));
    members
}

/// What differs between these, in the order of the later ones' members.
pub fn between(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    let fields = after.keys().chain(gone).filter(|field| !CIRCUMSTANCES.contains(&field.as_str()));
    let at = |members: &Map<String, Value>, field| members.get(field).cloned().unwrap_or_default();
    let changes = fields.map(|field| Change { field: field.clone(), from: at(before, field), to: at(after, field) });
    changes.filter(|change| change.from != change.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(json: Value) -> Map<String, Value> {
        serde_json::from_value(json).expect("an object")
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let before = members(json!({"id": 1, "version": 1, "status": "todo", "label_ids": [1], "deleted": true}));
        let after =
            members(json!({"id": 1, "version": 2, "status": "done", "label_ids": [1], "title": "T", "due": null}));
        let change = |field: &str, from, to| Change { field: field.to_owned(), from, to };
        let told = between(&before, &after);
        assert_eq!(told.len(), 3);
        for one in [
            change("status", json!("todo"), json!("done")),
            change("title", Value::Null, json!("T")),
            change("deleted", json!(true), Value::Null),
        ] {
            assert!(told.contains(&one), "{one:?}");
        }
    }
}
