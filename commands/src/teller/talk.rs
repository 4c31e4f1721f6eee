//! Who talks about a task: whoever made it, and whoever has said something about it. They are told what others say later.
//!
//! It is noted as the comments are come to. Each note follows from an event, and counts for what happens after it: so it
//! does not matter how often a comment is come to, nor by whom.

use docket_domain::comment::Comment;
use docket_domain::ids::MemberId;
use docket_domain::snapshot::Snapshot;
use docket_domain::task::Task;
use docket_domain::{Actor, Recorded};
use uuid::Uuid;

use super::Teller;
use crate::Error;

/// The author of a comment talks from then on; answers who did before.
const TALK: &str = "with noted as (insert into log.talkers (partition, task, member, workspace, since) \
                    select $1, $2, author, $4, $5 from (values ($3::uuid)) new(author) where author is not null \
                    on conflict do nothing) \
                    select member from log.talkers where partition = $1 and task = $2 and since < $5";

impl Teller {
    /// Who has made a task or talked about it before this comment.
    pub(super) async fn talkers(
        &self,
        event: &Recorded,
        comment: &Comment,
        task: &Snapshot<Task>,
    ) -> Result<Vec<MemberId>, Error> {
        let talks =
            sqlx::query_scalar::<_, Uuid>(TALK).bind(event.partition).bind(task.id).bind(member(comment.author));
        let before = talks.bind(event.workspace.0).bind(event.position).fetch_all(&self.pool).await?;
        Ok(before.into_iter().chain(member(task.created_by)).map(MemberId).collect())
    }
}

fn member(actor: Actor) -> Option<Uuid> {
    match actor {
        Actor::Member(member) => Some(member.0),
        _ => None,
    }
}
