//! Merge patches (RFC 7396): to leave a member out, to clear it and to set it are three different things.

use std::fmt::Debug;

use docket_api::edge::json;
use docket_api::routes::catalog::{customers, labels, positions, spaces, teams, webhooks};
use docket_api::routes::phases::update::UpdatePhase;
use docket_api::routes::sprints::update::UpdateSprint;
use docket_api::routes::tasks::update::UpdateTask;
use docket_api::routes::timelogs::correct::CorrectTimelog;
use docket_domain::{customer, label, position, space, team, webhook};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whatever of a patch is left out or set to null asks for something else, or is refused.
pub fn merges(bytes: &[u8]) {
    let Ok(patch) = json::parse::<Map<String, Value>>(bytes) else { return };
    differ(&patch, task);
    differ(&patch, |set: UpdatePhase| format!("{:?}", set.command(Uuid::nil())));
    differ(&patch, |set: UpdateSprint| format!("{:?}", set.command()));
    differ(&patch, |set: CorrectTimelog| format!("{:?}", set.action()));
    differ(&patch, entry::<customers::UpdateCustomer, customer::Changes>);
    differ(&patch, entry::<labels::UpdateLabel, label::Changes>);
    differ(&patch, entry::<positions::UpdatePosition, position::Changes>);
    differ(&patch, entry::<spaces::UpdateSpace, space::Changes>);
    differ(&patch, entry::<teams::UpdateTeam, team::Changes>);
    differ(&patch, entry::<webhooks::UpdateWebhook, webhook::Changes>);
}

/// `shown` shows what a patch asks for.
fn differ<T: DeserializeOwned>(patch: &Map<String, Value>, shown: fn(T) -> String) {
    let read = |patch: &Map<String, Value>| {
        let text = serde_json::to_vec(patch).expect("JSON");
        json::parse::<T>(&text).ok().map(shown)
    };
    let Some(asked) = read(patch) else { return };
    // When a change occurred is no part of it.
    for (name, value) in patch.iter().filter(|(name, _)| *name != "occurred_at") {
        let mut other = patch.clone();
        other.insert(name.clone(), Value::Null);
        let cleared = read(&other);
        other.remove(name);
        let left = read(&other).unwrap_or_else(|| panic!("{name} has to be there"));
        assert_ne!(cleared.as_ref(), Some(&left), "{name}: null is nothing");
        if !value.is_null() {
            assert_ne!(asked, left, "{name}: a value is nothing");
            assert_ne!(cleared, Some(asked.clone()), "{name}: a value is null");
        }
    }
}

/// All members, so that a new one is not forgotten.
fn task(set: UpdateTask) -> String {
    let UpdateTask {
        project_id,
        title,
        description,
        status,
        priority,
        assignee_ids,
        label_ids,
        start_date,
        due_date,
        sprint_id,
        phase_id,
        parent_id,
        estimate_minutes,
        estimate_points,
        billable,
        occurred_at: _,
    } = set;
    let what = (project_id, title, description, status, priority, assignee_ids, label_ids);
    let when = (start_date, due_date, estimate_minutes, estimate_points, billable);
    format!("{what:?} {when:?} {:?}", (sprint_id, phase_id, parent_id))
}

fn entry<T: Into<C>, C: Debug>(set: T) -> String {
    let changes: C = set.into();
    format!("{changes:?}")
}
