//! Signed notes (C2SP signed-note, Ed25519): a text, an empty line, and a line for each signature. Keys are written as
//! `<name>+<id>+<key>`, secret ones with `PRIVATE+KEY+` before.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The algorithm, as keys name it.
const ED25519: u8 = 1;
const SECRET: &str = "PRIVATE+KEY+";
const SIGNATURE: &str = "\u{2014} ";

/// A key that signs. Its name is the first part of those it signs under: `<name>/<workspace>`.
#[derive(Clone)]
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// A key that tells who has signed, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The name.
    pub name: String,
    key: VerifyingKey,
}

/// The keys of an installation. Each signs every checkpoint; the first is the newest.
#[derive(Clone, Debug)]
pub struct Keyring(Vec<SigningKey>);

/// Why a note does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// It is not a signed note.
    #[error("it is not a signed note")]
    Malformed,
    /// No key that counts has signed it.
    #[error("no key that is trusted here has signed it")]
    Unsigned,
    /// A signature is not what it says it is.
    #[error("a signature does not belong to it")]
    Forged,
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter == '+' || letter.is_whitespace() || letter.is_control())
}

fn id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn written(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let bytes: Vec<u8> = std::iter::once(ED25519).chain(*key).collect();
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), STANDARD.encode(bytes))
}

fn read(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let (algorithm, key) = STANDARD.decode(key).ok()?.split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
    let key = key.try_into().ok()?;
    (is_name(name) && algorithm == ED25519).then_some((name, id, key))
}

impl SigningKey {
    /// A key of this name from 32 random bytes; none if it can't be one.
    pub fn new(name: &str, seed: [u8; 32]) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), key: ed25519_dalek::SigningKey::from_bytes(&seed) })
    }

    /// Reads a secret key.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, id, seed) = read(text.strip_prefix(SECRET)?)?;
        let key = Self::new(name, seed)?;
        let same = key.to_secret().strip_prefix(SECRET)?.split('+').nth(1)? == id;
        same.then_some(key)
    }

    /// The secret key as text.
    pub fn to_secret(&self) -> String {
        let id = id(&self.name, &self.key.verifying_key());
        format!("{SECRET}{}", written(&self.name, id, &self.key.to_bytes()))
    }

    /// The public key for a workspace.
    pub fn public(&self, workspace: Uuid) -> PublicKey {
        PublicKey { name: origin(&self.name, workspace), key: self.key.verifying_key() }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "SigningKey({})", self.name)
    }
}

/// What a workspace's checkpoints are called.
fn origin(name: &str, workspace: Uuid) -> String {
    format!("{name}/{workspace}")
}

impl PublicKey {
    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, _, key) = read(text)?;
        let public = Self { name: name.to_owned(), key: VerifyingKey::from_bytes(&key).ok()? };
        (public.to_string() == text).then_some(public)
    }

    fn id(&self) -> [u8; 4] {
        id(&self.name, &self.key)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&written(&self.name, self.id(), self.key.as_bytes()))
    }
}

impl Keyring {
    /// Reads the text of a key file: a secret key a line, all of one name.
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<SigningKey> = lines.map(SigningKey::parse).collect::<Option<_>>()?;
        let name = &keys.first()?.name;
        keys.iter().all(|key| key.name == *name).then_some(Self(keys.clone()))
    }

    /// A keyring with one key.
    pub fn of(key: SigningKey) -> Self {
        Self(vec![key])
    }

    /// The text of its file.
    pub fn to_secret(&self) -> String {
        self.0.iter().map(|key| key.to_secret() + "\n").collect()
    }

    /// The same with a new key before the others.
    #[must_use]
    pub fn rotated(&self, seed: [u8; 32]) -> Self {
        let newest = self.0.first().and_then(|key| SigningKey::new(&key.name, seed));
        Self(newest.into_iter().chain(self.0.iter().cloned()).collect())
    }

    /// The same with only its newest key.
    #[must_use]
    pub fn retired(&self) -> Self {
        Self(self.0.iter().take(1).cloned().collect())
    }

    /// What a workspace's checkpoints are called.
    pub fn origin(&self, workspace: Uuid) -> String {
        self.0.first().map(|key| origin(&key.name, workspace)).unwrap_or_default()
    }

    /// The public keys for a workspace.
    pub fn public(&self, workspace: Uuid) -> Vec<PublicKey> {
        self.0.iter().map(|key| key.public(workspace)).collect()
    }

    /// Signs a text that ends with a line break.
    pub fn sign(&self, workspace: Uuid, text: &str) -> String {
        let signatures = self.0.iter().map(|key| {
            let public = key.public(workspace);
            let signature = key.key.sign(text.as_bytes()).to_bytes();
            let bytes: Vec<u8> = public.id().into_iter().chain(signature).collect();
            format!("{SIGNATURE}{} {}\n", public.name, STANDARD.encode(bytes))
        });
        format!("{text}\n{}", signatures.collect::<String>())
    }
}

/// The text of a note that at least one of these keys has signed, and which of them have. A signature that claims to
/// be one of theirs and is not spoils it.
pub fn open<'a, 'k>(note: &'a str, keys: &'k [PublicKey]) -> Result<(&'a str, Vec<&'k PublicKey>), BadNote> {
    let cut = note.rfind("\n\n").ok_or(BadNote::Malformed)?;
    let (text, signatures) = (&note[..=cut], &note[cut + 2..]);
    let signatures = signatures.strip_suffix('\n').ok_or(BadNote::Malformed)?;
    let mut signers = Vec::new();
    for line in signatures.split('\n') {
        let (name, signature) =
            line.strip_prefix(SIGNATURE).and_then(|line| line.split_once(' ')).ok_or(BadNote::Malformed)?;
        let bytes = STANDARD.decode(signature).map_err(|_| BadNote::Malformed)?;
        let (id, signature) = bytes.split_at_checked(4).ok_or(BadNote::Malformed)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) else { continue };
        let signature = Signature::from_slice(signature).map_err(|_| BadNote::Malformed)?;
        key.key.verify_strict(text.as_bytes(), &signature).map_err(|_| BadNote::Forged)?;
        signers.push(key);
    }
    if signers.is_empty() { Err(BadNote::Unsigned) } else { Ok((text, signers)) }
}
