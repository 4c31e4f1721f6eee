//! Questions about keys → answers.

use std::collections::HashMap;

use docket_domain::api_key::ApiKey;
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::member::{Member, Role};
use docket_domain::workspace::{Plan, Workspace};
use docket_domain::{Aggregate, Snapshot};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use uuid::Uuid;

use crate::freshness::PATIENCE;
use crate::list::{Expand, Field, List, sum_of};
use crate::seen::{SEEN_AT, last_seen};
use crate::{Error, Reads};

const FIELDS: &[Field] = &[
    Field::id("id", "Its id."),
    Field::integer("number", "Its number.").column("d.number"),
    Field::text("label", "What it is for."),
    Field::id("member_id", "The member it acts for.").nullable(),
    Field::word("role", &Role::WORDS, "The role it has itself; none if it acts for a member, whose role counts.")
        .nullable(),
    Field::member("scopes"),
    Field::key("scope", "What it may do, by itself: one of its scopes.").within("scopes"),
    Field::text("format", "In which product's form the token is written."),
    Field::text("kid", "The public part of the token.").column("d.kid"),
    Field::instant("expires_at", "From when on it is refused.").nullable(),
    Field::instant("revoked_at", "When it was revoked.").nullable(),
    Field::id("successor_id", "The key that takes its place.").nullable(),
    Field::instant("last_used_at", "When it was last used.").nullable().column(SEEN_AT).fleeting(),
    Field::created_by(),
    Field::instant("created_at", "When it was minted."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
];

/// The keys of a workspace, as clients see them; revoked ones too.
pub static KEYS: List = List {
    models: &[super::NAME],
    expand: &[Expand::one("member", "member_id", || &crate::members::MEMBERS), Expand::creator()],
    searched: Some(&["label", "kid"]),
    doc: shown,
    past_doc: Some(|| "d.shown".to_owned()),
    total: |asked| sum_of("key_counts", asked, ""),
    ..List::new("keys", "keys d", FIELDS)
};

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
    /// What its workspace pays for.
    pub plan: Plan,
    /// Whether it had expired by the database's time: the clocks of nodes may be wrong.
    pub expired: bool,
}

impl Reads {
    /// The key whose whole token has this hash: hexadecimal SHA-256. One that is not known yet is waited for, as long as
    /// the read models have not caught up with what was written before the question: a key can be used as soon as it is
    /// minted.
    ///
    /// Not by its public part, which others may know: a token with another secret is looked for like one that nobody has,
    /// and as long, so that nobody can tell by that which keys there are.
    pub async fn find_key(&self, sha256: &str) -> Result<Option<KeyRecord>, Error> {
        if let Some(found) = self.look_up(sha256).await? {
            return Ok(Some(found));
        }
        // Even if there is nothing to wait for now: it may have become readable since the first look.
        self.catch_up().await?;
        self.look_up(sha256).await
    }

    async fn look_up(&self, sha256: &str) -> Result<Option<KeyRecord>, Error> {
        let sql = "select k.workspace, k.doc from (select set_config('docket.sha256', $1, true)) c \
                   left join keys k on k.sha256 = $1";
        let rows = self.session().await?.rows(sql, &[&sha256]).await?;
        let found: Option<(Uuid, String)> = match rows.first() {
            Some(row) => row.try_get::<_, Option<_>>(0)?.zip(row.try_get(1)?),
            None => None,
        };
        let Some((workspace, doc)) = found else { return Ok(None) };
        self.record(WorkspaceId(workspace), &doc).await.map(Some)
    }

    /// The key with this id, as far as the read models know it.
    async fn key_of(&self, workspace: WorkspaceId, key: KeyId) -> Result<Option<KeyRecord>, Error> {
        let sql = "select k.doc from keys k where k.workspace = $1 and k.id = $2";
        let rows = self.session().await?.rows_of(workspace.0, sql, &[&workspace.0, &key.0]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        self.record(workspace, row.try_get(0)?).await.map(Some)
    }

    /// The key with this id as the log has it by now.
    pub async fn key_now(&self, workspace: WorkspaceId, key: KeyId) -> Result<Option<KeyRecord>, Error> {
        let (partition, head) = (self.partition_of(workspace), self.head(workspace).await?);
        let models = [super::NAME, crate::members::NAME];
        self.positions().reach(partition, &models, head, Instant::now() + PATIENCE).await?;
        self.key_of(workspace, key).await
    }

    /// A key with all that every request asks of it.
    async fn record(&self, workspace: WorkspaceId, doc: &str) -> Result<KeyRecord, Error> {
        let key: Snapshot<ApiKey> = parse(doc)?;
        let sql = "select (select m.doc from members m where m.workspace = $1 and m.id = $2), \
                   (select e.doc from entries e where e.workspace = $1 and e.id = $1), \
                   coalesce($3::timestamptz <= now(), false)";
        let (member, expires_at) = (key.state.member_id.map(|id| id.0), key.state.expires_at);
        let mut session = self.session().await?;
        let rows = session.rows_of(workspace.0, sql, &[&workspace.0, &member, &expires_at]).await?;
        let row = rows.first().ok_or_else(|| Error::Bug("a statement without a row".to_owned()))?;
        let member = row.try_get::<_, Option<&str>>(0)?.map(parse).transpose()?;
        let plan = row.try_get::<_, Option<&str>>(1)?.map(parse::<Workspace>).transpose()?;
        let plan = plan.map(|workspace| workspace.state.plan).unwrap_or_default();
        let partition = self.partition_of(workspace);
        Ok(KeyRecord { workspace, partition, id: KeyId(key.id), key, member, plan, expired: row.try_get(2)? })
    }

    /// The versions of those of these keys and members that are still alive: asked for all of them at once, and never
    /// out of date.
    pub async fn standing(&self, whose: &[(WorkspaceId, Uuid)]) -> Result<HashMap<Uuid, i64>, Error> {
        let partitions: Vec<i16> = whose.iter().map(|(workspace, _)| self.partition_of(*workspace)).collect();
        let workspaces: Vec<Uuid> = whose.iter().map(|(workspace, _)| workspace.0).collect();
        let ids: Vec<Uuid> = whose.iter().map(|(_, id)| *id).collect();
        let sql = "select id, version from log.standing($1, $2, $3)";
        let rows = self.session().await?.rows(sql, &[&partitions, &workspaces, &ids]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
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
}

/// A key as clients see it, as an expression over the key `d`: with its last use.
pub(crate) fn shown() -> String {
    format!("left(d.shown, -1) || ',\"last_used_at\":' || {} || '}}'", last_seen("d.id"))
}

fn parse<A: Aggregate + DeserializeOwned>(doc: &str) -> Result<Snapshot<A>, Error> {
    serde_json::from_str(doc).map_err(|error| Error::Bug(format!("a stored {}: {error}", A::TYPE)))
}
