//! What one node knows of one subject of a policy: what all have used, as it was last told, and what it has let through
//! since. Pure: time is an argument.

use docket_commands::Used;

use super::clock::Millis;
use super::policy::Window;

/// How much of a limit somebody has used.
#[derive(Debug, Default)]
pub struct Count {
    /// As all nodes know it.
    known: Vec<Used>,
    /// What this node has let through and is telling the others.
    sending: Vec<Used>,
    /// What it has let through and not told yet.
    unsent: Vec<Used>,
}

/// What can be said of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is let through, and counted.
    Counted,
    /// It is one too many.
    Refused,
    /// Not without asking the others.
    Ask,
}

/// How much of a limit is left, and when there will be more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many more may follow at once.
    pub remaining: i64,
    /// How long until the next may follow.
    pub next: Millis,
    /// How long until the whole limit is there again.
    pub whole: Millis,
}

impl Count {
    /// Counts a request, unless it is one too many, or this node has let through `credit` without telling the others.
    pub fn try_one(&mut self, now: Millis, window: Window, cap: i64, credit: i64) -> Verdict {
        if self.used(now) >= cap {
            return Verdict::Refused;
        }
        if self.untold() >= credit {
            return Verdict::Ask;
        }
        self.add(one(now, window));
        Verdict::Counted
    }

    /// Gives back one that was counted a moment ago.
    pub fn give_back(&mut self, now: Millis, window: Window) {
        self.add(Used { n: -1, ..one(now, window) });
    }

    /// How it stands with so many allowed.
    pub fn standing(&self, now: Millis, cap: i64) -> Standing {
        let mut used: Vec<Used> = self.all().filter(|used| used.ends > now).copied().collect();
        used.sort_unstable_by_key(|used| used.ends);
        let mut too_many = used.iter().map(|used| i64::from(used.n)).sum::<i64>() - cap + 1;
        let remaining = (1 - too_many).max(0);
        let mut next = now;
        for used in &used {
            if too_many > 0 {
                next = used.ends;
            }
            too_many -= i64::from(used.n);
        }
        let whole = used.last().map_or(now, |used| used.ends);
        Standing { remaining, next: next - now, whole: whole - now }
    }

    /// What there is to tell the others: everything this node has let through since it last told them. Until
    /// [`Self::told`] or [`Self::not_told`] it is neither forgotten nor told twice.
    pub fn tell(&mut self, now: Millis) -> Vec<Used> {
        self.not_told();
        self.sending = std::mem::take(&mut self.unsent);
        self.sending.retain(|used| used.n != 0 && used.ends > now);
        self.sending.clone()
    }

    /// The others know it, and this is what is used in all.
    pub fn told(&mut self, known: Vec<Used>) {
        self.sending.clear();
        self.known = known;
    }

    /// The others could not be told.
    pub fn not_told(&mut self) {
        for used in std::mem::take(&mut self.sending) {
            self.add(used);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Used> {
        self.known.iter().chain(&self.sending).chain(&self.unsent)
    }

    fn used(&self, now: Millis) -> i64 {
        self.all().filter(|used| used.ends > now).map(|used| i64::from(used.n)).sum()
    }

    fn untold(&self) -> i64 {
        self.sending.iter().chain(&self.unsent).map(|used| i64::from(used.n)).sum()
    }

    fn add(&mut self, more: Used) {
        match self.unsent.iter_mut().find(|used| used.slot == more.slot) {
            Some(used) => (used.n, used.ends) = (used.n + more.n, used.ends.max(more.ends)),
            None => self.unsent.push(more),
        }
    }
}

/// One request now.
pub fn one(now: Millis, window: Window) -> Used {
    let (slot, ends) = window.place(now);
    Used { slot, n: 1, ends }
}
