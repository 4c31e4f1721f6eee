//! Everything that can go wrong, in an order that is drawn.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::options::Options;

/// Something that goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A node is killed, and started again a little later.
    KillNode(usize),
    /// A node stops for a while.
    PauseNode(usize, Duration),
    /// A nats-server is killed.
    KillNats(usize),
    /// The nats-server that leads the stream is killed.
    KillNatsLeader,
    /// The nats-server that consumers come to is killed.
    KillConsumers,
    /// A nats-server stops for a while.
    PauseNats(usize, Duration),
    /// The nats-server that consumers come to stops for a while.
    PauseConsumers(Duration),
    /// The primary is killed, and the standby takes over.
    Failover,
    /// The primary crashes while its standby is away, comes back with commits that only it has, and dies for good.
    Forget(Duration),
    /// A process of the primary is killed: all of it starts again, and forgets what was not yet on disk.
    CrashPostgres,
    /// The standby is killed.
    KillStandby,
    /// The primary, or the standby, stops for a while.
    PausePostgres(&'static str, Duration),
    /// All of a node's links, or only the one to PostgreSQL, behave badly for a while.
    Link(usize, Trouble, Duration),
    /// The links between servers, or of consumers, behave badly for a while.
    Between(Servers, Trouble, Duration),
    /// The stream is deleted with all that it has.
    Wipe,
    /// Messages come again, in another order, forged and damaged.
    OddMessages,
    /// Every node is stopped and started again as this version, one after the other, as in an upgrade.
    Replace,
    /// The clock of PostgreSQL is set forward or back by so many seconds, and stays so.
    StepClock(i32),
    /// Nobody gets a new connection to PostgreSQL for a while, and a node that needs some is started.
    Exhaust(usize, Duration),
}

/// Servers that links lead to, other than those of nodes.
#[derive(Clone, Copy, Debug)]
pub enum Servers {
    /// The primary, for its standby.
    Standby,
    /// Each nats-server, for the others.
    Peers,
    /// The nats-server of consumers, for these.
    Consumers,
}

/// What is wrong with a link.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// It is slow.
    Slow,
    /// Half open: everything is swallowed.
    Swallow,
    /// There are no connections.
    Shut,
    /// What is said to PostgreSQL, or to servers, is cut off.
    CutRequests,
    /// Their answers are cut off: what was committed is not acknowledged.
    CutAnswers,
    /// Requests of clients are cut off.
    LoseRequests,
    /// Answers to clients are cut off: what they are told has happened, and they don't know.
    LoseAnswers,
}

/// How many nodes there are: two of each role.
pub const NODES: usize = 6;
/// How many nats-servers keep the stream.
pub const PEERS: usize = 3;

impl Fault {
    /// What it is called in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::KillNode(nth) => ["kill -9 an API node", "kill -9 a relay", "kill -9 a projector"][nth / 2],
            Self::PauseNode(nth, _) => ["pause an API node", "pause a relay", "pause a projector"][nth / 2],
            Self::KillNats(_) => "kill -9 a nats-server",
            Self::KillNatsLeader => "kill -9 the stream's leader",
            Self::KillConsumers => "kill -9 the consumers' nats-server",
            Self::PauseNats(..) => "pause a nats-server",
            Self::PauseConsumers(_) => "pause the consumers' nats-server",
            Self::Failover => "kill -9 the primary: failover",
            Self::Forget(_) => "failover to a standby that lags",
            Self::CrashPostgres => "PostgreSQL crashes and restarts",
            Self::KillStandby => "kill -9 the standby",
            Self::PausePostgres(which, _) if *which == "primary" => "pause the primary",
            Self::PausePostgres(..) => "pause the standby",
            Self::Link(_, Trouble::Slow, _) => "a node's links are slow",
            Self::Link(_, Trouble::Swallow, _) => "a node's links are half open",
            Self::Link(_, Trouble::Shut, _) => "a node has no links",
            Self::Link(_, Trouble::CutRequests, _) => "requests to PostgreSQL are cut off",
            Self::Link(_, Trouble::CutAnswers, _) => "answers of PostgreSQL are cut off",
            Self::Link(_, Trouble::LoseRequests, _) => "requests of clients are cut off",
            Self::Link(_, Trouble::LoseAnswers, _) => "answers to clients are cut off",
            Self::Between(Servers::Standby, ..) => "the standby's link is bad",
            Self::Between(Servers::Peers, ..) => "links between nats-servers are bad",
            Self::Between(Servers::Consumers, ..) => "consumers' links are bad",
            Self::Wipe => "the stream is wiped",
            Self::OddMessages => "odd messages in the stream",
            Self::Exhaust(..) => "no connections left",
            Self::StepClock(seconds) if *seconds > 0 => "the clock is set forward",
            Self::StepClock(_) => "the clock is set back",
            Self::Replace => "all nodes replaced, one by one",
        }
    }

    /// Whether clients are to find a node that works at any time.
    pub fn unfelt(&self) -> bool {
        matches!(self, Self::Replace)
    }

    /// Whether a process dies of it.
    pub fn kills(&self) -> bool {
        matches!(
            self,
            Self::KillNode(_)
                | Self::KillNats(_)
                | Self::KillNatsLeader
                | Self::KillConsumers
                | Self::Failover
                | Self::Forget(_)
                | Self::CrashPostgres
                | Self::KillStandby
        )
    }
}

/// Draws what will go wrong. Each kind comes before any comes again.
pub fn draw(options: &Options) -> Vec<Fault> {
    let mut rng = StdRng::seed_from_u64(options.seed);
    let mut faults = Vec::new();
    faults.extend(deal(options.kills, &mut rng, |rng| {
        let mut kinds: Vec<_> = (0..NODES).map(Fault::KillNode).collect();
        kinds.extend([Fault::KillNats(rng.random_range(0..PEERS)), Fault::KillNatsLeader, Fault::KillConsumers]);
        kinds.extend([Fault::Failover, Fault::CrashPostgres, Fault::KillStandby]);
        kinds.push(Fault::Forget(Duration::from_millis(rng.random_range(0..2_000))));
        kinds
    }));
    faults.extend(deal(options.pauses, &mut rng, |rng| {
        let peer = rng.random_range(0..PEERS);
        let mut while_ = || Duration::from_millis(rng.random_range(500..4_000));
        let mut kinds: Vec<_> = (0..NODES).map(|nth| Fault::PauseNode(nth, while_())).collect();
        kinds.extend([Fault::PauseNats(peer, while_()), Fault::PauseConsumers(while_())]);
        kinds.extend(["primary", "standby"].map(|which| Fault::PausePostgres(which, while_())));
        kinds
    }));
    faults.extend(deal(options.others, &mut rng, |rng| {
        let troubles = [Trouble::Slow, Trouble::Swallow, Trouble::Shut, Trouble::CutRequests, Trouble::CutAnswers];
        let mut kinds = vec![Fault::Wipe, Fault::OddMessages, Fault::Wipe, Fault::Replace];
        let hours = rng.random_range(1..48);
        kinds.extend([Fault::StepClock(hours * 3_600), Fault::StepClock(hours * -3_600)]);
        kinds.push(Fault::Exhaust(rng.random_range(0..NODES), Duration::from_millis(1_500)));
        for trouble in troubles {
            let node = rng.random_range(0..NODES);
            let long = Duration::from_millis(rng.random_range(500..4_000));
            kinds.push(Fault::Link(node, trouble, long));
        }
        // Where an answer that is cut off hurts most, and where alone there are clients.
        for trouble in [Trouble::CutAnswers, Trouble::LoseRequests, Trouble::LoseAnswers] {
            kinds.push(Fault::Link(rng.random_range(0..2), trouble, Duration::from_secs(2)));
        }
        for servers in [Servers::Standby, Servers::Peers, Servers::Consumers] {
            let trouble = troubles[rng.random_range(0..troubles.len())];
            kinds.push(Fault::Between(servers, trouble, Duration::from_millis(rng.random_range(500..4_000))));
        }
        kinds
    }));
    faults.shuffle(&mut rng);
    if options.from.is_some() {
        // Not before the older version has written something.
        faults.insert(faults.len().min(1), Fault::Replace);
    }
    faults
}

fn deal(count: usize, rng: &mut StdRng, kinds: impl Fn(&mut StdRng) -> Vec<Fault>) -> Vec<Fault> {
    let mut dealt = Vec::new();
    while dealt.len() < count {
        let mut some = kinds(rng);
        some.shuffle(rng);
        dealt.extend(some);
    }
    dealt.truncate(count);
    dealt
}
