//! Several walls stand between workspaces. Each is taken down here, on a database of the test's own, and the others hold:
//! what another workspace has is still answered like what nobody has.

mod hearing;
mod mistaken;
mod subjects;

use docket_commands::{Error as Unwritten, Mode, Request};
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::project::{self, Project};
use docket_domain::{Actor, Intent};
use docket_projections::{Error as Unread, ListQuery, PROJECTS, ReadAs, Reads};
use sqlx::{Connection, Executor, PgConnection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness;
use crate::probes::Probes;
use crate::server::{Server, config};

/// So many questions at each wall.
const PROBES: usize = 2_000;

/// Statements that this one comes to, each carried out.
async fn carry_out(url: &str, statements: &str) {
    let mut database = PgConnection::connect(url).await.expect("the database");
    let statements: Vec<String> = sqlx::query_scalar(statements).fetch_all(&mut database).await.expect(statements);
    assert!(statements.len() > 10, "{statements:?}");
    for statement in statements {
        database.execute(statement.as_str()).await.expect(&statement);
    }
}

/// Tables of tenants' rows no longer hold anybody back.
const NO_ROW_SECURITY: &str = "select format('alter table %s disable row level security', c.oid::regclass) \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relrowsecurity \
    and (n.nspname in ('log', 'audit', 'webhooks', 'read') or n.nspname ~ '^read_[a-z]+$')";

/// Keys of read models begin with anything but the workspace: rows are found by what they are called alone.
const NO_KEYS: &str = "select format('alter table %1$s drop constraint %2$I; create unique index on %1$s (%3$s)', \
        k.conrelid::regclass, k.conname, \
        (select string_agg(quote_ident(a.attname), ', ' order by p.place desc) \
         from unnest(k.conkey) with ordinality p(number, place) \
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number)) \
    from pg_constraint k join pg_namespace n on n.oid = k.connamespace \
    join pg_attribute w on w.attrelid = k.conrelid and w.attname = 'workspace' and w.attnum = k.conkey[1] \
    where k.contype = 'p' and cardinality(k.conkey) > 1 and n.nspname ~ '^read_[a-z]+$'";

async fn holds_without(walls: &[&str]) {
    let probes = Probes::new().await;
    for wall in walls {
        carry_out(&probes.server.db.url, wall).await;
    }
    let leaks = probes.ask(PROBES, 11).await;
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks[..leaks.len().min(20)].join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_row_security_the_queries_hold() {
    holds_without(&[NO_ROW_SECURITY]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_that_begin_with_the_workspace_the_others_hold() {
    holds_without(&[NO_KEYS]).await;
    holds_without(&[NO_KEYS, NO_ROW_SECURITY]).await;
}

/// As if a handler had taken the workspace from anywhere but the caller's key.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_about_another_workspace_has_no_key_there() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let (key, theirs): (KeyId, WorkspaceId) = (server.workspace.keys[0].id, other.workspace_id);
    for wall in [None, Some(NO_ROW_SECURITY)] {
        if let Some(wall) = wall {
            carry_out(&server.db.url, wall).await;
        }
        let reads = Reads::connect(&server.db.url, 2).await.expect("the read side");
        let asker = ReadAs { workspace: theirs, key, member: None, min_position: None };
        let read = reads.list(&asker, &PROJECTS, &ListQuery::default()).await;
        assert!(matches!(read, Err(Unread::Revoked)), "{:?}", read.map(|page| page.total));

        let request = Request {
            command: Uuid::new_v4(),
            workspace: theirs,
            actor: Actor::Service(key),
            key: Some(key),
            role: None,
            cause: None,
            request_id: "req-1".to_owned(),
            dialect: "native",
            trace: None,
            idempotency: None,
            now: chrono::Utc::now(),
            salt: Uuid::new_v4(),
        };
        let create = project::Command::Create(project::Create::new("theirs"));
        let intents = vec![Intent::create::<Project>(Uuid::new_v4(), create)];
        let written = server.commands.execute(request, intents, Mode::Atomic).await;
        assert!(matches!(written, Err(Unwritten::Revoked)), "{:?}", written.map(|answer| answer.position));
    }
}

/// Whether a node starts, and what it says if not.
async fn starts(server: &Server, url: &str, without: bool) -> Result<(), String> {
    let mut config = config(&server.db, &server.prefix);
    config.database.database_url = url.to_owned();
    config.without_row_security = without;
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    match docket_api::Docket::start(&config, stop).await {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error:#}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_where_row_security_would_not_hold() {
    let server = Server::start().await;
    let url = server.db.url.clone();
    assert_eq!(starts(&server, &url, false).await, Ok(()));
    let mut owner = PgConnection::connect(&url).await.expect("the database");
    for (table, gap, mended) in [
        ("read_tasks.tasks", "disable row level security", "enable row level security"),
        ("read_members.members", "no force row level security", "force row level security"),
        ("log.streams", "disable row level security", "enable row level security"),
    ] {
        owner.execute(format!("alter table {table} {gap}").as_str()).await.expect("a gap");
        let refusal = starts(&server, &url, false).await.expect_err("a refusal");
        for said in [table, "row-level security", "--without-row-security", "DATABASE_URL"] {
            assert!(refusal.contains(said), "{said}: {refusal}");
        }
        assert_eq!(starts(&server, &url, true).await, Ok(()));
        owner.execute(format!("alter table {table} {mended}").as_str()).await.expect("mended");
        assert_eq!(starts(&server, &url, false).await, Ok(()));
    }
    if let Some(superuser) = harness::as_superuser(&server.db) {
        let refusal = starts(&server, &superuser, false).await.expect_err("a refusal");
        assert!(refusal.contains("the role postgres is a superuser"), "{refusal}");
        assert_eq!(starts(&server, &superuser, true).await, Ok(()));
        let passer = passer(&superuser, &url).await;
        let refusal = starts(&server, &passer, false).await.expect_err("a refusal");
        assert!(refusal.contains("has BYPASSRLS"), "{refusal}");
        assert_eq!(starts(&server, &passer, true).await, Ok(()));
    }
}

/// A user that may do what the owner may, and whom no row-level security holds back.
async fn passer(superuser: &str, owners: &str) -> String {
    let (owner, place) = owners.split_once('@').expect("a user");
    let owner = owner.trim_start_matches("postgres://").split(':').next().expect("a name");
    let name = format!("passer_{}", uuid::Uuid::new_v4().simple());
    let make = format!("create role {name} login bypassrls password 'passer' in role {owner}");
    let mut connection = PgConnection::connect(superuser).await.expect("the database");
    connection.execute(make.as_str()).await.expect("a user");
    format!("postgres://{name}:passer@{place}")
}
