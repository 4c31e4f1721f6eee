//! Who may come in: asked by the server with every connection, answered from the keys. Whoever is in is looked after: a
//! key that is revoked is sent away within two seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::{Client, Message};
use chrono::Utc;
use docket_projections::{ReadAs, Reads};
use futures::StreamExt;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Names;
use super::grants::Grants;
use super::jwt;
use crate::auth::token::Token;
use crate::auth::{Keys, Known};

const QUESTIONS: &str = "$SYS.REQ.USER.AUTH";
/// Nodes share the questions.
const GROUP: &str = "docket";
const CHECK: Duration = Duration::from_millis(500);
/// A connection is asked about again before that.
const FORGOTTEN: Duration = Duration::from_mins(6);
/// A consumer that nobody comes for is forgotten after that.
const UNUSED: Duration = Duration::from_hours(30 * 24);

/// Answers the server's questions. Cheap to clone.
#[derive(Clone)]
pub(super) struct Callout {
    auth: Client,
    system: Client,
    jetstream: jetstream::Context,
    names: Names,
    reads: Reads,
    keys: Arc<Keys>,
    issuer: Arc<KeyPair>,
    inside: Arc<Mutex<HashMap<(String, u64), Inside>>>,
}

/// Somebody who was let in.
#[derive(Clone)]
struct Inside {
    token: String,
    reader: ReadAs,
    consumer: String,
    since: Instant,
}

/// A question.
struct Asked {
    server: String,
    user: String,
    connection: u64,
    token: Option<Token>,
}

impl Asked {
    fn read(message: &Message) -> Option<Self> {
        let claims = jwt::claims(&message.payload)?;
        let (nats, text) = (&claims["nats"], |value: &Value| value.as_str().map(str::to_owned));
        let options = &nats["connect_opts"];
        let token = options["auth_token"].as_str().or(options["pass"].as_str()).unwrap_or_default();
        Some(Self {
            server: text(&nats["server_id"]["id"])?,
            user: text(&nats["user_nkey"])?,
            connection: nats["client_info"]["id"].as_u64()?,
            token: Token::parse(token),
        })
    }
}

impl Callout {
    pub(super) fn new(
        auth: Client,
        system: Client,
        jetstream: jetstream::Context,
        names: Names,
        (reads, keys): (Reads, Arc<Keys>),
        issuer: KeyPair,
    ) -> Self {
        Self { auth, system, jetstream, names, reads, keys, issuer: Arc::new(issuer), inside: Arc::default() }
    }

    /// Answers until told to stop.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let mut checks = interval(CHECK);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut questions = match self.auth.queue_subscribe(QUESTIONS, GROUP.to_owned()).await {
            Ok(questions) => questions,
            Err(error) => return tracing::error!(%error, "nobody can come in over NATS"),
        };
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                question = questions.next() => {
                    let Some(question) = question else { return };
                    let callout = self.clone();
                    tokio::spawn(async move { callout.answer(question).await });
                }
                _ = checks.tick() => self.look_after().await,
            }
        }
    }

    async fn answer(&self, question: Message) {
        let (Some(asked), Some(reply)) = (Asked::read(&question), question.reply.clone()) else { return };
        let decided = self.decide(&asked).await;
        let (jwt, error) = match decided {
            Ok(jwt) => (jwt, String::new()),
            Err(error) => {
                tracing::debug!(%error, "a consumer is not let in");
                (String::new(), "unauthorized".to_owned())
            }
        };
        let claims = json!({
            "iss": self.issuer.public_key(), "sub": asked.user, "aud": asked.server, "iat": Utc::now().timestamp(),
            "jti": asked.user,
            "nats": {"type": "authorization_response", "version": 2, "jwt": jwt, "error": error},
        });
        if let Ok(answer) = jwt::signed(&self.issuer, &claims) {
            let _ = self.auth.publish(reply, answer.into()).await;
        }
    }

    async fn decide(&self, asked: &Asked) -> anyhow::Result<String> {
        let token = asked.token.as_ref().ok_or_else(|| anyhow::anyhow!("no key"))?;
        let key = self.known(token).await.ok_or_else(|| anyhow::anyhow!("not a key that works"))?;
        let grants = Grants::of(&key, &self.names).ok_or_else(|| anyhow::anyhow!("the key may hear nothing"))?;
        self.keep_consumer(&grants).await?;
        let claims = grants.claims(&asked.user, &self.issuer.public_key(), &self.names, Utc::now().timestamp());
        let inside = Inside {
            token: token.expose().to_owned(),
            reader: reader(&key),
            consumer: grants.consumer,
            since: Instant::now(),
        };
        let mut all = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((asked.server.clone(), asked.connection), inside);
        drop(all);
        jwt::signed(&self.issuer, &claims)
    }

    async fn known(&self, token: &Token) -> Option<Arc<Known>> {
        let known = self.keys.look_up(token).await.ok().flatten()?;
        self.reads.check(&reader(&known)).await.ok()?;
        Some(known)
    }

    /// The key's own consumer, which remembers what it has had: whoever was away gets all of it.
    async fn keep_consumer(&self, grants: &Grants) -> anyhow::Result<()> {
        let stream = self.names.ensure_stream(&self.jetstream).await?;
        let config = pull::Config {
            durable_name: Some(grants.consumer.clone()),
            filter_subjects: grants.brings(&self.names),
            ack_policy: AckPolicy::Explicit,
            deliver_policy: DeliverPolicy::New,
            inactive_threshold: UNUSED,
            ..pull::Config::default()
        };
        stream.create_consumer(config).await?;
        Ok(())
    }

    /// Sends away whose key has ended.
    async fn look_after(&self) {
        let all: Vec<((String, u64), Inside)> = {
            let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
            inside.retain(|_, one| one.since.elapsed() < FORGOTTEN);
            inside.iter().map(|(place, one)| (place.clone(), one.clone())).collect()
        };
        for (place, one) in all {
            let is_welcome = match self.reads.check(&one.reader).await {
                Ok(()) => match Token::parse(&one.token) {
                    Some(token) => self.keys.known(&token).is_some() || self.known(&token).await.is_some(),
                    None => false,
                },
                // If the database is away, nothing is known of anybody.
                Err(docket_projections::Error::Revoked) => false,
                Err(_) => continue,
            };
            if is_welcome {
                continue;
            }
            let kick = json!({"cid": place.1}).to_string();
            let sent = self.system.request(format!("$SYS.REQ.SERVER.{}.KICK", place.0), kick.into()).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "a consumer can't be sent away; it will be in a moment");
                continue;
            }
            if let Ok(stream) = self.jetstream.get_stream(self.names.stream()).await {
                let _ = stream.delete_consumer(&one.consumer).await;
            }
            self.inside.lock().unwrap_or_else(PoisonError::into_inner).remove(&place);
        }
    }
}

fn reader(key: &Known) -> ReadAs {
    ReadAs { workspace: key.workspace(), key: key.id(), min_position: None }
}
