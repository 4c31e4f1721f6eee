//! What is signed: how large a workspace's tree is, and its root (C2SP tlog-checkpoint).

use uuid::Uuid;

use super::merkle::Hash;
use super::note::{self, BadNote, Keyring, PublicKey};

/// A tree as it was at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose tree: `<name of the installation's key>/<workspace>`.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

impl Checkpoint {
    /// The note that says so, signed with every key.
    pub fn signed(workspace: Uuid, size: u64, root: Hash, keys: &Keyring) -> String {
        keys.sign(workspace, &format!("{}\n{size}\n{root}\n", keys.origin(workspace)))
    }

    /// Reads a note, if one of these keys has signed it under its own name; also says which have.
    pub fn open<'k>(note: &str, keys: &'k [PublicKey]) -> Result<(Self, Vec<&'k PublicKey>), BadNote> {
        let (text, mut signers) = note::open(note, keys)?;
        let checkpoint = Self::parse(text).ok_or(BadNote::Malformed)?;
        signers.retain(|key| key.name == checkpoint.origin);
        if signers.is_empty() { Err(BadNote::Unsigned) } else { Ok((checkpoint, signers)) }
    }

    /// Reads what a note says, whoever has signed it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let number: u64 = size.parse().ok()?;
        let sound = !origin.is_empty() && number.to_string() == size;
        sound.then_some(Self { origin: origin.to_owned(), size: number, root: Hash::parse(root)? })
    }
}
