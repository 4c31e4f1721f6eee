//! No tenant sees another's rows: not even where a query forgot to ask for its own only.

use docket_domain::comment::{self, Comment};
use docket_domain::notification::{self, Notification, Sent};
use docket_domain::timelog::{self, Action, Reach, Reckoned, Timelog, Work, Zone};
use sqlx::{Connection, Executor, PgConnection, Row};

use super::ask::{Ask, TaskQuery};
use super::{Tenant, World};

/// A connection with a reader's rights.
async fn reader(world: &World, tenant: Option<Tenant>) -> PgConnection {
    let mut connection = PgConnection::connect(&world.db.url).await.unwrap();
    connection.execute("set role docket_reader").await.unwrap();
    if let Some(tenant) = tenant {
        let set = format!("set docket.workspace = '{}'", tenant.workspace);
        connection.execute(set.as_str()).await.unwrap();
    }
    connection
}

/// All tables of read models with rows of tenants.
async fn tables(world: &World) -> Vec<(String, bool, bool)> {
    let sql = "select format('%I.%I', n.nspname, c.relname), c.relrowsecurity, c.relforcerowsecurity \
               from pg_class c join pg_namespace n on n.oid = c.relnamespace \
               join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace' \
               where n.nspname like 'read\\_%' and c.relkind = 'r' order by 1";
    let rows = sqlx::query(sql).fetch_all(&world.pool).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// Everything once was what it is.
async fn make_up_a_past(world: &World) {
    // What lies beside documents does not say until when it is so.
    let statements = "select format('insert into %1$I.%2$I (%3$s) select %4$s from %1$I.%5$I', t.schemaname, t.tablename, \
                      string_agg(quote_ident(c.column_name), ', '), \
                      string_agg(coalesce(quote_ident(l.column_name), '9'), ', '), substr(t.tablename, 6)) \
                      from pg_tables t join information_schema.columns c \
                      on c.table_schema = t.schemaname and c.table_name = t.tablename \
                      left join information_schema.columns l on l.table_schema = t.schemaname \
                      and l.table_name = substr(t.tablename, 6) and l.column_name = c.column_name \
                      where t.schemaname ~ '^read_[a-z]+$' and t.tablename like 'past\\_%' \
                      and t.tablename not in ('past_task_counts', 'past_task_peaks') group by t.schemaname, t.tablename";
    let statements = sqlx::query_scalar::<_, String>(statements).fetch_all(&world.pool).await.unwrap();
    assert!(statements.len() >= 9, "{statements:?}");
    for statement in statements {
        world.sql(&statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_is_a_second_wall() {
    let mut world = World::new().await;
    let (a, b) = (world.tenant().await, world.tenant().await);
    for tenant in [a, b] {
        let project = world.project(tenant, "P").await;
        let (label, member) = (world.label(tenant, "L").await, world.member(tenant, "m").await);
        let mut task = super::plain(project, "secret words");
        (task.label_ids, task.assignee_ids) = (vec![label], vec![member]);
        let create = docket_domain::task::Command::Create(task);
        let id = uuid::Uuid::new_v4();
        world.tell::<docket_domain::task::Task>(tenant, id, create).await;
        let work = Work {
            member_id: member,
            task_id: None,
            project_id: Some(project),
            note: None,
            zone: Reckoned::In(Zone::default()),
            billable: None,
        };
        let start = timelog::Command { reach: Reach::All, action: Action::Start(work) };
        world.tell::<Timelog>(tenant, uuid::Uuid::new_v4(), start).await;
        world.sprint(tenant, project, "S").await;
        let said = comment::Action::Create { body: "secret".to_owned() };
        let say = comment::Command { task_id: id.into(), moderates: false, action: said };
        world.tell::<Comment>(tenant, uuid::Uuid::new_v4(), say).await;
        let (kind, title) = ("message".to_owned(), "secret".to_owned());
        let sent = Sent { member_id: member, kind, title, body: None, link: None, subject: None, only: None };
        world.tell::<Notification>(tenant, uuid::Uuid::new_v4(), notification::Command::Send(sent)).await;
    }
    world.catch_up().await;
    make_up_a_past(&world).await;

    let tables = tables(&world).await;
    assert!(tables.len() >= 14, "{tables:?}");
    for (table, enabled, forced) in tables {
        assert!(enabled && forced, "{table} has no forced row-level security");
        assert!(world.count(&format!("select count(distinct workspace) from {table}")).await >= 2, "{table}");
        if table.ends_with("_search") {
            continue;
        }
        let seen = format!("select count(*) filter (where workspace <> '{}'), count(*) from {table}", a.workspace);
        let row = reader(&world, Some(a)).await.fetch_one(seen.as_str()).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), 0, "{table}");
        assert!(row.get::<i64, _>(1) > 0, "{table}");
        let nobody = format!("select count(*) from {table}");
        assert_eq!(reader(&world, None).await.fetch_one(nobody.as_str()).await.unwrap().get::<i64, _>(0), 0, "{table}");
    }
    let streams = "select count(distinct workspace) from log.streams";
    assert_eq!(reader(&world, Some(a)).await.fetch_one(streams).await.unwrap().get::<i64, _>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_can_read_nothing_else_and_write_nothing() {
    let mut world = World::new().await;
    let tenant = world.tenant().await;
    let mut reader = reader(&world, Some(tenant)).await;
    for refused in [
        "select * from log.events",
        "select * from log.settings",
        "select * from read_tasks.task_search",
        "insert into read_tasks.tasks_at values (99, 0)",
        "delete from read_projects.projects",
        "update log.streams set alive = true",
    ] {
        let error = reader.execute(refused).await.expect_err(refused).to_string();
        assert!(error.contains("permission denied"), "{refused}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_the_tenants_own() {
    let mut world = World::new().await;
    let (a, b) = (world.tenant().await, world.tenant().await);
    for (tenant, title) in [(a, "common apple"), (b, "common banana")] {
        let project = world.project(tenant, "P").await;
        world.task(tenant, project, title).await;
    }
    // A title that pretends to belong to another tenant.
    let project = world.project(a, "Q").await;
    world.task(a, project, &format!("common ws{}", b.workspace.0.simple())).await;
    world.catch_up().await;
    let search = |q: &str| TaskQuery { q: Some(q.to_owned()), ..TaskQuery::default() };
    assert_eq!(world.titles(b, search("common")).await, ["common banana"]);
    assert_eq!(world.tasks(a, search("common")).await.total, 2);
    assert_eq!(world.tasks(a, search("banana")).await.total, 0);
    assert_eq!(world.tasks(a, search(&format!("ws{}", b.workspace.0.simple()))).await.total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_look_at_a_key_shows_that_key_only() {
    let mut world = World::new().await;
    let (a, _b) = (world.tenant().await, world.tenant().await);
    let found = world.reads.find_key(&a.sha256()).await.unwrap().expect("a key");
    assert_eq!((found.workspace, found.id), (a.workspace, a.key));
    assert!(world.reads.find_key(&a.kid.to_string()).await.unwrap().is_none(), "what others may know shows nothing");
    let mut reader = reader(&world, None).await;
    reader.execute(format!("set docket.sha256 = '{}'", a.sha256()).as_str()).await.unwrap();
    let keys = reader.fetch_all("select kid from read_keys.keys").await.unwrap();
    assert_eq!(keys.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), [a.kid.to_string()]);
    let listed = world.reads.keys(&a.reader(), &super::first(10)).await.unwrap();
    assert!(
        !listed.docs.iter().next().unwrap().contains("sha256")
            && !listed.docs.iter().next().unwrap().contains("5ec7e7"),
        "{}",
        listed.docs.iter().next().unwrap()
    );
}
