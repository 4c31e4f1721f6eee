//! A whole history in one file, and what finds out whether it can be believed.
//!
//! Line by line: a [`Header`]; the events up to the place where the read models stood, each its [`super::Leaf`], after what
//! is [`Personal`] of it, if anything is and has not been erased; the
//! documents of the read models, [`Document`]; the events since; the [`Ending`]. Before every 256 events stands their
//! number and the proof that they are in the signed tree, a [`Part`]. A [`Verifier`] is given the lines in
//! order and needs nothing else. What is said against the bytes is said first: a history that was tampered with rarely
//! folds, and that it does not is not the news.

mod beside;
mod failure;
mod history;
mod replay;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

pub use failure::Failure;

use super::checkpoint::Checkpoint;
use super::note::PublicKey;
use crate::envelope::Recorded;
use beside::Beside;
use history::History;
use replay::Replay;

/// The form of a bundle, and its version.
pub const FORMAT: &str = "docket-audit/1";

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub bundle: String,
    /// Whose history it is.
    pub workspace: Uuid,
    /// The signed checkpoint of all of it.
    pub checkpoint: String,
    /// The public keys, as the installation says.
    pub keys: Vec<String>,
    /// How far the read models are whose documents are in it: the position of the last event before them.
    pub models_at: i64,
}

/// So many events are proved together: a complete subtree, but for the last of them.
pub const PART: u64 = 256;

/// Where the next [`PART`] events stand, and the proof that they do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The number of the first of them, from 0.
    pub leaf: u64,
    /// The root of the tree of them alone, in Base64.
    pub root: String,
    /// The path from there to the root that was signed (RFC 9162, 2.1.3): what stands beside it, from below, in Base64.
    pub proof: Vec<String>,
}

/// What a read model has of one aggregate.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document<'a> {
    /// The read model's table.
    #[serde(borrow)]
    pub model: std::borrow::Cow<'a, str>,
    /// The aggregate.
    pub id: Uuid,
    /// The stored document.
    #[serde(borrow)]
    pub doc: &'a RawValue,
}

/// What is kept beside the event in the next line, byte for byte.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personal<'a> {
    /// See [`crate::personal`].
    #[serde(borrow)]
    pub personal: &'a RawValue,
}

/// The last line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// What there was.
    pub end: Counts,
}

/// How much there is in a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Documents of read models.
    pub documents: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} events and {} documents", self.events, self.documents)
    }
}

/// What a reviewer knows beforehand.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The keys that count; none: those that the bundle itself names.
    pub keys: Vec<PublicKey>,
    /// A checkpoint that was kept.
    pub checkpoint: Option<String>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Whose history.
    pub workspace: Uuid,
    /// The checkpoint that it agrees with.
    pub checkpoint: Checkpoint,
    /// Who has signed that.
    pub signers: Vec<PublicKey>,
    /// Whether a key that was known beforehand is among them.
    pub known_key: bool,
    /// The size of the kept checkpoint that it goes on from.
    pub since: Option<u64>,
    /// What was checked.
    pub counts: Counts,
    /// How many aggregates the events make.
    pub aggregates: u64,
    /// Events of which what is personal was erased.
    pub erased: u64,
    /// Kinds of aggregates of which no read model has documents.
    pub undocumented: Vec<String>,
}

/// Checks a bundle while it goes by.
pub struct Verifier {
    trust: Trust,
    begun: Option<Begun>,
    /// The beginning of a line whose end has not been seen yet.
    rest: Vec<u8>,
}

struct Begun {
    header: Header,
    checkpoint: Checkpoint,
    signers: Vec<PublicKey>,
    history: History,
    beside: Beside,
    replay: Replay,
    ending: Option<Counts>,
}

impl Verifier {
    /// Nothing seen yet.
    pub fn new(trust: Trust) -> Self {
        Self { trust, begun: None, rest: Vec::new() }
    }

    /// How many events there should be, once the header is known.
    pub fn expected(&self) -> Option<u64> {
        self.begun.as_ref().map(|begun| begun.checkpoint.size)
    }

    /// How many events there were so far.
    pub fn seen(&self) -> u64 {
        self.begun.as_ref().map_or(0, |begun| begun.history.size())
    }

    /// Takes in the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) if self.rest.is_empty() => self.line(line)?,
                Some(end) => {
                    let mut line = std::mem::take(&mut self.rest);
                    line.extend_from_slice(end);
                    self.line(&line)?;
                }
                None => self.rest.extend_from_slice(piece),
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Failure> {
        match &mut self.begun {
            None => self.begun = Some(Begun::new(line, &self.trust)?),
            Some(begun) => begun.line(line)?,
        }
        Ok(())
    }

    /// All bytes have been seen.
    pub fn finish(self) -> Result<Verdict, Failure> {
        let begun = self.begun.ok_or_else(|| Failure::Malformed("it has no first line".to_owned()))?;
        if !self.rest.is_empty() {
            return Err(Failure::Truncated("it breaks off in the middle of a line".to_owned()));
        }
        begun.finish(!self.trust.keys.is_empty())
    }
}

/// Reads a line in its one spelling.
fn strict<'a, T: Deserialize<'a> + Serialize>(line: &'a [u8]) -> Result<T, String> {
    let read: T = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let written = serde_json::to_vec(&read).map_err(|error| error.to_string())?;
    if written == line { Ok(read) } else { Err("it is not spelt as Docket spells it".to_owned()) }
}

impl Begun {
    fn new(line: &[u8], trust: &Trust) -> Result<Self, Failure> {
        let malformed = |why: &str| Failure::Malformed(why.to_owned());
        let header: Header = strict(line).map_err(|_| malformed("its first line is not a header"))?;
        if header.bundle != FORMAT {
            return Err(malformed("it is of another form than this program knows; try a newer one"));
        }
        let own: Option<Vec<_>> = header.keys.iter().map(|key| PublicKey::parse(key)).collect();
        let own = own.ok_or_else(|| malformed("its header names a key that can't be read"))?;
        let mut keys = if trust.keys.is_empty() { own } else { trust.keys.clone() };
        let mut kept = None;
        if let Some(note) = &trust.checkpoint {
            let (opened, signers) = Checkpoint::open(note, &keys).map_err(Failure::Kept)?;
            kept = Some(opened);
            // Where nobody said whom to trust: who has signed what was kept may sign another, and nobody else.
            if trust.keys.is_empty() {
                keys = signers.into_iter().cloned().collect();
            }
        }
        let (checkpoint, signers) = Checkpoint::open(&header.checkpoint, &keys).map_err(Failure::Signature)?;
        let signers: Vec<_> = signers.into_iter().cloned().collect();
        if !checkpoint.origin.ends_with(&format!("/{}", header.workspace)) {
            return Err(malformed("its checkpoint is another workspace's"));
        }
        let replay = Replay::new(header.workspace, header.models_at);
        Ok(Self {
            history: History::new(kept, checkpoint.clone()),
            beside: Beside::default(),
            replay,
            checkpoint,
            signers,
            header,
            ending: None,
        })
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Failure> {
        if self.ending.is_some() {
            return Err(Failure::Malformed("there is something after its end".to_owned()));
        }
        if line.starts_with(b"{\"end\":") {
            let ending: Ending = strict(line).map_err(|why| Failure::Malformed(format!("its end: {why}")))?;
            self.ending = Some(ending.end);
        } else if line.starts_with(b"{\"model\":") {
            self.replay.document(line);
        } else if line.starts_with(b"{\"leaf\":") {
            self.history.part(line);
        } else if line.starts_with(b"{\"personal\":") {
            self.beside.line(line);
        } else {
            self.history.leaf(line);
            match serde_json::from_slice::<Recorded>(line) {
                Ok(event) => self.replay.event(&self.beside.join(event)),
                Err(error) => self.replay.unreadable(self.history.size(), &error.to_string()),
            }
        }
        Ok(())
    }

    fn finish(self, known_key: bool) -> Result<Verdict, Failure> {
        let counts = Counts { events: self.history.size(), documents: self.replay.documents() };
        let since = self.history.check(self.ending.is_some())?;
        let ending = self.ending.ok_or_else(|| Failure::Truncated("it has no end".to_owned()))?;
        if ending != counts {
            return Err(Failure::Truncated(format!("it should have {ending}, and has {counts}")));
        }
        let erased = self.beside.finish()?;
        let (aggregates, undocumented) = self.replay.finish()?;
        Ok(Verdict {
            workspace: self.header.workspace,
            checkpoint: self.checkpoint,
            signers: self.signers,
            known_key: known_key || since.is_some(),
            since,
            counts,
            aggregates,
            erased,
            undocumented,
        })
    }
}
