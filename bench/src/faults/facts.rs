//! What is in the database in the end: the log, what was witnessed of it, and what the read models show.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::cluster::Cluster;

/// Everything that the checker looks at; a copy costs little, however long the log is.
#[derive(Clone, Default)]
pub struct Facts {
    /// The log, by partition and position.
    pub events: Vec<Rc<Event>>,
    /// Each partition's last position.
    pub heads: BTreeMap<i16, i64>,
    /// Each aggregate's version.
    pub streams: BTreeMap<Uuid, i64>,
    /// The last number given out, by workspace and kind.
    pub counters: BTreeMap<(Uuid, String), i64>,
    /// Idempotency keys' hashes, in hexadecimal, and the commands they stand for.
    pub receipts: BTreeMap<(String, Uuid), Receipt>,
    /// How far each read model is, by its name and partition.
    pub checkpoints: BTreeMap<(String, i16), i64>,
    /// Each workspace's tree: its size and its signed root.
    pub trees: BTreeMap<Uuid, (i64, String)>,
    /// The public keys that each workspace's checkpoints should be signed with, one a line.
    pub keys: BTreeMap<Uuid, String>,
    /// What the read models show: model, id, whether it is gone, the resource.
    pub shown: BTreeMap<(&'static str, Uuid), (bool, Rc<Value>)>,
    /// How many events are parked.
    pub parked: i64,
}

/// What is kept of a command that was acknowledged.
#[derive(Clone, Copy)]
pub struct Receipt {
    /// How many there are of it.
    pub count: i64,
    /// Where its last event is.
    pub position: i64,
}

/// A row of `log.events`, by the names it has there.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "the log's own names")]
pub struct Event {
    pub partition: i16,
    pub position: i64,
    pub workspace: Uuid,
    pub kind: String,
    pub stream: Uuid,
    pub version: i64,
    pub event_type: String,
    pub event_version: i16,
    pub number: Option<i64>,
    pub series: Option<String>,
    pub command: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    /// As stored, to the byte.
    pub payload: String,
    /// As stored, to the byte.
    pub metadata: String,
    /// What is kept beside the payload because it says who somebody is, to the byte.
    pub personal: Option<String>,
}

impl Event {
    /// What changed.
    pub fn change(&self) -> Value {
        let mut change: Value = serde_json::from_str(&self.payload).unwrap_or_default();
        let personal = self.personal.as_deref().and_then(|personal| serde_json::from_str(personal).ok());
        if let (Value::Object(change), Some(Value::Object(personal))) = (&mut change, personal) {
            change.remove("personal");
            change.extend(personal);
        }
        change
    }

    /// Who, with what, and why.
    pub fn about(&self) -> Value {
        serde_json::from_str(&self.metadata).unwrap_or_default()
    }
}

const EVENTS: &str = "select partition, position, workspace, kind, stream, version, event_type, event_version, number, \
    series, command, occurred_at, recorded_at, payload::text, metadata::text, personal::text from log.events order by 1, 2";

/// The read models whose rows are compared, and how each says that something is gone.
const SHOWN: [(&str, &str); 7] = [
    ("task", "select id, deleted, doc from read_tasks.tasks"),
    ("comment", "select id, deleted, doc from read_tasks.task_comments"),
    ("project", "select id, deleted, doc from read_projects.projects"),
    ("member", "select id, false, doc from read_members.members"),
    ("timelog", "select id, voided, doc from read_timelogs.timelogs"),
    ("notification", "select id, deleted, doc from read_notifications.notifications"),
    ("label", "select id, deleted, doc from read_catalog.entries"),
];

/// The models' names.
pub const MODELS: [&str; 9] =
    ["tasks", "projects", "members", "catalog", "keys", "sprints", "timelogs", "notifications", "trail"];

/// Connects as the superuser, whom no tenant's wall holds.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("cannot connect to the primary")?;
    tokio::spawn(connection);
    Ok(client)
}

impl Facts {
    /// Reads all of it.
    pub async fn load(cluster: &Cluster, database: &tokio_postgres::Client) -> Result<Self> {
        let mut facts = Self::default();
        for row in database.query(EVENTS, &[]).await? {
            facts.events.push(Rc::new(Event {
                partition: row.get(0),
                position: row.get(1),
                workspace: row.get(2),
                kind: row.get(3),
                stream: row.get(4),
                version: row.get(5),
                event_type: row.get(6),
                event_version: row.get(7),
                number: row.get(8),
                series: row.get(9),
                command: row.get(10),
                occurred_at: row.get(11),
                recorded_at: row.get(12),
                payload: row.get(13),
                metadata: row.get(14),
                personal: row.get(15),
            }));
        }
        for row in database.query("select partition, position from log.heads", &[]).await? {
            facts.heads.insert(row.get(0), row.get(1));
        }
        for row in database.query("select id, version from log.streams", &[]).await? {
            facts.streams.insert(row.get(0), row.get(1));
        }
        let counters = "select workspace, kind, last from log.counters where series = ''";
        for row in database.query(counters, &[]).await? {
            facts.counters.insert((row.get(0), row.get(1)), row.get(2));
        }
        let receipts = "select encode(key, 'hex'), command, count(*), max(position) from log.receipts group by 1, 2";
        for row in database.query(receipts, &[]).await? {
            let receipt = Receipt { count: row.get(2), position: row.get(3) };
            facts.receipts.insert((row.get(0), row.get(1)), receipt);
        }
        for row in database.query("select workspace, size, checkpoint from audit.trees", &[]).await? {
            facts.trees.insert(row.get(0), (row.get(1), row.get(2)));
        }
        facts.ask_for_keys(cluster).await?;
        facts.parked = database.query_one("select count(*) from read.parked", &[]).await?.get(0);
        facts.look(database).await?;
        Ok(facts)
    }

    /// Asks for the public keys on another way than the checkpoints have come, as reviewers should.
    async fn ask_for_keys(&mut self, cluster: &Cluster) -> Result<()> {
        let file = cluster.audit_key().await?.display().to_string();
        for workspace in self.trees.keys() {
            let keys = cluster.run(&["audit", "key", "show", &file, "--workspace", &workspace.to_string()]).await?;
            self.keys.insert(*workspace, keys);
        }
        Ok(())
    }

    /// The checkpoints that are signed by now: whose, and the notes.
    pub async fn signed(database: &tokio_postgres::Client) -> Result<Vec<(Uuid, Rc<str>)>> {
        let signed = "select workspace, checkpoint from audit.trees where checkpoint <> ''";
        let rows = database.query(signed, &[]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get::<_, &str>(1).into())).collect())
    }

    async fn look(&mut self, database: &tokio_postgres::Client) -> Result<()> {
        for model in MODELS {
            let at = format!("select partition, position from read_{model}.{model}_at");
            for row in database.query(&at, &[]).await? {
                self.checkpoints.insert((model.to_owned(), row.get(0)), row.get(1));
            }
        }
        for (kind, query) in SHOWN {
            for row in database.query(query, &[]).await? {
                let doc: Value =
                    serde_json::from_str(row.get(2)).with_context(|| format!("a {kind} is shown as no JSON"))?;
                self.shown.insert((kind, row.get(0)), (row.get(1), Rc::new(doc)));
            }
        }
        Ok(())
    }

    /// Waits until read models, trees, people and NATS have all of the log, for as long as they come nearer.
    pub async fn settle(database: &tokio_postgres::Client, patience: Duration) -> Result<()> {
        let (mut least, mut since) = (i64::MAX, Instant::now());
        while since.elapsed() < patience {
            let behind = Self::behind(database).await?;
            if behind == 0 {
                break;
            }
            if behind < least {
                (least, since) = (behind, Instant::now());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// By how many events all of these are behind the log, together.
    async fn behind(database: &tokio_postgres::Client) -> Result<i64> {
        let models = MODELS.iter().map(|model| format!("read_{model}.{model}_at"));
        let others = ["audit.witnessed", "log.tellers", "log.relays"].map(str::to_owned);
        let behind = models.chain(others).map(|table| {
            format!(
                "select sum(h.position - coalesce(a.position, 0)) from log.heads h left join {table} a using (partition)"
            )
        });
        let behind = behind.collect::<Vec<_>>().join(" union all ");
        let query = format!("select sum(n)::bigint from ({behind}) q(n)");
        Ok(database.query_one(&query, &[]).await?.get(0))
    }

    /// Every row of every read model, in one number each.
    pub async fn digest(database: &tokio_postgres::Client) -> Result<BTreeMap<String, String>> {
        // A sum that has come to nothing may have a row, or none.
        let tables = "select n.nspname || '.' || c.relname, \
                coalesce(string_agg(a.attname || ' <> 0', ' or ') filter (where c.relname like '%\\_counts'), 'true') \
            from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            left join pg_index i on i.indrelid = c.oid and i.indisprimary \
            left join pg_attribute a on a.attrelid = c.oid and a.atttypid = 'bigint'::regtype and a.attnum > 0 \
                and (i.indkey is null or a.attnum <> all (i.indkey)) \
            where c.relkind = 'r' and n.nspname = any ($1) and c.relname not like '%\\_at' group by 1, c.oid";
        let schemas: Vec<_> = MODELS.iter().map(|model| format!("read_{model}")).collect();
        let mut digest = BTreeMap::new();
        for row in database.query(tables, &[&schemas]).await? {
            let (table, counts): (String, String) = (row.get(0), row.get(1));
            let query = format!(
                "select count(*)::text || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)::text from {table} t where {counts}"
            );
            digest.insert(table, database.query_one(&query, &[]).await?.get(0));
        }
        Ok(digest)
    }
}
