//! Proof that a history is whole and unaltered: a Merkle tree over the stored bytes of a workspace's events (RFC 6962,
//! RFC 9162), checkpoints of it that are signed (C2SP signed-note and tlog-checkpoint), and a file that holds all it
//! takes to check both. Nothing here reads a file or a database: bytes, seeds and lines are arguments.
//!
//! [`leaf`] says what the tree is made of, [`merkle`] how it grows, [`proof`] what convinces who has seen only a part,
//! [`note`] what signing is, [`checkpoint`] what is signed, [`bundle`] how a whole history is checked.

pub mod bundle;
pub mod checkpoint;
pub mod leaf;
pub mod merkle;
pub mod note;
pub mod proof;

pub use bundle::{Failure, Header, Trust, Verdict, Verifier};
pub use checkpoint::Checkpoint;
pub use leaf::Leaf;
pub use merkle::{Frontier, Hash, Node, Span};
pub use note::{Keyring, PublicKey, SigningKey};
