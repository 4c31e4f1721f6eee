//! What is made and what is changed of each kind, in our words. `$name` stands for a name, `$task` for the id of a task
//! that is there, and so on.

use reqwest::Method;
use serde_json::{Value, json};

/// What one is made with.
pub fn made(kind: &str) -> Value {
    match kind {
        "task" => json!({"title": "$name", "project_id": "$project", "status": "in_progress", "priority": "high",
            "due_date": "2026-04-15", "description": "Words", "assignee_ids": ["$member"], "label_ids": ["$label"]}),
        "project" => json!({"name": "$name", "description": "Words", "color": "#d73a4a"}),
        "sprint" => json!({"name": "$name", "project_id": "$project", "goal": "Words", "start_date": "2026-03-01",
            "end_date": "2026-03-14"}),
        "timelog" => json!({"task_id": "$task", "started_at": "2026-03-14T10:00:00.000000Z",
            "ended_at": "2026-03-14T11:02:00.000000Z", "note": "Words"}),
        "notification" => json!({"title": "$name", "body": "v2.3 is live"}),
        "customer" => json!({"name": "$name", "reference": "C-7", "tax_id": "X1", "currency": "EUR"}),
        "member" => json!({"name": "$name", "email": "made@example.com"}),
        _ => json!({"name": "$name", "description": "Words", "color": "#d73a4a"}),
    }
}

/// What is changed, one after the other.
pub fn changes(kind: &str) -> Vec<(&'static str, Value)> {
    let mut all = match kind {
        "task" => {
            let statuses = ["backlog", "in_review", "done", "todo", "cancelled", "in_progress", "duplicate"];
            let priorities = ["urgent", "none", "low", "high", "medium"];
            let statuses = statuses.map(|word| ("status", json!(word)));
            let mut all: Vec<_> =
                statuses.into_iter().chain(priorities.map(|word| ("priority", json!(word)))).collect();
            all.extend([
                ("title", json!("Café 👩‍💻 <b>& more</b>")),
                ("project_id", json!("$other")),
                ("project_id", json!("$project")),
                ("sprint_id", json!("$sprint")),
                ("sprint_id", Value::Null),
                ("parent_id", json!("$task")),
                ("parent_id", Value::Null),
                ("assignee_ids", json!(["$owner"])),
                ("assignee_ids", json!([])),
                ("label_ids", json!([])),
                ("label_ids", json!(["$label"])),
                ("estimate_points", json!(3)),
                ("estimate_points", Value::Null),
                ("start_date", json!("2024-02-29")),
                ("due_date", json!("9999-12-31")),
            ]);
            all
        }
        "project" => vec![
            ("status", json!("in_progress")),
            ("status", json!("completed")),
            ("code", json!("WEB")),
            ("code", Value::Null),
            ("lead_id", json!("$member")),
            ("lead_id", Value::Null),
            ("space_id", json!("$space")),
            ("customer_id", json!("$customer")),
            ("start_date", json!("2026-01-01")),
            ("due_date", json!("2026-04-15")),
        ],
        "sprint" => vec![
            ("goal", json!("Others")),
            ("goal", Value::Null),
            ("end_date", json!("2026-03-21")),
            ("start_date", json!("2026-03-08")),
        ],
        "timelog" => vec![
            ("note", json!("Others")),
            ("note", Value::Null),
            ("ended_at", json!("2026-03-14T11:30:00.000000Z")),
            ("started_at", json!("2026-03-14T10:15:00.000000Z")),
        ],
        "customer" => vec![("currency", json!("USD")), ("tax_id", Value::Null)],
        "member" => ["manager", "viewer", "admin", "member"].map(|role| ("role", json!(role))).to_vec(),
        _ => vec![("color", json!("#00ff00"))],
    };
    for (name, usual) in [("due_date", Value::Null), ("start_date", Value::Null), ("description", Value::Null)] {
        if all.iter().any(|(one, _)| *one == name) || kind == "project" {
            all.push((name, usual));
        }
    }
    if kind != "task" {
        all.push(("name", json!("Café 👩‍💻 <b>& more</b>")));
    }
    all
}

/// One that is read and written back, and what happened to it before.
pub struct Life {
    /// Where it is made, if not where all are.
    pub at: Option<&'static str>,
    /// What it is made of.
    pub made: Value,
    /// What happens then: `$it` stands for its id.
    pub then: Vec<(Method, &'static str, Value)>,
}

impl Life {
    fn of(made: Value) -> Self {
        Self { at: None, made, then: Vec::new() }
    }

    fn then(mut self, method: Method, path: &'static str, body: Value) -> Self {
        self.then.push((method, path, body));
        self
    }
}

/// What is read and written back, so that it says as much as there is to be lost, whatever became of it.
pub fn lives(kind: &str) -> Vec<Life> {
    let words = "Some *words*";
    match kind {
        "task" => tasks(),
        "project" => {
            let rich = json!({"name": "$name", "description": words, "status": "in_progress", "code": "RICH",
                "color": "#d73a4a", "start_date": "2026-01-01", "due_date": "2026-02-28", "lead_id": "$member",
                "member_ids": ["$member"], "space_id": "$space", "customer_id": "$customer", "billable": true});
            let done = json!({"name": "$name", "status": "completed"});
            let archived = json!({"archived": true});
            vec![Life::of(rich), Life::of(done).then(Method::PATCH, "/v1/projects/$it", archived)]
        }
        "sprint" => {
            let begun = || Life::of(made(kind)).then(Method::POST, "/v1/sprints/$it/start", json!({}));
            let closed = begun().then(Method::POST, "/v1/sprints/$it/close", json!({"open_tasks": "keep"}));
            vec![Life::of(made(kind)), begun(), closed]
        }
        "timelog" => {
            let rich = json!({"task_id": "$task", "started_at": "2026-03-14T10:00:00.123456Z", "note": words,
                "ended_at": "2026-03-14T11:02:00.654321Z", "time_zone": "Europe/Berlin"});
            let timer =
                || Life { at: Some("/v1/timelogs/start"), ..Life::of(json!({"task_id": "$task", "note": words})) };
            vec![Life::of(rich), timer(), timer().then(Method::POST, "/v1/timelogs/stop", json!({}))]
        }
        kind => vec![Life::of(made(kind))],
    }
}

/// Tasks with all words that there are, and with what can be said of no new one any more.
fn tasks() -> Vec<Life> {
    let more = json!({"title": "$name", "project_id": "$project", "description": "Some *words*",
        "start_date": "2026-01-01", "due_date": "2026-02-28", "assignee_ids": ["$member"],
        "label_ids": ["$label"], "sprint_id": "$sprint", "parent_id": "$task", "estimate_points": 3,
        "estimate_minutes": 90, "billable": null});
    let statuses = ["backlog", "todo", "in_progress", "in_review", "done", "cancelled", "duplicate"];
    let priorities = ["none", "low", "medium", "high", "urgent"];
    let words = |status: &'static str| priorities.map(|priority| json!({"status": status, "priority": priority}));
    let mut all: Vec<_> = statuses.into_iter().flat_map(words).map(|words| Life::of(with(&more, &words))).collect();
    let past = json!({"sprint_id": "$past", "status": "duplicate", "priority": "none"});
    all.push(Life::of(with(&more, &past)).then(Method::POST, "/v1/sprints/$past/start", json!({})).then(
        Method::POST,
        "/v1/sprints/$past/close",
        json!({"open_tasks": "keep"}),
    ));
    let old = json!({"project_id": "$old", "sprint_id": null, "status": "cancelled"});
    all.push(Life::of(with(&more, &old)).then(Method::PATCH, "/v1/projects/$old", json!({"archived": true})));
    all
}

fn with(one: &Value, other: &Value) -> Value {
    let mut all = one.as_object().expect("members").clone();
    all.extend(other.as_object().expect("members").clone());
    Value::Object(all)
}
