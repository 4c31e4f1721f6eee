//! Questions about keys → answers.

use docket_domain::api_key::ApiKey;
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::member::Member;
use docket_domain::{Aggregate, Snapshot};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::freshness::PATIENCE;
use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

/// Whose key it is that was shown. Whether it still counts is for the reads and writes themselves to find out.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// The tenant it opens.
    pub workspace: WorkspaceId,
    /// The partition of that tenant.
    pub partition: i16,
    /// The key's identity.
    pub id: KeyId,
    /// What it may do, and the hash of its secret.
    pub key: Snapshot<ApiKey>,
    /// The member it acts for, if it acts for one.
    pub member: Option<Snapshot<Member>>,
}

impl Reads {
    /// The key whose public part is `kid`. One that is not known yet is waited for, as long as the read models have not
    /// caught up with what was written before the question: a key can be used as soon as it is minted.
    pub async fn find_key(&self, kid: &str) -> Result<Option<KeyRecord>, Error> {
        if let Some(found) = self.look_up(kid).await? {
            return Ok(Some(found));
        }
        // Even if there is nothing to wait for now: it may have become readable since the first look.
        self.catch_up().await?;
        self.look_up(kid).await
    }

    async fn look_up(&self, kid: &str) -> Result<Option<KeyRecord>, Error> {
        let mut session = self.session().await?;
        let sql = "select k.workspace, k.doc from (select set_config('docket.kid', $1, true)) c \
                   left join keys k on k.kid = $1";
        let rows = session.rows(sql, &[&kid]).await?;
        let found: Option<(uuid::Uuid, String)> = match rows.first() {
            Some(row) => row.try_get::<_, Option<_>>(0)?.zip(row.try_get(1)?),
            None => None,
        };
        let Some((workspace, doc)) = found else { return Ok(None) };
        let key: Snapshot<ApiKey> = parse(&doc)?;
        let member = match key.state.member_id {
            None => None,
            Some(id) => {
                let sql = "select m.doc from members m where m.workspace = $1 and m.id = $2";
                let rows = session.rows_of(workspace, sql, &[&workspace, &id.0]).await?;
                rows.first().map(|row| parse(row.try_get(0)?)).transpose()?
            }
        };
        let workspace = WorkspaceId(workspace);
        let partition = self.partition_of(workspace);
        Ok(Some(KeyRecord { workspace, partition, id: KeyId(key.id), key, member }))
    }

    /// Waits for all that was written before now.
    async fn catch_up(&self) -> Result<(), Error> {
        let sql = "select h.partition, h.position, coalesce(a.position, 0) from log.heads h \
                   left join keys_at a on a.partition = h.partition";
        let rows = self.session().await?.rows(sql, &[]).await?;
        let deadline = Instant::now() + PATIENCE;
        for row in rows {
            let (partition, head, position): (i16, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if position < head {
                self.positions().reach(partition, &[super::NAME, crate::members::NAME], head, deadline).await?;
            }
        }
        Ok(())
    }

    /// A key, as clients see it.
    pub async fn key(&self, reader: &ReadAs, id: KeyId) -> Result<Option<Doc>, Error> {
        let answer =
            || "select d.version, d.shown from keys d where d.workspace = $1::uuid and d.id = $4::uuid".to_owned();
        self.one(reader, &[super::NAME], "key", id.0, "", answer).await
    }

    /// One page of keys, in the order of their numbers; revoked ones too.
    pub async fn keys(&self, reader: &ReadAs, page: &PageQuery) -> Result<Page, Error> {
        let list = List {
            form: (super::NAME, 0),
            name: super::NAME,
            models: &[super::NAME],
            doc: "d.shown",
            from: "keys d",
            which: "true",
            order: "number",
            total: "(select coalesce(sum(c.n), 0)::int8 from key_counts c where c.workspace = $1::uuid)",
        };
        self.list(reader, &list, Binds::default(), page).await
    }
}

fn parse<A: Aggregate + DeserializeOwned>(doc: &str) -> Result<Snapshot<A>, Error> {
    serde_json::from_str(doc).map_err(|error| Error::Bug(format!("a stored {}: {error}", A::TYPE)))
}
