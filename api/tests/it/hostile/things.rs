//! One of everything in a workspace, and all that can be seen of it from within.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use docket_api::bootstrap::Founding;
use reqwest::Method;
use serde_json::{Value, json};

use crate::hostile::operation::Api;
use crate::server::{Server, ask, send};

/// What names something, and of which kind that is, if that can be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub form: Form,
    pub text: String,
    pub kind: Option<&'static str>,
}

/// What a name looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A UUID.
    Id,
    /// A UUID in base62 behind a word, as the generic API writes it.
    Prefixed,
    /// A number in the workspace.
    Number,
    /// The place from which a list goes on.
    Cursor,
    /// A position in the partition.
    Position,
}

/// What is spoken of by which words, in all the products.
const KINDS: &[(&str, &[&str])] = &[
    ("task", &["task", "tasks", "issue", "issues", "parent"]),
    ("project", &["project", "projects"]),
    ("sprint", &["sprint", "sprints", "move_to", "successor"]),
    ("member", &["member", "members", "people", "team", "user", "assignee", "lead", "recipient", "actor"]),
    ("label", &["label", "labels"]),
    ("team", &["teams"]),
    ("position", &["position", "positions"]),
    ("space", &["space", "spaces"]),
    ("customer", &["customer", "customers"]),
    ("timelog", &["timelog", "timelogs", "time-entries"]),
    ("comment", &["comment", "comments"]),
    ("notification", &["notification", "notifications"]),
    ("webhook", &["webhook", "webhooks"]),
    ("key", &["key", "keys", "api-keys"]),
    ("phase", &["phase", "phases"]),
    ("workspace", &["workspace", "workspaces"]),
];

/// Which kind of thing a parameter or member names: by its own name, or by the collection it stands behind.
pub fn kind_of(name: &str, path: &str) -> Option<&'static str> {
    let bare = ["_ids", "Ids", "_id", "Id"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    // The native API's `team_id` is a team; ikreo calls the members of the workspace its team.
    let word = match bare {
        "id" => path.split("{id}").next()?.trim_end_matches("&id=").trim_end_matches('/').rsplit(['/', '=']).next()?,
        "team" => "teams",
        other => other,
    };
    KINDS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind)
}

/// What the generic API calls something.
pub fn prefixed(kind: &str, id: &str) -> Option<String> {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let prefix = match kind {
        "task" => "task_",
        "project" => "proj_",
        "member" => "user_",
        "label" => "label_",
        _ => return None,
    };
    let mut number = uuid::Uuid::try_parse(id).ok()?.as_u128();
    let mut digits = [b'0'; 22];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    Some(format!("{prefix}{}", String::from_utf8_lossy(&digits)))
}

/// One of everything.
pub struct Things {
    /// By kind: its id and its number.
    of: BTreeMap<&'static str, (String, String)>,
}

impl Things {
    /// Makes them; `word` is in everything that can have one.
    pub async fn make(server: &Server, of: &Founding, word: &str) -> Self {
        let (key, owner) = (&of.keys[0].token, of.owner_id);
        let mut of: BTreeMap<_, _> = [("workspace", (of.workspace_id.to_string(), "1".to_owned()))].into();
        let mut made = async |kind: &'static str, path: &str, body: Value| {
            let answer = send(ask(&server.url, key, Method::POST, path).json(&body)).await;
            assert_eq!(answer.status, 201, "{path}: {}", answer.text);
            let body = answer.json();
            let id = body["id"].as_str().expect("an id").to_owned();
            of.insert(kind, (id.clone(), body["number"].to_string()));
            id
        };
        let named = json!({"name": word});
        let member = made("member", "/v1/members", json!({"name": word, "email": format!("{word}@example.com")})).await;
        for kind in ["label", "team", "position", "space", "customer"] {
            made(kind, &format!("/v1/{kind}s"), named.clone()).await;
        }
        let project = made("project", "/v1/projects", named.clone()).await;
        made("phase", &format!("/v1/projects/{project}/phases"), named.clone()).await;
        made("sprint", "/v1/sprints", json!({"project_id": project, "name": word})).await;
        let task = json!({"project_id": project, "title": word, "assignee_ids": [member], "external_id": word});
        let task = made("task", "/v1/tasks", task).await;
        made("comment", &format!("/v1/tasks/{task}/comments"), json!({"body": word})).await;
        let time = json!({"task_id": task, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 60, "note": word});
        made("timelog", "/v1/timelogs", time).await;
        let hook = json!({"name": word, "url": "https://hooks.invalid/x", "event_types": ["sprint.closed"]});
        made("webhook", "/v1/webhooks", hook).await;
        let label = json!({"label": word, "scopes": ["tasks:read"], "service_role": "viewer"});
        made("key", "/v1/keys", label).await;
        let note = json!({"title": word, "recipient_ids": [owner]});
        let sent = send(ask(&server.url, key, Method::POST, "/v1/notifications").json(&note)).await;
        assert!(sent.status.is_success(), "{}", sent.text);
        let inbox = send(ask(&server.url, key, Method::GET, "/v1/notifications")).await.json();
        let id = inbox["data"][0]["id"].as_str().expect("a notification").to_owned();
        of.insert("notification", (id, inbox["data"][0]["number"].to_string()));
        Self { of }
    }

    /// The one that such a parameter or member names.
    pub fn named(&self, name: &str, path: &str) -> Option<&(String, String)> {
        self.of.get(kind_of(name, path)?)
    }
}

/// Everything that a key sees the names of.
pub async fn names(server: &Server, key: &str, native: &Api) -> Vec<Name> {
    let mut names = BTreeSet::new();
    let lists = |path: &str| !path.contains('{') && !path.ends_with("/stream");
    for operation in native.operations.iter().filter(|operation| operation.method == Method::GET) {
        if !lists(&operation.path) || operation.query().iter().all(|one| one["name"] != "cursor") {
            continue;
        }
        let get = async |query: &str| {
            let path = format!("{}?{query}", operation.path);
            send(ask(&server.url, key, Method::GET, &path)).await.json()
        };
        let kind = kind_of("id", &format!("{}/{{id}}", operation.path));
        let page = get("limit=100").await;
        collect(&page["data"], kind, &mut names);
        if let Some(cursor) = get("limit=1").await["next_cursor"].as_str() {
            names.insert(Name { form: Form::Cursor, text: cursor.to_owned(), kind: None });
        }
    }
    names.into_iter().collect()
}

fn collect(value: &Value, kind: Option<&'static str>, names: &mut BTreeSet<Name>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, kind, names)),
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    // Smaller ones were given out before the two workspaces' numbers were put far apart.
                    ("number", Value::Number(number)) if number.as_i64() > Some(5000) => {
                        names.insert(Name { form: Form::Number, text: number.to_string(), kind });
                    }
                    ("position", Value::Number(position)) => {
                        names.insert(Name { form: Form::Position, text: position.to_string(), kind: None });
                    }
                    (name, Value::String(text)) if uuid::Uuid::try_parse(text).is_ok() && text.len() == 36 => {
                        let kind = if name == "id" { kind } else { kind_of(name, "") };
                        names.insert(Name { form: Form::Id, text: text.clone(), kind });
                        if let Some(text) = kind.and_then(|kind| prefixed(kind, text)) {
                            names.insert(Name { form: Form::Prefixed, text, kind });
                        }
                    }
                    (_, value) => collect(value, None, names),
                }
            }
        }
        Value::String(text) if text.len() == 36 && uuid::Uuid::try_parse(text).is_ok() => {
            names.insert(Name { form: Form::Id, text: text.clone(), kind: None });
        }
        _ => {}
    }
}

/// Waits until everybody has been told of everything: then nothing is written that nobody asks for.
pub async fn settled(server: &Server) {
    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    let behind = "select count(*) from log.heads h join log.tellers t using (partition) \
                  join read_trail.trail_at r using (partition) join read_tasks.tasks_at k using (partition) \
                  join read_notifications.notifications_at n using (partition) \
                  where least(t.position, r.position, k.position, n.position) < h.position";
    let begun = Instant::now();
    while sqlx::query_scalar::<_, i64>(behind).fetch_one(&pool).await.expect("a count") > 0 {
        assert!(begun.elapsed().as_secs() < 60, "everything is taken in");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
