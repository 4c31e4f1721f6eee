//! Who was erased is found nowhere any more, and all that was proved stays proved.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use docket_domain::envelope;
use docket_projections::Projections;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::audit::{docket, settled, signing_server, text, witnessed};
use crate::events::listen::Listener;
use crate::harness;
use crate::server::{Answer, Server, ask, send};

/// What nobody else has in their name or address.
const MARKS: [&str; 2] = ["quastenflosser", "xylophon"];
const EMAIL: &str = "Quastenflosser@xylophon.example";
const PATIENCE: Duration = Duration::from_secs(30);

fn has_marks(text: &str) -> bool {
    let text = text.to_lowercase();
    MARKS.iter().any(|mark| text.contains(mark))
}

/// A server with somebody who has done all that leaves a trace.
struct World {
    server: Server,
    pool: PgPool,
    project: String,
    /// Where the history was before they came, and when they were there.
    before: String,
    there: String,
    id: String,
    token: String,
    colleague: String,
}

impl World {
    async fn new() -> Self {
        let (server, _) = signing_server().await;
        let pool = PgPool::connect(&server.db.url).await.expect("the database");
        let (_, colleague) = server.member("colleague", "member").await;
        let project = server.post("/v1/projects", json!({"name": "P"})).await;
        let (project, before) = (text(&project.json()["id"]), project.header("docket-position").to_owned());
        let invited = Self::invite(&server).await;
        assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.text);
        let id = text(&invited.json()["id"]);
        let key = server.post("/v1/keys", json!({"label": "k", "scopes": ["admin"], "member_id": id})).await;
        let (token, there) = (text(&key.json()["token"]), key.header("docket-position").to_owned());
        Self { server, pool, project, before, there, id, token, colleague }
    }

    async fn invite(server: &Server) -> Answer {
        let body = json!({"email": EMAIL, "name": "Quirin Quastenflosser", "role": "admin"});
        send(server.ask(Method::POST, "/v1/members").header("Idempotency-Key", "invitation").json(&body)).await
    }

    async fn of_theirs(&self, method: Method, path: &str, body: Value) -> Answer {
        let answer = send(ask(&self.server.url, &self.token, method, path).json(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer
    }

    /// What people do.
    async fn live(&self) {
        let me = format!("/v1/members/{}", self.id);
        self.of_theirs(Method::POST, &format!("{me}/join"), json!({})).await;
        let renamed = json!({"name": "Xylophon Quastenflosser"});
        let patch = ask(&self.server.url, &self.token, Method::PATCH, &me).header("Idempotency-Key", "rename");
        assert_eq!(send(patch.json(&renamed)).await.status, StatusCode::OK);
        let task = json!({"project_id": self.project, "title": "T", "assignee_ids": [self.id]});
        let task = text(&self.of_theirs(Method::POST, "/v1/tasks", task).await.json()["id"]);
        self.of_theirs(Method::POST, &format!("/v1/tasks/{task}/comments"), json!({"body": "Done."})).await;
        let time = json!({"task_id": task, "started_at": "2026-03-02T09:00:00Z", "ended_at": "2026-03-02T10:00:00Z"});
        self.of_theirs(Method::POST, "/v1/timelogs", time).await;
        let told = json!({"title": "Hello", "recipient_ids": [self.id]});
        self.server.post("/v1/notifications", told).await;
        self.server.made("/v1/teams", json!({"name": "Core", "member_ids": [self.id]})).await;
    }

    async fn erase(&self) -> Answer {
        self.server.delete(&format!("/v1/members/{}/personal-data", self.id)).await
    }

    /// Every row of every table, as text.
    async fn rows(&self) -> Vec<String> {
        let tables = "select format('select %L || t::text from %I.%I t', schemaname || '.' || tablename || ' ', \
                      schemaname, tablename) from pg_tables where schemaname !~ '^(pg_|information_schema)'";
        let mut rows = Vec::new();
        for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&self.pool).await.expect("the tables") {
            rows.extend(sqlx::query_scalar::<_, String>(&table).fetch_all(&self.pool).await.expect("its rows"));
        }
        rows
    }

    async fn marked_rows(&self) -> Vec<String> {
        self.rows().await.into_iter().filter(|row| has_marks(row)).collect()
    }

    /// Waits until no table says who it was: read models follow the log.
    async fn forgotten(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rows = self.marked_rows().await;
            if rows.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{rows:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every message that JetStream has, once it has the last.
    async fn messages(&self) -> Vec<String> {
        let nats = async_nats::connect(harness::nats_url()).await.expect("NATS");
        let name = envelope::stream_name(&self.server.prefix);
        let mut stream = async_nats::jetstream::new(nats).get_stream(name).await.expect("the stream");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let last = stream.info().await.expect("what it has").state.last_sequence;
            let mut messages = Vec::new();
            for sequence in 1..=last {
                let message = stream.get_raw_message(sequence).await.expect("a message");
                messages.push(format!("{} {}", message.subject, String::from_utf8_lossy(&message.payload)));
            }
            if messages.iter().any(|message| message.contains(&self.id) && message.contains("member.erased")) {
                return messages;
            }
            assert!(Instant::now() < deadline, "nobody is told");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What somebody hears who was cut off before they came, up to their erasure.
    async fn heard(&self) -> Vec<Value> {
        let mut stream =
            Listener::open(&self.server.url, self.server.key(), "/v1/events/stream", Some(&self.before)).await;
        let mut heard = Vec::new();
        while heard.last().is_none_or(|event: &Value| !event.to_string().contains("member.erased")) {
            heard.push(stream.next().await.expect("an event"));
        }
        heard
    }

    /// What others can ask that might tell.
    fn questions(&self) -> Vec<String> {
        let member = format!("/v1/members/{}", self.id);
        let mut all: Vec<_> = ["", "/activity", "/history", "/history?sort=-version", "/explain?field=name"]
            .iter()
            .chain(&["/explain?field=email", "/diff?from=1"])
            .map(|rest| format!("{member}{rest}"))
            .collect();
        let then = format!("as_of={}", self.there);
        all.extend([
            format!("{member}?{then}"),
            format!("/v1/members?{then}"),
            format!("/v1/members?{then}&search=quastenflosser"),
            format!("/v1/tasks?{then}&expand=assignees"),
            format!("/v1/search?{then}&q=quastenflosser"),
        ]);
        all.extend(
            [
                "/v1/members",
                "/v1/members?sort=name",
                "/v1/members?search=quastenflosser",
                "/v1/search?q=quastenflosser",
                "/v1/audit?limit=200",
                "/v1/changes",
                "/v1/tasks?expand=assignees",
                "/v1/teams?expand=members",
                "/v1/timelogs?expand=member",
                "/v1/keys",
                "/v1/me",
                "/v1/workspace/activity",
                "/v1/reports/time?group_by=member",
            ]
            .map(str::to_owned),
        );
        all
    }

    async fn answers(&self) -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for path in self.questions() {
            for key in [self.server.key(), &self.colleague] {
                let answer = send(ask(&self.server.url, key, Method::GET, &path)).await;
                answers.push((path.clone(), answer.text));
            }
        }
        let lines = self.server.ask(Method::GET, "/v1/audit").header("Accept", "application/x-ndjson");
        answers.push(("lines".to_owned(), send(lines).await.text));
        answers.push(("again".to_owned(), Self::invite(&self.server).await.text));
        answers
    }

    fn export(&self) -> PathBuf {
        let file = harness::scratch_file("x", "").with_file_name("bundle");
        let (id, path) = (self.server.workspace.workspace_id.to_string(), file.to_str().expect("a path"));
        let url = &self.server.db.url;
        let (code, said) = docket(&["audit", "export", "--database-url", url, "--workspace", &id, "--output", path]);
        assert_eq!(code, 0, "{said}");
        file
    }

    async fn models(&self) -> Vec<String> {
        let mut rows = self.rows().await;
        rows.retain(|row| {
            ["read_members.members ", "read_members.member_counts "].iter().any(|of| row.starts_with(of))
        });
        rows.sort();
        rows
    }
}

fn verify(bundle: &Path, kept: &Path) -> (i32, String) {
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    docket(&["audit", "verify", &path(bundle), "--trusted", &path(kept)])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_is_found_nowhere() {
    let world = World::new().await;
    world.live().await;
    witnessed(&world.server).await;
    let kept = settled(&world.server, "/v1/audit/checkpoint").await.json();
    let kept = harness::scratch_file("kept", &text(&kept["note"]));
    let before = world.export();
    let told: Vec<_> = world.answers().await.into_iter().filter(|(_, text)| has_marks(text)).collect();
    assert!(told.len() > 16 && told.iter().any(|(path, _)| path == "again"), "{told:#?}");
    assert!(!world.marked_rows().await.is_empty());

    // Tables that are not read any more are forgotten ones only if they are told so.
    let admin = Projections::connect(&world.server.db.url).await.expect("the models");
    admin.rebuild(Some(&["members".to_owned()]), &|_| ()).await.expect("a rebuild");
    assert!(world.marked_rows().await.iter().any(|row| row.starts_with("read_members_old_1.past_members ")));
    assert_eq!(world.erase().await.status, StatusCode::NO_CONTENT);
    world.forgotten().await;
    let carried: Vec<_> = world.messages().await.into_iter().filter(|message| has_marks(message)).collect();
    assert!(carried.is_empty(), "{carried:#?}");
    let heard = world.heard().await;
    let still: Vec<_> = heard.iter().filter(|event| has_marks(&event.to_string())).collect();
    assert!(heard.len() > 5 && still.is_empty(), "{still:#?}");
    let told = world.answers().await;
    // What was asked for is said again in the answer.
    let asked = |path: &str| path.contains("quastenflosser");
    let still: Vec<_> = told.iter().filter(|(path, text)| !asked(path) && has_marks(text)).collect();
    assert!(still.is_empty(), "{still:#?}");
    for (path, text) in told.iter().filter(|(path, _)| asked(path)) {
        let found: Value = serde_json::from_str(text).expect("JSON");
        assert!(found["code"].is_string() || found["data"] == json!([]), "{path}: {text}");
    }
    let again = told.iter().find(|(path, _)| path == "again").map(|(_, text)| text.as_str()).expect("an answer");
    assert!(again.contains("Former member") && again.contains(&world.id), "{again}");

    witnessed(&world.server).await;
    let after = world.export();
    assert!(!has_marks(&std::fs::read_to_string(&after).expect("a bundle")));
    let (code, said) = verify(&after, &kept);
    assert!(code == 0 && said.contains("What was personal in 2 of the events was erased."), "{said}");
    assert!(has_marks(&std::fs::read_to_string(&before).expect("a bundle")));
    let (code, said) = verify(&before, &kept);
    assert!(code == 0 && !said.contains("was erased"), "{said}");

    let models = world.models().await;
    admin.rebuild(Some(&["members".to_owned()]), &|_| ()).await.expect("a rebuild");
    assert_eq!(world.models().await, models);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_is_for_good_and_repeating_it_changes_nothing() {
    let world = World::new().await;
    world.live().await;
    let member = format!("/v1/members/{}", world.id);
    assert_eq!(world.erase().await.status, StatusCode::NO_CONTENT);
    let erased = world.server.get(&member).await.json();
    assert_eq!((&erased["name"], &erased["email"]), (&json!("Former member"), &Value::Null));
    assert_eq!((&erased["status"], &erased["role"]), (&json!("inactive"), &json!("admin")));
    assert!(erased["erased_at"].is_string() && erased["deactivated_at"].is_string(), "{erased}");
    assert_eq!(world.erase().await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.server.get(&member).await.json(), erased);

    // Who a key is may be known for a second.
    let deadline = Instant::now() + PATIENCE;
    let me = || send(ask(&world.server.url, &world.token, Method::GET, "/v1/me"));
    while me().await.status != StatusCode::UNAUTHORIZED {
        assert!(Instant::now() < deadline, "their key still works");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let back = world.server.post(&format!("{member}/reactivate"), json!({})).await;
    assert_eq!((back.status, text(&back.json()["code"])), (StatusCode::CONFLICT, "erased".to_owned()));
    let history = world.server.get(&format!("{member}/history")).await.json();
    for event in history["data"].as_array().expect("events") {
        let what = text(&event["type"]);
        if ["member.deactivated", "member.renamed", "member.erased"].contains(&&*what) {
            let undo = format!("/v1/events/{}/undo", event["position"]);
            assert_eq!(world.server.post(&undo, json!({})).await.status, StatusCode::CONFLICT, "{what}");
        }
    }
    // The address is free again, for somebody new.
    let body = json!({"email": EMAIL, "name": "Another"});
    let anew = world.server.post("/v1/members", body).await;
    assert!(anew.status == StatusCode::CREATED && text(&anew.json()["id"]) != world.id, "{}", anew.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_erases_and_never_the_last_owner() {
    let world = World::new().await;
    let path = |id: &str| format!("/v1/members/{id}/personal-data");
    let owner = world.server.workspace.owner_id.to_string();
    let refused = world.server.delete(&path(&owner)).await;
    assert_eq!((refused.status, text(&refused.json()["code"])), (StatusCode::CONFLICT, "last-owner".to_owned()));
    let by = |key: &str, id: &str| send(ask(&world.server.url, key, Method::DELETE, &path(id)));
    assert_eq!(by(&world.colleague, &world.id).await.status, StatusCode::FORBIDDEN);
    world.live().await;
    assert_eq!(by(&world.token, &owner).await.status, StatusCode::FORBIDDEN);
    let other = world.server.another_workspace().await;
    let foreign = by(&other.keys[0].token, &world.id).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", foreign.text);
    assert!(!world.marked_rows().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_does_while_they_are_erased_leaves_no_trace_of_them() {
    let world = World::new().await;
    world.live().await;
    let member = format!("/v1/members/{}", world.id);
    let rename = async |n: usize| {
        let body = json!({"name": format!("Quastenflosser {n}")});
        send(ask(&world.server.url, &world.token, Method::PATCH, &member).json(&body)).await.status
    };
    let busy = async {
        for n in 0.. {
            if !rename(n).await.is_success() {
                break;
            }
        }
    };
    let erasing = async {
        while world.server.get(&member).await.json()["version"].as_i64() < Some(8) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.erase().await.status
    };
    let ((), erased) = tokio::join!(busy, erasing);
    assert_eq!(erased, StatusCode::NO_CONTENT);
    world.forgotten().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_passes_for_another_and_nobody_is_lost_unsaid() {
    let world = World::new().await;
    witnessed(&world.server).await;
    let kept = settled(&world.server, "/v1/audit/checkpoint").await.json();
    let kept = harness::scratch_file("kept", &text(&kept["note"]));
    let sound = std::fs::read_to_string(world.export()).expect("a bundle");
    let after = |changed: String| verify(&harness::scratch_file("bundle", &changed), &kept);
    assert_eq!(after(sound.clone()).0, 0);
    let (code, said) = after(sound.replacen("Quirin", "Korinn", 1));
    assert_eq!(code, 19, "{said}");
    let line = sound.lines().find(|line| line.starts_with("{\"personal\":") && has_marks(line)).expect("a line");
    let (code, said) = after(sound.replacen(&format!("{line}\n"), "", 1));
    assert!(code == 19 && said.contains("nothing says that it was erased"), "{said}");
    // Somebody with all rights on the database is found out as well.
    let deed = format!("update log.events set personal = null where stream = '{}'", world.id);
    sqlx::raw_sql(&deed).execute(&world.pool).await.expect("the deed");
    assert_eq!(verify(&world.export(), &kept).0, 19);
}
