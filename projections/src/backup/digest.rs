//! What the read models say, in a few numbers: the same rows have the same, in whatever order.

use std::collections::BTreeMap;

use tokio_postgres::Client;
use uuid::Uuid;

use crate::Error;
use crate::admin::Projections;
use crate::model::{NAMES, live_schema};

/// By table, how many rows there are, and the sum of their hashes.
pub type Digests = BTreeMap<String, (i64, String)>;

/// Rows of sums that come to nothing: they may as well not be there.
const NOTHING: &str = "not exists (select from jsonb_each(to_jsonb(t) - '{facet,bits,block}'::text[]) v \
    where jsonb_typeof(v.value) = 'number' and v.value <> '0')";

impl Projections {
    /// What the read models say of a workspace, or of all.
    pub async fn digests(&self, workspace: Option<Uuid>) -> Result<Digests, Error> {
        let client = self.address.connect().await?;
        client.batch_execute("begin isolation level repeatable read read only").await?;
        digests(&client, workspace).await
    }
}

/// The same, as a connection sees them that is in a transaction.
pub(super) async fn digests(client: &Client, workspace: Option<Uuid>) -> Result<Digests, Error> {
    client.batch_execute("set local role docket_projector").await?;
    let schemas: Vec<String> = NAMES.iter().map(|name| live_schema(name)).collect();
    let sql = "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = any($1) and c.relkind = 'r' and c.relname not like '%\\_at' \
               and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace')";
    let mut all = Digests::new();
    for table in client.query(sql, &[&schemas]).await? {
        let (schema, name): (&str, &str) = (table.try_get(0)?, table.try_get(1)?);
        let empty = if name.ends_with("_counts") { NOTHING } else { "false" };
        let sql = format!(
            "select count(*), coalesce(sum(('x' || md5(t::text))::bit(64)::int8::numeric), 0)::text \
             from {schema}.{name} t where ($1::uuid is null or workspace = $1) and not ({empty})"
        );
        let row = client.query_one(&sql, &[&workspace]).await?;
        all.insert(format!("{schema}.{name}"), (row.try_get(0)?, row.try_get(1)?));
    }
    client.batch_execute("reset role").await?;
    Ok(all)
}
