//! `POST /v1/notifications`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_commands::{Error, ItemError, Mode};
use docket_domain::ids::{MemberId, ProjectId, TaskId};
use docket_domain::notification::{self, Command, Sent};
use docket_domain::{Actor, Intent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Notification;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Id, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// Something to tell people.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendNotification {
    /// Whom: up to 100 members; oneself, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 100)]
    recipient_ids: Option<Vec<Id>>,
    /// What kind of thing it is: a word of `a–z`, `0–9`, `.`, `-` and `_`; `message` unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 50, example = "deploy")]
    kind: Option<Line<1, 50>>,
    /// One line.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Version 2 is live")]
    title: Line<1, 200>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5000)]
    body: Option<Text<0, 5_000>>,
    /// Where it leads: `https://…`, `http://…` or `/…`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000, example = "https://example.org/releases/2")]
    link: Option<Line<1, 2_000>>,
    /// What it is about.
    #[serde(default)]
    subject: Option<About>,
}

/// What a notification is about.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its kind.
    #[serde(rename = "type")]
    of: Kind,
    /// Its id.
    #[schema(value_type = Uuid)]
    id: Id,
}

/// What notifications can be about.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SubjectType)]
pub enum Kind {
    /// A task.
    Task,
    /// A project.
    Project,
}

/// What was sent: one notification for each recipient, in their order.
#[derive(Serialize, ToSchema)]
pub struct SentNotifications {
    /// The notifications.
    data: Vec<Notification>,
}

/// How many recipients there may be.
const MOST: usize = 100;

impl SendNotification {
    fn recipients(&self, caller: &Caller) -> Result<Vec<MemberId>, Problem> {
        let Some(ids) = &self.recipient_ids else {
            return match caller.actor {
                Actor::Member(id) => Ok(vec![id]),
                _ => {
                    Err(Problem::field("/recipient_ids", "required", "This key acts for no member: say whom to tell."))
                }
            };
        };
        if !(1..=MOST).contains(&ids.len()) {
            return Err(Problem::field("/recipient_ids", "out-of-range", format!("1 to {MOST} members can be told.")));
        }
        if let Some(at) = (1..ids.len()).find(|at| ids[..*at].contains(&ids[*at])) {
            let detail = "Each member is told once.";
            return Err(Problem::field(format!("/recipient_ids/{at}"), "duplicate-value", detail));
        }
        Ok(ids.iter().map(|id| MemberId(id.0)).collect())
    }

    /// One intent for each recipient.
    pub fn intents(&self, caller: &Caller) -> Result<Vec<Intent>, Problem> {
        let send =
            |member| Intent::create::<notification::Notification>(Uuid::new_v4(), Command::Send(self.to(member)));
        Ok(self.recipients(caller)?.into_iter().map(send).collect())
    }

    fn to(&self, member_id: MemberId) -> Sent {
        let subject = self.subject.as_ref().map(|About { of, id }| match of {
            Kind::Task => notification::Subject::Task(TaskId(id.0)),
            Kind::Project => notification::Subject::Project(ProjectId(id.0)),
        });
        Sent {
            member_id,
            kind: self.kind.as_ref().map_or("message", |kind| kind.as_str()).to_owned(),
            title: self.title.as_str().to_owned(),
            body: self.body.as_ref().map(|body| body.as_str().to_owned()),
            link: self.link.as_ref().map(|link| link.as_str().to_owned()),
            subject,
            only: None,
        }
    }
}

/// Tell members something: all of them, or none.
#[utoipa::path(post, path = "/v1/notifications", tag = "notifications", operation_id = "send_notification",
    request_body = SendNotification,
    responses((status = 201, description = "One notification for each recipient.", body = SentNotifications)))]
pub async fn send_notification(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<SendNotification>,
) -> Result<Response, Problem> {
    let intents = body.intents(&caller)?;
    let answer = app.try_execute(&caller, idempotency, intents, Mode::Atomic).await?.map_err(blame)?;
    let mut sent = Vec::with_capacity(answer.items.len());
    for item in &answer.items {
        sent.push(item.as_ref().map_err(|error| Problem::from(error.clone()))?.state.to_json());
    }
    Ok(respond::stamp(&answer, respond::json(StatusCode::CREATED, format!("{{\"data\":[{}]}}", sent.join(",")))))
}

/// Whoever is unknown has their own place in the request.
fn blame(error: Error) -> Problem {
    match error {
        Error::Item { index, error: ItemError::Refused(refusal) }
            if refusal.pointer.as_deref() == Some("/member_id") =>
        {
            refusal.at(format!("/recipient_ids/{index}")).into()
        }
        other => other.into(),
    }
}
