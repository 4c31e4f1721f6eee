//! What the clients do: a project each, its tasks, comments, timers and messages, as people use them, and a few tasks that
//! all of a workspace fight over.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rand::Rng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, Wish};
use crate::history::Outcome;

/// What is there before the load begins, and the tasks that everybody changes.
pub struct Common {
    /// Who can be assigned.
    pub members: Vec<Uuid>,
    /// Labels.
    pub labels: Vec<Uuid>,
    /// Tasks that everybody changes.
    pub shared: RefCell<Vec<Uuid>>,
    /// The most commands in a batch.
    pub largest_batch: usize,
    /// Set when it is enough.
    pub enough: Rc<Cell<bool>>,
}

/// A task as its client believes it to be.
struct Task {
    id: Uuid,
    version: i64,
    deleted: bool,
}

/// One client's part of the world.
pub struct Worker {
    client: Client,
    common: Rc<Common>,
    project: Uuid,
    tasks: Vec<Task>,
    /// How many calls may or may not have made, taken away or brought back a task.
    unsure: usize,
    nth: u64,
}

impl Worker {
    /// Makes the client's own project.
    pub async fn open(mut client: Client, common: Rc<Common>) -> Option<Self> {
        loop {
            let name = format!("Project {}", client.rng.random::<u32>());
            if let Outcome::Done(made) = client.write(&post("/v1/projects", json!({ "name": name }))).await {
                let project = id(&made)?;
                return Some(Self { client, common, project, tasks: Vec::new(), unsure: 0, nth: 0 });
            }
        }
    }

    /// Works until it is enough.
    pub async fn work(mut self) {
        while !self.common.enough.get() {
            self.nth += 1;
            match self.client.rng.random_range(0..100) {
                0..25 => self.create().await,
                25..50 => self.patch().await,
                50..58 => self.assign().await,
                58..66 => self.fight().await,
                66..74 => self.batch().await,
                74..82 => self.delete_or_restore().await,
                82..90 => self.comment().await,
                90..94 => self.time().await,
                94..96 => self.tell().await,
                96..98 => self.rename().await,
                _ => self.refused().await,
            }
            if self.client.rng.random_ratio(1, 6) {
                self.look_at_the_list().await;
            }
        }
    }

    fn title(&mut self) -> String {
        format!("Task {} of {}", self.nth, self.client.rng.random::<u32>())
    }

    fn new_task(&mut self) -> Value {
        let mut task = json!({ "project_id": self.project, "title": self.title() });
        if self.client.rng.random_ratio(1, 3) {
            task["assignee_ids"] = json!([self.member()]);
        }
        if self.client.rng.random_ratio(1, 4) {
            let labels = &self.common.labels;
            task["label_ids"] = json!([labels[self.client.rng.random_range(0..labels.len())]]);
        }
        task
    }

    fn member(&mut self) -> Uuid {
        self.common.members[self.client.rng.random_range(0..self.common.members.len())]
    }

    /// One of its own tasks that is there.
    fn any(&mut self) -> Option<usize> {
        let alive: Vec<_> = (0..self.tasks.len()).filter(|nth| !self.tasks[*nth].deleted).collect();
        if alive.is_empty() { None } else { Some(alive[self.client.rng.random_range(0..alive.len())]) }
    }

    async fn create(&mut self) {
        let wish = post("/v1/tasks", self.new_task());
        match self.client.write(&wish).await {
            Outcome::Done(task) => self.took(&task).await,
            Outcome::Unknown => self.unsure += 1,
            Outcome::Refused(_) => {}
        }
    }

    async fn took(&mut self, task: &Value) {
        let Some(id) = id(task) else { return };
        self.tasks.push(Task { id, version: version(task), deleted: false });
        let shared = self.common.shared.borrow().len();
        if shared < 6 {
            self.common.shared.borrow_mut().push(id);
            // What others change is nobody's own.
            self.tasks.pop();
            self.unsure += 1;
        } else {
            self.see(self.tasks.len() - 1).await;
        }
    }

    async fn patch(&mut self) {
        let Some(nth) = self.any() else { return };
        let statuses = ["todo", "in_progress", "in_review", "done"];
        let status = statuses[self.client.rng.random_range(0..statuses.len())];
        let mut body = json!({ "title": self.title() });
        if self.client.rng.random_ratio(1, 2) {
            body["status"] = status.into();
        }
        let Task { id, version, .. } = self.tasks[nth];
        let mut wish = wish(Method::PATCH, format!("/v1/tasks/{id}"), Some(body));
        wish.if_match = self.client.rng.random_ratio(1, 3).then_some(version);
        let outcome = self.client.write(&wish).await;
        self.changed(nth, &outcome).await;
    }

    async fn assign(&mut self) {
        let (Some(nth), member) = (self.any(), self.member()) else { return };
        let put = self.client.rng.random_ratio(4, 5);
        let Task { id, version: before, .. } = self.tasks[nth];
        let path = format!("/v1/tasks/{id}/assignees/{member}");
        let mut wish = wish(if put { Method::PUT } else { Method::DELETE }, path, None);
        wish.idle = true;
        let outcome = self.client.write(&wish).await;
        if put || !matches!(outcome, Outcome::Done(_)) {
            return self.changed(nth, &outcome).await;
        }
        // The answer has no version: it may have changed nothing.
        let Some((_, task)) = self.client.read(&format!("/v1/tasks/{id}")).await else {
            self.unsure += 1;
            self.tasks.swap_remove(nth);
            return;
        };
        let named = task["assignee_ids"].as_array().is_none_or(|ids| ids.contains(&json!(member)));
        if named || !(before..=before + 1).contains(&version(&task)) {
            self.client.complain(format!("{member} left task {id} at version {before}, but a read says {task}"));
        }
        self.tasks[nth].version = version(&task);
    }

    /// After a change of one of its own tasks: only this client changes them, so all is known.
    async fn changed(&mut self, nth: usize, outcome: &Outcome) {
        match outcome {
            Outcome::Done(task) => {
                if task["id"].is_string() {
                    self.tasks[nth].version = version(task);
                }
                self.see(nth).await;
            }
            Outcome::Refused(status) => {
                let id = self.tasks[nth].id;
                self.client
                    .object(format!("a change of task {id}, which only one client writes, is refused: {status}"));
            }
            Outcome::Unknown => {
                self.unsure += 1;
                self.tasks.swap_remove(nth);
            }
        }
    }

    /// Whether a read shows what was written, on any node.
    async fn see(&mut self, nth: usize) {
        if !self.client.rng.random_ratio(1, 2) {
            return;
        }
        let Task { id, version: wanted, deleted } = self.tasks[nth];
        let Some((status, task)) = self.client.read(&format!("/v1/tasks/{id}")).await else { return };
        let right = if deleted { status == StatusCode::NOT_FOUND } else { version(&task) == wanted };
        if !right {
            let wanted = if deleted { "gone".to_owned() } else { format!("version {wanted}") };
            self.client.complain(format!("task {id} should be {wanted}, but a read says {status} {task}"));
        }
    }

    async fn look_at_the_list(&mut self) {
        let path = format!("/v1/tasks?project_id={}&limit=1", self.project);
        let Some((status, list)) = self.client.read(&path).await else { return };
        let alive = self.tasks.iter().filter(|task| !task.deleted).count();
        let total = list["total"].as_u64().unwrap_or(u64::MAX) as usize;
        if status != StatusCode::OK || total.abs_diff(alive) > self.unsure {
            let unsure = self.unsure;
            let what = format!("project {} has {alive} tasks (±{unsure}), a list says {status} {list}", self.project);
            self.client.complain(what);
        }
    }

    /// Changes what everybody changes, at a version that may be over.
    async fn fight(&mut self) {
        let shared = self.common.shared.borrow().clone();
        if shared.is_empty() {
            return;
        }
        let task = shared[self.client.rng.random_range(0..shared.len())];
        let Some((StatusCode::OK, seen)) = self.client.read(&format!("/v1/tasks/{task}")).await else { return };
        let mut wish = wish(Method::PATCH, format!("/v1/tasks/{task}"), Some(json!({ "title": self.title() })));
        wish.if_match = self.client.rng.random_ratio(2, 3).then(|| version(&seen));
        self.client.write(&wish).await;
    }

    async fn batch(&mut self) {
        let mut commands: Vec<_> = (0..self.client.rng.random_range(2..=self.common.largest_batch))
            .map(|_| json!({ "op": "create", "task": self.new_task() }))
            .collect();
        let bad = self.client.rng.random_ratio(1, 6);
        if bad {
            // All or none: this one cannot be.
            commands.push(json!({ "op": "delete", "id": self.project }));
        }
        let mut wish = post("/v1/tasks/batch", json!({ "mode": "atomic", "commands": commands }));
        wish.commands = commands.len();
        match self.client.write(&wish).await {
            Outcome::Done(answer) => {
                for result in answer["results"].as_array().into_iter().flatten() {
                    if let Some(id) = id(&result["task"]) {
                        self.tasks.push(Task { id, version: version(&result["task"]), deleted: false });
                    }
                }
                if let Some(last) = self.tasks.len().checked_sub(1) {
                    self.see(last).await;
                }
            }
            Outcome::Unknown => self.unsure += commands.len(),
            Outcome::Refused(_) => {}
        }
    }

    async fn delete_or_restore(&mut self) {
        if self.tasks.is_empty() {
            return;
        }
        let nth = self.client.rng.random_range(0..self.tasks.len());
        let Task { id, deleted, .. } = self.tasks[nth];
        let wish = if deleted {
            wish(Method::POST, format!("/v1/tasks/{id}/restore"), None)
        } else {
            wish(Method::DELETE, format!("/v1/tasks/{id}"), None)
        };
        match self.client.write(&wish).await {
            Outcome::Done(answer) => {
                self.tasks[nth].deleted = !deleted;
                self.tasks[nth].version += 1;
                if deleted && version(&answer) != self.tasks[nth].version {
                    self.client.complain(format!("task {id} came back as {answer}"));
                }
                self.see(nth).await;
            }
            Outcome::Unknown => {
                self.unsure += 1;
                self.tasks.swap_remove(nth);
            }
            Outcome::Refused(status) => {
                self.client.object(format!("task {id}, deleted: {deleted}, can't be the other: {status}"));
            }
        }
    }

    async fn comment(&mut self) {
        let Some(nth) = self.any() else { return };
        let path = format!("/v1/tasks/{}/comments", self.tasks[nth].id);
        let body = json!({ "body": format!("What about {}?", self.nth) });
        let Outcome::Done(made) = self.client.write(&post(&path, body.clone())).await else { return };
        let Some(comment) = id(&made) else { return };
        let path = format!("{path}/{comment}");
        self.look_again(&path, &body, &made).await;
        if self.client.rng.random_ratio(1, 3) {
            let body = json!({ "body": format!("Rather {}.", self.title()) });
            self.change(&path, &body).await;
        }
    }

    async fn time(&mut self) {
        let wish = if self.client.rng.random_ratio(2, 3) {
            post("/v1/timelogs/start", json!({ "project_id": self.project, "note": self.title() }))
        } else {
            // Another client of the same member may have stopped it.
            post("/v1/timelogs/stop", json!({}))
        };
        self.client.write(&wish).await;
    }

    async fn tell(&mut self) {
        let member = self.member();
        let body = json!({ "recipient_ids": [member], "title": format!("Message {}", self.nth) });
        self.client.write(&post("/v1/notifications", body)).await;
    }

    async fn rename(&mut self) {
        let body = json!({ "name": format!("Project {}", self.title()) });
        self.change(&format!("/v1/projects/{}", self.project), &body).await;
    }

    /// Changes what nobody else does.
    async fn change(&mut self, path: &str, body: &Value) {
        let wish = wish(Method::PATCH, path.to_owned(), Some(body.clone()));
        if let Outcome::Done(changed) = self.client.write(&wish).await {
            self.look_again(path, body, &changed).await;
        }
    }

    /// Whether a read shows what was written, on any node, or what came after it: a change that was never answered may
    /// come late.
    async fn look_again(&mut self, path: &str, written: &Value, answer: &Value) {
        if !self.client.rng.random_ratio(1, 2) {
            return;
        }
        let Some((status, shown)) = self.client.read(path).await else { return };
        let same = written.as_object().is_some_and(|fields| fields.iter().all(|(name, is)| shown[name] == *is));
        let right = version(&shown) > version(answer) || (version(&shown) == version(answer) && same);
        if status != StatusCode::OK || !right {
            self.client.complain(format!("{path} was answered as {answer}, but a read says {status} {shown}"));
        }
    }

    /// What must come to nothing.
    async fn refused(&mut self) {
        let wish = match self.client.rng.random_range(0..3) {
            0 => post("/v1/tasks", json!({ "project_id": Uuid::new_v4(), "title": "Nowhere" })),
            1 => post("/v1/tasks", json!({ "project_id": self.project, "title": "" })),
            _ => {
                let Some(nth) = self.any() else { return };
                let path = format!("/v1/tasks/{}", self.tasks[nth].id);
                let mut wish = wish(Method::PATCH, path, Some(json!({ "title": "Too late" })));
                wish.if_match = Some(self.tasks[nth].version + 7);
                wish
            }
        };
        if let Outcome::Done(answer) = self.client.write(&wish).await {
            self.client.object(format!("{} {} should be refused: {answer}", wish.method, wish.path));
        }
    }
}

/// A request that is one command.
pub fn wish(method: Method, path: String, body: Option<Value>) -> Wish {
    Wish { method, path, body, if_match: None, commands: 1, idle: false }
}

/// A `POST`.
pub fn post(path: &str, body: Value) -> Wish {
    wish(Method::POST, path.to_owned(), Some(body))
}

/// The id in a resource.
pub fn id(resource: &Value) -> Option<Uuid> {
    resource["id"].as_str()?.parse().ok()
}

fn version(resource: &Value) -> i64 {
    resource["version"].as_i64().unwrap_or(-1)
}
