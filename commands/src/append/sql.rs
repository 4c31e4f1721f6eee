//! One call of `log.append`: commands to parallel arrays, findings to verdicts. The function itself is documented
//! where it is defined, in the migrations.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use docket_domain::{AnySnapshot, Claim, Lifecycle};
use docket_failpoints::failpoint;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Append, Committed, Require, Verdict, Write};

const CALL: &str = "select * from log.append(\
    $1,$2,$3,$4,$5::text[]::json[],$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,\
    $27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41,$42::text[]::json[],$43::text[]::json[])";

/// The answer of `log.append`.
#[derive(FromRow)]
struct Judgement {
    positions: Option<Vec<Option<i64>>>,
    numbers: Option<Vec<Option<i64>>>,
    labels: Option<Vec<Option<String>>>,
    cmd: Option<Vec<i32>>,
    what: Option<Vec<String>>,
    id: Option<Vec<Option<Uuid>>>,
    n: Option<Vec<Option<i64>>>,
    label: Option<Vec<Option<String>>>,
}

/// What the log has to say of a command that it did not commit (now).
struct Finding {
    what: String,
    id: Option<Uuid>,
    n: Option<i64>,
    label: Option<String>,
}

impl Judgement {
    /// The findings by command.
    fn findings(&mut self) -> HashMap<i32, Vec<Finding>> {
        let cmds = self.cmd.take().unwrap_or_default().into_iter();
        let what = self.what.take().unwrap_or_default().into_iter();
        let ids = self.id.take().unwrap_or_default().into_iter();
        let ns = self.n.take().unwrap_or_default().into_iter();
        let labels = self.label.take().unwrap_or_default().into_iter();
        let mut by_command = HashMap::<i32, Vec<Finding>>::new();
        for ((((cmd, what), id), n), label) in cmds.zip(what).zip(ids).zip(ns).zip(labels) {
            by_command.entry(cmd).or_default().push(Finding { what, id, n, label });
        }
        by_command
    }

    /// The numbers of the stream at this index.
    fn number(&mut self, stream: usize) -> Option<(i64, Option<String>)> {
        let number = self.numbers.as_ref()?.get(stream).copied()??;
        Some((number, self.labels.as_mut().and_then(|labels| labels.get_mut(stream)?.take())))
    }
}

/// The parameters, in the function's order; see there for what each letter stands for.
#[derive(Default)]
struct Columns<'a> {
    c_id: Vec<Uuid>,
    c_events: Vec<i32>,
    c_metadata: Vec<&'a str>,
    i_cmd: Vec<i32>,
    i_principal: Vec<Uuid>,
    i_key: Vec<&'a [u8]>,
    i_fingerprint: Vec<&'a [u8]>,
    i_memo: Vec<&'a str>,
    s_cmd: Vec<i32>,
    s_workspace: Vec<Uuid>,
    s_kind: Vec<&'static str>,
    s_id: Vec<Uuid>,
    s_expected: Vec<i64>,
    s_added: Vec<i32>,
    s_alive: Vec<Option<bool>>,
    s_expires: Vec<Option<DateTime<Utc>>>,
    s_erases: Vec<bool>,
    s_group: Vec<Option<i32>>,
    s_series: Vec<Option<i32>>,
    g_workspace: Vec<Uuid>,
    g_kind: Vec<&'static str>,
    g_series: Vec<&'a str>,
    r_workspace: Vec<Uuid>,
    r_kind: Vec<&'static str>,
    r_id: Vec<Uuid>,
    r_version: Vec<Option<i64>>,
    r_guard: Vec<bool>,
    x_cmd: Vec<i32>,
    x_require: Vec<i32>,
    k_stream: Vec<i32>,
    k_scope: Vec<&'static str>,
    k_value: Vec<Vec<u8>>,
    k_take: Vec<bool>,
    e_stream: Vec<i32>,
    e_nth: Vec<i32>,
    e_version: Vec<i64>,
    e_type: Vec<&'a str>,
    e_schema: Vec<i16>,
    e_occurred: Vec<DateTime<Utc>>,
    e_payload: Vec<&'a str>,
    e_personal: Vec<Option<&'a str>>,
}

/// Where the things are that several commands of a batch share.
#[derive(Default)]
struct Shared<'a> {
    counters: HashMap<(Uuid, &'static str, &'a str), i32>,
    requires: HashMap<(Uuid, &'a Require), i32>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, append: &'a Append, shared: &mut Shared<'a>) {
        let cmd = self.c_id.len() as i32 + 1;
        self.c_id.push(append.command);
        self.c_events.push(append.writes.iter().map(|write| write.events.len() as i32).sum());
        self.c_metadata.push(&append.metadata);
        if let Some((sent, memo)) = &append.receipt {
            self.i_cmd.push(cmd);
            self.i_principal.push(append.principal);
            self.i_key.push(&sent.key);
            self.i_fingerprint.push(&sent.fingerprint);
            self.i_memo.push(memo);
        }
        for require in &append.requires {
            let require = self.require(append.workspace.0, require, shared);
            self.x_cmd.push(cmd);
            self.x_require.push(require);
        }
        let mut nth = 1;
        for write in &append.writes {
            self.push_write(cmd, append.workspace.0, write, shared);
            self.push_events(write, &mut nth);
        }
    }

    fn require(&mut self, workspace: Uuid, require: &'a Require, shared: &mut Shared<'a>) -> i32 {
        *shared.requires.entry((workspace, require)).or_insert_with(|| {
            self.r_workspace.push(workspace);
            self.r_kind.push(require.kind);
            self.r_id.push(require.id);
            self.r_version.push(require.version);
            self.r_guard.push(require.guard);
            self.r_id.len() as i32
        })
    }

    fn counter(&mut self, workspace: Uuid, kind: &'static str, series: &'a str, shared: &mut Shared<'a>) -> i32 {
        *shared.counters.entry((workspace, kind, series)).or_insert_with(|| {
            self.g_workspace.push(workspace);
            self.g_kind.push(kind);
            self.g_series.push(series);
            self.g_kind.len() as i32
        })
    }

    fn push_write(&mut self, cmd: i32, workspace: Uuid, write: &'a Write, shared: &mut Shared<'a>) {
        let is_new = write.expected == 0;
        let group = is_new.then(|| self.counter(workspace, write.kind, "", shared));
        let series = write.effects.series.as_deref().filter(|_| is_new);
        let series = series.map(|series| self.counter(workspace, write.kind, series, shared));
        self.s_cmd.push(cmd);
        self.s_workspace.push(workspace);
        self.s_kind.push(write.kind);
        self.s_id.push(write.id);
        self.s_expected.push(write.expected);
        self.s_added.push(write.events.len() as i32);
        self.s_alive.push(write.effects.lifecycle.map(|lifecycle| lifecycle == Lifecycle::Alive));
        self.s_expires.push(write.effects.expires_at);
        self.s_erases.push(write.effects.erases);
        self.s_group.push(group);
        self.s_series.push(series);
        for claim in &write.effects.frees {
            self.push_claim(workspace, claim, false);
        }
        for claim in write.effects.takes.iter().filter(|_| !failpoint!("lets-two-timers-run")) {
            self.push_claim(workspace, claim, true);
        }
    }

    fn push_claim(&mut self, workspace: Uuid, claim: &Claim, take: bool) {
        self.k_stream.push(self.s_cmd.len() as i32);
        self.k_scope.push(claim.scope);
        self.k_value.push(digest(workspace, &claim.value));
        self.k_take.push(take);
    }

    fn push_events(&mut self, write: &'a Write, nth: &mut i32) {
        for (version, (event, occurred)) in (write.expected + 1..).zip(&write.events) {
            self.e_stream.push(self.s_cmd.len() as i32);
            self.e_nth.push(*nth);
            self.e_version.push(version);
            self.e_type.push(&event.event_type);
            self.e_schema.push(event.event_version);
            self.e_occurred.push(*occurred);
            self.e_payload.push(event.payload.get());
            self.e_personal.push(event.personal.as_deref().map(RawValue::get));
            *nth += 1;
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
    let mut judgement = send(db, partition, since, batch).await?;
    let findings = judgement.findings();
    let mut verdicts = Vec::with_capacity(batch.len());
    let mut stream = 0;
    for (append, cmd) in batch.iter().zip(1..) {
        let position = judgement.positions.as_ref().and_then(|positions| positions.get(verdicts.len()).copied()?);
        let streams = stream..stream + append.writes.len();
        stream = streams.end;
        verdicts.push(match (position, findings.get(&cmd)) {
            (Some(position), _) => Verdict::Committed(Committed {
                position,
                states: append
                    .writes
                    .iter()
                    .zip(streams)
                    .map(|(write, at)| state(write, judgement.number(at)))
                    .collect(),
            }),
            (None, Some(findings)) => verdict(append, findings),
            (None, None) => Verdict::Failed("the log said nothing of a command".to_owned()),
        });
    }
    Ok(verdicts)
}

async fn send(
    db: &mut PgConnection,
    partition: i16,
    since: Option<i64>,
    batch: &[&Append],
) -> Result<Judgement, sqlx::Error> {
    let mut c = Columns::default();
    let mut shared = Shared::default();
    for append in batch {
        c.push(append, &mut shared);
    }
    sqlx::query_as(CALL)
        .bind(partition)
        .bind(since)
        .bind(c.c_id)
        .bind(c.c_events)
        .bind(c.c_metadata)
        .bind(c.i_cmd)
        .bind(c.i_principal)
        .bind(c.i_key)
        .bind(c.i_fingerprint)
        .bind(c.i_memo)
        .bind(c.s_cmd)
        .bind(c.s_workspace)
        .bind(c.s_kind)
        .bind(c.s_id)
        .bind(c.s_expected)
        .bind(c.s_added)
        .bind(c.s_alive)
        .bind(c.s_expires)
        .bind(c.s_erases)
        .bind(c.s_group)
        .bind(c.s_series)
        .bind(c.g_workspace)
        .bind(c.g_kind)
        .bind(c.g_series)
        .bind(c.r_workspace)
        .bind(c.r_kind)
        .bind(c.r_id)
        .bind(c.r_version)
        .bind(c.r_guard)
        .bind(c.x_cmd)
        .bind(c.x_require)
        .bind(c.k_stream)
        .bind(c.k_scope)
        .bind(c.k_value)
        .bind(c.k_take)
        .bind(c.e_stream)
        .bind(c.e_nth)
        .bind(c.e_version)
        .bind(c.e_type)
        .bind(c.e_schema)
        .bind(c.e_occurred)
        .bind(c.e_payload)
        .bind(c.e_personal)
        .fetch_one(db)
        .await
}

fn verdict(append: &Append, findings: &[Finding]) -> Verdict {
    let is = |what: &'static str| findings.iter().filter(move |finding| finding.what == what);
    let overtaken = || is("changed").chain(is("conflict")).filter_map(|finding| finding.id).collect::<Vec<_>>();
    let named = |what| is(what).filter_map(|finding| Some((finding.id?, finding.label.clone()?))).collect::<Vec<_>>();
    if let Some(landed) = is("landed").next() {
        let number = |write: &Write| {
            is("number")
                .find(|finding| finding.id == Some(write.id))
                .and_then(|found| Some((found.n?, found.label.clone())))
        };
        let states = append.writes.iter().map(|write| state(write, number(write))).collect();
        return Verdict::Committed(Committed { position: landed.n.unwrap_or_default(), states });
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
    match (overtaken(), named("missing"), named("taken")) {
        (conflicts, _, _) if !conflicts.is_empty() => Verdict::Conflict(conflicts),
        (_, missing, _) if !missing.is_empty() => Verdict::Missing(missing),
        (_, _, taken) if !taken.is_empty() => Verdict::Taken(taken),
        _ => Verdict::Failed("the log gave no finding for a command".to_owned()),
    }
}

/// The state that a committed write made, with the numbers the log gave it.
fn state(write: &Write, number: Option<(i64, Option<String>)>) -> Arc<dyn AnySnapshot> {
    match number {
        Some((number, series)) => {
            let number = number + i64::from(failpoint!("answers-another-number"));
            let mut state = write.after.copy();
            state.assign(number, series.as_deref());
            state.into()
        }
        None => write.after.clone(),
    }
}
