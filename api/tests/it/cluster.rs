//! The cluster of `docket dev --cluster`: it outlives what it is made of, and shows what a single server never does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;
use docket_api::dev::cluster::{Cluster, Member, State};
use docket_commands::Commands;
use docket_commands::relay::{Config, Relay};
use docket_projections::{Projector, Reads};
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::dev::{Data, at_work_in, signal};

const PATIENCE: Duration = Duration::from_mins(2);

fn member(name: &str, state: &State) -> Option<Member> {
    state.members.iter().find(|member| member.name == name).cloned()
}

/// Tries until there is an answer.
async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = attempt().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn number(url: &str, query: &str) -> Option<i64> {
    let mut connection = PgConnection::connect(url).await.ok()?;
    sqlx::query_scalar(query).fetch_one(&mut connection).await.ok()
}

/// A server's process and those that it has started.
fn family(process: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).expect("its children");
    children.split_whitespace().filter_map(|child| child.parse().ok()).chain([process]).collect()
}

async fn projector(database_url: &str) -> Projector {
    let reads = Reads::connect(database_url, 1).await.expect("the read side");
    let (database_url, prefix) = (database_url.to_owned(), "docket".to_owned());
    let config = docket_projections::Config { database_url, connections: 1, prefix, holder: Uuid::new_v4() };
    Projector::connect(&config, reads.positions()).await.expect("a projector")
}

#[tokio::test]
async fn a_cluster_outlives_its_primary_and_whatever_dies_comes_back() {
    let data = Data::new().await;
    let cluster = Cluster::start(&data.0, None, &|_| ()).await.expect("a cluster");
    let url = cluster.state().database_url;
    PgConnection::connect(&url)
        .await
        .expect("a connection")
        .execute("create table kept as select 42 as answer")
        .await
        .expect("a commit");

    for name in ["postgres-1", "nats-2", "consumers"] {
        signal("KILL", member(name, &cluster.state()).and_then(|member| member.process).expect("a process"));
    }
    // Refused until the standby has taken over, then answered by it.
    let deadline = Instant::now() + Duration::from_mins(1);
    let answer: i32 = loop {
        assert!(Instant::now() < deadline, "nobody took over: {:?}", cluster.state());
        if let Ok(mut connection) = PgConnection::connect(&url).await
            && let Ok(answer) = sqlx::query_scalar("select answer from kept").fetch_one(&mut connection).await
            && connection.execute("create table later ()").await.is_ok()
        {
            break answer;
        }
    };
    assert_eq!(answer, 42);
    let back = |state: &State| {
        let again = |name| member(name, state).filter(|member| member.starts >= 2 && member.process.is_some());
        again("postgres-1").is_some_and(|member| member.role == "standby")
            && again("nats-2").is_some()
            && again("consumers").is_some()
    };
    while !back(&cluster.state()) {
        assert!(Instant::now() < deadline, "not all came back: {:?}", cluster.state());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(member("postgres-2", &cluster.state()).map(|member| member.role), Some("primary"));
    cluster.stop().await;
    assert_eq!(at_work_in(&data.0), Vec::<String>::new());
}

#[tokio::test]
async fn what_only_a_crashed_primary_has_is_told_and_shown_to_nobody() {
    let data = Data::new().await;
    let cluster = Cluster::start(&data.0, None, &|_| ()).await.expect("a cluster");
    let state = cluster.state();
    let [primary, standby] = ["postgres-1", "postgres-2"].map(|name| member(name, &state).expect("a server"));
    let [primary_process, standby_process] = [&primary, &standby].map(|member| member.process.expect("its process"));
    docket_api::migrate(&state.database_url).await.expect("a schema");
    let commands = Commands::open(&state.database_url, &docket_commands::Config::default()).await.expect("commands");

    // Without its standby the primary commits, but acknowledges nothing, and shows nothing of it.
    let stopped = family(standby_process);
    for process in &stopped {
        signal("STOP", *process);
    }
    let founding = Founding::draw("Acme", "Ada", "ada@example.com", &[Format::Native]);
    let unacknowledged = tokio::spawn({
        let (founding, commands) = (founding.clone(), commands.clone());
        async move { founding.found(&commands).await }
    });
    let waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    until("a commit that waits", async || number(&primary.url, waiting).await.filter(|waiting| *waiting > 0)).await;

    // After a crash it does show it.
    let writer = family(primary_process).into_iter().find(|process| {
        std::fs::read(format!("/proc/{process}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains("walwriter"))
    });
    signal("KILL", writer.expect("a process of the primary"));
    let heads = "select sum(position)::bigint from log.heads";
    until("the event", async || number(&primary.url, heads).await.filter(|head| *head > 0)).await;

    // But the relay waits until it is certain.
    let nats = state.nats_url.split(',').next().expect("a URL");
    let nats = async_nats::connect(nats).await.expect("NATS");
    let relaying = async {
        let config = Config { holder: Uuid::new_v4(), prefix: "docket".to_owned(), replicas: 3 };
        let mut relay = Relay::open(&state.database_url, nats, config, Arc::new(Notify::new())).await.expect("a relay");
        until("something to publish", async || relay.step().await.ok().filter(|published| *published > 0)).await
    };
    tokio::pin!(relaying);
    let relay_waits =
        "select count(*) from pg_stat_activity where wait_event = 'SyncRep' and application_name = 'docket-relay'";
    tokio::select! {
        published = &mut relaying => panic!("{published} events are published that may be lost"),
        _ = until("a relay that waits", async || number(&primary.url, relay_waits).await.filter(|n| *n > 0)) => {}
    }
    // It tries again and again, and leaves nobody behind that waits on without it.
    let process = "select min(pid)::bigint from pg_stat_activity where wait_event = 'SyncRep' and application_name = 'docket-relay'";
    let first = until("its session", async || number(&primary.url, process).await).await;
    tokio::select! {
        published = &mut relaying => panic!("{published} events are published that may be lost"),
        _ = until("another try", async || number(&primary.url, process).await.filter(|next| *next != first)) => {}
    }
    assert_eq!(number(&primary.url, relay_waits).await, Some(1));
    // Nor is it shown, or signed.
    let mut projector = projector(&state.database_url).await;
    let refused = projector.step().await.expect_err("events are shown that may be lost");
    assert!(refused.to_string().contains("standby"), "{refused}");
    assert!(!unacknowledged.is_finished());

    for process in &stopped {
        signal("CONT", *process);
    }
    assert!(relaying.await > 0);
    until("something to show", async || projector.step().await.ok().filter(|step| step.events > 0)).await;
    unacknowledged.await.expect("a task").expect("an answer");
    drop(commands);
    cluster.stop().await;
}
