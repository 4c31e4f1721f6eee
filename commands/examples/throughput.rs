use docket_commands::*;
use docket_domain::*;
use docket_domain::project::{self, Project};
use docket_domain::task::{self, Task};
use docket_domain::api_key::{self, ApiKey};
use docket_domain::member;
use sqlx::{Connection, Executor, PgConnection};
use std::time::{Duration, Instant};
use uuid::Uuid;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicBool, Ordering::Relaxed};

fn request(ws: WorkspaceId, key: Uuid, idem: bool) -> Request {
    let command = Uuid::new_v4();
    let mut k = [0u8; 32]; k[..16].copy_from_slice(command.as_bytes());
    Request { command, workspace: ws, actor: Actor::Service(KeyId(key)), key: (!key.is_nil()).then_some(KeyId(key)), request_id: command.to_string(), dialect: "native",
        idempotency: idem.then_some(Idempotency { key: k, fingerprint: [1; 32] }), now: chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap() }
}
fn new_task(p: Uuid, ext: bool) -> Intent {
    let id = Uuid::new_v4();
    Intent::create::<Task>(id, task::Command::Create(task::Create { project_id: p.into(), title: "Write the text".into(), description: Some("In plain words, please, and not too many of them.".into()), status: task::Status::Todo, priority: task::Priority::None, assignee_ids: vec![], label_ids: vec![], start_date: None, due_date: None, external_id: ext.then(|| id.to_string()) }))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let base = std::env::var("BASE").unwrap_or("postgres://postgres@127.0.0.1:5599".into());
    let secs: u64 = std::env::var("SECS").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    let keep = std::env::var("KEEP").is_ok();
    let name = std::env::var("DB").unwrap_or_else(|_| format!("b_{}", Uuid::new_v4().simple()));
    let mut admin = PgConnection::connect(&format!("{base}/postgres")).await.unwrap();
    let fresh = admin.execute(format!("create database {name}").as_str()).await.is_ok();
    let url = format!("{base}/{name}");
    let mut db = PgConnection::connect(&url).await.unwrap();
    if fresh {
        db.execute(std::fs::read_to_string(std::env::var("SQL").unwrap_or("/work/main/migrations/0001_log.sql".into())).unwrap().as_str()).await.unwrap();
        db.execute("create table plain (partition smallint, position bigint, workspace uuid, kind text, stream uuid, version bigint, event_type text, payload json, metadata json, primary key (partition, position))").await.unwrap();
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        log::initialise(&pool, 4, &[1; 32]).await.unwrap();
    }
    let modes = std::env::var("MODES").unwrap_or("l1,create,idem,batch".into());
    let l1 = if modes.contains("l1") { l1(&url, secs).await } else { 1.0 };
    let commands = Commands::open(&url, &Config::default()).await.unwrap();
    let ws = WorkspaceId(Uuid::new_v4());
    let (key, p) = (Uuid::new_v4(), Uuid::new_v4());
    let mint = api_key::Mint { label: "x".into(), member_id: None, role: member::Role::Admin, scopes: vec!["admin".into()], format: "n".into(), kid: key.to_string(), sha256: "x".into(), expires_at: None };
    commands.execute(request(ws, Uuid::nil(), false).sys(), vec![Intent::create::<ApiKey>(key, api_key::Command::Mint(mint))], Mode::Atomic).await.unwrap();
    commands.execute(request(ws, key, false), vec![Intent::create::<Project>(p, project::Command::Create { name: "P".into(), description: None })], Mode::Atomic).await.unwrap();
    for (mode, c) in [("create", 1), ("create", 32), ("create", 64), ("create", 256), ("idem", 32), ("idem", 64), ("update", 64), ("batch", 4)] {
        if !modes.contains(mode) { continue }
        let n = Arc::new(AtomicU64::new(0)); let stop = Arc::new(AtomicBool::new(false));
        let pids: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity where datname = current_database() and query like '%log.append%' and pid <> pg_backend_pid()").fetch_all(&mut db).await.unwrap();
        let cpu0: f64 = pids.iter().map(|p| cpu(&p.to_string())).sum(); let me0 = cpu("self");
        let calls0: i64 = sqlx::query_scalar("select xact_commit from pg_stat_database where datname = current_database()").fetch_one(&mut db).await.unwrap();
        let t = Instant::now();
        let hs: Vec<_> = (0..c).map(|_| { let (commands, n, stop) = (commands.clone(), n.clone(), stop.clone()); tokio::spawn(async move {
            let mut lat = Vec::new();
            let mut own = None;
            while !stop.load(Relaxed) {
                let s = Instant::now();
                match mode {
                    "batch" => { let a = commands.execute(request(ws, key, true), (0..500).map(|_| new_task(p, true)).collect(), Mode::PerItem).await.unwrap(); assert!(a.items.iter().all(|i| i.is_ok())); n.fetch_add(500, Relaxed); }
                    "update" => { match own { None => { let i = new_task(p, false); own = Some(i.id); commands.execute(request(ws, key, false), vec![i], Mode::Atomic).await.unwrap(); }
                        Some(id) => { commands.execute(request(ws, key, false), vec![Intent::new::<Task>(id, task::Command::Update(task::Changes { title: Some(Uuid::new_v4().to_string()), ..Default::default() }))], Mode::Atomic).await.unwrap(); } } n.fetch_add(1, Relaxed); }
                    m => { commands.execute(request(ws, key, m == "idem"), vec![new_task(p, false)], Mode::Atomic).await.unwrap(); n.fetch_add(1, Relaxed); }
                }
                lat.push(s.elapsed().as_micros() as u32);
            }
            lat
        }) }).collect();
        tokio::time::sleep(Duration::from_secs(secs)).await; stop.store(true, Relaxed);
        let mut lat: Vec<u32> = vec![]; for h in hs { lat.extend(h.await.unwrap()); }
        lat.sort_unstable();
        let el = t.elapsed().as_secs_f64();
        let cpu1: f64 = pids.iter().map(|p| cpu(&p.to_string())).sum(); let me1 = cpu("self");
        let calls: i64 = sqlx::query_scalar("select xact_commit from pg_stat_database where datname = current_database()").fetch_one(&mut db).await.unwrap();
        let r = n.load(Relaxed) as f64 / el;
        print!("[pg {:.1} us/cmd, client {:.1} us/cmd, ~{:.1} cmds/commit] ", (cpu1-cpu0)*1e6/n.load(Relaxed) as f64, (me1-me0)*1e6/n.load(Relaxed) as f64, n.load(Relaxed) as f64 / (calls-calls0).max(1) as f64);
        println!("{mode:7} x{c:<3} {r:8.0}/s  {:.2} x L1  p50 {} us p99 {} us", r / l1, lat[lat.len()/2], lat[lat.len()*99/100]);
    }
    drop(commands);
    if !keep { db.close().await.unwrap(); tokio::time::sleep(Duration::from_millis(100)).await; admin.execute(format!("drop database {name} with (force)").as_str()).await.unwrap(); }
}
trait Sys { fn sys(self) -> Self; }
impl Sys for Request { fn sys(mut self) -> Self { self.actor = Actor::System; self } }
async fn l1(url: &str, secs: u64) -> f64 {
    let n = Arc::new(AtomicU64::new(0)); let pos = Arc::new(AtomicU64::new(1));
    let t = Instant::now();
    let hs: Vec<_> = (0..32).map(|_| { let (n, pos, url) = (n.clone(), pos.clone(), url.to_owned()); tokio::spawn(async move {
        let mut c = PgConnection::connect(&url).await.unwrap();
        while t.elapsed() < Duration::from_secs(secs) {
            sqlx::query("insert into plain values (0, $1, $2, 'task', $3, 1, 'task.created', $4::text::json, $5::text::json)").bind(pos.fetch_add(1, Relaxed) as i64).bind(Uuid::nil()).bind(Uuid::new_v4())
                .bind(r#"{"type":"task.created","project_id":"00000000-0000-0000-0000-00000000000a","title":"Write the text","description":"In plain words, please, and not too many of them.","status":"todo","priority":"none"}"#)
                .bind(r#"{"actor":{"type":"service","id":"00000000-0000-0000-0000-00000000000a"},"key_id":"00000000-0000-0000-0000-00000000000a","request_id":"00000000-0000-0000-0000-00000000000a","correlation_id":"00000000-0000-0000-0000-00000000000a","causation_id":"00000000-0000-0000-0000-00000000000a","dialect":"native"}"#).execute(&mut c).await.unwrap();
            n.fetch_add(1, Relaxed);
        }
    }) }).collect();
    for h in hs { h.await.unwrap(); }
    let r = n.load(Relaxed) as f64 / t.elapsed().as_secs_f64();
    println!("L1 x32 {r:.0}/s"); r
}

fn cpu(pid: &str) -> f64 {
    let s = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let f: Vec<&str> = s.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    if f.len() < 13 { return 0.0 }
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
