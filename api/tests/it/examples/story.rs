//! A team works for a while, and uses every operation once.

use reqwest::Method;
use serde_json::{Value, json};

use super::record::Recorder;

struct Story(Recorder);

impl Story {
    async fn get(&mut self, path: &str) -> Value {
        self.0.ask(Method::GET, path, None).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Value {
        self.0.ask(Method::POST, path, Some(body)).await
    }

    /// A POST without a body.
    async fn act(&mut self, path: &str) -> Value {
        self.0.ask(Method::POST, path, None).await
    }

    async fn patch(&mut self, path: &str, body: Value) -> Value {
        self.0.ask(Method::PATCH, path, Some(body)).await
    }

    async fn put(&mut self, path: &str) -> Value {
        self.0.ask(Method::PUT, path, None).await
    }

    async fn delete(&mut self, path: &str) -> Value {
        self.0.ask(Method::DELETE, path, None).await
    }

    /// The id of what this POST makes.
    async fn made(&mut self, path: &str, body: Value) -> String {
        self.post(path, body).await["id"].as_str().expect("an id").to_owned()
    }

    /// What can be done with most resources: look at them, change, delete and restore one.
    async fn life(&mut self, list: &str, id: &str, set: Value) {
        let one = format!("{list}/{id}");
        self.patch(&one, set).await;
        self.get(&one).await;
        self.get(&format!("{list}?limit=3")).await;
        self.delete(&one).await;
        self.act(&format!("{one}/restore")).await;
        self.get(&format!("{one}/activity")).await;
    }

    async fn workspace(&mut self) -> String {
        self.get("/v1/workspace").await;
        self.patch("/v1/workspace", json!({"locale": "de-AT", "time_zone": "Europe/Vienna"})).await;
        self.get("/v1/workspace/activity").await;
        self.get("/v1/me").await["member"]["id"].as_str().expect("a member").to_owned()
    }

    async fn members(&mut self) -> String {
        let invited = json!({"email": "ada@example.com", "name": "Ada Lovelace", "role": "manager"});
        let ada = self.made("/v1/members", invited).await;
        let one = format!("/v1/members/{ada}");
        self.act(&format!("{one}/join")).await;
        self.patch(&one, json!({"name": "Ada King"})).await;
        self.act(&format!("{one}/deactivate")).await;
        self.act(&format!("{one}/reactivate")).await;
        self.get(&one).await;
        self.get("/v1/members?sort=name").await;
        let bo = json!({"op": "create", "member": {"email": "bo@example.com", "name": "Bo"}});
        self.post("/v1/members/batch", json!({"commands": [bo]})).await;
        self.get(&format!("{one}/activity")).await;
        let gone = self.made("/v1/members", json!({"email": "cy@example.com", "name": "Cy"})).await;
        self.delete(&format!("/v1/members/{gone}/personal-data")).await;
        ada
    }

    /// One of each kind: a label, a team, a position, a space, a customer.
    async fn catalogue(&mut self, member: &str) -> [String; 5] {
        let kinds = [
            ("label", json!({"name": "bug", "color": "#d73a4a"}), json!({"color": "#b60205"})),
            (
                "team",
                json!({"name": "Website", "member_ids": [member]}),
                json!({"description": "Looks after the website."}),
            ),
            ("position", json!({"name": "Engineer"}), json!({"name": "Senior engineer"})),
            ("space", json!({"name": "Clients", "color": "#0e8a16"}), json!({"description": "What others pay for."})),
            (
                "customer",
                json!({"name": "Acme", "email": "office@acme.example", "currency": "EUR"}),
                json!({"reference": "C-10492"}),
            ),
        ];
        let mut ids = Vec::new();
        for (kind, new, set) in kinds {
            let list = format!("/v1/{kind}s");
            let id = self.made(&list, new).await;
            self.life(&list, &id, set.clone()).await;
            let create = json!({"op": "create", kind: {"name": "Another"}});
            let update = json!({"op": "update", "id": id, "set": set});
            self.post(&format!("{list}/batch"), json!({"mode": "per_item", "commands": [create, update]})).await;
            ids.push(id);
        }
        ids.try_into().expect("five")
    }

    async fn project(&mut self, lead: &str, customer: &str) -> String {
        let new = json!({"name": "Website", "description": "The new one.", "lead_id": lead, "customer_id": customer,
            "due_date": "2026-06-30", "phases": [{"name": "Idea"}]});
        let id = self.made("/v1/projects", new).await;
        self.life("/v1/projects", &id, json!({"code": "WEB"})).await;
        let another = json!({"op": "create", "project": {"name": "App"}});
        let changed = json!({"op": "update", "id": id, "set": {"color": "#1d76db"}});
        self.post("/v1/projects/batch", json!({"commands": [another, changed]})).await;
        let phases = format!("/v1/projects/{id}/phases");
        let phase = json!({"name": "Design", "start_date": "2026-03-02", "end_date": "2026-03-27"});
        let phase = format!("{phases}/{}", self.made(&phases, phase).await);
        self.patch(&phase, json!({"end_date": "2026-03-31"})).await;
        self.get(&phase).await;
        self.get(&phases).await;
        self.delete(&phase).await;
        self.act(&format!("{phase}/restore")).await;
        let another = json!({"op": "create", "phase": {"name": "Build"}});
        let changed = json!({"op": "update", "id": phase.rsplit('/').next(), "set": {"position": 2}});
        self.post(&format!("{phases}/batch"), json!({"commands": [another, changed]})).await;
        id
    }

    async fn tasks(&mut self, project: &str, member: &str, label: &str) -> String {
        let new = json!({"project_id": project, "title": "Fix the login page", "priority": "high",
            "description": "Nobody can log in.", "due_date": "2026-03-20", "estimate_points": 3});
        let id = self.made("/v1/tasks", new).await;
        let one = format!("/v1/tasks/{id}");
        self.put(&format!("{one}/assignees/{member}")).await;
        self.put(&format!("{one}/labels/{label}")).await;
        self.life("/v1/tasks", &id, json!({"status": "in_progress"})).await;
        let part = json!({"op": "create", "task": {"project_id": project, "title": "Find out why", "parent_id": id}});
        let nothing = json!({"op": "update", "id": id, "if_version": 1, "set": {"status": "done"}});
        self.post("/v1/tasks/batch", json!({"mode": "per_item", "commands": [part, nothing]})).await;
        self.get(&format!("{one}/children")).await;
        self.get(&format!("{one}/assignees")).await;
        self.get(&format!("{one}/labels")).await;
        self.comments(&one).await;
        self.delete(&format!("{one}/labels/{label}")).await;
        self.delete(&format!("{one}/assignees/{member}")).await;
        id
    }

    async fn comments(&mut self, task: &str) {
        let list = format!("{task}/comments");
        let id = self.made(&list, json!({"body": "It is the session cookie."})).await;
        let one = format!("{list}/{id}");
        self.patch(&one, json!({"body": "It is the session cookie: its path is wrong."})).await;
        self.get(&one).await;
        self.get(&list).await;
        self.delete(&one).await;
        self.act(&format!("{one}/restore")).await;
        let more = json!({"op": "create", "comment": {"body": "Then so does the way out."}});
        self.post(&format!("{list}/batch"), json!({"commands": [more]})).await;
        self.get(&format!("/v1/comments/{id}/activity")).await;
    }

    async fn sprints(&mut self, project: &str, task: &str) -> String {
        let new =
            json!({"project_id": project, "name": "Sprint 1", "start_date": "2026-03-02", "end_date": "2026-03-13"});
        let id = self.made("/v1/sprints", new).await;
        self.life("/v1/sprints", &id, json!({"goal": "Everybody can log in."})).await;
        self.patch(&format!("/v1/tasks/{task}"), json!({"sprint_id": id})).await;
        let one = format!("/v1/sprints/{id}");
        self.get(&format!("{one}/tasks")).await;
        self.act(&format!("{one}/start")).await;
        self.post(&format!("{one}/close"), json!({"open_tasks": "keep"})).await;
        self.act(&format!("{one}/reopen")).await;
        let next = json!({"op": "create", "sprint": {"project_id": project, "name": "Sprint 2"}});
        self.post("/v1/sprints/batch", json!({"commands": [next]})).await;
        self.post(&format!("{one}/close"), json!({"open_tasks": "keep"})).await;
        id
    }

    async fn time(&mut self, project: &str, task: &str) {
        let new = json!({"task_id": task, "started_at": "2026-03-02T08:30:00Z", "duration_seconds": 5_400,
            "time_zone": "Europe/Vienna", "note": "Looked for the cause."});
        let id = self.made("/v1/timelogs", new).await;
        self.life("/v1/timelogs", &id, json!({"note": "Found the cause."})).await;
        let more = json!({"op": "create", "timelog": {"project_id": project, "started_at": "2026-03-03T09:00:00Z",
            "ended_at": "2026-03-03T10:15:00Z"}});
        self.post("/v1/timelogs/batch", json!({"commands": [more]})).await;
        self.get("/v1/timelogs/totals?group_by=member").await;
        self.get("/v1/reports/time?group_by=day").await;
        self.post("/v1/timelogs/start", json!({"task_id": task})).await;
        self.get("/v1/timelogs/running").await;
        self.post("/v1/timelogs/stop", json!({})).await;
        self.0.refused(Method::GET, "/v1/timelogs/running", None).await;
    }

    async fn reports(&mut self, project: &str, sprint: &str) {
        self.get(&format!("/v1/reports/burndown?sprint_id={sprint}")).await;
        self.get(&format!("/v1/sprints/{sprint}/burndown")).await;
        self.get("/v1/search?q=website&kinds=project").await;
        self.get(&format!("/v1/reports/velocity?project_id={project}")).await;
        self.get("/v1/reports/cumulative-flow?date[gte]=2026-03-02&date[lte]=2026-03-04").await;
    }

    async fn notifications(&mut self, member: &str, task: &str) {
        let subject = json!({"type": "task", "id": task});
        let new = json!({"title": "Please have a look", "recipient_ids": [member], "subject": subject});
        let sent = self.post("/v1/notifications", new).await;
        let id = sent["data"][0]["id"].as_str().or(sent["id"].as_str()).expect("an id").to_owned();
        let one = format!("/v1/notifications/{id}");
        self.get("/v1/notifications?unread=true").await;
        self.get(&format!("{one}/activity")).await;
        self.get("/v1/notifications/counts").await;
        self.get(&one).await;
        self.act(&format!("{one}/read")).await;
        self.act(&format!("{one}/unread")).await;
        let read = json!({"op": "update", "id": id, "set": {"read": true}});
        self.post("/v1/notifications/batch", json!({"commands": [read]})).await;
        self.act("/v1/notifications/read-all").await;
        self.delete(&one).await;
    }

    /// To an address that is nobody's, of events that do not happen any more in this story.
    async fn webhooks(&mut self) {
        let new =
            json!({"name": "Deployments", "url": "https://hooks.example/docket", "event_types": ["sprint.closed"]});
        let id = self.made("/v1/webhooks", new.clone()).await;
        self.life("/v1/webhooks", &id, json!({"name": "Releases"})).await;
        self.post("/v1/webhooks/batch", json!({"commands": [{"op": "create", "webhook": new}]})).await;
    }

    async fn preferences(&mut self) {
        self.get("/v1/me/notification-preferences").await;
        self.patch("/v1/me/notification-preferences", json!({"invited": {"push": false}})).await;
    }

    async fn keys(&mut self) {
        let new = json!({"label": "nightly report", "scopes": ["tasks:read", "projects:read"],
            "expires_at": "2099-01-01T00:00:00Z"});
        let one = format!("/v1/keys/{}", self.made("/v1/keys", new).await);
        self.patch(&one, json!({"label": "weekly report"})).await;
        self.get(&one).await;
        self.get("/v1/keys?sort=-number&limit=1").await;
        self.post(&format!("{one}/rotate"), json!({"old_works_until": "2098-01-01T00:00:00Z"})).await;
        self.delete(&one).await;
        self.get(&format!("{one}/activity")).await;
    }
}

/// The whole story, told to this recorder.
pub async fn tell(recorder: Recorder) -> Recorder {
    let mut story = Story(recorder);
    let owner = story.workspace().await;
    let ada = story.members().await;
    let [label, _, _, _, customer] = story.catalogue(&ada).await;
    let project = story.project(&ada, &customer).await;
    let task = story.tasks(&project, &ada, &label).await;
    let sprint = story.sprints(&project, &task).await;
    story.time(&project, &task).await;
    story.reports(&project, &sprint).await;
    story.notifications(&owner, &task).await;
    story.preferences().await;
    story.keys().await;
    story.webhooks().await;
    story.0
}
