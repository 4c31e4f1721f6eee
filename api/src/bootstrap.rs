//! The first things of a workspace, written in one command: itself, its owner and the owner's keys.

use docket_commands::{Commands, Error, ItemError, Mode, Request};
use docket_domain::api_key::{self, ApiKey, Mint};
use docket_domain::ids::{KeyId, MemberId, WorkspaceId};
use docket_domain::member::{self, Member, Role, ownership};
use docket_domain::workspace::{self, Plan, Workspace};
use docket_domain::{Actor, Intent, key_ring};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::auth::access;
use crate::auth::token::{Format, Token};

/// A workspace that is to be, or is: ids and tokens are drawn before anything is written, so that writing it can be
/// tried again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Founding {
    /// The workspace's id.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The owner's id.
    pub owner_id: MemberId,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's e-mail address.
    pub owner_email: String,
    /// The owner's keys, all with full rights.
    pub keys: Vec<FirstKey>,
}

/// A key of the owner.
#[derive(Clone, Serialize, Deserialize)]
pub struct FirstKey {
    /// Its id.
    pub id: KeyId,
    /// In which product's form it is written.
    pub format: String,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for FirstKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstKey").field("id", &self.id).field("format", &self.format).finish_non_exhaustive()
    }
}

impl Founding {
    /// Draws the ids and tokens of a new workspace.
    pub fn draw(name: &str, owner_name: &str, owner_email: &str, formats: &[Format]) -> Self {
        let key = |format: &Format| FirstKey {
            id: KeyId(Uuid::new_v4()),
            format: format.name().to_owned(),
            token: Token::mint(*format, rand::random()).expose().to_owned(),
        };
        Self {
            workspace_id: WorkspaceId(Uuid::new_v4()),
            name: name.to_owned(),
            owner_id: MemberId(Uuid::new_v4()),
            owner_name: owner_name.to_owned(),
            owner_email: owner_email.to_owned(),
            keys: formats.iter().map(key).collect(),
        }
    }

    /// Writes the workspace, unless it is there already. Answers the position it is readable from, if it was written.
    pub async fn found(&self, commands: &Commands) -> anyhow::Result<Option<i64>> {
        let request = Request {
            command: Uuid::new_v4(),
            workspace: self.workspace_id,
            actor: Actor::System,
            key: None,
            role: None,
            cause: None,
            request_id: Uuid::new_v4().to_string(),
            dialect: "bootstrap",
            idempotency: None,
            now: App::now(),
            salt: Uuid::new_v4(),
            trace: None,
        };
        match commands.execute(request, self.intents()?, Mode::Atomic).await {
            Ok(answer) => Ok(answer.position),
            Err(Error::Item { index: 0, error: ItemError::Refused(refusal) }) if refusal.code == "already-exists" => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn intents(&self) -> anyhow::Result<Vec<Intent>> {
        let create =
            workspace::Command::Create { name: self.name.clone(), plan: Plan::Enterprise, locale: "en".to_owned() };
        let invite = member::Command::Invite {
            email: self.owner_email.clone(),
            name: self.owner_name.clone(),
            role: Role::Admin,
        };
        let mut intents = vec![
            Intent::new::<Workspace>(self.workspace_id.0, create),
            Intent::new::<Member>(self.owner_id.0, invite),
            Intent::new::<Member>(self.owner_id.0, member::Command::Join),
        ];
        intents.extend(ownership::change_role(self.workspace_id, self.owner_id, Role::Owner, Role::Owner));
        for key in &self.keys {
            intents.push(Intent::new::<ApiKey>(key.id.0, api_key::Command::Mint(self.mint(key)?)));
            intents.push(key_ring::of(
                self.workspace_id,
                self.owner_id,
                key_ring::Command::Add { key_id: key.id, expires_at: None },
            ));
        }
        Ok(intents)
    }

    fn mint(&self, key: &FirstKey) -> anyhow::Result<Mint> {
        let token = Token::parse(&key.token).ok_or_else(|| anyhow::anyhow!("a token of the first keys is damaged"))?;
        Ok(Mint {
            label: format!("{} ({})", self.owner_name, key.format),
            member_id: Some(self.owner_id),
            role: Role::Owner,
            scopes: vec![access::ADMIN.to_owned()],
            format: key.format.clone(),
            kid: token.kid(),
            sha256: hex::encode(token.sha256()),
            expires_at: None,
        })
    }
}
