//! One request to a dialect, with all that an answer takes.

use axum::body::Bytes;
use axum::http::request::Parts;
use docket_commands::{Answer, Idempotency, Mode};
use docket_domain::Intent;
use docket_projections::{Doc, ListQuery, Moment, Op, Value, View};
use uuid::Uuid;

use super::dialect::{Dialect, Operation, Resource};
use super::ids::{Ids, Kind, Numbers};
use super::inbound::Object;
use super::memo::Memo;
use super::outbound;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional::IfMatch;
use crate::edge::json;
use crate::edge::listing::{self, AS_OF};
use crate::edge::moment;
use crate::edge::query::pairs;
use crate::problem::Problem;
use crate::routes::notifications;

/// What is known from earlier requests to any dialect: nothing that could change. Cheap to clone.
#[derive(Clone, Default)]
pub struct Memory {
    /// The numbers of resources.
    pub numbers: Numbers,
    /// What lists have shown.
    pub memo: Memo,
}

/// One request.
pub struct Call {
    /// What answers it.
    pub app: App,
    /// What is known from earlier requests.
    pub memory: Memory,
    /// Whose API it was sent to.
    pub dialect: &'static Dialect,
    /// What is asked.
    pub operation: &'static Operation,
    /// Who asks; nobody, where anybody may.
    pub caller: Option<Caller>,
    /// What stands for the path's parameters, in order.
    pub path: Vec<String>,
    /// Method, address and headers.
    pub parts: Parts,
    /// The body.
    pub body: Bytes,
    /// The idempotency key and what makes the request what it is.
    pub idempotency: Option<Idempotency>,
    /// The versions the caller would change.
    pub if_match: IfMatch,
}

impl Call {
    /// Who asks.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(Problem::unauthorized)
    }

    /// The ids that are spoken of.
    pub fn ids(&self) -> Result<Ids<'_>, Problem> {
        Ok(Ids::new(self.dialect.ids, &self.app, self.caller()?, &self.memory.numbers))
    }

    /// The query string.
    pub fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The body's members.
    pub fn object(&self) -> Result<Object, Problem> {
        json::parse(&self.body)
    }

    /// The id that the path names, by the place of its parameter. 404 if it can't be one.
    pub async fn id(&self, place: usize, resource: &Resource, ids: &mut Ids<'_>) -> Result<Uuid, Problem> {
        let Some((kind, text)) = resource.kind().zip(self.path.get(place)) else { return Err(Problem::not_found()) };
        ids.learn_numbers(kind, super::ids::number(text).into_iter().collect()).await?;
        ids.known.read(kind, text).ok_or_else(Problem::not_found)
    }

    /// The id of what has this name. 422 if nothing has.
    pub async fn named(&self, kind: &Kind, name: &str) -> Result<Uuid, Problem> {
        let query = ListQuery::default().with(kind.list, "name", Op::Is, vec![Value::Text(name.to_owned())]);
        let page = self.app.reads.list(&self.caller()?.reader(), kind.list, &query).await?;
        let found = page.docs.iter().next().map(outbound::Doc::read).transpose()?.and_then(|doc| doc.uuid("id"));
        found.ok_or_else(|| Problem::field("/name", "not-found", "does not exist"))
    }

    /// The moment that is asked for, if it is not now. What is done is done now.
    pub fn as_of(&self) -> Result<Option<Moment>, Problem> {
        let sent = pairs(self.query())?;
        let sent = sent.iter().find(|(name, _)| name == AS_OF && self.parts.method.is_safe());
        moment::as_of(sent.map(|(_, value)| value.as_ref()), self.caller()?.partition)
    }

    /// One native resource, as it is now, or was then. 404 if there is none.
    pub async fn find(&self, resource: &Resource, id: Uuid) -> Result<Doc, Problem> {
        let list = resource.native.list;
        let mut asked = Vec::new();
        if !resource.expand.is_empty() {
            asked.push(("expand".into(), resource.expand.into()));
        }
        let view = View { as_of: self.as_of()?, ..listing::view_of(list, &asked, self.caller()?.partition)? };
        self.write_presence(resource).await;
        let found = self.app.reads.get(&self.caller()?.reader(), list, id, &view).await?;
        let found = found.ok_or_else(Problem::not_found)?;
        let Some(whose) = resource.native.whose else { return Ok(found) };
        let member = outbound::Doc::read(&found.json)?.uuid(whose);
        if member == Some(notifications::me(self.caller()?)?.0) { Ok(found) } else { Err(Problem::not_found()) }
    }

    /// Who was seen until now is known to whoever reads next, if the resource shows it.
    pub async fn write_presence(&self, resource: &Resource) {
        if resource.native.presence {
            self.app.reads.write_seen().await;
        }
    }

    /// Carries out intents in the caller's name.
    pub async fn execute(&self, intents: Vec<Intent>) -> Result<Answer, Problem> {
        self.app.execute(self.caller()?, self.idempotency, intents, Mode::Atomic).await
    }

    /// The resource that commands to it left behind, as they show it, and its version.
    pub async fn outcome(
        &self,
        resource: &'static Resource,
        answer: &Answer,
        ids: &mut Ids<'_>,
    ) -> Result<(String, i64), Problem> {
        let last = answer.items.last().ok_or_else(Problem::internal)?;
        let state = &last.as_ref().map_err(|error| Problem::from(error.clone()))?.state;
        let doc = if resource.native.derived || !resource.expand.is_empty() {
            self.find(resource, state.id()).await?
        } else {
            Doc { version: state.version(), json: state.to_json() }
        };
        Ok((outbound::one(resource, &doc.json, ids).await?, doc.version))
    }
}

impl Resource {
    /// What its own ids are of.
    pub fn kind(&self) -> Option<&'static Kind> {
        self.fields.iter().filter(|field| field.ours == "id").find_map(|field| match field.codec {
            super::field::Codec::Id(kind) => Some(kind),
            _ => None,
        })
    }
}
