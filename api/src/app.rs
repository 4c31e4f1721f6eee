//! What every handler is given.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use docket_commands::{Answer, Commands, Idempotency, Mode, Request};
use docket_domain::{Cause, Intent};
use docket_projections::{Deliveries, Reads};
use uuid::Uuid;

use crate::auth::{Caller, Keys, Vigil};
use crate::edge::sse::Streams;
use crate::limits::{Limits, room};
use crate::problem::Problem;
use crate::webhooks::Sender;

/// How long a command may take before its caller is told to ask again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a process has once. Cheap to clone: every layer of every router has its own.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The write side, the read side, and who may use them.
pub struct Parts {
    /// The write side.
    pub commands: Commands,
    /// The read side.
    pub reads: Reads,
    /// Keys by token.
    pub keys: Keys,
    /// How much is too much.
    pub limits: Arc<Limits>,
    /// What webhooks were sent.
    pub deliveries: Deliveries,
    /// What sends to them.
    pub webhooks: Sender,
    /// The streams that are open.
    pub streams: Streams,
    /// What looks after those who listen.
    pub vigil: Vigil,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Shares them.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time, as precisely as the log keeps it.
    pub fn now() -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    /// Ends a request here that only tries what it asks for, and would come to no event.
    pub fn tried(caller: &Caller) -> Result<(), Problem> {
        caller.rehearsal.as_ref().map_or(Ok(()), |rehearsal| Err(rehearsal.end(Vec::new())))
    }

    /// Carries out intents in the caller's name.
    pub async fn execute(
        &self,
        caller: &Caller,
        idempotency: Option<Idempotency>,
        intents: Vec<Intent>,
        mode: Mode,
    ) -> Result<Answer, Problem> {
        Ok(self.try_execute(caller, idempotency, intents, mode).await??)
    }

    /// The same, leaving it to the caller to say which item was at fault.
    pub async fn try_execute(
        &self,
        caller: &Caller,
        idempotency: Option<Idempotency>,
        intents: Vec<Intent>,
        mode: Mode,
    ) -> Result<Result<Answer, docket_commands::Error>, Problem> {
        self.execute_because(caller, None, idempotency, intents, mode).await
    }

    /// The same because of something that has happened.
    pub async fn execute_because(
        &self,
        caller: &Caller,
        cause: Option<Cause>,
        idempotency: Option<Idempotency>,
        intents: Vec<Intent>,
        mode: Mode,
    ) -> Result<Result<Answer, docket_commands::Error>, Problem> {
        let request = Request {
            command: Uuid::new_v4(),
            workspace: caller.workspace,
            actor: caller.actor,
            key: Some(caller.key),
            role: Some(caller.role),
            cause,
            request_id: caller.request_id.clone(),
            dialect: caller.dialect,
            idempotency,
            now: Self::now(),
            salt: Uuid::new_v4(),
            trace: caller.trace.clone(),
        };
        room::hold_write(&self.commands)?;
        if let Some(rehearsal) = &caller.rehearsal {
            return match self.commands.rehearse(request, intents, mode).await {
                Ok(events) => Err(rehearsal.end(events)),
                Err(error) => Ok(Err(error)),
            };
        }
        match tokio::time::timeout(PATIENCE, self.commands.execute(request, intents, mode)).await {
            Ok(answer) => Ok(answer),
            Err(_) => Err(Problem::unavailable(1).with_detail(
                "The outcome is not known yet. Send the same request again with the same Idempotency-Key.",
            )),
        }
    }
}
