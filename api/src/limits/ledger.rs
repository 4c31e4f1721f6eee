//! Who has used how much, on this node and, as far as it matters, on all. Most requests are counted here alone: a node
//! may let through a small part of a limit before it tells the others, which it does every second; only who asks faster
//! than that, or nears the limit, waits for the database. See the ADR on rate limits.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_commands::{Error, Usage, Used};
use tokio::sync::Mutex as AsyncMutex;
use uuid::Uuid;

use super::clock::{Clock, Millis};
use super::count::{Count, Standing, Verdict, one};
use super::policy::Policy;

/// All nodes together let through at most this part of a limit without knowing of each other: one in twenty.
const AT_LARGE: i64 = 20;
/// How long a request waits for the database, unless configured otherwise.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the database is left alone after it did not answer, in milliseconds.
const REST: Millis = 1_000;
/// How long a subject is remembered that nobody asks for.
const REMEMBERED: Duration = Duration::from_mins(2);
const SUBJECTS: u64 = 200_000;

/// The counts of one node.
pub struct Ledger {
    clock: Clock,
    patience: Duration,
    shared: Option<Usage>,
    subjects: moka::sync::Cache<(usize, u128), Arc<Subject>>,
    /// Those of whom there is something to tell.
    untold: Mutex<Vec<Arc<Subject>>>,
    nodes: AtomicI64,
    rests_until: AtomicI64,
}

/// Somebody counted by some policy.
pub struct Subject {
    name: Uuid,
    count: Mutex<Count>,
    listed: AtomicBool,
    /// Held by whoever tells the others: one at a time.
    turn: Arc<AsyncMutex<()>>,
}

impl Ledger {
    /// Nothing counted yet; without a record that is shared, only this node's requests will be.
    pub fn new(clock: Clock, patience: Option<Duration>, shared: Option<Usage>) -> Self {
        Self {
            clock,
            patience: patience.unwrap_or(PATIENCE),
            shared,
            subjects: moka::sync::Cache::builder().max_capacity(SUBJECTS).time_to_idle(REMEMBERED).build(),
            untold: Mutex::default(),
            nodes: AtomicI64::new(1),
            rests_until: AtomicI64::new(0),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Whoever is counted as `whom` by a policy; `at` tells the policies of a node apart.
    pub fn subject(&self, at: usize, policy: &Policy, whom: u128) -> Arc<Subject> {
        self.subjects.get_with((at, whom), || {
            Arc::new(Subject {
                name: policy.subject(whom),
                count: Mutex::default(),
                listed: AtomicBool::new(false),
                turn: Arc::default(),
            })
        })
    }

    /// Counts a request, if it is not one too many.
    pub async fn count(self: &Arc<Self>, subject: &Arc<Subject>, policy: &Policy, cap: i64, now: Millis) -> bool {
        match self.try_one(subject, policy, cap, now) {
            Verdict::Counted => true,
            Verdict::Refused => false,
            Verdict::Ask => {
                let (ledger, subject, window) = (self.clone(), subject.clone(), policy.window);
                // A caller that goes away must leave nothing half told.
                let asked = tokio::spawn(async move {
                    let _turn = subject.turn.lock().await;
                    // Somebody may have asked while this one waited.
                    let credit = ledger.credit(cap, now);
                    let verdict = subject.count().try_one(now, window, cap, credit);
                    match verdict {
                        Verdict::Ask => ledger
                            .ask(&subject, one(now, window), cap, now)
                            .await
                            .unwrap_or_else(|| subject.count().try_one(now, window, cap, i64::MAX) == Verdict::Counted),
                        known => known == Verdict::Counted,
                    }
                });
                asked.await.unwrap_or(true)
            }
        }
    }

    /// The same without ever waiting: what the others have let through is known a second later.
    pub fn count_here(&self, subject: &Arc<Subject>, policy: &Policy, cap: i64, now: Millis) -> bool {
        let counted = subject.count().try_one(now, policy.window, cap, i64::MAX) == Verdict::Counted;
        self.list(subject);
        counted
    }

    /// Gives back a request that was counted a moment ago.
    pub fn give_back(&self, subject: &Arc<Subject>, policy: &Policy, now: Millis) {
        subject.count().give_back(now, policy.window);
        self.list(subject);
    }

    fn try_one(&self, subject: &Arc<Subject>, policy: &Policy, cap: i64, now: Millis) -> Verdict {
        let verdict = subject.count().try_one(now, policy.window, cap, self.credit(cap, now));
        if verdict == Verdict::Counted {
            self.list(subject);
        }
        verdict
    }

    /// How much of a limit this node may let through before it tells the others.
    fn credit(&self, cap: i64, now: Millis) -> i64 {
        if self.shared.is_none() || now < self.rests_until.load(Ordering::Relaxed) {
            return i64::MAX;
        }
        cap / (AT_LARGE * self.nodes.load(Ordering::Relaxed))
    }

    fn list(&self, subject: &Arc<Subject>) {
        if self.shared.is_some() && !subject.listed.swap(true, Ordering::AcqRel) {
            held(&self.untold).push(subject.clone());
        }
    }

    /// Asks whether one more may pass. None: there is nobody to ask; until there is, this node counts what it knows.
    async fn ask(&self, subject: &Subject, one: Used, cap: i64, now: Millis) -> Option<bool> {
        let sent = subject.count().tell(now);
        let taken = self.shared.as_ref()?.take(subject.name, &sent, one, cap, now);
        match in_time(self.patience, taken).await {
            Ok((granted, known)) => {
                subject.count().told(known);
                Some(granted)
            }
            Err(error) => {
                subject.count().not_told();
                self.give_it_a_rest(&error);
                None
            }
        }
    }

    fn give_it_a_rest(&self, error: &Error) {
        metrics::counter!("docket_limits_errors_total").increment(1);
        tracing::warn!(%error, "limits can't be shared just now: this node counts alone");
        self.rests_until.store(self.now() + REST, Ordering::Relaxed);
    }

    /// Tells the others what this node has let through, and learns what they have.
    pub async fn step(&self) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let attendance = shared.attend().await?;
        self.nodes.store(attendance.nodes.max(1), Ordering::Relaxed);
        self.clock.correct(attendance.now_ms);
        let now = self.now();
        let (mut sent, mut telling) = (Vec::new(), Vec::new());
        // Not within the loop's head: there the list would be locked while the loop lists somebody anew.
        let listed = std::mem::take(&mut *held(&self.untold));
        for subject in listed {
            subject.listed.store(false, Ordering::Release);
            let Ok(turn) = subject.turn.clone().try_lock_owned() else {
                self.list(&subject);
                continue;
            };
            sent.push((subject.name, subject.count().tell(now)));
            telling.push((subject, turn));
        }
        if sent.is_empty() {
            return Ok(());
        }
        let exchanged = shared.exchange(&sent, now).await;
        for (subject, _turn) in &telling {
            match &exchanged {
                Ok(known) => subject.count().told(known.get(&subject.name).cloned().unwrap_or_default()),
                Err(_) => {
                    subject.count().not_told();
                    self.list(subject);
                }
            }
        }
        exchanged.map(drop)
    }

    /// Forgets what counts no longer.
    pub async fn sweep(&self) -> Result<(), Error> {
        match &self.shared {
            Some(shared) => shared.sweep(self.now()).await,
            None => Ok(()),
        }
    }

    /// Goes on without the others for a while, if they could not be asked.
    pub fn note(&self, outcome: Result<(), Error>) {
        if let Err(error) = outcome {
            self.give_it_a_rest(&error);
        }
    }
}

impl Subject {
    /// How it stands with so many allowed.
    pub fn standing(&self, now: Millis, cap: i64) -> Standing {
        self.count().standing(now, cap)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        held(&self.count)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn in_time<T>(patience: Duration, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = || Error::Unavailable("no answer in time".to_owned());
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(late()))
}
