//! Proof over real servers: what is signed, what is exported, and what becomes of a history that somebody laid hands on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use docket_api::config::Role;
use docket_api::signing;
use docket_domain::audit::{Checkpoint, Hash, PublicKey, proof};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness;
use crate::packages::{packages, run, said, tools};
use crate::server::{Answer, Server, ask, send};

/// A server that signs.
pub async fn signing_server() -> (Server, PathBuf) {
    let key = harness::scratch_file("audit.key", "").with_file_name("real.key");
    signing::read_or_make(&key).expect("a key");
    let file = key.clone();
    (Server::start_with(|config| config.audit_key = Some(file)).await, key)
}

/// Asks until the answer is there: signing is in no hurry.
pub async fn settled(server: &Server, path: &str) -> Answer {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = server.get(path).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        assert!(Instant::now() < deadline, "{path} is not answered: {}", answer.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn hashes(path: &Value) -> Vec<Hash> {
    let hash = |hash: &Value| Hash::parse(hash.as_str().expect("text")).expect("a hash");
    path.as_array().expect("a path").iter().map(hash).collect()
}

/// The checkpoint of an answer, as its own keys find it signed.
pub fn opened(checkpoint: &Value) -> Checkpoint {
    let keys: Vec<_> = checkpoint["keys"].as_array().expect("keys").iter().filter_map(Value::as_str).collect();
    let keys: Vec<_> = keys.into_iter().map(|key| PublicKey::parse(key).expect("a key")).collect();
    let note = checkpoint["note"].as_str().expect("a note");
    let (opened, _) = Checkpoint::open(note, &keys).expect("signed");
    assert_eq!(
        (opened.size, opened.root.to_string()),
        (checkpoint["size"].as_u64().expect("a size"), text(&checkpoint["root_hash"]))
    );
    opened
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_can_be_shown_to_be_in_the_signed_tree() {
    let (server, _) = signing_server().await;
    let project = server.project("P").await;
    let first = opened(&settled(&server, "/v1/audit/checkpoint").await.json());
    // Another workspace in the same database has a tree of its own.
    let other = server.another_workspace().await;
    // More than fit into one tile.
    for _ in 0..3 {
        let one = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
        let made = server.post("/v1/tasks/batch", json!({"commands": vec![one; 100]})).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    let last = server.post("/v1/projects", json!({"name": "Last"})).await;
    let position = last.header("docket-position");
    let shown = settled(&server, &format!("/v1/audit/proof?position={position}")).await.json();
    let signed = opened(&shown["checkpoint"]);
    let (index, leaf) = (shown["leaf_index"].as_u64().expect("an index"), text(&shown["leaf"]));
    assert!(signed.size > 300 && index == signed.size - 1, "{index} of {}", signed.size);
    assert_eq!(Hash::of_leaf(leaf.as_bytes()).to_string(), text(&shown["leaf_hash"]));
    assert!(proof::includes(Hash::of_leaf(leaf.as_bytes()), index, signed.size, &hashes(&shown["proof"]), signed.root));
    let leaf: Value = serde_json::from_str(&leaf).expect("JSON");
    assert_eq!((&leaf["event_type"], &leaf["payload"]["name"]), (&json!("project.created"), &json!("Last")));

    for from in [first.size, 0, 1, 255, 256, 257, signed.size] {
        let shown = settled(&server, &format!("/v1/audit/consistency?from={from}&to={}", signed.size)).await.json();
        let path = hashes(&shown["proof"]);
        if from == first.size {
            assert!(proof::extends((from, first.root), (signed.size, signed.root), &path));
            assert!(!proof::extends((from, signed.root), (signed.size, signed.root), &path));
        }
    }
    let note = send(server.ask(Method::GET, "/v1/audit/checkpoint").header("Accept", "text/plain")).await;
    assert!(note.text.starts_with(&format!("{}\n", signed.origin)), "{}", note.text);
    assert!(signed.origin.ends_with(&server.workspace.workspace_id.to_string()));

    let foreign =
        ask(&server.url, &other.keys[0].token, Method::GET, &format!("/v1/audit/proof?position={}", leaf["position"]));
    assert_eq!(send(foreign).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/v1/audit/proof?position=99999999").await.status, StatusCode::NOT_FOUND);
    for bad in [
        "/v1/audit/proof",
        "/v1/audit/proof?position=0",
        "/v1/audit/proof?position=01",
        "/v1/audit/proof?position=-1",
        "/v1/audit/proof?position=9999-1",
        "/v1/audit/consistency",
        "/v1/audit/consistency?from=5&to=4",
        "/v1/audit/consistency?from=99999999",
        "/v1/audit/consistency?from=0&to=99999999",
        "/v1/audit/consistency?from=-1",
    ] {
        assert_eq!(server.get(bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditors_key_sees_proof_and_nothing_else() {
    let (server, _) = signing_server().await;
    let body = json!({"label": "auditor", "scopes": ["audit:read"], "service_role": "admin"});
    let minted = server.post("/v1/keys", body).await;
    assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
    let token = text(&minted.json()["token"]);
    settled(&server, "/v1/audit/checkpoint").await;
    let as_auditor = |path: &str| send(ask(&server.url, &token, Method::GET, path));
    assert_eq!(as_auditor("/v1/audit/checkpoint").await.status, StatusCode::OK);
    for path in ["/v1/tasks", "/v1/projects", "/v1/members", "/v1/keys"] {
        assert_eq!(as_auditor(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// Runs the binary; its exit code and what it said.
pub fn docket(args: &[&str]) -> (i32, String) {
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_docket")).args(args).output().expect("docket");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.code().unwrap_or(-1), said)
}

/// Waits until everything there is so far is signed: only what was witnessed is protected.
pub async fn witnessed(server: &Server) {
    let last = server.post("/v1/projects", json!({"name": "Last"})).await;
    settled(server, &format!("/v1/audit/proof?position={}", last.header("docket-position"))).await;
}

/// Something of every kind that there is, so that a bundle has a document of each.
async fn one_of_each(server: &Server, project: &str, task: &str) {
    for (path, body) in [
        (format!("/v1/tasks/{task}/comments"), json!({"body": "Hm"})),
        ("/v1/sprints".to_owned(), json!({"project_id": project, "name": "S"})),
        ("/v1/teams".to_owned(), json!({"name": "T"})),
        ("/v1/positions".to_owned(), json!({"name": "P"})),
        ("/v1/spaces".to_owned(), json!({"name": "S"})),
        ("/v1/customers".to_owned(), json!({"name": "C"})),
        ("/v1/webhooks".to_owned(), json!({"name": "W", "url": "https://hooks.example.com/x"})),
        (
            "/v1/timelogs".to_owned(),
            json!({"task_id": task, "started_at": "2026-03-02T09:00:00Z", "ended_at": "2026-03-02T10:00:00Z"}),
        ),
        ("/v1/notifications".to_owned(), json!({"title": "N"})),
    ] {
        let made = server.post(&path, body).await;
        assert!(made.status.is_success(), "{path}: {}", made.text);
    }
    let quiet = server.patch("/v1/me/notification-preferences", json!({"assigned": {"push": false}})).await;
    assert!(quiet.status.is_success(), "{}", quiet.text);
}

struct Reviewed {
    server: Server,
    pool: PgPool,
    public: String,
    kept: PathBuf,
    /// A checkpoint before that.
    older: String,
}

impl Reviewed {
    /// A workspace with some history, of which a checkpoint was kept half way.
    async fn new() -> Self {
        let (server, key) = signing_server().await;
        let pool = PgPool::connect(&server.db.url).await.expect("the database");
        let project = server.project("P").await;
        for n in 0..20 {
            server.task(&project, &format!("Task {n}")).await;
        }
        server.made("/v1/labels", json!({"name": "L"})).await;
        let older = text(&settled(&server, "/v1/audit/checkpoint").await.json()["note"]);
        witnessed(&server).await;
        let note = settled(&server, "/v1/audit/checkpoint").await.json();
        let kept = harness::scratch_file("kept", &text(&note["note"]));
        let id = server.task(&project, "Another").await;
        server.patch(&format!("/v1/tasks/{id}"), json!({"status": "done"})).await;
        one_of_each(&server, &project, &id).await;
        witnessed(&server).await;
        // All of it can be read, too.
        server.get("/v1/projects").await;
        let id = server.workspace.workspace_id.to_string();
        let (code, public) = docket(&["audit", "key", "show", key.to_str().expect("a path"), "--workspace", &id]);
        assert_eq!(code, 0, "{public}");
        Self { server, pool, public: public.trim().to_owned(), kept, older }
    }

    fn export(&self) -> PathBuf {
        let file = harness::scratch_file("x", "").with_file_name("bundle");
        let (id, path) = (self.server.workspace.workspace_id.to_string(), file.to_str().expect("a path"));
        let db = &self.server.db.url;
        let (code, said) = docket(&["audit", "export", "--database-url", db, "--workspace", &id, "--output", path]);
        assert_eq!(code, 0, "{said}");
        file
    }

    fn verify(&self, file: &Path) -> (i32, String) {
        let path = |path: &Path| path.to_str().expect("a path").to_owned();
        docket(&["audit", "verify", &path(file), "--trusted", &path(&self.kept), "--key", &self.public])
    }

    /// Does as somebody with all rights on the database might, and answers what the reviewer says.
    async fn after(&self, deed: &str) -> (i32, String) {
        sqlx::raw_sql(deed).execute(&self.pool).await.expect("the deed");
        self.verify(&self.export())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_history_is_checked_offline() {
    let reviewed = Reviewed::new().await;
    let (code, said) = reviewed.verify(&reviewed.export());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("whole and unaltered") && said.contains("checkpoint that was kept"), "{said}");
    // What a key ring says is said by the documents of its keys.
    assert!(said.contains("no read model shows them: key_ring, preferences."), "{said}");
    let file = reviewed.export();
    let (code, said) = docket(&["audit", "verify", file.to_str().expect("a path")]);
    assert!(code == 0 && said.contains("WARNING"), "{said}");

    let file = harness::scratch_file("cut", "");
    let whole = std::fs::read(reviewed.export()).expect("a bundle");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("a file");
    assert_eq!(reviewed.verify(&file).0, 11);
    let stranger = docket_domain::audit::SigningKey::new("docket", [7; 32]).expect("a key");
    let key = stranger.public(reviewed.server.workspace.workspace_id.0).to_string();
    let file = reviewed.export();
    assert_eq!(docket(&["audit", "verify", file.to_str().expect("a path"), "--key", &key]).0, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_code_agrees_with_every_proof() {
    let Some(packages) = packages("tlog").await else { return };
    let reviewed = Reviewed::new().await;
    let server = &reviewed.server;
    let kept = std::fs::read_to_string(&reviewed.kept).expect("a note");
    let size = Checkpoint::parse(&kept).expect("a checkpoint").size;
    let page = server.get("/v1/audit?limit=200&sort=position").await.json();
    let mut proofs = Vec::new();
    for event in page["data"].as_array().expect("events").iter().step_by(7) {
        proofs.push(settled(server, &format!("/v1/audit/proof?position={}", event["position"])).await.json());
    }
    let consistency = settled(server, &format!("/v1/audit/consistency?from={size}")).await.json();
    let asked = json!({"kept": kept, "proofs": proofs, "consistency": consistency}).to_string();
    let mut judge = std::process::Command::new("python3");
    judge.arg(tools().join("tlog.py")).arg(reviewed.export()).arg(harness::scratch_file("asked.json", &asked));
    judge.env("PYTHONPATH", &packages).env("PYTHONDONTWRITEBYTECODE", "1");
    let judged = run(&mut judge);
    assert!(judged.status.success(), "{}", said(&judged));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_database_administrator_does_is_seen() {
    let reviewed = Reviewed::new().await;
    let another = reviewed.server.another_workspace().await;
    let mine = format!("workspace = '{}'", reviewed.server.workspace.workspace_id);
    let deeds = [
        format!("update log.events set payload = replace(payload::text, 'Task 3', 'Task 4')::json where {mine}"),
        format!("update log.events set metadata = replace(metadata::text, 'native', 'nativf')::json where {mine}"),
        format!("update log.events set occurred_at = occurred_at - interval '1 day' where {mine} and version = 1"),
        // Somebody else did it.
        format!(
            "update log.events set metadata = replace(metadata::text, '{}', gen_random_uuid()::text)::json where {mine}",
            reviewed.server.workspace.owner_id
        ),
        format!("update log.events set workspace = '{}' where {mine} and kind = 'project'", another.workspace_id),
        format!("delete from log.events where {mine} and kind = 'api_key'"),
        // The tail is cut off.
        format!(
            "delete from log.events where {mine} and position > (select max(position) - 3 from log.events where {mine})"
        ),
        // Two change places.
        format!(
            "create temp table two as select partition, min(position) a, max(position) b from log.events \
             where {mine} and event_type = 'task.created' group by partition; \
             update log.events e set position = -(a + b - position) from two \
             where e.partition = two.partition and position in (a, b); \
             update log.events set position = -position where position < 0; drop table two"
        ),
        // Two workspaces change theirs.
        "update log.events e set payload = other.payload, metadata = other.metadata from log.events other \
         where e.event_type = 'workspace.created' and other.event_type = 'workspace.created' \
         and e.workspace <> other.workspace"
            .to_owned(),
    ];
    for deed in deeds {
        let kept =
            "create table kept as select * from log.events; create table kept_models as select * from read_tasks.tasks";
        sqlx::raw_sql(kept).execute(&reviewed.pool).await.expect("a copy");
        let (code, said) = reviewed.after(&deed).await;
        assert_eq!(code, 13, "{deed}: {said}");
        let back = "delete from log.events; insert into log.events select * from kept; drop table kept, kept_models";
        sqlx::raw_sql(back).execute(&reviewed.pool).await.expect("as before");
    }
    assert_eq!(reviewed.verify(&reviewed.export()).0, 0, "all is as it was");
    let (code, said) = reviewed.after("update read_tasks.tasks set doc = replace(doc, 'Task 3', 'Task 4')").await;
    assert_eq!(code, 18, "{said}");
    sqlx::raw_sql(
        "update read_tasks.tasks set doc = replace(doc, 'Task 4', 'Task 3') where doc like '%Task 4%' and number = 4",
    )
    .execute(&reviewed.pool)
    .await
    .expect("as before");
    // Stored hashes can be changed too; what was signed stays what it was.
    let (code, said) = reviewed.after("update audit.trees set size = size - 1").await;
    assert_eq!(code, 0, "a tree's size is only a note for whoever goes on with it: {said}");
    // With the event, what the tree says of it.
    let both = format!(
        "create table kept_tiles as select * from audit.tiles; create table kept as select * from log.events; \
         update log.events set payload = replace(payload::text, 'Task 3', 'Task 4')::json where {mine}; \
         update audit.tiles set hashes = overlay(hashes placing sha256('anything'::bytea) from 1 + 32 * 10) \
         where level = 0 and {mine}"
    );
    let (code, said) = reviewed.after(&both).await;
    assert_eq!(code, 13, "{said}");
    // An event is added, and the tree names it in the place of another.
    let added = format!(
        "truncate audit.tiles; insert into audit.tiles select * from kept_tiles; \
         delete from log.events; insert into log.events select * from kept; \
         insert into log.events select partition, -5, workspace, kind, gen_random_uuid(), version, event_type, \
         event_version, number, series, command, occurred_at, recorded_at, payload, metadata, personal \
         from log.events where {mine} and event_type = 'task.created' limit 1; \
         update audit.tiles set places = overlay(places placing int8send(-5) from 1 + 8 * 20) \
         where level = 0 and tile = 0 and {mine}"
    );
    let (code, said) = reviewed.after(&added).await;
    assert_eq!(code, 13, "{said}");
    let back = "truncate audit.tiles; insert into audit.tiles select * from kept_tiles; drop table kept_tiles; \
                delete from log.events; insert into log.events select * from kept; drop table kept";
    let (code, said) = reviewed.after(back).await;
    assert_eq!(code, 0, "all is as it was: {said}");
    // An older state is put back: it was signed, but ends before what was kept.
    let older = reviewed.older.replace('\'', "''");
    let (code, said) = reviewed.after(&format!("update audit.trees set checkpoint = '{older}' where {mine}")).await;
    assert_eq!(code, 15, "{said}");
    let (code, said) =
        reviewed.after("update audit.trees set checkpoint = replace(checkpoint, 'docket/', 'docked/')").await;
    assert_eq!(code, 12, "{said}");
}

/// Waits until what is signed is signed by so many keys.
async fn signed_by(server: &Server, count: usize) -> Value {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        witnessed(server).await;
        let checkpoint = settled(server, "/v1/audit/checkpoint").await.json();
        if checkpoint["keys"].as_array().map(Vec::len) == Some(count) {
            return checkpoint;
        }
        assert!(Instant::now() < deadline, "{checkpoint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_before_a_rotation_still_counts_after_it() {
    let file = harness::scratch_file("rotated.key", "").with_file_name("rotating.key");
    let path = file.to_str().expect("a path").to_owned();
    let run = |args: &[&str]| {
        let (code, said) = docket(args);
        assert_eq!(code, 0, "{args:?}: {said}");
        said.trim().to_owned()
    };
    run(&["audit", "key", "new", &path, "--name", "audit.example.com"]);
    // Whoever signs can be restarted, and reads the file then.
    let server = Server::start_with(|config| config.roles = vec![Role::Api, Role::Relay]).await;
    let signer = async || {
        let with_key = |config: &mut docket_api::Config| {
            config.roles = vec![Role::Api, Role::Projector];
            config.audit_key = Some(file.clone());
        };
        server.another_node_with(with_key).await.1
    };
    let id = server.workspace.workspace_id.to_string();
    let public = || run(&["audit", "key", "show", &path, "--workspace", &id]);
    let export = || {
        let out = harness::scratch_file("x", "").with_file_name("rotated");
        // There are no others: which one need not be said.
        let out = out.to_str().expect("a path").to_owned();
        run(&["audit", "export", "--database-url", &server.db.url, "--output", &out]);
        out
    };
    let first = signer().await;
    let kept = harness::scratch_file("kept", &text(&signed_by(&server, 1).await["note"]));
    let kept = kept.to_str().expect("a path").to_owned();
    let old = public();
    drop(first);

    run(&["audit", "key", "rotate", &path]);
    let second = signer().await;
    signed_by(&server, 2).await;
    let both = public();
    let new = both.lines().next().expect("the newer").to_owned();
    let verify = |bundle: &str, keys: &[&str]| {
        let mut args = vec!["audit", "verify", bundle, "--trusted", &kept];
        for key in keys {
            args.extend(["--key", key]);
        }
        docket(&args)
    };
    let bundle = export();
    for (keys, code) in [(vec![old.as_str()], 0), (vec![&old, &new], 0), (vec![], 0), (vec![&new], 14)] {
        let (found, said) = verify(&bundle, &keys);
        assert_eq!(found, code, "{keys:?}: {said}");
        assert!(code == 0 || said.contains("If the key was rotated"), "{said}");
    }
    drop(second);

    run(&["audit", "key", "retire", &path]);
    let _third = signer().await;
    signed_by(&server, 1).await;
    assert_eq!(public(), new);
    let in_a_file = harness::scratch_file("keys", &both);
    let bundle = export();
    for (keys, code) in [
        (vec![old.as_str(), &new], 0),
        (vec![&new, &old], 0),
        (vec![in_a_file.to_str().expect("a path")], 0),
        (vec![&new], 14),
        (vec![&old], 12),
        (vec![], 14),
    ] {
        let (found, said) = verify(&bundle, &keys);
        assert_eq!(found, code, "{keys:?}: {said}");
    }
    server.another_workspace().await;
    witnessed(&server).await;
}
