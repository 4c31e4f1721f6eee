//! One notification of all that one command means to one person: whoever changes many tasks at once tells each person
//! once.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Kind, Reason, id_of};
use crate::ids::MemberId;
use crate::notification::Sent;
use crate::preferences::Preferences;

/// So many things are listed.
const LISTED: usize = 20;

/// A notification that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its id, which follows from why it is sent.
    pub id: Uuid,
    /// What it says, and to whom.
    pub sent: Sent,
}

/// What is sent because of a command, to each as they want it.
pub fn notices<'a>(
    command: Uuid,
    reasons: impl IntoIterator<Item = Reason>,
    wishes: impl Fn(MemberId) -> &'a Preferences,
) -> Vec<Notice> {
    let mut by_member: BTreeMap<MemberId, Vec<Reason>> = BTreeMap::new();
    for reason in reasons {
        let told = by_member.entry(reason.member).or_default();
        if !told.iter().any(|other| (other.kind, other.subject) == (reason.kind, reason.subject)) {
            told.push(reason);
        }
    }
    let notice = |(member, mut told): (MemberId, Vec<Reason>)| {
        let wishes = wishes(member);
        told.retain(|reason| wishes.wants_any(reason.kind));
        let sent = sent(member, told, wishes)?;
        Some(Notice { id: id_of(command, member), sent })
    };
    by_member.into_iter().filter_map(notice).collect()
}

/// What a person is told; nothing, if there is nothing.
fn sent(member_id: MemberId, mut told: Vec<Reason>, wishes: &Preferences) -> Option<Sent> {
    // Being named in a comment says that there is one.
    let named: Vec<_> = told.iter().filter(|one| one.kind == Kind::Mentioned).map(|one| one.subject).collect();
    told.retain(|one| one.kind != Kind::Commented || !named.contains(&one.subject));
    told.sort_by_key(|one| one.kind);
    let first = told.first()?;
    let subject = first.subject.filter(|subject| told.iter().all(|other| other.subject == Some(*subject)));
    let kind = first.kind;
    let title = match told.len() {
        1 => first.text.clone(),
        more if subject.is_some() => format!("{}, and {} more", first.text, counted(more - 1, "change")),
        more => together(kind, &told).unwrap_or_else(|| format!("{} concern you", counted(more, "change"))),
    };
    let mut lines: Vec<_> = told.iter().take(LISTED).map(|one| format!("- {}", one.text)).collect();
    if told.len() > LISTED {
        lines.push(format!("- and {} more", told.len() - LISTED));
    }
    Some(Sent {
        member_id,
        kind: kind.as_str().to_owned(),
        title: shortened(title),
        body: (told.len() > 1).then(|| lines.join("\n")),
        link: None,
        subject,
        only: wishes.only(told.iter().map(|one| one.kind)),
    })
}

/// What is said of many tasks with the same happening to them.
fn together(kind: Kind, told: &[Reason]) -> Option<String> {
    if told.iter().any(|one| one.kind != kind) {
        return None;
    }
    let tasks = counted(told.len(), "task");
    Some(match kind {
        Kind::Assigned => format!("{tasks} were assigned to you"),
        Kind::Unassigned => format!("{tasks} are no longer assigned to you"),
        Kind::StatusChanged => format!("{tasks} of yours have another status"),
        Kind::DueChanged => format!("{tasks} of yours are due on another day"),
        Kind::DueSoon => format!("{tasks} of yours are due soon"),
        Kind::Overdue => format!("{tasks} of yours are overdue"),
        Kind::Mentioned => format!("You were mentioned in {tasks}"),
        Kind::Commented => format!("There are new comments on {tasks}"),
        Kind::Invited | Kind::SprintStarted | Kind::SprintClosed => return None,
    })
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// One line of at most 500 characters.
fn shortened(title: String) -> String {
    if title.chars().count() <= 500 { title } else { title.chars().take(499).chain(['…']).collect() }
}
