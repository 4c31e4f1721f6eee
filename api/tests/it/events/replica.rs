//! Whoever keeps a copy of everything by the feed alone has what the lists have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{changes, data};
use crate::server::Server;

/// The kinds that are copied, where each is listed, and what goes and comes with what.
const KINDS: [(&str, &str); 4] =
    [("project", "/v1/projects"), ("task", "/v1/tasks"), ("sprint", "/v1/sprints"), ("label", "/v1/labels")];
const HOLDERS: [(&str, &str); 3] = [("task", "project_id"), ("sprint", "project_id"), ("comment", "task_id")];

/// What somebody has who reads the feed.
#[derive(Default)]
struct Replica {
    after: Option<String>,
    all: BTreeMap<String, (String, Value)>,
}

impl Replica {
    async fn follow(&mut self, server: &Server) {
        loop {
            let after = self.after.as_deref().unwrap_or("0");
            let page = changes(server, server.key(), &format!("after={after}&limit=7")).await;
            for event in data(&page) {
                let (resource, state) = (&event["data"]["resource"], &event["data"]["state"]);
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                self.all.insert(text(&resource["id"]), (text(&resource["type"]), state.clone()));
            }
            self.after = page["position"].as_str().map(str::to_owned);
            if page["has_more"] == false {
                return;
            }
        }
    }

    /// Whether something is there, as is what it belongs to.
    fn is_there(&self, id: &str) -> bool {
        let Some((kind, state)) = self.all.get(id) else { return false };
        let holder = HOLDERS.iter().find(|(held, _)| held == kind).and_then(|(_, field)| state[*field].as_str());
        !state.is_null() && holder.is_none_or(|holder| self.is_there(holder))
    }

    /// The ids of a kind, with what they are called.
    fn has(&self, kind: &str) -> BTreeSet<(String, String)> {
        let of_kind = self.all.iter().filter(|(id, (of, _))| of == kind && self.is_there(id));
        of_kind.map(|(id, (_, state))| (id.clone(), called(state))).collect()
    }
}

fn called(state: &Value) -> String {
    ["title", "name", "body"].iter().find_map(|name| state[*name].as_str()).expect("a name").to_owned()
}

async fn listed(server: &Server, path: &str) -> BTreeSet<(String, String)> {
    let page = server.get(&format!("{path}?limit=200")).await;
    let Value::Array(all) = page.json()["data"].take() else { return BTreeSet::new() };
    all.iter().map(|one| (one["id"].as_str().expect("an id").to_owned(), called(one))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_of_the_feed_alone_has_what_the_lists_have() {
    let server = Server::start().await;
    let (kept, gone) = (server.project("Kept").await, server.project("Gone").await);
    let tasks = [server.task(&kept, "A").await, server.task(&gone, "B").await, server.task(&gone, "C").await];
    let label = server.made("/v1/labels", json!({"name": "Bug"})).await;
    server.patch(&format!("/v1/tasks/{}", tasks[1]), json!({"label_ids": [label]})).await;
    let sprint = json!({"name": "First", "project_id": gone, "start_date": "2026-01-01", "end_date": "2026-01-14"});
    server.made("/v1/sprints", sprint).await;
    for task in &tasks {
        server.made(&format!("/v1/tasks/{task}/comments"), json!({"body": "Look"})).await;
    }
    let mut replica = Replica::default();
    let steps = [
        ("PATCH", format!("/v1/tasks/{}", tasks[2])),
        ("DELETE", format!("/v1/projects/{gone}")),
        ("POST", format!("/v1/projects/{gone}/restore")),
        ("DELETE", format!("/v1/tasks/{}", tasks[1])),
        ("DELETE", format!("/v1/labels/{label}")),
        ("DELETE", format!("/v1/projects/{gone}")),
        ("POST", format!("/v1/labels/{label}/restore")),
        ("POST", format!("/v1/projects/{gone}/restore")),
        ("POST", format!("/v1/tasks/{}/restore", tasks[1])),
    ];
    for (method, path) in steps {
        let done = match method {
            "PATCH" => server.patch(&path, json!({"title": "D"})).await,
            "DELETE" => server.delete(&path).await,
            _ => server.post(&path, json!({})).await,
        };
        assert!(done.status.is_success(), "{method} {path}: {}", done.text);
        replica.follow(&server).await;
        for (kind, list) in KINDS {
            assert_eq!(replica.has(kind), listed(&server, list).await, "{kind} after {method} {path}");
        }
        let mut comments = BTreeSet::new();
        for task in &tasks {
            comments.extend(listed(&server, &format!("/v1/tasks/{task}/comments")).await);
        }
        assert_eq!(replica.has("comment"), comments, "comments after {method} {path}");
    }
}
