//! An event as it is told to those outside: one CloudEvent (1.0, JSON), the same text on every way there is: the feed of
//! changes, server-sent events, NATS, webhooks.

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate as _;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::actor::Actor;
use crate::envelope::Recorded;
use crate::ids::{KeyId, MemberId, WorkspaceId};
use crate::snapshot::{AnySnapshot, micros};

/// Members of a resource that every event changes: they are told elsewhere in the message.
const ALWAYS: [&str; 2] = ["updated_at", "version"];
/// Members of a resource that nobody is told.
const SECRET: [&str; 1] = ["sha256"];

/// Who may be told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the workspace.
    Everybody,
    /// Those who look after it.
    Admins,
    /// One member: it is about what they were told.
    Member(MemberId),
    /// Nobody: it is Docket's own bookkeeping.
    Nobody,
}

/// What is told of an event, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The event's position in its partition.
    pub position: i64,
    /// The message's id, and at the same time the place from which to go on: `<partition>-<position>`.
    pub id: String,
    /// The resource's type, for example `task`.
    pub kind: String,
    /// Its id.
    pub resource: Uuid,
    /// What happened, for example `task.created`.
    pub event_type: String,
    /// Who may be told.
    pub audience: Audience,
    /// Whether it is told at once; a notification may not be, for its member does not want that.
    pub push: bool,
    /// The CloudEvent, in one line.
    pub text: String,
}

/// Whether the resource is there after the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ChangeKind))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is, as `state` says.
    Upsert,
    /// It is gone.
    Tombstone,
}

/// What an event is about.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resource<'a> {
    /// What it is, for example `task`.
    #[serde(rename = "type")]
    kind: &'a str,
    /// Its id.
    id: Uuid,
    /// Its number in the workspace.
    number: i64,
    /// Its version after the event.
    version: i64,
}

/// What the event says.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Data<'a> {
    /// The place in history: `<partition>-<position>`.
    position: &'a str,
    /// Whether the resource is there now.
    change: Change,
    /// What it is about.
    resource: Resource<'a>,
    /// Who did it.
    actor: Actor,
    /// The key that was used, if any.
    key_id: Option<KeyId>,
    /// The request that carried the command (`X-Request-Id`).
    request_id: &'a str,
    /// The command; its events follow each other.
    command_id: Uuid,
    /// When it was committed.
    #[serde(with = "micros")]
    recorded_at: DateTime<Utc>,
    /// The members of the resource that changed, as they were; null if it is new.
    before: Option<Map<String, Value>>,
    /// The same members as they are now.
    after: Option<Map<String, Value>>,
    /// The whole resource after the event; null if it is gone.
    state: Option<Map<String, Value>>,
}

/// A CloudEvent.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloudEvent<'a> {
    /// `1.0`.
    specversion: &'a str,
    /// Unique, and where to go on from: `<partition>-<position>`.
    id: &'a str,
    /// `/workspaces/<id>`.
    source: String,
    /// What happened, for example `task.status_changed`.
    #[serde(rename = "type")]
    event_type: &'a str,
    /// `<type>/<id>` of the resource.
    subject: String,
    /// When it happened.
    #[serde(with = "micros")]
    time: DateTime<Utc>,
    /// `application/json`.
    datacontenttype: &'a str,
    /// The resource's id: what has the same is told in order.
    partitionkey: Uuid,
    /// What the event says.
    data: Data<'a>,
}

/// Tells an event: `before` is the resource as it was (none, if it is new), `after` as it is now. Neither is known of an
/// event that this program can't read; that it has happened is told all the same.
pub fn tell(event: &Recorded, before: Option<&dyn AnySnapshot>, after: Option<&dyn AnySnapshot>) -> Message {
    let id = event.message_id();
    let (was, is) = (before.map(members), after.map(members));
    let (before, changed) = difference(was, is.as_ref());
    let gone = after.is_some_and(|after| !after.alive());
    let cloud = CloudEvent {
        specversion: "1.0",
        id: &id,
        source: format!("/workspaces/{}", event.workspace),
        event_type: &event.event_type,
        subject: format!("{}/{}", event.kind, event.stream),
        time: event.occurred_at,
        datacontenttype: "application/json",
        partitionkey: event.stream,
        data: Data {
            position: &id,
            change: if gone { Change::Tombstone } else { Change::Upsert },
            resource: Resource {
                kind: &event.kind,
                id: event.stream,
                number: is.as_ref().and_then(|is| is.get("number")?.as_i64()).unwrap_or_default(),
                version: event.version,
            },
            actor: event.metadata.actor,
            key_id: event.metadata.key_id,
            request_id: &event.metadata.request_id,
            command_id: event.command,
            recorded_at: event.recorded_at,
            before,
            after: changed,
            state: is.clone().filter(|_| !gone),
        },
    };
    let text = serde_json::to_string(&cloud).unwrap_or_default();
    Message {
        workspace: event.workspace,
        position: event.position,
        kind: event.kind.clone(),
        resource: event.stream,
        event_type: event.event_type.clone(),
        audience: audience(&event.kind, is.as_ref()),
        push: is.as_ref().is_none_or(|is| is.get("only").and_then(Value::as_str) != Some("inbox")),
        text,
        id,
    }
}

impl Message {
    /// Whether what was personal of its resource is erased by what it tells.
    pub fn erases(&self) -> bool {
        crate::personal::erases(&self.event_type)
    }

    /// Whether those who look after the workspace may be told.
    pub fn is_for_the_workspace(&self) -> bool {
        matches!(self.audience, Audience::Everybody | Audience::Admins)
    }
}

/// Whether a message's text is about this resource.
pub fn is_about(text: &[u8], resource: Uuid) -> bool {
    #[derive(serde::Deserialize)]
    struct About {
        partitionkey: Uuid,
    }
    serde_json::from_slice::<About>(text).is_ok_and(|about| about.partitionkey == resource)
}

/// A message that something can be tried with: it says nothing.
pub fn test(id: &str, workspace: WorkspaceId, webhook: Uuid, at: DateTime<Utc>) -> String {
    let time = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    serde_json::json!({
        "specversion": "1.0", "id": id, "source": format!("/workspaces/{workspace}"), "type": "webhook.test",
        "subject": format!("webhook/{webhook}"), "time": time, "datacontenttype": "application/json",
        "partitionkey": webhook, "data": {},
    })
    .to_string()
}

/// Who may be told of what happens to a resource.
fn audience(kind: &str, state: Option<&Map<String, Value>>) -> Audience {
    let member = || state.and_then(|state| state.get("member_id")?.as_str()?.parse().ok()).map(MemberId);
    if [crate::notification::Notification::TYPE, crate::preferences::Preferences::TYPE].contains(&kind) {
        return member().map_or(Audience::Nobody, Audience::Member);
    }
    match kind {
        _ if kind == crate::key_ring::KeyRing::TYPE => Audience::Nobody,
        _ if kind == crate::api_key::ApiKey::TYPE || kind == crate::webhook::Webhook::TYPE => Audience::Admins,
        _ => Audience::Everybody,
    }
}

fn members(snapshot: &dyn AnySnapshot) -> Map<String, Value> {
    let mut members: Map<String, Value> = serde_json::from_str(&snapshot.to_json()).unwrap_or_default();
    members.retain(|name, _| !SECRET.contains(&name.as_str()));
    members
}

type Part = Option<Map<String, Value>>;

/// What differs, as it was and as it is: of something new, all that is there. Both name the same members; what is absent
/// is null.
fn difference(was: Part, is: Option<&Map<String, Value>>) -> (Part, Part) {
    let Some(is) = is else { return (None, None) };
    let kept = |name: &&String| !ALWAYS.contains(&name.as_str());
    let Some(was) = was else {
        return (None, Some(is.keys().filter(kept).map(|name| (name.clone(), is[name].clone())).collect()));
    };
    let mut names: Vec<&String> = is.keys().chain(was.keys()).filter(kept).collect();
    names.retain(|name| was.get(*name) != is.get(*name));
    let of = |members: &Map<String, Value>| {
        names.iter().map(|name| ((*name).clone(), members.get(*name).cloned().unwrap_or_default())).collect()
    };
    (Some(of(&was)), Some(of(is)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;
    use crate::snapshot::Snapshot;
    use serde_json::json;

    fn event(version: i64, payload: &Value) -> Recorded {
        let recorded = json!({
            "partition": 3, "position": 1040 + version, "workspace": Uuid::nil(), "kind": "label", "stream": Uuid::nil(),
            "version": version, "event_type": payload["type"], "event_version": 1, "number": (version == 1).then_some(7),
            "command": Uuid::nil(), "occurred_at": "2026-01-14T09:32:00Z", "recorded_at": "2026-01-14T09:32:01Z",
            "payload": payload, "metadata": {"actor": {"type": "system"}, "request_id": "r", "correlation_id": "r",
            "causation_id": Uuid::nil(), "dialect": "native"},
        });
        serde_json::from_str(&recorded.to_string()).expect("an event")
    }

    fn told(events: &[Value]) -> Vec<Value> {
        let mut snapshot = Snapshot::<Label>::blank(Uuid::nil());
        let mut messages = Vec::new();
        for (payload, version) in events.iter().zip(1..) {
            let (event, before) = (event(version, payload), snapshot.clone());
            snapshot.fold(&event).expect("a fold");
            let message = tell(&event, (version > 1).then_some(&before as &dyn AnySnapshot), Some(&snapshot));
            assert_eq!((message.position, message.audience), (1040 + version, Audience::Everybody));
            messages.push(serde_json::from_str(&message.text).expect("JSON"));
        }
        messages
    }

    #[test]
    fn an_event_is_told_with_what_changed_and_what_is_there() {
        let events = [
            json!({"type": "label.created", "name": "Bug"}),
            json!({"type": "label.changed", "name": "Defect"}),
            json!({"type": "label.deleted"}),
        ];
        let told = told(&events);
        assert_eq!((&told[0]["id"], &told[0]["data"]["before"]), (&json!("3-1041"), &Value::Null));
        assert_eq!((&told[0]["specversion"], &told[0]["data"]["after"]["name"]), (&json!("1.0"), &json!("Bug")));
        assert_eq!(told[0]["data"]["resource"]["number"], 7);
        assert_eq!(told[1]["data"]["before"], json!({"name": "Bug"}));
        assert_eq!(told[1]["data"]["after"], json!({"name": "Defect"}));
        assert_eq!(
            (&told[1]["data"]["state"]["name"], &told[1]["data"]["change"]),
            (&json!("Defect"), &json!("upsert"))
        );
        assert_eq!((&told[2]["data"]["state"], &told[2]["data"]["change"]), (&Value::Null, &json!("tombstone")));
    }

    #[test]
    fn what_cannot_be_read_is_told_without_its_state() {
        let message = tell(&event(1, &json!({"type": "label.painted"})), None, None);
        let cloud: Value = serde_json::from_str(&message.text).expect("JSON");
        assert_eq!((&cloud["type"], &cloud["data"]["after"]), (&json!("label.painted"), &Value::Null));
    }
}
