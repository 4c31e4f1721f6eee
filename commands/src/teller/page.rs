//! Some commands' events on their way to being told: what has to be known of each, and the notifications that come of it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate as _;
use docket_domain::comment::Comment;
use docket_domain::ids::{self, MemberId, TaskId, WorkspaceId};
use docket_domain::member::Member;
use docket_domain::notification::{self, Notification};
use docket_domain::preferences::{self, Preferences};
use docket_domain::snapshot::Snapshot;
use docket_domain::sprint::Sprint;
use docket_domain::task::Task;
use docket_domain::telling::{self, Happened, Notice, Person, Reason, Surroundings};
use docket_domain::{Actor, Aggregate, AnySnapshot, Cause, Intent, Recorded, kinds};
use docket_failpoints::failpoint;
use uuid::Uuid;

use super::Teller;
use super::agenda::Agenda;
use crate::{Error, Mode, Request, log};

/// So many commands are told at a time.
const AT_ONCE: usize = 64;
/// The kinds that anybody is told of.
const TOLD: [&str; 4] = [Task::TYPE, Comment::TYPE, Sprint::TYPE, Member::TYPE];

/// Some commands.
pub(super) struct Page<'a> {
    teller: &'a Teller,
    partition: i16,
    agenda: Agenda,
    people: HashMap<WorkspaceId, Vec<Person>>,
    wishes: HashMap<MemberId, Preferences>,
    sends: Vec<Send>,
}

/// What is sent together.
pub(super) struct Send {
    /// What makes this another than all others.
    pub seed: Uuid,
    /// The command because of which it is sent.
    pub cause: Option<Cause>,
    pub workspace: WorkspaceId,
    pub request_id: String,
    pub at: DateTime<Utc>,
    pub notices: Vec<Notice>,
}

impl Send {
    fn command(self) -> (Request, Vec<Intent>) {
        let request = Request {
            command: ids::derived("docket telling", &[self.seed]),
            workspace: self.workspace,
            actor: Actor::System,
            key: None,
            role: None,
            cause: self.cause,
            request_id: self.request_id,
            dialect: "docket",
            idempotency: None,
            now: self.at,
            // Nothing in a notification is kept beside it.
            salt: Uuid::nil(),
            trace: None,
        };
        let send = |notice: Notice| Intent::new::<Notification>(notice.id, notification::Command::Send(notice.sent));
        (request, self.notices.into_iter().map(send).collect())
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(teller: &'a Teller, partition: i16) -> Self {
        let (people, wishes) = (HashMap::new(), HashMap::new());
        Self { teller, partition, agenda: Agenda::default(), people, wishes, sends: Vec::new() }
    }

    /// Takes in the events of one command.
    pub(super) async fn take_in(&mut self, events: &[Recorded]) -> Result<(), Error> {
        let mut reasons = Vec::new();
        for event in events.iter().filter(|event| TOLD.contains(&event.kind.as_str())) {
            let (before, after) = self.states(event).await?;
            reasons.extend(self.reasons(event, before.as_deref(), after.as_ref()).await?);
            if event.kind == Task::TYPE {
                self.agenda.note(event, after.as_ref());
            }
        }
        let Some(first) = events.first().filter(|_| !reasons.is_empty()) else { return Ok(()) };
        for member in reasons.iter().map(|reason| reason.member) {
            if let std::collections::hash_map::Entry::Vacant(vacant) = self.wishes.entry(member) {
                vacant.insert(self.teller.wishes(first.workspace, member).await?);
            }
        }
        let (everything, wishes) = (Preferences::default(), &self.wishes);
        let mut notices = telling::notices(first.command, reasons, |member| wishes.get(&member).unwrap_or(&everything));
        if failpoint!("drops-a-notification") {
            notices.pop();
        }
        if failpoint!("tells-twice") {
            notices.extend(notices.last().cloned().map(|one| Notice { id: ids::derived("again", &[one.id]), ..one }));
        }
        let request_id = first.metadata.request_id.clone();
        let (seed, workspace, at) = (first.command, first.workspace, first.recorded_at);
        let cause = Some(Cause { command: seed, position: first.position });
        self.sends.push(Send { seed, cause, workspace, request_id, at, notices });
        Ok(())
    }

    /// Sends what there is to send, in the order in which it happened: in this order it is listed and streamed. What
    /// remains is to note how far this is.
    pub(super) async fn send(self) -> Result<Agenda, Error> {
        let mut sends = self.sends.into_iter();
        while sends.len() > 0 {
            self.teller.send(sends.by_ref().take(AT_ONCE)).await?;
        }
        Ok(self.agenda)
    }

    /// The event's aggregate before and after it.
    async fn states(&self, event: &Recorded) -> Result<(Option<Arc<dyn AnySnapshot>>, Arc<dyn AnySnapshot>), Error> {
        let states = &self.teller.states;
        let remembered = states.get(&event.stream).filter(|state| state.version() + 1 == event.version);
        let before = match remembered {
            Some(state) => state,
            None => {
                let blank = kinds::blank(&event.kind, event.stream);
                let blank = blank.ok_or_else(|| Error::Bug(format!("there is no kind {}", event.kind)))?;
                if event.version == 1 {
                    blank.into()
                } else {
                    self.teller.commands.store().at_version(event.workspace, blank, event.version - 1).await?
                }
            }
        };
        let mut after = before.copy();
        after.fold(event)?;
        let after: Arc<dyn AnySnapshot> = after.into();
        states.insert(event.stream, after.clone());
        Ok((Some(before).filter(|before| before.version() > 0), after))
    }

    async fn reasons(
        &mut self,
        event: &Recorded,
        before: Option<&dyn AnySnapshot>,
        after: &dyn AnySnapshot,
    ) -> Result<Vec<Reason>, Error> {
        let (mut task, mut talkers) = (None, Vec::new());
        if let Some(Snapshot { state: comment, .. }) = after.as_any().downcast_ref::<Snapshot<Comment>>() {
            let found = self.teller.task_before(event, comment.task_id).await?;
            if event.event_type == "comment.created" {
                talkers = self.teller.talkers(event, comment, &found).await?;
            }
            task = Some(found.state);
        }
        let sprinters = match event.event_type.as_str() {
            "sprint.started" | "sprint.closed" => {
                self.agenda.sprinters(&self.teller.pool, self.partition, event.stream).await?
            }
            _ => Vec::new(),
        };
        let may_name = matches!(event.kind.as_str(), Task::TYPE | Comment::TYPE) && event.payload.get().contains('@');
        if may_name && !self.people.contains_key(&event.workspace) {
            self.people.insert(event.workspace, self.teller.people(event.workspace, self.partition).await?);
        }
        let people = self.people.get(&event.workspace).map_or(&[][..], Vec::as_slice);
        let around = Surroundings { task: task.as_ref(), talkers: &talkers, sprinters: &sprinters, people };
        Ok(telling::reasons(&Happened { event, before, after }, &around))
    }
}

impl Teller {
    /// Sends notifications: each once, whoever tries however often. One whose member or subject is gone is not sent.
    pub(super) async fn send(&self, sends: impl Iterator<Item = Send>) -> Result<(), Error> {
        let sends = sends.filter(|send| !send.notices.is_empty());
        let (lost, commands): (Vec<_>, Vec<_>) =
            sends.map(|send| ((send.seed, send.notices.len() as u64), send.command())).unzip();
        let answers = self.commands.execute_in_order(commands, Mode::PerItem).await?;
        for (answer, (seed, lost)) in answers.into_iter().zip(lost) {
            match answer {
                Ok(answer) => {
                    let sent = answer.items.iter().flatten().filter(|outcome| outcome.changed).count();
                    metrics::counter!("docket_teller_sent_total").increment(sent as u64);
                }
                Err(error @ (Error::Unavailable(_) | Error::Contended)) => return Err(error),
                // Nothing would be told any more because of one thing that can't be.
                Err(error) => {
                    tracing::error!(%error, %seed, lost, "notifications can't be sent");
                    metrics::counter!("docket_teller_lost_total").increment(lost);
                }
            }
        }
        Ok(())
    }

    /// What a member wants to be told.
    pub(super) async fn wishes(&self, workspace: WorkspaceId, member: MemberId) -> Result<Preferences, Error> {
        self.now::<Preferences>(workspace, preferences::id_of(member)).await
    }

    /// A task as it was when something happened, however late that is come to: so whom it concerns does not depend on when.
    async fn task_before(&self, event: &Recorded, id: TaskId) -> Result<Snapshot<Task>, Error> {
        let mut task = Snapshot::blank(id.0);
        let events = self.commands.store().events(event.workspace, id.0).await?;
        for earlier in events.iter().take_while(|earlier| earlier.position < event.position) {
            task.fold(earlier)?;
        }
        Ok(task)
    }

    /// The present state of an aggregate, from the log: what is cached is only ever checked when something is written.
    pub(super) async fn now<A: Aggregate<Command: std::marker::Send + Sync>>(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
    ) -> Result<A, Error> {
        let (state, _) = self.commands.store().load(workspace, Box::new(Snapshot::<A>::blank(id)), true).await?;
        let snapshot = state.as_any().downcast_ref::<Snapshot<A>>();
        snapshot.map(|snapshot| snapshot.state.clone()).ok_or_else(|| Error::Bug(format!("{id} is something else")))
    }

    /// The members of a workspace: those who hold an e-mail address.
    async fn people(&self, workspace: WorkspaceId, partition: i16) -> Result<Vec<Person>, Error> {
        let mut people: HashMap<Uuid, Snapshot<Member>> = HashMap::new();
        for event in log::holders(&self.pool, partition, workspace, "member.email").await? {
            people.entry(event.stream).or_insert_with(|| Snapshot::blank(event.stream)).fold(&event)?;
        }
        let person = |member: Snapshot<Member>| {
            let Member { name, email, .. } = member.state;
            Person { id: MemberId(member.id), name, email: email.unwrap_or_default() }
        };
        Ok(people.into_values().filter(|member| member.state.alive()).map(person).collect())
    }
}
