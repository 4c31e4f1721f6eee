//! A disk that is full: what can't be kept is refused, nothing that was answered is lost, and when there is room again
//! everything goes on by itself.
//!
//! The database's tables lie on a disk of their own, a small one in memory, which only root can mount: for others there is
//! nothing to try here.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;
use docket_api::dev::{Servers, scratch_folder};
use docket_api::{Config, Docket};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::harness::nats_prefix;
use crate::server::{Answer, ask, send};

/// Gone when dropped, with all that is on it.
struct Disk(PathBuf);

impl Disk {
    /// A disk that belongs to whom PostgreSQL runs as.
    fn mount(at: PathBuf, megabytes: u32) -> Option<Self> {
        let nobody = Command::new("id").args(["-u", "nobody"]).output().ok()?;
        let nobody = String::from_utf8(nobody.stdout).ok()?;
        std::fs::create_dir_all(&at).ok()?;
        let options = format!("size={megabytes}m,mode=700,uid={}", nobody.trim());
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output().ok()?;
        mounted.status.success().then_some(Self(at))
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut ballast = File::create(self.0.join("ballast")).expect("a file");
        for size in [1 << 20, 4_096] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("a file");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

struct Full {
    url: String,
    key: String,
    written: usize,
}

impl Full {
    /// Creates a project that takes some room; sent again, it is the same one.
    async fn write(&self, nth: usize) -> Answer {
        let mut random = StdRng::seed_from_u64(nth as u64);
        // Nothing that could be made smaller.
        let filler: Vec<_> = (0..100).map(|_| format!("{:032x}", random.random::<u128>())).collect();
        let body = json!({"name": format!("Project {nth}"), "description": filler.concat()});
        let request = ask(&self.url, &self.key, Method::POST, "/v1/projects");
        send(request.header("Idempotency-Key", format!("project-{nth}")).json(&body)).await
    }

    /// Writes until something is refused.
    async fn write_until_refused(&mut self) -> Answer {
        for _ in 0..20_000 {
            let answer = self.write(self.written).await;
            if answer.status != StatusCode::CREATED {
                return answer;
            }
            self.written += 1;
        }
        panic!("a full disk takes everything");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = scratch_folder().await;
    let place = std::env::temp_dir().join(format!("docket-disk-{}", std::process::id()));
    let Some(disk) = Disk::mount(place, 160) else {
        return eprintln!("not tried: a small disk can't be mounted here");
    };
    let servers = Servers::start_for_tests(&folder, &|line| eprintln!("tests: {line}")).await.expect("servers");
    let mut admin = PgConnection::connect(servers.admin_url()).await.expect("a superuser");
    let tablespace = format!("create tablespace small location '{}'", disk.0.display());
    admin.execute(tablespace.as_str()).await.expect("a tablespace");
    admin.execute("create database small owner docket tablespace small").await.expect("a database");
    let database = servers.database_url().replace("/docket?", "/small?");
    let database = match database.strip_suffix("/docket") {
        Some(server) => format!("{server}/small"),
        None => database,
    };
    docket_api::migrate(&database).await.expect("a schema");
    let mut config =
        Config::private(database.clone(), servers.nats_url().to_owned(), SocketAddr::from(([127, 0, 0, 1], 0)));
    (config.nats_prefix, config.limits.no_limits) = (nats_prefix(), true);
    let stop = CancellationToken::new();
    let docket = Docket::start(&config, stop.clone()).await.expect("a server");
    let url = format!("http://{}", docket.api.expect("an address"));
    let founding = Founding::draw("Test", "Owner", "owner@example.com", &[Format::Native]);
    founding.found(docket.commands.as_ref().expect("a write side")).await.expect("a workspace");
    let mut full = Full { url, key: founding.keys[0].token.clone(), written: 0 };
    assert_eq!(full.write(0).await.status, StatusCode::CREATED);
    full.written = 1;

    disk.fill();
    let refused = full.write_until_refused().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text);
    assert!(!refused.header("retry-after").is_empty());
    // Not even a new connection, for which PostgreSQL writes a file, is an error of ours.
    let again = full.write(full.written).await;
    assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE, "{}", again.text);
    disk.make_room();
    let since = Instant::now();
    loop {
        let answer = full.write(full.written).await;
        if answer.status == StatusCode::CREATED {
            break;
        }
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
        assert!(since.elapsed() < Duration::from_mins(2), "there is room again, and nothing is written");
    }

    let listed = send(ask(&full.url, &full.key, Method::GET, "/v1/projects?limit=1")).await;
    assert_eq!(listed.json()["total"], full.written + 1, "every one, and no more: {}", listed.text);
    let mut reader = PgConnection::connect(&database).await.expect("a connection");
    let sql = "select payload->>'name' from log.events where event_type = 'project.created'";
    let mut names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut reader).await.expect("the log");
    let mut wanted: Vec<_> = (0..=full.written).map(|nth| format!("Project {nth}")).collect();
    names.sort();
    wanted.sort();
    assert_eq!(names, wanted, "each that was answered, once");
    let holes = "select count(*) from log.heads h where h.position <> \
                 (select count(*) from log.events e where e.partition = h.partition)";
    assert_eq!(sqlx::query_scalar::<_, i64>(holes).fetch_one(&mut reader).await.expect("a count"), 0);
    stop.cancel();
    let _ = docket.wait().await;
    drop(reader);
    servers.stop().await;
    drop(disk);
    let _ = std::fs::remove_dir_all(folder);
}
