#![allow(missing_docs, clippy::all, clippy::pedantic)]
use docket_domain::ids::*;
use docket_projections::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

fn stat(pid: &str) -> u64 {
    let s = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let f: Vec<&str> = s.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    if f.len() < 14 { return 0; }
    (f[11].parse::<u64>().unwrap() + f[12].parse::<u64>().unwrap()) * 10_000
}
fn backends() -> Vec<String> {
    // backends of any database named in argv[2]
    let db = std::env::args().nth(2).unwrap();
    std::fs::read_dir("/proc").unwrap().filter_map(|e| { let n = e.ok()?.file_name().into_string().ok()?; n.parse::<u32>().ok()?; let c = std::fs::read(format!("/proc/{n}/cmdline")).ok()?; let c = String::from_utf8_lossy(&c).into_owned(); (c.starts_with("postgres:") && c.contains(&format!(" {db} "))).then_some(n) }).collect()
}
fn server(pids: &[String]) -> u64 { pids.iter().map(|p| stat(p)).sum() }

async fn rate<F, Fut>(name: &str, n: usize, mut make: F) -> f64
where F: FnMut(usize) -> Fut, Fut: std::future::Future<Output = Box<dyn FnMut() -> futures::future::BoxFuture<'static, ()> + Send>> {
    let count = Arc::new(AtomicU64::new(0));
    let stop = Instant::now() + Duration::from_millis(2500);
    let mut tasks = vec![];
    let mut fs = vec![];
    for i in 0..n { let mut f = make(i).await; f().await; f().await; fs.push(f); }
    let pids = backends();
    let (c0, s0) = (stat("self"), server(&pids));
    for mut f in fs {
        let count = count.clone();
        tasks.push(tokio::spawn(async move { while Instant::now() < stop { f().await; count.fetch_add(1, Ordering::Relaxed); } f }));
    }
    let mut keep = vec![];
    for t in tasks { keep.push(t.await.unwrap()); }
    let (c1, s1) = (stat("self"), server(&pids));
    let k = count.load(Ordering::Relaxed) as f64;
    let (c, s) = ((c1 - c0) as f64 / k, (s1 - s0) as f64 / k);
    println!("{name:20} {:9.0}/s   client {c:6.1} us server {s:6.1} us  sum {:6.1}", k / 2.5, c + s);
    1.0 / (c + s)
}

fn uid(db: &[(String, Uuid)], k: &str) -> Uuid { db.iter().find(|(n, _)| n == k).unwrap().1 }

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let url = format!("postgres://docket@127.0.0.1:5611/{}?host=/tmp/pgproj&port=5611", args[2]);
    let url = if std::env::var("TCP").is_ok() { format!("postgres://docket@127.0.0.1:5611/{}", args[2]) } else { url.replace("127.0.0.1:5611", "%2Ftmp%2Fpgproj:5611").split('?').next().unwrap().to_string() };
    let reads = Reads::connect(&url, 8).await.unwrap();
    let config = Config { database_url: url.clone(), connections: 4, prefix: "docket".into() };
    let ws = WorkspaceId(Uuid::parse_str("00000000-0000-4000-8000-000000000001").unwrap());
    match args[1].as_str() {
        "project" => {
            let mut projector = Projector::connect(&config, reads.positions()).await.unwrap();
            let t = Instant::now();
            let all = projector.catch_up().await.unwrap();
            println!("{} events in {:?}: {:.0}/s", all.events, t.elapsed(), all.events as f64 / t.elapsed().as_secs_f64());
        }
        "read" => {
            let (c, conn) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(conn);
            let ids: Vec<(String, Uuid)> = c.query("select n, md5($1||n)::uuid from unnest(array['p1','p2','k1','m1','l1','t77','t5000']) n", &[&ws.0.to_string()]).await.unwrap().iter().map(|r| (r.get(0), r.get(1))).collect();
            let who = ReadAs { workspace: ws, key: KeyId(uid(&ids, "k1")), min_position: None };
            let (p1, t77) = (uid(&ids, "p1"), uid(&ids, "t77"));
            let n: usize = args.get(3).and_then(|n| n.parse().ok()).unwrap_or(8);
            let bare = |sql: &'static str, id: Uuid| { let url = url.clone(); move |_| { let url = url.clone(); async move {
                let (c, conn) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(conn);
                c.batch_execute("set search_path=read_tasks").await.unwrap();
                let s = c.prepare(sql).await.unwrap();
                let c = Arc::new(c);
                Box::new(move || { let (c, s) = (c.clone(), s.clone()); let f: futures::future::BoxFuture<'static, ()> = Box::pin(async move { let r = c.query(&s, &[&ws.0, &id]).await.unwrap(); let v: Vec<String> = r.iter().map(|r| r.get(0)).collect(); std::hint::black_box(v); }); f }) as Box<dyn FnMut() -> futures::future::BoxFuture<'static, ()> + Send>
            } } };
            let mine = |q: TaskQuery| { let reads = reads.clone(); move |_| { let (reads, q) = (reads.clone(), q.clone()); async move {
                Box::new(move || { let (reads, q) = (reads.clone(), q.clone()); let f: futures::future::BoxFuture<'static, ()> = Box::pin(async move { let p = reads.tasks(&who, &q).await.unwrap(); std::hint::black_box(p); }); f }) as Box<dyn FnMut() -> futures::future::BoxFuture<'static, ()> + Send>
            } } };
            let get = || { let reads = reads.clone(); move |_| { let reads = reads.clone(); async move {
                Box::new(move || { let reads = reads.clone(); let f: futures::future::BoxFuture<'static, ()> = Box::pin(async move { let p = reads.task(&who, TaskId(t77)).await.unwrap(); assert!(p.is_some()); }); f }) as Box<dyn FnMut() -> futures::future::BoxFuture<'static, ()> + Send>
            } } };
            if std::env::var("GETONLY").is_ok() { rate("get", n, get()).await; return; }
            if std::env::var("LISTONLY").is_ok() { rate("list", n, mine(TaskQuery { project_id: Some(ProjectId(p1)), ..Default::default() })).await; return; }
            for _ in 0..2 {
            let a = rate("bare list", n, bare("select doc from tasks where workspace=$1 and project_id=$2 and not deleted order by number desc limit 50", p1)).await;
            let b = rate("list", n, mine(TaskQuery { project_id: Some(ProjectId(p1)), ..Default::default() })).await;
            let g = rate("bare get", n, bare("select doc from tasks where workspace=$1 and id=$2 and not deleted", t77)).await;
            let h = rate("get", n, get()).await;
            println!("list {:.2} get {:.2}", b / a, h / g);
            }
        }
        "sql" => {
            let (c, conn) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(conn);
            c.batch_execute("set search_path=read_tasks,read_projects,read_members,read_labels,read_keys,read_activity; set plan_cache_mode=force_generic_plan; set enable_seqscan=off; set enable_bitmapscan=off; set enable_hashjoin=off; set enable_mergejoin=off; set docket.workspace='00000000-0000-4000-8000-000000000001'").await.unwrap();
            let pid: i32 = c.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
            let ns = || -> u64 { std::fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap().split_whitespace().next().unwrap().parse().unwrap() };
            let text = std::fs::read_to_string(&args[3]).unwrap();
            let mut stmts = vec![];
            for line in text.lines().filter(|l| l.contains('|')) { let mut it = line.splitn(3, '|'); let (n, r, q) = (it.next().unwrap(), it.next().unwrap(), it.next().unwrap()); c.batch_execute(&format!("set role {r}")).await.unwrap(); stmts.push((n.to_string(), r.to_string(), c.prepare(q).await.expect(q), vec![])); }
            for _ in 0..25 { for (_, r, s, v) in &mut stmts {
                c.batch_execute(&format!("set role {r}")).await.unwrap();
                for _ in 0..3 { c.query(&*s, &[]).await.unwrap(); }
                let a = ns(); for _ in 0..200 { c.query(&*s, &[]).await.unwrap(); } v.push((ns() - a) / 200);
            } }
            for (n, _, _, v) in &mut stmts { v.sort(); println!("{n:40} min {:7.1} us  median {:7.1}", v[0] as f64 / 1e3, v[v.len() / 2] as f64 / 1e3); }
        }
        "rebuild" => {
            let p = Projections::connect(&url).await.unwrap();
            let t = Instant::now();
            let last = std::sync::Mutex::new(None);
            p.rebuild(None, &|x| { let mut l = last.lock().unwrap(); if *l != Some((x.stage, x.done * 20 / x.total.max(1))) { *l = Some((x.stage, x.done * 20 / x.total.max(1))); println!("{:?} {x:?}", t.elapsed()); } }).await.unwrap();
            println!("rebuilt in {:?}", t.elapsed());
            println!("{:?}", p.drop_old().await.unwrap());
        }
        "lists" => {
            use docket_domain::task::Status;
            let (c, conn) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(conn);
            let ids: Vec<(String, Uuid)> = c.query("select n, md5($1||n)::uuid from unnest(array['p1','p2','k1','m1','l1','t77','t5000']) n", &[&ws.0.to_string()]).await.unwrap().iter().map(|r| (r.get(0), r.get(1))).collect();
            let who = ReadAs { workspace: ws, key: KeyId(uid(&ids, "k1")), min_position: None };
            let d = TaskQuery::default();
            let p = Some(ProjectId(uid(&ids, "p1"))); let m = Some(MemberId(uid(&ids, "m1"))); let l = Some(LabelId(uid(&ids, "l1")));
            let mut qs = vec![];
            for sort in ["-number", "number", "-updated_at", "created_at", "due_date", "-due_date", "-priority"] {
                let sort = Sort::parse(sort).unwrap();
                let s = vec![Status::Todo, Status::InProgress];
                for (name, q) in [("none", d.clone()), ("project", TaskQuery { project_id: p, ..d.clone() }), ("status", TaskQuery { status: s.clone(), ..d.clone() }), ("project+status", TaskQuery { project_id: p, status: s.clone(), ..d.clone() }), ("assignee", TaskQuery { assignee_id: m, ..d.clone() }), ("label", TaskQuery { label_id: l, ..d.clone() }), ("assignee+label", TaskQuery { assignee_id: m, label_id: l, ..d.clone() }), ("assignee+status+project", TaskQuery { assignee_id: m, status: s.clone(), project_id: p, ..d.clone() }), ("q", TaskQuery { q: Some("mobile login".into()), ..d.clone() }), ("q+project", TaskQuery { q: Some("login".into()), project_id: p, ..d.clone() })] {
                    qs.push((format!("{name} {}{}", if sort.descending {"-"} else {""}, sort.by.as_str()), TaskQuery { sort, ..q }));
                }
            }
            for (name, mut q) in qs {
                let first = reads.tasks(&who, &q).await.unwrap();
                let mut best = [Duration::MAX; 2];
                for _ in 0..5 { let t = Instant::now(); let _ = reads.tasks(&who, &q).await.unwrap(); best[0] = best[0].min(t.elapsed()); }
                let mut pages = 0; let mut page = first.clone();
                while let (Some(c), true) = (page.next_cursor.clone(), pages < 40) { q.page.start = Start::After(c); page = reads.tasks(&who, &q).await.unwrap(); pages += 1; }
                for _ in 0..5 { let t = Instant::now(); let _ = reads.tasks(&who, &q).await.unwrap(); best[1] = best[1].min(t.elapsed()); }
                println!("{name:40} total {:8} first {:>10.1?} page {pages} {:>10.1?}", first.total, best[0], best[1]);
            }
        }
        _ => {}
    }
}
