//! The checker checked: what a run has left is falsified in one place, as a bug would have, and the promise that is broken
//! then has to say so.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::check::PROMISES;
use crate::facts::{Event, Facts};
use crate::history::{Call, History, Outcome};

/// What a bug would leave.
pub struct Falsified {
    /// What the bug does.
    pub does: &'static str,
    /// The promise that is broken by it.
    pub breaks: &'static str,
    falsify: fn(&mut Facts, &mut History) -> Option<()>,
}

const ACKNOWLEDGED: &str = "an acknowledged command is in the log, once";
const SHOWN: &str = "read models show what a fold of the log comes to";
const TOLD: &str = "everybody is told what concerns them, once";
const HEARD: &str = "who listens over NATS hears all they are told, in order";
const ROOTS: &str = "signed roots are those of the stored bytes";
const ENTIRE: &str = "an acknowledged command is in the log to its end";
const SIGNED: &str = "checkpoints are signed with the installation's key";
const KEPT: &str = "the log begins with all that was signed meanwhile";

/// All of them.
pub const FALSIFIED: [Falsified; 30] = [
    Falsified { does: "answers before the commit", breaks: ACKNOWLEDGED, falsify: lose_a_command },
    Falsified { does: "loses the end of the log in a failover", breaks: ACKNOWLEDGED, falsify: lose_the_end },
    Falsified { does: "commits a resent command again", breaks: ACKNOWLEDGED, falsify: double_a_command },
    Falsified { does: "stores no receipt", breaks: ACKNOWLEDGED, falsify: lose_a_receipt },
    Falsified { does: "writes to another workspace", breaks: ACKNOWLEDGED, falsify: cross_the_wall },
    Falsified { does: "refuses what it has committed", breaks: "a refused command is not in the log", falsify: refuse },
    Falsified {
        does: "commits half a batch",
        breaks: "a batch is in the log as a whole or not at all",
        falsify: halve,
    },
    Falsified {
        does: "answers with an older version",
        breaks: "an answer says what the log says",
        falsify: answer_old,
    },
    Falsified { does: "answers with another number", breaks: "an answer says what the log says", falsify: misnumber },
    Falsified {
        does: "leaves a hole in the log", breaks: "positions are 1, 2, 3 … in each partition", falsify: hole
    },
    Falsified {
        does: "moves the head too far",
        breaks: "positions are 1, 2, 3 … in each partition",
        falsify: far_head,
    },
    Falsified {
        does: "appends at a stale version", breaks: "versions are 1, 2, 3 … of each resource", falsify: stale
    },
    Falsified {
        does: "gives a number to two",
        breaks: "numbers are 1, 2, 3 … in each workspace and kind",
        falsify: twice,
    },
    Falsified { does: "skips a number", breaks: "numbers are 1, 2, 3 … in each workspace and kind", falsify: skip },
    Falsified { does: "takes the time from a slow clock", breaks: "times never go back", falsify: slow_clock },
    Falsified { does: "mixes two commands", breaks: "a command's events follow each other", falsify: mix },
    Falsified { does: "stores the checkpoint before the rows", breaks: SHOWN, falsify: forget_a_row },
    Falsified { does: "skips an event at the end of a batch", breaks: SHOWN, falsify: skip_an_event },
    Falsified { does: "applies an event twice", breaks: SHOWN, falsify: apply_twice },
    Falsified { does: "keeps showing what was deleted", breaks: SHOWN, falsify: undelete },
    Falsified { does: "stops short of the head", breaks: "nothing is parked, and no model is behind", falsify: lag },
    Falsified { does: "drops a notification", breaks: TOLD, falsify: drop_a_notice },
    Falsified { does: "sends a notification twice", breaks: TOLD, falsify: double_a_notice },
    Falsified { does: "does not carry a message to NATS", breaks: HEARD, falsify: lose_a_message },
    Falsified { does: "carries messages in another order", breaks: HEARD, falsify: mix_messages },
    Falsified { does: "leaves a leaf out of the tree", breaks: ROOTS, falsify: leave_out },
    Falsified { does: "commits all but the end of a command", breaks: ENTIRE, falsify: break_off },
    Falsified { does: "signs something else", breaks: SIGNED, falsify: forge },
    Falsified { does: "rewrites what a kept checkpoint covers", breaks: KEPT, falsify: rewrite },
    Falsified { does: "forgets in a failover what a kept checkpoint covers", breaks: KEPT, falsify: forget },
];

impl Falsified {
    /// Whether the promise that it breaks is found broken; nothing if the run left nothing to falsify.
    pub fn caught(&self, facts: &Facts, history: &History) -> Option<bool> {
        let (mut facts, mut history) = (facts.clone(), history.clone());
        (self.falsify)(&mut facts, &mut history)?;
        let promise = PROMISES.iter().find(|promise| promise.says == self.breaks)?;
        Some(!promise.breaches(&facts, &history).is_empty())
    }
}

/// The events of the last call that a test accepts.
fn last(
    facts: &Facts,
    history: &History,
    suits: impl Fn(&Call, &[&Event]) -> bool,
) -> Option<(usize, BTreeSet<usize>)> {
    for (nth, call) in history.calls.iter().enumerate().rev() {
        if !matches!(call.outcome, Outcome::Done(_)) || call.idle {
            continue;
        }
        let key = call.key.to_string();
        let own: BTreeSet<_> = (0..facts.events.len())
            .rev()
            .take(3_000)
            .filter(|at| facts.events[*at].event_type != "notification.sent" || call.what.ends_with("notifications"))
            .filter(|at| facts.events[*at].about()["request_id"] == json!(key))
            .collect();
        let events: Vec<_> = own.iter().map(|at| &*facts.events[*at]).collect();
        if !events.is_empty() && suits(call, &events) {
            return Some((nth, own));
        }
    }
    None
}

/// An event, to be falsified.
fn event(facts: &mut Facts, nth: usize) -> Option<&mut Event> {
    facts.events.get_mut(nth).map(Rc::make_mut)
}

fn remove(facts: &mut Facts, which: &BTreeSet<usize>) {
    let mut nth = 0;
    facts.events.retain(|_| {
        nth += 1;
        !which.contains(&(nth - 1))
    });
}

fn lose_a_command(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |_, _| true)?;
    remove(facts, &events);
    Some(())
}

/// All that is after some point, in the log and everything computed from it: only the clients know of it.
fn lose_the_end(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |_, _| true)?;
    let lost = facts.events[*events.first()?].clone();
    facts.events.retain(|event| event.partition != lost.partition || event.position < lost.position);
    facts.heads.insert(lost.partition, lost.position - 1);
    Some(())
}

fn double_a_command(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |call, _| call.what == "POST /v1/tasks")?;
    let again: Vec<_> = events.iter().map(|at| facts.events[*at].clone()).collect();
    let (command, stream) = (Uuid::new_v4(), Uuid::new_v4());
    facts.events.extend(again.into_iter().map(|event| Rc::new(Event { stream, command, ..(*event).clone() })));
    Some(())
}

fn lose_a_receipt(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |_, _| true)?;
    let command = facts.events[*events.first()?].command;
    facts.receipts.retain(|(_, of), _| *of != command);
    Some(())
}

fn cross_the_wall(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |_, _| true)?;
    event(facts, *events.first()?)?.workspace = Uuid::new_v4();
    Some(())
}

fn refuse(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (nth, _) = last(facts, history, |_, _| true)?;
    Rc::make_mut(&mut history.calls[nth]).outcome = Outcome::Refused(409);
    Some(())
}

fn halve(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (_, events) = last(facts, history, |call, _| call.commands > 1)?;
    remove(facts, &events.into_iter().take(1).collect());
    Some(())
}

fn answer(history: &mut History, nth: usize) -> Option<&mut Value> {
    match &mut Rc::make_mut(&mut history.calls[nth]).outcome {
        Outcome::Done(answer) => Some(answer),
        _ => None,
    }
}

fn answer_old(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (nth, _) = last(facts, history, |call, _| call.what.starts_with("PATCH /v1/tasks"))?;
    let answer = answer(history, nth)?;
    answer["version"] = json!(answer["version"].as_i64()? - 1);
    Some(())
}

fn misnumber(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (nth, _) = last(facts, history, |call, _| call.what == "POST /v1/tasks")?;
    let answer = answer(history, nth)?;
    answer["number"] = json!(answer["number"].as_i64()? + 1);
    Some(())
}

fn hole(facts: &mut Facts, _: &mut History) -> Option<()> {
    let middle = facts.events.len().checked_sub(1)? / 2;
    facts.events.remove(middle);
    Some(())
}

fn far_head(facts: &mut Facts, _: &mut History) -> Option<()> {
    *facts.heads.values_mut().next_back()? += 1;
    Some(())
}

fn stale(facts: &mut Facts, _: &mut History) -> Option<()> {
    let nth = facts.events.iter().rposition(|event| event.version > 1)?;
    event(facts, nth)?.version -= 1;
    Some(())
}

fn twice(facts: &mut Facts, _: &mut History) -> Option<()> {
    let nth = facts.events.iter().rposition(|event| event.number > Some(1))?;
    event(facts, nth)?.number = Some(1);
    Some(())
}

fn skip(facts: &mut Facts, _: &mut History) -> Option<()> {
    *facts.counters.values_mut().next_back()? += 1;
    Some(())
}

fn slow_clock(facts: &mut Facts, _: &mut History) -> Option<()> {
    let middle = facts.events.len() / 2;
    event(facts, middle)?.recorded_at -= chrono::TimeDelta::hours(1);
    Some(())
}

fn mix(facts: &mut Facts, _: &mut History) -> Option<()> {
    let end = facts.events.len().checked_sub(1)?;
    let command = facts.events[end / 2].command;
    event(facts, end)?.command = command;
    Some(())
}

/// The last resource of a kind whose row satisfies a test.
fn row<'a>(
    facts: &'a mut Facts,
    kind: &str,
    suits: impl Fn(&(bool, Rc<Value>)) -> bool,
) -> Option<(&'a mut bool, &'a mut Value)> {
    let found = facts.shown.iter_mut().find(|((of, _), row)| *of == kind && suits(row));
    found.map(|(_, (gone, doc))| (gone, Rc::make_mut(doc)))
}

fn forget_a_row(facts: &mut Facts, _: &mut History) -> Option<()> {
    let key = *facts.shown.keys().find(|(kind, _)| *kind == "task")?;
    facts.shown.remove(&key)?;
    Some(())
}

fn skip_an_event(facts: &mut Facts, _: &mut History) -> Option<()> {
    let row = row(facts, "task", |(_, doc)| doc["version"].as_i64() > Some(1))?;
    row.1["title"] = "What it was called before".into();
    Some(())
}

fn apply_twice(facts: &mut Facts, _: &mut History) -> Option<()> {
    let row = row(facts, "task", |(_, doc)| doc["assignee_ids"].as_array().is_some_and(|ids| !ids.is_empty()))?;
    let again = row.1["assignee_ids"][0].clone();
    row.1["assignee_ids"].as_array_mut()?.push(again);
    Some(())
}

fn undelete(facts: &mut Facts, _: &mut History) -> Option<()> {
    *row(facts, "task", |(gone, _)| *gone)?.0 = false;
    Some(())
}

fn lag(facts: &mut Facts, _: &mut History) -> Option<()> {
    *facts.checkpoints.values_mut().find(|position| **position > 0)? -= 1;
    Some(())
}

fn notice(facts: &Facts) -> Option<usize> {
    facts
        .events
        .iter()
        .rposition(|event| event.event_type == "notification.sent" && event.change()["kind"] == "assigned")
}

fn drop_a_notice(facts: &mut Facts, _: &mut History) -> Option<()> {
    let nth = notice(facts)?;
    facts.events.remove(nth);
    Some(())
}

fn double_a_notice(facts: &mut Facts, _: &mut History) -> Option<()> {
    let again = facts.events[notice(facts)?].clone();
    facts.events.push(again);
    Some(())
}

fn lose_a_message(_: &mut Facts, history: &mut History) -> Option<()> {
    let heard = history.heard.values_mut().find(|heard| !heard.is_empty())?;
    let id = heard.first()?.id.clone();
    heard.retain(|one| one.id != id);
    Some(())
}

fn mix_messages(_: &mut Facts, history: &mut History) -> Option<()> {
    let heard = history.heard.values_mut().find(|heard| heard.len() > 1)?;
    // Nobody reads or deletes theirs in a run, so two are taken to be about the same.
    let (first, last) = (heard.first()?.clone(), heard.len() - 1);
    (heard[last].resource, heard[last].version) = (first.resource, first.version);
    Some(())
}

fn leave_out(facts: &mut Facts, _: &mut History) -> Option<()> {
    let middle = facts.events.len() / 2;
    event(facts, middle)?.payload.push(' ');
    Some(())
}

fn break_off(facts: &mut Facts, history: &mut History) -> Option<()> {
    let together = |events: &[&Event]| events.iter().all(|event| event.command == events[0].command);
    let (_, events) = last(facts, history, |call, events| call.commands == 1 && events.len() > 1 && together(events))?;
    remove(facts, &events.into_iter().rev().take(1).collect());
    Some(())
}

fn forge(facts: &mut Facts, _: &mut History) -> Option<()> {
    let (_, note) = facts.trees.values_mut().next()?;
    // Behind the id of the key.
    let at = note.rfind(' ')? + 20;
    let other = if note.get(at..)?.starts_with('A') { "B" } else { "A" };
    note.replace_range(at..=at, other);
    Some(())
}

fn rewrite(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (workspace, _) = history.witnessed.first()?;
    let nth = facts.events.iter().position(|event| event.workspace == *workspace)?;
    event(facts, nth)?.payload.push(' ');
    Some(())
}

/// All from the last event on that it covers.
fn forget(facts: &mut Facts, history: &mut History) -> Option<()> {
    let (workspace, note) = history.witnessed.last()?;
    let covered: usize = note.lines().nth(1)?.parse().ok()?;
    let mut nth = 0;
    facts.events.retain(|event| {
        nth += usize::from(event.workspace == *workspace);
        event.workspace != *workspace || nth < covered
    });
    Some(())
}
