//! One call of `log.append`: commands to parallel arrays, findings to verdicts. The function itself is documented
//! where it is defined, in the migrations.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use docket_domain::{AnySnapshot, Lifecycle};
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Append, Committed, Verdict};

const CALL: &str = "select cmd, what, id, n, label from log.append(\
    $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,\
    $31,$32,$33,$34,$35,$36,$37,$38)";

#[derive(FromRow)]
struct Finding {
    cmd: i32,
    what: String,
    id: Option<Uuid>,
    n: Option<i64>,
    label: Option<String>,
}

#[derive(Default)]
struct Columns {
    c_id: Vec<Uuid>,
    c_events: Vec<i32>,
    c_principal: Vec<Uuid>,
    c_key: Vec<Option<Vec<u8>>>,
    c_fingerprint: Vec<Option<Vec<u8>>>,
    c_memo: Vec<Option<String>>,
    s_cmd: Vec<i32>,
    s_workspace: Vec<Uuid>,
    s_kind: Vec<&'static str>,
    s_id: Vec<Uuid>,
    s_expected: Vec<i64>,
    s_added: Vec<i32>,
    s_alive: Vec<Option<bool>>,
    s_expires: Vec<Option<DateTime<Utc>>>,
    s_series: Vec<Option<String>>,
    r_cmd: Vec<i32>,
    r_workspace: Vec<Uuid>,
    r_kind: Vec<&'static str>,
    r_id: Vec<Uuid>,
    r_version: Vec<Option<i64>>,
    r_guard: Vec<bool>,
    k_cmd: Vec<i32>,
    k_workspace: Vec<Uuid>,
    k_id: Vec<Uuid>,
    k_scope: Vec<&'static str>,
    k_value: Vec<Vec<u8>>,
    k_take: Vec<bool>,
    e_cmd: Vec<i32>,
    e_workspace: Vec<Uuid>,
    e_stream: Vec<i32>,
    e_version: Vec<i64>,
    e_type: Vec<String>,
    e_schema: Vec<i16>,
    e_occurred: Vec<DateTime<Utc>>,
    e_payload: Vec<String>,
    e_metadata: Vec<String>,
}

impl Columns {
    fn push(&mut self, append: &Append) {
        let cmd = self.c_id.len() as i32 + 1;
        let workspace = append.workspace.0;
        self.c_id.push(append.command);
        self.c_events.push(append.writes.iter().map(|write| write.events.len() as i32).sum());
        self.c_principal.push(append.principal);
        self.c_key.push(append.receipt.as_ref().map(|(sent, _)| sent.key.to_vec()));
        self.c_fingerprint.push(append.receipt.as_ref().map(|(sent, _)| sent.fingerprint.to_vec()));
        self.c_memo.push(append.receipt.as_ref().map(|(_, memo)| memo.clone()));
        for require in &append.requires {
            self.r_cmd.push(cmd);
            self.r_workspace.push(workspace);
            self.r_kind.push(require.kind);
            self.r_id.push(require.id);
            self.r_version.push(require.version);
            self.r_guard.push(require.guard);
        }
        for write in &append.writes {
            self.push_write(cmd, workspace, write, &append.metadata);
        }
    }

    fn push_write(&mut self, cmd: i32, workspace: Uuid, write: &super::Write, metadata: &str) {
        self.s_cmd.push(cmd);
        self.s_workspace.push(workspace);
        self.s_kind.push(write.kind);
        self.s_id.push(write.id);
        self.s_expected.push(write.expected);
        self.s_added.push(write.events.len() as i32);
        self.s_alive.push(write.effects.lifecycle.map(|lifecycle| lifecycle == Lifecycle::Alive));
        self.s_expires.push(write.effects.expires_at);
        self.s_series.push(write.effects.series.clone());
        let takes = write.effects.takes.iter().map(|claim| (claim, true));
        let frees = write.effects.frees.iter().map(|claim| (claim, false));
        for (claim, take) in takes.chain(frees) {
            self.k_cmd.push(cmd);
            self.k_workspace.push(workspace);
            self.k_id.push(write.id);
            self.k_scope.push(claim.scope);
            self.k_value.push(digest(workspace, &claim.value));
            self.k_take.push(take);
        }
        let stream = self.s_cmd.len() as i32;
        for (version, (event, occurred)) in (write.expected + 1..).zip(&write.events) {
            self.e_cmd.push(cmd);
            self.e_workspace.push(workspace);
            self.e_stream.push(stream);
            self.e_version.push(version);
            self.e_type.push(event.event_type.clone());
            self.e_schema.push(event.event_version);
            self.e_occurred.push(*occurred);
            self.e_payload.push(event.payload.get().to_owned());
            self.e_metadata.push(metadata.to_owned());
        }
    }
}

/// A claimed value as it is kept: salted with the workspace, so that the log holds no addresses in the clear.
fn digest(workspace: Uuid, value: &str) -> Vec<u8> {
    Sha256::new().chain_update(workspace.as_bytes()).chain_update(value.as_bytes()).finalize().to_vec()
}

/// Sends the batch; `since` is set when it was sent before and may have landed after that position.
pub async fn call(
    db: &mut PgConnection,
    partition: i16,
    since: Option<i64>,
    batch: &[&Append],
) -> Result<Vec<Verdict>, sqlx::Error> {
    let mut c = Columns::default();
    batch.iter().for_each(|append| c.push(append));
    let findings: Vec<Finding> = sqlx::query_as(CALL)
        .bind(partition)
        .bind(since)
        .bind(c.c_id)
        .bind(c.c_events)
        .bind(c.c_principal)
        .bind(c.c_key)
        .bind(c.c_fingerprint)
        .bind(c.c_memo)
        .bind(c.s_cmd)
        .bind(c.s_workspace)
        .bind(c.s_kind)
        .bind(c.s_id)
        .bind(c.s_expected)
        .bind(c.s_added)
        .bind(c.s_alive)
        .bind(c.s_expires)
        .bind(c.s_series)
        .bind(c.r_cmd)
        .bind(c.r_workspace)
        .bind(c.r_kind)
        .bind(c.r_id)
        .bind(c.r_version)
        .bind(c.r_guard)
        .bind(c.k_cmd)
        .bind(c.k_workspace)
        .bind(c.k_id)
        .bind(c.k_scope)
        .bind(c.k_value)
        .bind(c.k_take)
        .bind(c.e_cmd)
        .bind(c.e_workspace)
        .bind(c.e_stream)
        .bind(c.e_version)
        .bind(c.e_type)
        .bind(c.e_schema)
        .bind(c.e_occurred)
        .bind(c.e_payload)
        .bind(c.e_metadata)
        .fetch_all(&mut *db)
        .await?;
    let mut found: Vec<Vec<Finding>> = batch.iter().map(|_| Vec::new()).collect();
    for finding in findings {
        if let Some(of_command) = usize::try_from(finding.cmd - 1).ok().and_then(|cmd| found.get_mut(cmd)) {
            of_command.push(finding);
        }
    }
    let mut verdicts = Vec::with_capacity(batch.len());
    for (append, findings) in batch.iter().zip(&found) {
        verdicts.push(match landed(findings) {
            Some(position) => Verdict::Committed(Committed {
                position,
                states: states(append, &numbers_of(db, partition, append, since).await?),
            }),
            None => verdict(append, findings),
        });
    }
    Ok(verdicts)
}

fn landed(findings: &[Finding]) -> Option<i64> {
    findings.iter().find(|finding| finding.what == "landed").and_then(|finding| finding.n)
}

/// The numbers a command's new aggregates were given when it landed unnoticed.
async fn numbers_of(
    db: &mut PgConnection,
    partition: i16,
    append: &Append,
    since: Option<i64>,
) -> Result<Vec<(Uuid, i64, Option<String>)>, sqlx::Error> {
    sqlx::query_as(
        "select stream, number, series from log.events \
         where partition = $1 and position > $2 and command = $3 and number is not null",
    )
    .bind(partition)
    .bind(since.unwrap_or(0))
    .bind(append.command)
    .fetch_all(db)
    .await
}

fn verdict(append: &Append, findings: &[Finding]) -> Verdict {
    let is = |what: &'static str| findings.iter().filter(move |finding| finding.what == what);
    let ids = |what| is(what).filter_map(|finding| finding.id).collect::<Vec<_>>();
    if let Some(done) = is("committed").next() {
        let numbers: Vec<_> =
            is("number").filter_map(|f| Some((f.id?, f.n?, f.label.clone()))).collect();
        return Verdict::Committed(Committed { position: done.n.unwrap_or_default(), states: states(append, &numbers) });
    }
    if let Some(before) = is("duplicate").next() {
        let memo = before.label.clone().unwrap_or_default();
        return Verdict::Duplicate { position: before.n.unwrap_or_default(), memo };
    }
    if is("mismatch").next().is_some() {
        return Verdict::Mismatch;
    }
    if is("revoked").next().is_some() {
        return Verdict::Revoked;
    }
    let named = |what| is(what).filter_map(|finding| Some((finding.id?, finding.label.clone()?))).collect::<Vec<_>>();
    match (ids("conflict"), named("missing"), named("taken")) {
        (conflicts, _, _) if !conflicts.is_empty() => Verdict::Conflict(conflicts),
        (_, missing, _) if !missing.is_empty() => Verdict::Missing(missing),
        (_, _, taken) if !taken.is_empty() => Verdict::Taken(taken),
        _ => Verdict::Failed("the log gave no finding for a command".to_owned()),
    }
}

fn states(append: &Append, numbers: &[(Uuid, i64, Option<String>)]) -> Vec<Arc<dyn AnySnapshot>> {
    append
        .writes
        .iter()
        .map(|write| match numbers.iter().find(|(id, ..)| *id == write.id) {
            Some((_, number, series)) => {
                let mut state = write.after.copy();
                state.assign(*number, series.as_deref());
                state.into()
            }
            None => write.after.clone(),
        })
        .collect()
}
