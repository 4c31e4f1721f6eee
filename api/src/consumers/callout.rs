//! Who may come in: asked by the server with every connection, answered from the keys.

use std::net::IpAddr;
use std::sync::Arc;

use async_nats::{Client, Message};
use chrono::Utc;
use docket_projections::Reads;
use futures::StreamExt;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Names;
use super::grants::Grants;
use super::guests::Guests;
use super::jwt;
use super::keeper::Keeper;
use super::pass::Pass;
use crate::auth::Keys;
use crate::auth::token::Token;
use crate::limits::Limits;

const QUESTIONS: &str = "$SYS.REQ.USER.AUTH";
/// Nodes share the questions.
const GROUP: &str = "docket";
/// So many are answered at a time; others wait, and the server gives up on them after five seconds.
const AT_ONCE: usize = 32;

/// Answers the server's questions. Cheap to clone.
#[derive(Clone)]
pub(super) struct Callout {
    auth: Client,
    keeper: Keeper,
    names: Names,
    reads: Reads,
    keys: Keys,
    limits: Arc<Limits>,
    guests: Guests,
    issuer: Arc<KeyPair>,
}

/// A question.
struct Asked {
    server: String,
    user: String,
    peer: Option<IpAddr>,
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
            peer: nats["client_info"]["host"].as_str().and_then(|host| host.parse().ok()),
            token: Token::parse(token),
        })
    }
}

impl Callout {
    pub(super) fn new(
        auth: Client,
        keeper: Keeper,
        names: Names,
        (reads, limits): (Reads, Limits),
        guests: Guests,
        issuer: KeyPair,
    ) -> Self {
        let keys = Keys::new(reads.clone());
        Self { auth, keeper, names, reads, keys, limits: Arc::new(limits), guests, issuer: Arc::new(issuer) }
    }

    /// Answers until told to stop.
    pub(super) async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut questions = self.auth.queue_subscribe(QUESTIONS, GROUP.to_owned()).await?;
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let asked = async {
            while let (Some(question), Ok(place)) = (questions.next().await, room.clone().acquire_owned().await) {
                let callout = self.clone();
                tokio::spawn(async move {
                    callout.answer(question).await;
                    drop(place);
                });
            }
        };
        shutdown.run_until_cancelled(asked).await;
        Ok(())
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
        let key = self.keys.admit(token, asked.peer, &self.limits).await;
        let key = key.map_err(|problem| anyhow::anyhow!("{}", problem.code))?;
        // It may have been known for a second.
        self.reads.check(&Pass::of(&key).reader()).await?;
        anyhow::ensure!(self.guests.have_room_for(key.id()), "the key has as many connections as it may have");
        let grants = Grants::of(&key, &self.names).ok_or_else(|| anyhow::anyhow!("the key may hear nothing"))?;
        self.keeper.keep(&grants).await?;
        let claims = grants.claims(&asked.user, &self.issuer.public_key(), &self.names, Utc::now().timestamp());
        jwt::signed(&self.issuer, &claims)
    }
}
